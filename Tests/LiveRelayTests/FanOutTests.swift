import Dispatch
import LiveRelayWire
import SessionModel
import Testing
import WebSocketCore

@testable import LiveRelay

/// Which sockets of a class get what, on one loop with real sockets.
@Suite(.timeLimit(.minutes(1))) struct FanOutTests {
    @Test func everyAudienceGetsItsOwnInOrder() async throws {
        let hall = try Hall()
        let lin = await hall.arrive("s1", .lecturer, panels: [])
        let wang = await hall.arrive("s2", .participant, panels: [.chat])
        let sun = await hall.arrive("s3", .supervisor, panels: [.chat])
        let li = await hall.arrive("s4", .participant, panels: [])
        let people = [lin, wang, sun, li]
        hall.deliver([.broadcast(.line("before"), audience: .everyone, panel: nil)])
        hall.deliver(people.map { .admit($0.member, greeting: [.line("hello"), .line("snapshot")]) })
        hall.deliver([
            .broadcast(.line("opened"), audience: .everyone, panel: nil),
            .broadcast(.line("chat"), audience: .everyone, panel: .chat),
            .broadcast(.line("hand"), audience: .staff, panel: nil),
            .broadcast(.line("supervisor"), audience: .supervisors, panel: nil),
            .broadcast(.line("to wang"), audience: .seat(SeatID(unchecked: "s2")), panel: nil),
            .digest(staff: .line("digest for staff"), others: .line("digest")),
            .send(.line("accepted"), to: lin.member.connection),
            .settle(lin.member.connection, CommandID(unchecked: "a1")), .conclude(1),
            .panels(lin.member.connection, [.chat]),
            .broadcast(.line("chat again"), audience: .everyone, panel: .chat),
        ])
        hall.sound(1)
        hall.deliver(people.map { .dismiss($0.member.connection, .ended) })
        #expect(
            await lin.hears() == [
                "hello", "snapshot", "opened", "hand", "digest for staff", "accepted", "chat again",
                "sound 1...1",
                "closed 4500 ended",
            ])
        #expect(
            await wang.hears() == [
                "hello", "snapshot", "opened", "chat", "to wang", "digest", "chat again",
                "sound 1...1", "closed 4500 ended",
            ])
        #expect(
            await sun.hears() == [
                "hello", "snapshot", "opened", "chat", "hand", "supervisor", "digest for staff", "chat again",
                "sound 1...1", "closed 4500 ended",
            ])
        #expect(
            await li.hears() == [
                "hello", "snapshot", "opened", "digest", "sound 1...1", "closed 4500 ended",
            ])
        #expect(await hall.isEmpty())
        await hall.end()
    }

    @Test func whoIsDismissedHearsNoMore() async throws {
        let hall = try Hall()
        let wang = await hall.arrive("s2", .participant)
        let li = await hall.arrive("s3", .participant)
        hall.deliver([.admit(wang.member, greeting: []), .admit(li.member, greeting: [])])
        hall.deliver([
            .dismiss(wang.member.connection, .removed),
            .broadcast(.line("removed"), audience: .everyone, panel: nil),
            .send(.line("too late"), to: wang.member.connection),
        ])
        hall.sound(1)
        #expect(await wang.hears() == ["closed 4501 removed"])
        hall.deliver([.dismiss(li.member.connection, .shutdown)])
        #expect(await li.hears() == ["removed", "sound 1...1", "closed 4000 shutdown"])
        await hall.end()
    }

    @Test func whatWaitsForABusyLoopLeavesAsOneMessage() async throws {
        let hall = try Hall()
        let li = await hall.arrive("s3", .participant)
        hall.deliver([.admit(li.member, greeting: [.line("hello")])])
        hall.whileBusy {
            for sequence in UInt32(1)...7 { hall.sound(sequence) }
        }
        hall.whileBusy {
            hall.sound(8, flags: .quiet)
            hall.sound(9, flags: .quiet)
            // A gap, another track, and an event are never jumped over.
            hall.sound(11)
            hall.sound(12, track: 2)
            hall.deliver([.broadcast(.line("muted"), audience: .everyone, panel: nil)])
            hall.sound(13, track: 2)
        }
        hall.whileBusy {
            let most = UInt32(AudioMessage.packetsCountMaximum)
            for sequence in 100...(100 + most) { hall.sound(sequence) }
        }
        hall.deliver([.dismiss(li.member.connection, .ended)])
        #expect(
            await li.hears() == [
                "hello", "sound 1...7", "sound 8...9 quiet", "sound 11...11", "sound 12...12", "muted",
                "sound 13...13", "sound 100...199", "sound 200...200", "closed 4500 ended",
            ])
        await hall.end()
    }

    @Test func whatMembersWereSentIsCountedFromTheirGreetingOn() async throws {
        let hall = try Hall()
        let wang = await hall.arrive("s2", .participant)
        let zhou = await hall.arrive("s9", .participant)
        #expect(await hall.sent() == SentBytes())
        hall.deliver([.admit(wang.member, greeting: [.line("hello")])])
        hall.sound(1)
        let hello = SharedFrame.line("hello").count
        // Two of the frame, one packet of two bytes and its length.
        let sound = 2 + AudioMessage.headerBytesCount + 2 + 2
        await hall.endTurn()
        #expect(
            await hall.sent() == SentBytes(media: sound, control: hello),
            "no upgrade, and nobody at the door")
        hall.deliver([
            .broadcast(.line("on"), audience: .everyone, panel: nil),
            .dismiss(wang.member.connection, .ended), .dismiss(zhou.member.connection, .classFull),
        ])
        #expect(await wang.hears() == ["hello", "sound 1...1", "on", "closed 4500 ended"])
        // Header, code and reason.
        let close = 2 + 2 + "ended".utf8.count
        #expect(await hall.sent() == SentBytes(control: SharedFrame.line("on").count + close))
        hall.remove(wang.member.connection)
        #expect(await hall.sent() == SentBytes(), "and everything once")
        await hall.end()
    }

    @Test func whoWasNeverAMemberCanBeTurnedAway() async throws {
        let hall = try Hall()
        let zhou = await hall.arrive("s9", .participant)
        hall.deliver([.dismiss(zhou.member.connection, .classFull)])
        #expect(await zhou.hears() == ["closed 4507 classFull"])
        hall.deliver([.admit(zhou.member, greeting: [.line("hello")])])
        await hall.endTurn()
        #expect(await hall.missed() == [zhou.member.connection], "its class is told")
        #expect(await hall.isEmpty(), "a socket that is gone becomes no member")
        await hall.end()
    }
}

