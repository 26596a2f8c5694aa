import Foundation
import LiveRelayWire
import Recorder
import Testing
import WebSocketCore

@testable import LiveRelay
@testable import LiveRelayCommand

/// The life of the process around the server: what it inherits, the lock of its folder, coming back.
@Suite struct ServiceTests {
    @Test func socketsOfSystemdAreForTheNamedProcessOnly() throws {
        let named = ["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b"]
        #expect(try Inheritance(environment: named, processID: 42) == .activation(socketsCount: 2))
        #expect(try Inheritance(environment: named, processID: 43) == .none)
        #expect(try Inheritance(environment: [:], processID: 42) == .none)
        for count in ["0", "17", "-1", "two", "99999999999999999999"] {
            #expect(throws: CommandFailure.self) {
                try Inheritance(environment: ["LISTEN_PID": "42", "LISTEN_FDS": count], processID: 42)
            }
        }
    }

    @Test func aSuccessorIsToldWhatItInherits() throws {
        let ours = [
            "LISTEN_PID": "1", "LISTEN_FDS": "1", "WATCHDOG_PID": "1", "WATCHDOG_USEC": "5", "A": "b",
        ]
        let theirs = Inheritance.environment(ours, socketsCount: 2, pipe: 5)
        #expect(theirs == ["A=b", "LIVERELAY_TAKEOVER=2:5", "WATCHDOG_USEC=5"])
        let variable = [Inheritance.takeOverVariable: "2:5"]
        #expect(try Inheritance(environment: variable, processID: 9) == .takeOver(socketsCount: 2, pipe: 5))
        for text in ["", "2", "2:4", "0:3", "2:5:6", "x:5", ":"] {
            #expect(throws: CommandFailure.self) {
                try Inheritance(environment: [Inheritance.takeOverVariable: text], processID: 9)
            }
        }
    }

    @Test func signsOfLifeAreForTheNamedProcessOnly() {
        func due(_ environment: [String: String]) -> Int64? {
            Supervisor(environment: environment, processID: 42).watchdogMilliseconds
        }
        #expect(due(["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "10000000"]) == 5_000)
        #expect(due(["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "42"]) == 5_000)
        #expect(due(["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"]) == nil)
        #expect(due(["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "0"]) == nil)
        #expect(due(["WATCHDOG_USEC": "10000000"]) == nil)
    }

    @Test func theProgramIsFoundWhereItWasCalled() {
        func path(_ name: String) -> String? {
            ExecutablePath.path(calledAs: name, from: "/srv", searching: "/a:/b") { $0 == "/b/liverelay" }
        }
        #expect(path("/opt/liverelay") == "/opt/liverelay")
        #expect(path("./liverelay") == "/srv/./liverelay")
        #expect(path("liverelay") == "/b/liverelay")
        #expect(path("other") == nil)
    }

    @Test func oneProcessHasADataFolder() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/liverelay-lock-" + Secret.text(bytes: 9)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try DataFolderLock(folder: folder)
        #expect(throws: DataFolderLock.Failure.inUse(processID: getpid())) {
            try DataFolderLock(folder: folder)
        }
        async let waiting = DataFolderLock.wait(folder: folder)
        first.release()
        let second = try await waiting
        #expect(throws: DataFolderLock.Failure.inUse(processID: getpid())) {
            try DataFolderLock(folder: folder)
        }
        second.release()
        _ = try DataFolderLock(folder: folder)
        #expect(throws: DataFolderLock.Failure.self) { try DataFolderLock(folder: folder + "/nowhere") }
    }

    @Test func peopleComeBackSpreadAndStaffFirst() {
        #expect(
            ComeBack(people: 0, isPortKept: false).forOthers
                == .reconnect(after: ComeBack.restartMilliseconds, jitter: ComeBack.spreadMillisecondsMinimum)
        )
        let class300 = ComeBack(people: 300, isPortKept: true)
        #expect(class300.forOthers == .reconnect(after: 0, jitter: 600))
        #expect(class300.forStaff == .reconnect(after: 0, jitter: ComeBack.spreadOfStaffMilliseconds))
        #expect(
            ComeBack(people: 1_000_000, isPortKept: true).forOthers
                == .reconnect(after: 0, jitter: ComeBack.spreadMillisecondsMaximum))
    }

    @Test func aQuestionThatIsDroppedIsAnsweredNevertheless() async throws {
        let loop = try EventLoop(index: 0, label: "test.reply")
        await loop.shutdown()
        let answer: Int = await withCheckedContinuation { continuation in
            let reply = Reply(continuation, otherwise: 7)
            loop.execute { _ in reply(1) }
        }
        #expect(answer == 7)
    }

    @Test func theFirstAnswerCounts() async {
        let answer: Int = await withCheckedContinuation { continuation in
            let reply = Reply(continuation, otherwise: 7)
            reply(1)
            reply(2)
        }
        #expect(answer == 1)
    }

    @Test func filesAreAtRestWhenEverythingHasRun() async {
        let pool = FilePool(threads: 2)
        let (numbers, number) = AsyncStream.makeStream(of: Int.self)
        for index in 0..<20 { pool.submit { number.yield(index) } }
        pool.whenIdle { number.finish() }
        var count = 0
        for await _ in numbers { count += 1 }
        #expect(count == 20)
    }

    @Test func readinessSaysWhyNot() async throws {
        try await ApiServer.with { server in
            #expect(try await server.ask(.get, "/readyz").status == 200)
            for (phase, code) in [(Readiness.Phase.starting, "starting"), (.draining, "draining")] {
                server.readiness.enter(phase)
                let answer = try await server.ask(.get, "/readyz")
                #expect(answer.status == 503)
                #expect(String(decoding: answer.body, as: UTF8.self).contains("\"\(code)\""))
            }
            server.readiness.enter(.ready)
            server.readiness.disk(isWritable: false)
            #expect(try await server.ask(.get, "/readyz").status == 503)
            #expect(try await server.ask(.get, "/healthz").status == 200)
            server.readiness.disk(isWritable: true)
            #expect(try await server.ask(.get, "/readyz").status == 200)
        }
    }
}
