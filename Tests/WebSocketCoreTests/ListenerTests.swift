import Glibc
import Testing

@testable import WebSocketCore

@Suite struct ListenerTests {
    private func failure(host: String, port: UInt16) -> TransportError? {
        do throws(TransportError) {
            _ = try ListeningSockets.bind(host: host, port: port)
            return nil
        } catch {
            return error
        }
    }

    @Test func aPortInUseIsNamed() async throws {
        let world = try TestWorld()
        #expect(
            failure(host: "127.0.0.1", port: world.port) == .addressInUse(host: "127.0.0.1", port: world.port)
        )
        #expect(failure(host: "*", port: world.port) == .addressInUse(host: "*", port: world.port))
        await world.end()
        #expect(failure(host: "127.0.0.1", port: world.port) == nil, "the port is given back")
    }

    @Test func addressesThatAreNotOursAreNamed() {
        #expect(failure(host: "nowhere.invalid", port: 0) == .addressUnknown(host: "nowhere.invalid"))
        #expect(failure(host: "192.0.2.1", port: 0) == .addressNotHere(host: "192.0.2.1"))
        #expect(failure(host: "", port: 0) == nil)
        #expect(failure(host: "localhost", port: 0) == nil)
    }

    @Test func clientsAreToldWhyTheyCannotConnect() async throws {
        let world = try TestWorld()
        #expect(
            try await closed(world.connect(host: "nowhere.invalid"))
                == .failed(.unknownHost("nowhere.invalid")))
        #expect(try await closed(world.connect(path: "/refuse")) == .failed(.httpStatus(403)))
        #expect(
            try await closed(world.connect(path: "/a b"))
                == .failed(.badAnswer("the request is not one that HTTP allows")))
        let port = world.port
        await world.server.stop(closing: .goingAway, reason: "", flushMilliseconds: 100)
        #expect(try await closed(world.connect(port: port)) == .failed(.refused))
        await world.end()
    }

    @Test func connectionsAreHandedRoundToTheLoops() async throws {
        let world = try TestWorld(loopCount: 3)
        for _ in 0..<9 { _ = try await opened(world.connect()) }
        for loop in 0..<3 {
            #expect(await world.onServer(loop) { $0.connectionCount } == 3)
        }
        await world.end()
    }

    @Test func everyMessageOfAFailureSaysWhatToDo() {
        let failures: [TransportError] = [
            .addressInUse(host: "h", port: 1), .permissionDenied(host: "h", port: 1),
            .addressUnknown(host: "h"),
            .addressNotHere(host: "h"), .descriptorsExhausted,
        ]
        for failure in failures { #expect(failure.description.contains(";"), "\(failure)") }
    }
}
