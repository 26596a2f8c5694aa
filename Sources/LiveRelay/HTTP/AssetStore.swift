import WebSocketCore

/// The web client as it is served: each file in the clear and packed, with a tag that changes with its
/// content. Packed once, at the start.
struct AssetStore: Sendable {
    private struct Asset: Sendable {
        let mediaType: String
        let tag: String
        let bytes: SharedBytes
        /// nil where packing gains nothing.
        let packed: SharedBytes?
    }

    /// Smaller files fit into one packet anyway.
    private static let packedBytesMinimum = 512

    /// Changes with any of the files; stands in the paths by which pages ask for them, so that all modules of
    /// a page are of one version.
    private let version: String
    private let assets: [String: Asset]
    private let pages: [String: String]

    /// Assets for `/assets/…` and the shells of pages.
    init(_ embedded: [EmbeddedAsset]) {
        var assets: [String: Asset] = [:]
        var pages: [String: String] = [:]
        for asset in embedded {
            if asset.path.hasSuffix(".html") {
                pages[asset.path] = String(decoding: asset.bytes, as: UTF8.self)
            } else if let mediaType = Self.mediaType(of: asset.path) {
                let bytes = asset.bytes
                let packed = bytes.count < Self.packedBytesMinimum ? nil : Gzip.compress(bytes)
                assets[asset.path] = Asset(
                    mediaType: mediaType, tag: asset.contentHash, bytes: SharedBytes(bytes),
                    packed: packed.flatMap { $0.count < bytes.count ? SharedBytes($0) : nil })
            }
        }
        self.assets = assets
        let all = assets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.tag)\n" }.joined()
        let version = Self.tag(of: all.utf8)
        self.version = version
        self.pages = pages.mapValues { $0.replacing("\"/assets/", with: "\"/assets/\(version)/") }
    }

    /// The shell of a page.
    func page(_ name: String) -> String? { pages[name] }

    /// The answer for a path below `/assets/`; nil where there is no such file.
    func answer(_ path: Substring, _ request: HTTPRequest) -> HTTPResponse? {
        let (file, isOfThisVersion) = unversioned(path)
        guard let asset = assets[String(file)] else { return nil }
        let packed = ContentCoding.preferred(by: request) == .gzip ? asset.packed : nil
        // Two codings are two representations with a tag each (RFC 9110 §8.8.3.3).
        let tag = EntityTag(strong: packed == nil ? asset.tag : asset.tag + "-gz")
        var headers: HTTPHeaders = [
            "content-type": asset.mediaType, "etag": tag.text,
            "cache-control": isOfThisVersion ? Self.foreverControl : "no-cache", "vary": "accept-encoding",
        ]
        if packed != nil { headers.add("content-encoding", "gzip") }
        return HTTPResponse(status: 200, headers: headers, body: .shared(packed ?? asset.bytes))
            .conditioned(by: request)
    }

    /// What lies under the version's own path never changes, so browsers need not ask again (RFC 8246).
    private static let foreverControl = "public, max-age=31536000, immutable"

    /// The path without a version before it, and whether that was this one. A page that was opened before a
    /// hand-over asks by the old version: it gets what there is, and keeps it no longer than it must.
    private func unversioned(_ path: Substring) -> (Substring, Bool) {
        guard let slash = path.firstIndex(of: "/"), path[..<slash].utf8.count == version.utf8.count,
            path[..<slash].allSatisfy({ $0.isHexDigit })
        else { return (path, false) }
        return (path[path.index(after: slash)...], path[..<slash] == version)
    }

    /// FNV-1a, 64 bits, as 16 hexadecimal digits: tells one content from the next and protects nobody.
    static func tag(of bytes: some Sequence<UInt8>) -> String {
        let value = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { value, byte in
            (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The media type of what browsers may fetch; nil for what is embedded for other purposes.
    private static func mediaType(of path: String) -> String? {
        guard !path.hasPrefix("docs/"), !path.hasPrefix("demo/"), let dot = path.lastIndex(of: ".") else {
            return nil
        }
        return switch path[dot...] {
        case ".css": "text/css; charset=utf-8"
        case ".js": "text/javascript; charset=utf-8"
        case ".json", ".map": "application/json"
        case ".svg": "image/svg+xml"
        case ".png": "image/png"
        case ".ico": "image/x-icon"
        case ".webmanifest": "application/manifest+json"
        case ".woff2": "font/woff2"
        case ".opus": "audio/ogg; codecs=opus"
        case ".txt": "text/plain; charset=utf-8"
        default: nil
        }
    }
}
