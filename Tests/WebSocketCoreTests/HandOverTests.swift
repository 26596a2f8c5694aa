import Glibc
import Testing

@testable import WebSocketCore

@Suite struct HandOverTests {
    @Test func anotherServerTakesOverTheSocketsWhileConnectionsWait() async throws {
        let sockets = try ListeningSockets.bind(host: "127.0.0.1", port: 0)
        let loop = try EventLoop(index: 0, label: "test.server")
        let inbox = Inbox<Observer.Event>()
        func serve() throws -> HTTPServer {
            try HTTPServer(.init(host: "127.0.0.1", port: 0), sockets: sockets, loops: [loop]) { _ in
                TestService(inbox)
            }
        }
        let world = try TestWorld()
        let first = try serve()
        #expect(first.boundPort == sockets.port)
        let before = world.connect(port: sockets.port)
        _ = try await opened(before)
        await first.stop(closing: .goingAway, reason: "", flushMilliseconds: 1_000)
        let waiting = world.connect(port: sockets.port)
        let second = try serve()
        _ = try await opened(waiting)
        await second.stop(closing: .goingAway, reason: "", flushMilliseconds: 1_000)
        await loop.shutdown()
        await world.end()
    }

    @Test func onlyListeningSocketsAreAdopted() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(throws: TransportError.notListening(descriptor: ends[0])) {
            try ListeningSockets.adopt([ends[0]])
        }
        #expect(throws: TransportError.self) { try ListeningSockets.adopt([]) }
        let sockets = try ListeningSockets.bind(host: "127.0.0.1", port: 0)
        let adopted = try ListeningSockets.adopt(sockets.copies())
        #expect(adopted.port == sockets.port)
    }

    @Test func aProgramSaysHowFarItIsAndHowItEnded() async throws {
        let sockets = try ListeningSockets.bind(host: "127.0.0.1", port: 0)
        let successor = try SuccessorProcess(
            path: "/bin/sh", arguments: ["sh", "-c", "printf P >&$PIPE; printf R >&$PIPE; exit 3"],
            sockets: sockets
        ) { count, pipe in ["PIPE=\(pipe)", "COUNT=\(count)"] }
        var words: [SuccessorProcess.Word] = []
        for await word in successor.words { words.append(word) }
        #expect(words == [.prepared, .ready, .gone("exit 3")])
    }

    @Test func aProgramThatIsKilledIsGone() async throws {
        let sockets = try ListeningSockets.bind(host: "127.0.0.1", port: 0)
        let successor = try SuccessorProcess(
            path: "/bin/sh", arguments: ["sh", "-c", "printf P >&$PIPE; exec sleep 60"], sockets: sockets
        ) { _, pipe in ["PIPE=\(pipe)", "PATH=/usr/bin:/bin"] }
        var words: [SuccessorProcess.Word] = []
        for await word in successor.words {
            words.append(word)
            if word == .prepared { successor.kill() }
        }
        #expect(words == [.prepared, .gone("signal 9")])
    }

    @Test func aProgramThatIsNotThereIsAFailure() throws {
        let sockets = try ListeningSockets.bind(host: "127.0.0.1", port: 0)
        #expect(throws: TransportError.self) {
            try SuccessorProcess(path: "/nowhere/liverelay", arguments: ["x"], sockets: sockets) { _, _ in []
            }
        }
    }

    @Test func theLastDescriptorsAreKeptForFiles() {
        var limits = TransportLimits()
        #expect(limits.acceptedBelow(descriptorsMaximum: 1_024) == 1_024 - limits.descriptorsReserved)
        #expect(limits.acceptedBelow(descriptorsMaximum: 64) == 32)
        #expect(limits.acceptedBelow(descriptorsMaximum: -1) == .max)
        limits.descriptorsReserved = 0
        #expect(limits.acceptedBelow(descriptorsMaximum: 64) == 64)
    }

    @Test func whoRunsTheServiceHearsDatagrams() throws {
        let name = "@liverelay-test-\(getpid())"
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { path in
            for (index, byte) in name.utf8.enumerated() { path[index] = index == 0 ? 0 : byte }
        }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let bound = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(bound == 0)
        try #require(SupervisorSocket(address: name)).tell("READY=1", "STATUS=here")
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "READY=1\nSTATUS=here")
        #expect(SupervisorSocket(address: "relative") == nil)
        // Nobody there: nothing happens.
        SupervisorSocket(address: "/nowhere/socket")?.tell("READY=1")
    }
}
