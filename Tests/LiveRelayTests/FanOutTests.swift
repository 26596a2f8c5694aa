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
        hall.sound(.binary([0x11]))
        hall.deliver(people.map { .dismiss($0.member.connection, .ended) })
        #expect(
            await lin.hears() == [
                "hello", "snapshot", "opened", "hand", "digest for staff", "accepted", "chat again",
                "sound 1",
                "closed 4500 ended",
            ])
        #expect(
            await wang.hears() == [
                "hello", "snapshot", "opened", "chat", "to wang", "digest", "chat again", "sound 1",
                "closed 4500 ended",
            ])
        #expect(
            await sun.hears() == [
                "hello", "snapshot", "opened", "chat", "hand", "supervisor", "digest for staff", "chat again",
                "sound 1", "closed 4500 ended",
            ])
        #expect(
            await li.hears() == ["hello", "snapshot", "opened", "digest", "sound 1", "closed 4500 ended"])
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
        hall.sound(.binary([0x11]))
        #expect(await wang.hears() == ["closed 4501 removed"])
        hall.deliver([.dismiss(li.member.connection, .shutdown)])
        #expect(await li.hears() == ["removed", "sound 1", "closed 4000 shutdown"])
        await hall.end()
    }

    @Test func whatMembersWereSentIsCountedFromTheirGreetingOn() async throws {
        let hall = try Hall()
        let wang = await hall.arrive("s2", .participant)
        let zhou = await hall.arrive("s9", .participant)
        #expect(await hall.sent() == SentBytes())
        hall.deliver([.admit(wang.member, greeting: [.line("hello")])])
        hall.sound(.binary([0x11, 0x22]))
        let hello = SharedFrame.line("hello").count
        #expect(
            await hall.sent() == SentBytes(media: 4, control: hello), "no upgrade, and nobody at the door")
        hall.deliver([
            .broadcast(.line("on"), audience: .everyone, panel: nil),
            .dismiss(wang.member.connection, .ended), .dismiss(zhou.member.connection, .classFull),
        ])
        #expect(await wang.hears() == ["hello", "sound 2", "on", "closed 4500 ended"])
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
        #expect(await hall.isEmpty(), "a socket that is gone becomes no member")
        #expect(await hall.missed() == [zhou.member.connection], "and its class is told")
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

    func sound(_ frame: SharedFrame) { loop.execute { $0.attached(FanOut<LoopCore>.self)?.sound(frame) } }

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
        case .binary(let bytes): lines.yield("sound \(bytes.count)")
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