/// A server with one loop, and a loop for the sockets of those who come.
private final class Hall: Sendable {
    private let loop: EventLoop
    private let clients: EventLoop
    private let server: HTTPServer
    private let arrivals: AsyncStream<ConnectionID>

    /// One who came: the member on the server, and what reaches the socket.
    struct Visitor {
        let member: Member
        let lines: AsyncStream<String>

        /// Everything up to the end of the connection.
        func hears() async -> [String] {
            var heard: [String] = []
            for await line in lines { heard.append(line) }
            return heard
        }
    }

    init() throws {
        loop = try EventLoop(index: 0, label: "test.hall")
        clients = try EventLoop(index: 1, label: "test.visitors")
        let (arrivals, arrived) = AsyncStream<ConnectionID>.makeStream()
        self.arrivals = arrivals
        server = try HTTPServer(
            HTTPServer.Configuration(host: "127.0.0.1", port: 0, tls: nil, limits: TransportLimits()),
            loops: [loop]
        ) { _ in Porter(arrived) }
        loop.execute { core in
            core.attach(Missed())
            core.attach(FanOut(core: core) { core.attached(Missed.self)?.connections.append($0) })
        }
    }

    func arrive(_ seat: String, _ role: Role, panels: Set<Panel> = Set(Panel.allCases)) async -> Visitor {
        let (lines, ear) = AsyncStream<String>.makeStream()
        let port = server.boundPort
        clients.execute { core in
            ClientConnector.connect(to: "127.0.0.1", port: port, path: "/", on: core, delegate: Ear(ear))
        }
        var next = arrivals.makeAsyncIterator()
        guard let connection = await next.next() else { preconditionFailure("the hall is closed") }
        let member = Member(
            connection: connection, seat: SeatID(unchecked: seat), role: role, panels: panels)
        return Visitor(member: member, lines: lines)
    }

    func deliver(_ deliveries: [Delivery]) {
        loop.execute { $0.attached(FanOut<LoopCore>.self)?.deliver(deliveries) }
    }

