import Foundation

@testable import WebSocketCore

/// What our readers make of inputs, for a comparison with other implementations: inputs come on standard
/// input, each behind its length in four bytes, the first the highest; a line of JSON answers each.
enum FuzzVerdicts: String, CaseIterable {
    /// The requests that a server reads.
    case request
    /// The answer that a client reads, up to the end of the stream.
    case response
    /// The answer to a HEAD.
    case headResponse
    /// The frames that a server reads.
    case serverFrames
    /// The frames that a client reads.
    case clientFrames
    /// The same with compression, each message by itself.
    case serverDeflate
    case clientDeflate
    /// The same with a context that is kept.
    case serverContext
    case clientContext

    /// One thing read, as named fields; those without a meaning for it are left out.
    struct Item: Encodable {
        var kind: String
        var method: String?
        var target: String?
        var version: String?
        var status: Int?
        var headers: [[String]]?
        var keepsAlive: Bool?
        var expectsContinue: Bool?
        /// In hexadecimal.
        var bytes: String?
        var code: Int?
        var reason: String?
    }

    struct Verdict: Encodable {
        var items: [Item] = []
        /// The status or close code of a refusal, and its phrase.
        var refusal: Int?
        var reason: String?
    }

    func judgeStandardInput() {
        let encoder = JSONEncoder()
        while let head = Self.bytes(4) {
            let count = head.reduce(0) { $0 << 8 | Int($1) }
            guard let input = Self.bytes(count) else { return }
            guard let line = try? encoder.encode(judge(input)) else { exit(1) }
            FuzzProgram.write(String(decoding: line, as: UTF8.self) + "\n", to: STDOUT_FILENO)
        }
    }

    private func judge(_ input: [UInt8]) -> Verdict {
        switch self {
        case .request: Self.request(input)
        case .response: Self.response(input, isHeadRequest: false)
        case .headResponse: Self.response(input, isHeadRequest: true)
        case .serverFrames: Self.frames(input, .server, nil)
        case .clientFrames: Self.frames(input, .client, nil)
        case .serverDeflate: Self.frames(input, .server, FramesFuzz.inflater(contextWindowBits: nil))
        case .clientDeflate: Self.frames(input, .client, FramesFuzz.inflater(contextWindowBits: nil))
        case .serverContext: Self.frames(input, .server, FramesFuzz.inflater(contextWindowBits: 15))
        case .clientContext: Self.frames(input, .client, FramesFuzz.inflater(contextWindowBits: 15))
        }
    }

    private static func request(_ input: [UInt8]) -> Verdict {
        let outcome = RequestFuzz.read(input, [input.indices], TransportLimits())
        var verdict = Verdict(refusal: outcome.violation?.status, reason: outcome.violation?.reason)
        for step in outcome.steps {
            switch step {
            case .needsMore: continue
            case .head(let head):
                let request = head.request
                var item = Item(kind: "head")
                item.method = request.method.rawValue
                item.target = request.rawTarget
                item.version = request.isVersion11 ? "1.1" : "1.0"
                item.headers = request.headers.fields.map { [$0.name, $0.value] }
                item.keepsAlive = head.keepsAlive
                item.expectsContinue = head.expectsContinue
                verdict.items.append(item)
            case .complete(let request):
                verdict.items.append(Item(kind: "complete", bytes: hexadecimal(request.body)))
            }
        }
        return verdict
    }

    private static func response(_ input: [UInt8], isHeadRequest: Bool) -> Verdict {
        let outcome = ResponseFuzz.read(
            input, [input.indices], isHeadRequest: isHeadRequest, TransportLimits())
        var verdict = Verdict(refusal: outcome.violation?.status, reason: outcome.violation?.reason)
        switch outcome.step {
        case .needsMore, nil: break
        case .switched(let head):
            verdict.items = [item("switched", head, bytes: Array(input.suffix(outcome.bytesLeft)))]
        case .complete(let head, let body):
            verdict.items = [item("complete", head, bytes: body)]
        }
        return verdict
    }

    private static func item(_ kind: String, _ head: ResponseParser.Head, bytes: [UInt8]) -> Item {
        var item = Item(kind: kind, bytes: hexadecimal(bytes))
        item.status = head.status
        item.headers = head.headers.fields.map { [$0.name, $0.value] }
        return item
    }

    private static func frames(
        _ input: [UInt8], _ role: ConnectionMachine.Role, _ inflater: MessageInflater?
    ) -> Verdict {
        let machine = ConnectionMachine(role: role, limits: TransportLimits(), now: 0, inflater: inflater)
        var verdict = Verdict()
        for event in FramesFuzz.read(machine, input, [input.indices]) {
            switch event {
            case .message(.text(let bytes)):
                verdict.items.append(Item(kind: "text", bytes: hexadecimal(bytes)))
            case .message(.binary(let bytes)):
                verdict.items.append(Item(kind: "binary", bytes: hexadecimal(bytes)))
            case .sendPong(let bytes):
                verdict.items.append(Item(kind: "ping", bytes: hexadecimal(bytes)))
            case .sendPing, .roundTrip: continue
            case .ended(.closed(let code, let reason, _), _):
                verdict.items.append(Item(kind: "close", code: Int(code.rawValue), reason: reason))
            case .ended(.failed, let payload):
                let payload = payload ?? []
                verdict.refusal = payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                verdict.reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
            }
        }
        return verdict
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Exactly so many bytes of standard input; nil at its end.
    private static func bytes(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var taken = 0
        while taken < count {
            let more = bytes.withUnsafeMutableBytes {
                read(STDIN_FILENO, $0.baseAddress.map { $0 + taken }, count - taken)
            }
            guard more > 0 else { return nil }
            taken += more
        }
        return bytes
    }
}
