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
        let isTargetSound = target.hasPrefix("/") && target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        var text = "\(method.rawValue) \(target) HTTP/1.1\r\n"
        text += "host: \(port == usual ? authority : "\(authority):\(port)")\r\n"
        var areFieldsSound = authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
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
