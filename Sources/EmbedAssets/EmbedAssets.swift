import Foundation

/// Writes one Swift file that holds other files as they are, scripts without their comments.
///
/// Arguments: the file to write, then a name and a path for each file. The bytes become base64 in string
/// literals: the compiler reads a megabyte of those in about a second, while an array literal of a megabyte
/// takes it minutes.
@main
struct EmbedAssets {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let output = arguments.first, arguments.count % 2 == 1 else {
            FileHandle.standardError.write(Data("usage: EmbedAssets OUTPUT [NAME PATH]…\n".utf8))
            exit(64)
        }
        var text = header
        var rest = arguments.dropFirst()
        while let name = rest.popFirst(), let path = rest.popFirst() {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            if name.hasSuffix(".js") {
                bytes = Data(Comments.removed(from: String(decoding: bytes, as: UTF8.self)).utf8)
            }
            text += entry(Asset(path: name, bytes: bytes))
        }
        try Data((text + footer).utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
    }

    /// One file to embed: its name inside the program, and what it holds.
    struct Asset {
        let path: String
        let bytes: Data
    }

    private static func entry(_ asset: Asset) -> String {
        """
                EmbeddedAsset(
                    path: "\(asset.path)", contentHash: "\(hash(asset.bytes))", count: \(asset.bytes.count),
                    base64: "\(asset.bytes.base64EncodedString())"),

        """
    }

    /// FNV-1a, 64 bits, as 16 hexadecimal digits: it tells one version of a page from the next one
    /// and is no protection against anybody.
    static func hash(_ bytes: Data) -> String {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes {
            value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static let header = """
        // Made by EmbedAssets at build time; never edited.

        /// One file that is a part of the program.
        struct EmbeddedAsset: Sendable {
            /// Its name: `js/pages/index.js`, `demo/lecture.zh.opus`.
            let path: String
            /// Sixteen hexadecimal digits that change with the content; meant for the ETag.
            let contentHash: String
            /// The length of `bytes`.
            let count: Int
            private let base64: StaticString

            init(path: String, contentHash: String, count: Int, base64: StaticString) {
                self.path = path
                self.contentHash = contentHash
                self.count = count
                self.base64 = base64
            }

            /// The content, decoded anew at each call: whoever needs it often keeps it.
            var bytes: [UInt8] {
                var decoded: [UInt8] = []
                decoded.reserveCapacity(count + 2)
                var bits: UInt32 = 0
                var digits = 0
                let text = UnsafeBufferPointer(start: base64.utf8Start, count: base64.utf8CodeUnitCount)
                for character in text {
                    bits = bits << 6 | Self.value(of: character)
                    digits += 1
                    if digits == 4 {
                        decoded.append(UInt8(truncatingIfNeeded: bits >> 16))
                        decoded.append(UInt8(truncatingIfNeeded: bits >> 8))
                        decoded.append(UInt8(truncatingIfNeeded: bits))
                        bits = 0
                        digits = 0
                    }
                }
                decoded.removeLast(min(decoded.count, max(0, decoded.count - count)))
                return decoded
            }

            private static func value(of character: UInt8) -> UInt32 {
                switch character {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character) - 65
                case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character) - 71
                case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character) + 4
                case UInt8(ascii: "+"): 62
                case UInt8(ascii: "/"): 63
                default: 0
                }
            }
        }

        /// Every page, style, script and picture of the web client, the demo's speech, and
        /// `docs/openapi.json`.
        enum EmbeddedAssets {
            static let all: [EmbeddedAsset] = [

        """

    private static let footer = """
            ]
        }

        """
}
