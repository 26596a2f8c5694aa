public import Foundation
import SessionModel

/// The one version of the wire that exists.
public let wireVersion = 1

/// The fields of all client messages in one flat object.
struct ClientFields: Codable {
    var type: String
    var id: CommandID?
    var wire: Int?
    var token: String?
    var code: String?
    var name: String?
    var number: String?
    var device: String?
    var epoch: String?
    var n: UInt64?
    var panels: [String]?
    var open: [String]?
    var search: String?
    var offset: Int?
    var state: String?
    var delay: Int?
    var gaps: Int?
    var at: Double?
    var minutes: Int?
    var seat: SeatID?
    var isBanned: Bool?
    var text: String?
    var chat: ChatID?
    var question: String?
    var options: [String]?
    var secrecy: PollSecrecy?
    var poll: PollID?
    var option: Int?
    var channels: Int?
    var track: TrackID?

    init(_ type: String, _ id: CommandID? = nil) {
        self.type = type
        self.id = id
    }

    func with<Value>(_ field: WritableKeyPath<ClientFields, Value?>, _ value: Value?) -> ClientFields {
        var copy = self
        copy[keyPath: field] = value
        return copy
    }

    func need<Value>(_ field: KeyPath<ClientFields, Value?>) throws(ClientMessageFailure) -> Value {
        guard let value = self[keyPath: field] else { throw .malformed(id) }
        return value
    }
}

/// Enough of a message to answer one that could not be read.
private struct MessageIdentity: Decodable {
    let type: String?
    let id: CommandID?
}

extension ClientMessage {
    /// Reads a text message.
    public init(json: some DataProtocol) throws(ClientMessageFailure) {
        let bytes = Data(json)
        let fields: ClientFields
        do {
            fields = try JSONDecoder().decode(ClientFields.self, from: bytes)
        } catch {
            let identity = try? JSONDecoder().decode(MessageIdentity.self, from: bytes)
            throw .malformed(identity?.id)
        }
        self = try ClientMessage(fields)
    }

    /// Writes a text message.
    public func json() throws -> Data { try JSONEncoder().encode(fields) }

    private init(_ fields: ClientFields) throws(ClientMessageFailure) {
        switch fields.type {
        case "join": self = .join(try JoinRequest(fields))
        case "resume": self = .resume(try ResumeRequest(fields))
        case "findPeople":
            self = .findPeople(
                try fields.need(\.id), search: fields.search ?? "", offset: max(fields.offset ?? 0, 0))
        case "playback":
            guard let state = Playback(code: try fields.need(\.state)) else { throw .malformed(nil) }
            self = .playback(
                PlaybackReport(
                    state: state, delayMilliseconds: fields.delay ?? 0, gaps: fields.gaps ?? 0))
        case "panels": self = .panels(panelSet(named: fields.open))
        case "ping": self = .ping(at: fields.at ?? 0)
        default:
            let command = try ClientCommand(fields)
            self = .command(try fields.need(\.id), command)
        }
    }

    private var fields: ClientFields {
        switch self {
        case .join(let request): request.fields
        case .resume(let request):
            ClientFields("resume").with(\.wire, wireVersion).with(\.token, request.token)
                .with(\.epoch, request.epoch).with(\.n, request.n)
                .with(\.panels, request.panels.map(\.rawValue).sorted())
        case .command(let id, let command): command.fields(id)
        case .findPeople(let id, let search, let offset):
            ClientFields("findPeople", id).with(\.search, search).with(\.offset, offset)
        case .playback(let report):
            ClientFields("playback").with(\.state, report.state.code)
                .with(\.delay, report.delayMilliseconds).with(\.gaps, report.gaps)
        case .panels(let open): ClientFields("panels").with(\.open, open.map(\.rawValue).sorted())
        case .ping(let at): ClientFields("ping").with(\.at, at)
        }
    }
}

private func panelSet(named names: [String]?) -> Set<Panel> {
    guard let names else { return Set(Panel.allCases) }
    return Set(names.compactMap(Panel.init(rawValue:)))
}

extension JoinRequest {
    fileprivate init(_ fields: ClientFields) throws(ClientMessageFailure) {
        guard fields.wire == wireVersion else { throw .wireUnsupported }
        let credential: JoinCredential
        if let token = fields.token {
            credential = .token(token)
        } else {
            credential = .code(
                try fields.need(\.code), name: try fields.need(\.name), number: fields.number ?? "",
                device: try fields.need(\.device))
        }
        self.init(credential: credential, panels: panelSet(named: fields.panels))
    }

