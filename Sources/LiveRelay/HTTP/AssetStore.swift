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
        self.pages = pages
    }

    /// The shell of a page.
    func page(_ name: String) -> String? { pages[name] }

    /// The answer for a path below `/assets/`; nil where there is no such file.
    func answer(_ path: Substring, _ request: HTTPRequest) -> HTTPResponse? {
        guard let asset = assets[String(path)] else { return nil }
        let packed = Self.takesGzip(request) ? asset.packed : nil
        let tag = packed == nil ? "\"\(asset.tag)\"" : "\"\(asset.tag)-gz\""
        var headers: HTTPHeaders = [
            "content-type": asset.mediaType, "etag": tag, "cache-control": "no-cache",
            "vary": "accept-encoding",
        ]
        let known = request.headers.elements("if-none-match").map {
            $0.hasPrefix("W/") ? String($0.dropFirst(2)) : $0
        }
        guard !known.contains(tag), !known.contains("*") else {
            return HTTPResponse(status: 304, headers: headers)
        }
        if packed != nil { headers.add("content-encoding", "gzip") }
        return HTTPResponse(status: 200, headers: headers, body: .shared(packed ?? asset.bytes))
    }

    private static func takesGzip(_ request: HTTPRequest) -> Bool {
        request.headers.elements("accept-encoding").contains { element in
            let parts = element.lowercased().split(separator: ";").map { $0.filter { $0 != " " } }
            return parts.first == "gzip" && !parts.dropFirst().contains { $0 == "q=0" || $0 == "q=0.0" }
        }
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
