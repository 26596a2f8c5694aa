import Foundation
import LiveRelayClient
import WebSocketCore

/// Runs a `StormClass` and obeys the lines on standard input.
struct StormScenario {
    private let settings: StormSettings

    init(_ settings: StormSettings) { self.settings = settings }

    func run() async throws {
        DescriptorLimit.raise()
        let tls = try settings.server.trust(pin: settings.fingerprint)
        let loop = try EventLoop(index: 0, label: "storm")
        let settings = settings
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute { core in
                let running = StormClass(on: core, settings, tls: tls, say: Orders.say)
                core.attach(running)
                running.begin()
            }
            // A thread of its own, since reading waits.
            DispatchQueue(label: "storm.orders").async {
                while let line = readLine(), line != "finish" {
                    guard line == "storm" else { continue }
                    loop.execute { core in core.attached(StormClass.self)?.storm() }
                }
                loop.execute { core in
                    core.attached(StormClass.self)?.finish()
                    continuation.resume()
                }
            }
        }
        await loop.shutdown()
    }
}