    fileprivate var fields: ClientFields {
        let base = ClientFields("join").with(\.wire, wireVersion)
            .with(\.panels, panels.map(\.rawValue).sorted())
        switch credential {
        case .token(let token): return base.with(\.token, token)
        case .code(let code, let name, let number, let device):
            return base.with(\.code, code).with(\.name, name).with(\.number, number).with(\.device, device)
        }
    }
}

extension ResumeRequest {
    fileprivate init(_ fields: ClientFields) throws(ClientMessageFailure) {
        guard fields.wire == wireVersion else { throw .wireUnsupported }
        self.init(
            token: try fields.need(\.token), epoch: try fields.need(\.epoch), n: try fields.need(\.n),
            panels: panelSet(named: fields.panels))
    }
}

extension ClientCommand {
    fileprivate init(_ fields: ClientFields) throws(ClientMessageFailure) {
        switch fields.type {
        case "open": self = .open
        case "start": self = .start
        case "startBreak": self = .startBreak(minutes: try fields.need(\.minutes))
        case "endBreak": self = .endBreak
        case "end": self = .end
        case "leave": self = .leave
        case "remove": self = .remove(try fields.need(\.seat), isBanned: fields.isBanned ?? false)
        case "postChat": self = .postChat(try fields.need(\.text))
        case "hideChat": self = .hideChat(try fields.need(\.chat))
        case "raiseHand": self = .raiseHand
        case "lowerHand": self = .lowerHand(fields.seat)
        case "callToSpeak": self = .callToSpeak(try fields.need(\.seat))
        case "endTurn": self = .endTurn(fields.seat)
        case "mute": self = .mute(try fields.need(\.seat))
        case "unmute": self = .unmute(try fields.need(\.seat))
        case "openPoll":
            self = .openPoll(
                question: try fields.need(\.question), options: try fields.need(\.options),
                secrecy: try fields.need(\.secrecy))
        case "vote": self = .vote(try fields.need(\.poll), option: try fields.need(\.option))
        case "closePoll": self = .closePoll(try fields.need(\.poll))
        case "openTrack": self = .openTrack(channels: fields.channels ?? 1)
        case "closeTrack": self = .closeTrack(try fields.need(\.track))
        default: throw .unknownType(String(fields.type.prefix(64)), fields.id)
        }
    }

    fileprivate func fields(_ id: CommandID) -> ClientFields {
        switch self {
        case .open: ClientFields("open", id)
        case .start: ClientFields("start", id)
        case .startBreak(let minutes): ClientFields("startBreak", id).with(\.minutes, minutes)
        case .endBreak: ClientFields("endBreak", id)
        case .end: ClientFields("end", id)
        case .leave: ClientFields("leave", id)
        case .remove(let seat, let isBanned):
            ClientFields("remove", id).with(\.seat, seat).with(\.isBanned, isBanned)
        case .postChat(let text): ClientFields("postChat", id).with(\.text, text)
        case .hideChat(let chat): ClientFields("hideChat", id).with(\.chat, chat)
        case .raiseHand: ClientFields("raiseHand", id)
        case .lowerHand(let seat): ClientFields("lowerHand", id).with(\.seat, seat)
        case .callToSpeak(let seat): ClientFields("callToSpeak", id).with(\.seat, seat)
        case .endTurn(let seat): ClientFields("endTurn", id).with(\.seat, seat)
        case .mute(let seat): ClientFields("mute", id).with(\.seat, seat)
        case .unmute(let seat): ClientFields("unmute", id).with(\.seat, seat)
        case .openPoll(let question, let options, let secrecy):
            ClientFields("openPoll", id).with(\.question, question).with(\.options, options)
                .with(\.secrecy, secrecy)
        case .vote(let poll, let option):
            ClientFields("vote", id).with(\.poll, poll).with(\.option, option)
        case .closePoll(let poll): ClientFields("closePoll", id).with(\.poll, poll)
        case .openTrack(let channels): ClientFields("openTrack", id).with(\.channels, channels)
        case .closeTrack(let track): ClientFields("closeTrack", id).with(\.track, track)
        }
    }
}
