/// The bytes of a client's request.
struct ClientRequest {
    /// Head and body.
    let bytes: [UInt8]
    /// Whether nothing in it could be read as more than one request.
    let isSound: Bool

    init(
        method: HTTPMethod, host: String, port: UInt16, isSecure: Bool, target: String, own: HTTPHeaders,
        added: HTTPHeaders, body: [UInt8]
    ) {
        let authority = host.contains(":") ? "[\(host)]" : host
        let usual: UInt16 = isSecure ? 443 : 80
        // RFC 6455 §3, RFC 9110 §7.1: a fragment stays with the client, so `#` is never sent.
        let isTargetSound =
            target.hasPrefix("/") && target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x23 }
        var text = "\(method.rawValue) \(target) HTTP/1.1\r\n"
        text += "host: \(port == usual ? authority : "\(authority):\(port)")\r\n"
        // What this side says itself must not be said a second time and differently (RFC 6455 §11.3).
        let said = own.fields.map(\.name) + ["host", "content-length", "transfer-encoding"]
        var areFieldsSound =
            authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !added.fields.contains { said.contains($0.name) }
        for field in own.fields + added.fields {
            areFieldsSound =
                areFieldsSound && !field.name.isEmpty && field.name.utf8.allSatisfy(HeadReader.isToken)
                && field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            text += "\(field.name): \(field.value)\r\n"
        }
        if !body.isEmpty || method == .post || method == .put || method == .patch {
            text += "content-length: \(body.count)\r\n"
        }
        bytes = Array((text + "\r\n").utf8) + body
        isSound = isTargetSound && areFieldsSound
    }
}
