import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel

/// A relay in a page of code that objects to nonsense: it answers commands, sends events, loses lines at any
/// moment, and sends events twice after a resume.
struct ClientTranscriptRelay {
    private static let stepsCount = 200

    private(set) var failures: [String] = []
    private var client: ClientTranscript
    private var chance: UInt64
    private var socket: Int?
    private var isGreeted = false
    private var log: [String] = []
    private var effective: Set<String> = []
    private var asked: [String] = []
    private var answered: [String] = []
    private var seen: [UInt64] = []
    private var isEnded = false

    init(seed: UInt64) {
        client = ClientTranscript(seed: seed)
        chance = seed &* 0x2545_F491_4F6C_DD1D | 1
    }

    mutating func run() {
        client.start()
        for _ in 0..<Self.stepsCount { step() }
        // Then the network heals.
        for _ in 0..<200 {
            obey()
            client.pass(500)
            if socket != nil, isGreeted { client.receive(ClientTranscript.digest(n: log.count), socket ?? 0) }
        }
        collect()
        if answered.sorted() != asked.sorted() { failures.append("answers \(answered) of \(asked)") }
        if Set(answered).count != answered.count { failures.append("answered twice") }
        if seen != seen.sorted() || Set(seen).count != seen.count { failures.append("events \(seen)") }
        if Set(effective).count != log.count { failures.append("a command took effect twice") }
    }

    private mutating func step() {
        switch draw(8) {
        case 0: if asked.count < 100 { asked.append(client.send(.raiseHand)) }
        case 1:
            if let socket {
                client.closed(socket, draw(2) == 0 ? .code(1006) : .failed("cut"))
                self.socket = nil
            }
        case 2, 3: client.pass(UInt64(draw(2_500)))
        default: obey()
        }
        collect()
    }

    /// Carries out what the client asked of its sockets, answering some of it.
    private mutating func obey() {
        if let opened = client.opens().last {
            socket = opened
            isGreeted = false
            client.opened(opened)
        }
        if let closed = client.closes().last, closed == socket { socket = nil }
        for text in client.texts() {
            // What was written into a line that has broken since never arrives.
            guard let socket, text["socket"] == "\(socket)", let type = text["type"] else { continue }
            switch type {
            case "join", "resume": greet(text, socket)
            case "raiseHand": decide(text["id"] ?? "", socket)
            default: failures.append("nonsense: \(type)")
            }
        }
    }

    private mutating func greet(_ text: [String: String], _ socket: Int) {
        if isGreeted { failures.append("greeted twice") }
        isGreeted = true
        let isResume = text["type"] == "resume"
        client.receive(ClientTranscript.hello(resumed: isResume), socket)
        guard isResume else {
            client.receive(ClientTranscript.snapshot(n: log.count), socket)
            return
        }
        let known = text["n"].flatMap(Int.init) ?? 0
        if known > log.count { failures.append("resumed beyond the log") }
        // One event too many: the relay may be generous.
        for n in max(1, known)..<max(log.count + 1, 1) where n <= log.count {
            client.receive(ClientTranscript.event(n: n, #"{"type":"opened"}"#), socket)
        }
    }

    private mutating func decide(_ id: String, _ socket: Int) {
        if !isGreeted { failures.append("a command before the greeting") }
        if effective.insert(id).inserted {
            log.append(id)
            client.receive(ClientTranscript.event(n: log.count, #"{"type":"opened"}"#), socket)
        }
        // The answer may get lost with the line.
        if draw(3) > 0 { client.receive(#"{"type":"accepted","id":"\#(id)","n":\#(log.count)}"#, socket) }
    }

    private mutating func collect() {
        for notice in client.notices() {
            switch notice {
            case .answer(let id, _): answered.append(id.text)
            case .event(let event): seen.append(event.n)
            case .ended: failures.append("ended")
            default: break
            }
        }
    }

    private mutating func draw(_ count: UInt64) -> Int {
        chance ^= chance << 13
        chance ^= chance >> 7
        chance ^= chance << 17
        return Int(chance % count)
    }
}
