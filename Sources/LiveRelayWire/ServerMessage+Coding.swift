public import Foundation
import SessionModel

extension ServerMessage: Codable {
    private struct Small: Codable {
        var type: String
        var id: CommandID?
        var code: Rejection?
        var of: String?
        var after: Int?
        var jitter: Int?
        var position: Int?
        var total: Int?
        var track: TrackID?
        var run: UInt32?
        var from: UInt32?
        var seq: UInt32?
        var refused: Bool?
        var at: Double?
        var t: SessionTime?
        var wall: WallTime?
    }

    private enum TypeKey: String, CodingKey {
        case type
    }

    /// The stable name of the message, as it stands in `type`.
    public var typeName: String {
        switch self {
        case .hello: "hello"
        case .snapshot: "snapshot"
        case .event: "event"
        case .digest: "digest"
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .retry: "retry"
        case .position: "position"
        case .recorded: "recorded"
        case .pong: "pong"
        case .people: "people"
        case .reconnect: "reconnect"
        case .error: "error"
        }
    }

    /// Writes one flat object with a `type`.
    public func encode(to encoder: any Encoder) throws {
        var small = Small(type: typeName)
        switch self {
        case .hello(let hello): try encode(hello, to: encoder)
        case .snapshot(let snapshot): try encode(snapshot, to: encoder)
        case .event(let notice): try encode(notice, to: encoder)
        case .digest(let digest): try encode(digest, to: encoder)
        case .accepted(let accepted): try encode(accepted, to: encoder)
        case .people(let page): try encode(page, to: encoder)
        case .rejected(let id, let code):
            small.id = id
            small.code = code
            try small.encode(to: encoder)
        case .retry(let id, let after):
            small.id = id
            small.after = after
            try small.encode(to: encoder)
        case .position(let position, let total):
            small.position = position
            small.total = total
            try small.encode(to: encoder)
        case .recorded(let sound):
            small.track = sound.track
            small.run = sound.run
            small.from = sound.sequences.lowerBound
            small.seq = sound.sequences.upperBound
            small.refused = sound.isRefused ? true : nil
            try small.encode(to: encoder)
        case .pong(let at, let t, let wall):
            small.at = at
            small.t = t
            small.wall = wall
            try small.encode(to: encoder)
        case .reconnect(let after, let jitter):
            small.after = after
            small.jitter = jitter
            try small.encode(to: encoder)
        case .error(let code, let type):
            small.code = code
            small.of = type
            try small.encode(to: encoder)
        }
    }

    private func encode(_ payload: some Encodable, to encoder: any Encoder) throws {
        var key = encoder.container(keyedBy: TypeKey.self)
        try key.encode(typeName, forKey: .type)
        try payload.encode(to: encoder)
    }

    /// Reads one flat object with a `type`.
    public init(from decoder: any Decoder) throws {
        let small = try Small(from: decoder)
        switch small.type {
        case "hello": self = .hello(try Hello(from: decoder))
        case "snapshot": self = .snapshot(try Snapshot(from: decoder))
        case "event": self = .event(try EventNotice(from: decoder))
        case "digest": self = .digest(try Digest(from: decoder))
        case "accepted": self = .accepted(try Accepted(from: decoder))
        case "people": self = .people(try PeoplePage(from: decoder))
        default: self = try ServerMessage(small)
        }
    }

    private init(_ small: Small) throws {
        func need<Value>(_ value: Value?) throws -> Value {
            guard let value else { throw ServerMessageFailure.malformed(type: small.type) }
            return value
        }
        switch small.type {
        case "rejected": self = .rejected(try need(small.id), try need(small.code))
        case "retry": self = .retry(try need(small.id), after: try need(small.after))
        case "position": self = .position(small.position, total: try need(small.total))
        case "recorded":
            let last = try need(small.seq)
            let first = min(small.from ?? 0, last)
            self = .recorded(
                RecordedSound(
                    track: try need(small.track), run: try need(small.run), sequences: first...last,
                    isRefused: small.refused ?? false))
        case "pong":
            self = .pong(at: try need(small.at), t: try need(small.t), wall: try need(small.wall))
        case "reconnect":
            self = .reconnect(after: try need(small.after), jitter: try need(small.jitter))
        case "error": self = .error(try need(small.code), of: small.of)
        default: throw ServerMessageFailure.unknownType(small.type)
        }
    }

    /// Reads a text message.
    public init(json: Data) throws { self = try JSONDecoder().decode(ServerMessage.self, from: json) }

    /// Writes a text message.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

/// Why a message of the relay was not understood; a client ignores unknown types.
public enum ServerMessageFailure: Error, Hashable, Sendable {
    /// A field is missing.
    case malformed(type: String)
    /// A type of a newer relay.
    case unknownType(String)
}
