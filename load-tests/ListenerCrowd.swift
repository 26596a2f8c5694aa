import LiveRelayClient
import LiveRelayWire
import WebSocketCore

/// Everybody who listens. Lives on one loop.
final class ListenerCrowd {
    private unowned let core: LoopCore
    private let settings: LectureSettings
    private let tls: TLSContext?
    private let codes: [String]
    private let everybodyIsIn: () -> Void
    private let tally = ListenerTally()
    private var listeners: [Listener] = []

    /// `codes` let in where the server is a relay: one class after the other.
    init(
        on core: LoopCore, _ settings: LectureSettings, tls: TLSContext?, codes: [String],
        everybodyIsIn: @escaping () -> Void
    ) {
        self.core = core
        self.settings = settings
        self.tls = tls
        self.codes = codes
        self.everybodyIsIn = everybodyIsIn
    }

    /// One after the other comes in.
    func begin() {
        for index in 0..<settings.listeners {
            core.schedule(afterMilliseconds: UInt64(index * 1_000 / settings.joinsPerSecond)) { [weak self] in
                self?.enter(index)
            }
        }
    }

    /// What everybody has heard; nobody listens from now on.
    func conclude(sent: Int?) -> LectureResult {
        let result = LectureResult(
            tally, heardUpTo: listeners.map(\.heardUpTo), seconds: settings.seconds, sent: sent)
        for listener in listeners { listener.stop() }
        return result
    }

    private func enter(_ index: Int) {
        let request: JoinRequest? =
            codes.isEmpty
            ? nil
            : JoinRequest(
                credential: .code(
                    codes[index % codes.count], name: "学员\(index + 1)", number: "",
                    device: "lecture-test-device-\(index)"),
                panels: [])
        let made = try? Listener(join: request, tally: tally) { [weak self] in
            guard let self, tally.joined == settings.listeners else { return }
            everybodyIsIn()
        }
        guard let listener = made else { return }
        listeners.append(listener)
        ClientConnector.connect(
            to: settings.server.host, port: settings.server.port, tls: tls, path: "/ws",
            subprotocols: ["liverelay.v1"], on: core, limits: .crowd, delegate: listener)
    }
}
