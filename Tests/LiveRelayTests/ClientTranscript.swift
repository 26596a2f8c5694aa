import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel

/// One who takes part, with virtual time and a line that the test holds in its hand.
struct ClientTranscript {
    var machine: ClassroomMachine
    private(set) var now: UInt64 = 1_000_000
    private(set) var effects: [ClassroomEffect] = []

    init(seed: UInt64 = 7, credential: JoinCredential = .token("ticket")) {
        machine = ClassroomMachine(credential: credential, seed: seed)
    }

    // MARK: What came out, once

    /// The sockets that were asked for.
    mutating func opens() -> [Int] {
        take { if case .open(let socket) = $0 { socket } else { nil } }
    }

    /// The text messages that were sent, each field as text, with the socket; pings are left out.
    mutating func texts() -> [[String: String]] {
        take { effect -> [String: String]? in
            guard case .sendText(let socket, let bytes) = effect,
                let fields = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
            else { return nil }
            return fields.mapValues { "\($0)" }.merging(["socket": "\(socket)"]) { $1 }
        }.filter { $0["type"] != "ping" }
    }

    /// The types of the text messages that were sent.
    mutating func types() -> [String] { texts().compactMap { $0["type"] } }

    /// What the owner was told.
    mutating func notices() -> [ClassroomNotice] {
        take { if case .deliver(let notice) = $0 { notice } else { nil } }
    }

    /// The sockets that were let go.
    mutating func closes() -> [Int] {
        take { if case .close(let socket) = $0 { socket } else { nil } }
    }

    private mutating func take<Part>(_ part: (ClassroomEffect) -> Part?) -> [Part] {
        var parts: [Part] = []
        effects.removeAll { effect in
            guard let found = part(effect) else { return false }
            parts.append(found)
            return true
        }
        return parts
    }

    // MARK: What goes in

    mutating func start() { effects += machine.start(at: now) }
    mutating func opened(_ socket: Int) { effects += machine.opened(socket: socket, at: now) }
    mutating func closed(_ socket: Int, _ end: SocketEnd) {
        effects += machine.closed(socket: socket, end, at: now)
    }
    mutating func receive(_ json: String, _ socket: Int) {
        effects += machine.received(text: json.utf8, socket: socket, at: now)
    }
    mutating func receive(_ audio: AudioMessage, _ socket: Int) {
        effects += machine.received(binary: audio.bytes, socket: socket, at: now)
    }
    mutating func send(_ command: ClientCommand) -> String {
        let sent = machine.send(command, at: now)
        effects += sent.effects
        return sent.id.text
    }
    mutating func show(_ panels: Set<Panel>) { effects += machine.show(panels) }
    mutating func leave() { effects += machine.leave(at: now) }
    mutating func stop() { effects += machine.stop(at: now) }

    /// Lets time go by, deadline by deadline.
    mutating func pass(_ milliseconds: UInt64) {
        let end = now + milliseconds
        while let deadline = machine.nextDeadline, deadline <= end {
            now = max(now, deadline)
            effects += machine.tick(at: now)
        }
        now = end
    }

    /// Time goes by while the program does not run; then it looks once.
    mutating func sleep(_ milliseconds: UInt64) {
        now += milliseconds
        effects += machine.tick(at: now)
    }

    /// In class on the first socket, with the log at event 10.
    mutating func join() {
        start()
        let socket = opens().last ?? 0
        opened(socket)
        receive(Self.hello(), socket)
        receive(Self.snapshot(n: 10), socket)
        effects.removeAll()
    }

    // MARK: What the relay says

    static func hello(epoch: String = "e1", run: Int = 3, resumed: Bool = false) -> String {
        """
        {"type":"hello","wire":1,"class":"k3","epoch":"\(epoch)","run":\(run),"seat":"s7",
        "role":"participant","name":"王晓明","t":81234,"wall":1795420800000,"resumed":\(resumed),
        "resumeToken":"again-\(run)","digestMilliseconds":1000,"batchMilliseconds":20,"isMuted":false,
        "isSpeaking":false,"handPosition":null,"voted":["p1"],
        "limits":{"chatCharacters":500,"pollOptions":9,"commandsInFlight":2,"messageBytes":16384}}
        """
    }

    static func snapshot(n: Int, epoch: String = "e1") -> String {
        """
        {"type":"snapshot","epoch":"\(epoch)","n":\(n),"t":81234,"wall":1795420800000,
        "class":{"id":"k3","title":"线上互动设计","kind":"smallInteractive","phase":"live",
        "plannedStart":1795420000000,"plannedMinutes":45,"timeZone":"Asia/Shanghai","organisation":[],
        "project":null,"cohort":null,"lesson":null,"isRecorded":true,"recording":"on","openedAt":1000,
        "startedAt":60000,"breakStartedAt":null,"breakMinutes":null,"endedAt":null},
        "presence":{"present":2,"expected":40},
        "people":[{"seat":"s1","name":"张华","affiliation":"第一中学","role":"lecturer",
        "presence":"connected","isMuted":false,"isSpeaking":false,"hand":null}],
        "hands":{"total":0},"chat":[],"polls":[{"poll":"p1","question":"听得清吗？","options":["清楚","不清楚"],
        "secrecy":"anonymous","openedAt":75000,"closedAt":null,"count":1,"sums":null,"votes":null}],
        "tracks":[{"track":1,"seat":"s1","codec":"opus","channels":1}]}
        """
    }

    static func event(n: Int, _ event: String, people: String = "{}", epoch: String = "e1") -> String {
        #"{"type":"event","epoch":"\#(epoch)","n":\#(n),"t":90000,"by":"s1","event":\#(event),"people":\#(people)}"#
    }

    static func digest(n: Int) -> String {
        #"""
        {"type":"digest","t":82000,"wall":1795420800766,"n":\#(n),"present":31,"expected":40,"hands":2,
        "poll":{"poll":"p1","count":12}}
        """#
    }
}
