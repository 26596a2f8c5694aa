import Foundation

/// The two codings in which spreadsheets of the country leave a program.
public enum TextEncoding: String, CaseIterable, Hashable, Sendable {
    /// RFC 3629.
    case utf8 = "utf-8"
    /// The national standard; holds every character of Unicode, those beyond the first plane with four bytes.
    case gb18030

    /// The encoding with a name as it stands in URLs and media types; GBK and GB2312 are parts of GB18030.
    public init?(name: String) {
        switch name.lowercased() {
        case "utf-8", "utf8": self = .utf8
        case "gb18030", "gbk", "gb2312": self = .gb18030
        default: return nil
        }
    }

    /// The text behind bytes; nil where they are not of this coding.
    public func decode(_ bytes: [UInt8]) -> String? {
        switch self {
        case .utf8: String(validating: bytes, as: UTF8.self)
        case .gb18030:
            Self.convert(bytes, from: "GB18030", to: "UTF-8").map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The bytes of a text; nil where the system lacks the coding.
    public func encode(_ text: String) -> [UInt8]? {
        switch self {
        case .utf8: Array(text.utf8)
        case .gb18030: Self.convert(Array(text.utf8), from: "UTF-8", to: "GB18030")
        }
    }

    private static func convert(_ bytes: [UInt8], from source: String, to target: String) -> [UInt8]? {
        guard let descriptor = iconv_open(target, source), descriptor != iconv_t(bitPattern: -1) else {
            return nil
        }
        defer { iconv_close(descriptor) }
        // No character grows by more than the double from one of these codings to the other.
        var converted = [UInt8](repeating: 0, count: bytes.count * 2 + 16)
        var input = bytes.map { CChar(bitPattern: $0) }
        let written: Int? = input.withUnsafeMutableBufferPointer { source in
            converted.withUnsafeMutableBytes { target in
                var from = source.baseAddress
                var fromCount = source.count
                var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var toCount = target.count
                guard iconv(descriptor, &from, &fromCount, &to, &toCount) == 0, fromCount == 0 else {
                    return nil
                }
                return target.count - toCount
            }
        }
        return written.map { Array(converted.prefix($0)) }
    }
}
