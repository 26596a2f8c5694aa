import Testing

@testable import WebSocketCore

@Suite("Who is held back by what") struct HeldBackTests {
    private static let messageBytes = 100_000
    private static let messageCount = 200

    /// More than two sockets and two queues of replies hold, so that both sides must read to go on.
    @Test(arguments: [false, true]) func twoSidesThatSendFasterThanEitherReadsGoOn(overTLS: Bool) async throws
    {
        let certificate = try TestCertificate()
        let world = try TestWorld(
            tls: overTLS ? certificate.serverContext() : nil,
            { limits in
                limits.sendBufferBytes = 4_096
                limits.queueBytesMaximum = 2 * Self.messageBytes * Self.messageCount
            }, talk: { _, _ in })
        var limits = TransportLimits()
        limits.sendBufferBytes = 4_096
        limits.queueBytesMaximum = 2 * Self.messageBytes * Self.messageCount
        let inbox = world.connect(tls: overTLS ? try certificate.pinnedContext() : nil, limits: limits)
        let clientID = try await opened(inbox)
        let serverID = try await opened(world.inbox)
        world.clientLoop.execute { Self.sendAll($0.connection(clientID)) }
        world.loops[0].execute { Self.sendAll($0.connection(serverID)) }
        for side in [inbox, world.inbox] {
            for _ in 0..<Self.messageCount {
                guard case .received = try await side.next() else { throw UnexpectedEvent() }
            }
        }
        await world.end()
    }

    private static func sendAll(_ connection: Connection?) {
        for number in 0..<messageCount {
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: messageBytes)
            connection?.send(.binary(payload), .control)
        }
    }
}
