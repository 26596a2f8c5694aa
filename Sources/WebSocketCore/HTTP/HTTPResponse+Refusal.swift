extension HTTPResponse {
    /// A refusal that HTTP itself asks for: a status, one sentence in each language that says what to do, and
    /// the finding for whoever looks for the cause.
    public static func refusal(_ status: Int, _ finding: String) -> HTTPResponse {
        let (chinese, english) = advice[status] ?? ("请求没有成功。", "The request did not succeed.")
        var response = HTTPResponse(
            status: status,
            headers: [
                "content-type": "text/plain; charset=utf-8", "cache-control": "no-store",
                "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
                "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
            ], body: .bytes(Array("\(chinese)\n\(english) (\(finding))\n".utf8)))
        if status == 503 { response.headers.add("retry-after", "1") }
        return response
    }

    /// What people and programs can do about each refusal.
    private static let advice: [Int: (String, String)] = [
        400: (
            "请求不符合 HTTP 规范，未被处理。请检查客户端程序或中间的代理。",
            "The request is not well-formed HTTP and was not processed. "
                + "Check the program that sent it, or the proxy between."
        ),
        403: ("没有权限。请检查链接或密钥。", "Not allowed. Check the link or the key."),
        404: ("这里没有这一页。请检查地址。", "There is nothing here. Check the address."),
        405: ("这里不支持这种操作。请刷新页面。", "This cannot be done here. Reload the page."),
        408: ("请求来得太慢，已放弃。请重试。", "The request took too long and was given up. Try again."),
        412: ("内容已变化，条件不成立。请重新读取后再试。", "It has changed meanwhile. Read it again, then try again."),
        413: ("请求内容过大。请缩小后再发。", "The body is too large. Send less."),
        414: ("网址过长。请检查链接。", "The address is too long. Check the link."),
        416: ("请求的范围超出文件。请从头读取。", "The range lies outside of the file. Read from its beginning."),
        417: ("不支持这个 Expect。请去掉它再发。", "This expectation is not known. Send the request without it."),
        421: (
            "这台服务器不认识这个主机名。请用它的地址打开，或让管理员用 --allowed-host 加入这个名字。",
            "This server does not know the host name. "
                + "Open it by its address, or have the administrator add the name with --allowed-host."
        ),
        426: (
            "这里只用 WebSocket 版本 13。请更新客户端。", "Only version 13 of WebSocket is spoken here. Update the client."
        ),
        431: (
            "请求头过大。请清除本站的 Cookie 后重试。",
            "The head of the request is too large. Clear this site's cookies, then try again."
        ),
        500: ("服务器出错。请稍后重试。", "The server failed. Try again later."),
        501: (
            "不支持这种请求。请检查客户端程序。", "Requests of this kind are not supported. Check the program that sent it."
        ),
        503: ("服务器正在停止。请稍后重试。", "The server is stopping. Try again in a moment."),
        505: ("只支持 HTTP/1.1。请更新客户端。", "Only HTTP/1.1 is spoken here. Update the client."),
    ]
}
