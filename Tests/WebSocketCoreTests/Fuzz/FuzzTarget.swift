/// A part of WebSocketCore that takes the bytes of strangers, with what must hold whatever they are.
/// `docs/fuzzing.md` says how to run one.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// Requests, and what a server reads in their fields.
    case request
    /// Answers, the one to an opening handshake among them.
    case response
    /// Frames and messages of either role.
    case frames
    /// The payloads of close frames.
    case close
    /// UTF-8 and masks.
    case text
    /// Compressed messages.
    case inflater
    /// Offers of extensions and answers to them.
    case extensions
    /// Chunked bodies by themselves.
    case chunks
    /// What proxies say of their clients in fields.
    case forwarded
    /// The header with which a proxy begins a connection.
    case proxy

    /// Throws when something does not hold for this input.
    func check(_ raw: [UInt8]) throws(FuzzFault) {
        guard let input = FuzzInput(raw) else { return }
        switch self {
        case .request: try RequestFuzz.check(input)
        case .response: try ResponseFuzz.check(input)
        case .frames: try FramesFuzz.check(input)
        case .close: try CloseFuzz.check(input)
        case .text: try TextFuzz.check(input)
        case .inflater: try InflaterFuzz.check(input)
        case .extensions: try ExtensionsFuzz.check(input)
        case .chunks: try ChunksFuzz.check(input)
        case .forwarded: try ForwardedFuzz.check(input)
        case .proxy: try ProxyFuzz.check(input)
        }
    }
}