    /// One packet of so much, on track 1.
    func sound(_ sequence: UInt32, flags: AudioMessage.Flags = [], track: UInt16 = 1) {
        let message = AudioMessage(
            flags: flags, track: TrackID(track), run: 1, sequence: sequence,
            captureSamples: UInt64(sequence) * 960, packets: [[0x78, UInt8(truncatingIfNeeded: sequence)]])
        loop.execute { $0.attached(FanOut<LoopCore>.self)?.sound(SoundBundle(message)) }
    }

    /// The loop stands still until everything is handed over that `work` hands over.
    func whileBusy(_ work: () -> Void) {
        let (gate, isBusy) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        loop.execute { _ in
            isBusy.signal()
            gate.wait()
        }
        isBusy.wait()
        work()
        gate.signal()
    }

    func isEmpty() async -> Bool {
        await withCheckedContinuation { continuation in
            loop.execute {
                continuation.resume(returning: $0.attached(FanOut<LoopCore>.self)?.isEmpty ?? true)
            }
        }
    }

    func remove(_ connection: ConnectionID) {
        loop.execute { $0.attached(FanOut<LoopCore>.self)?.remove(connection) }
    }

    func sent() async -> SentBytes {
        await withCheckedContinuation { continuation in
            loop.execute {
                continuation.resume(
                    returning: $0.attached(FanOut<LoopCore>.self)?.takeSentBytes() ?? SentBytes())
            }
        }
    }

    /// The turn may end behind one question, and has ended before the next.
    func endTurn() async { _ = await isEmpty() }

    /// Who was gone when they should have become members.
    func missed() async -> [ConnectionID] {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: $0.attached(Missed.self)?.connections ?? []) }
        }
    }

    func end() async {
        await server.stop(closing: .goingAway, reason: "end of test", flushMilliseconds: 1_000)
        await loop.shutdown()
        await clients.shutdown()
    }
}

/// Connections that were gone at the door; owned by the loop.
private final class Missed {
    var connections: [ConnectionID] = []
}

/// Lets every WebSocket in and says who came.
private final class Porter: HTTPService {
    private let arrived: AsyncStream<ConnectionID>.Continuation

    init(_ arrived: AsyncStream<ConnectionID>.Continuation) { self.arrived = arrived }

    func bodyBytesMaximum(method: HTTPMethod, path: String) -> Int { 0 }

    func respond(to request: HTTPRequest, _ exchange: HTTPExchange) {
        exchange.respond(.text(404, "no page"))
    }

    func upgrade(_ request: HTTPRequest, _ connection: Connection) -> UpgradeDecision {
        .accept(subprotocol: nil, delegate: Doorway(arrived))
    }
}

/// The server's end of one socket.
private final class Doorway: WebSocketDelegate {
    private let arrived: AsyncStream<ConnectionID>.Continuation

    init(_ arrived: AsyncStream<ConnectionID>.Continuation) { self.arrived = arrived }

    func opened(_ connection: Connection) { arrived.yield(connection.id) }
    func received(_ message: WebSocketMessage, on connection: Connection) {}
    func closed(_ connection: Connection, _ outcome: CloseOutcome) {}
}

/// The visitor's end: one line a message.
private final class Ear: WebSocketDelegate {
    private let lines: AsyncStream<String>.Continuation

    init(_ lines: AsyncStream<String>.Continuation) { self.lines = lines }

    func opened(_ connection: Connection) {}

    func received(_ message: WebSocketMessage, on connection: Connection) {
        switch message {
        case .text(let bytes): lines.yield(String(decoding: bytes, as: UTF8.self))
        case .binary(let bytes):
            let sound = AudioMessage(bytes: bytes)
            let last = sound.map { Int($0.sequence) + $0.packets.count - 1 } ?? 0
            let quiet = sound?.flags.contains(.quiet) == true ? " quiet" : ""
            lines.yield("sound \(sound?.sequence ?? 0)...\(last)\(quiet)")
        }
    }

    func closed(_ connection: Connection, _ outcome: CloseOutcome) {
        switch outcome {
        case .closed(let code, let reason, _): lines.yield("closed \(code.rawValue) \(reason)")
        case .failed(let failure): lines.yield("failed \(failure)")
        }
        lines.finish()
    }
}

extension SharedFrame {
    fileprivate static func line(_ text: String) -> SharedFrame { .text(Array(text.utf8)) }
}
