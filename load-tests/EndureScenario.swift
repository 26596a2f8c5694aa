import Foundation
import LiveRelayClient
import WebSocketCore

/// Runs an `EndureClass` and obeys the lines on standard input.
struct EndureScenario {
    private let settings: EndureSettings

    init(_ settings: EndureSettings) { self.settings = settings }

    func run() async throws {
        let tls = try settings.server.trust(pin: settings.fingerprint)
        let loop = try EventLoop(index: 0, label: "endure")
        let settings = settings
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute { core in
                let running = EndureClass(on: core, settings, tls: tls, say: Orders.say) { result in
                    Orders.say(result)
                    continuation.resume()
                }
                let journal = running.journal
                core.attach(running)
                core.attach(journal)
                running.begin()
            }
            Self.obey(loop)
        }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            loop.execute { core in
                continuation.resume(
                    with: Result { try core.attached(EndureJournal.self)?.write(to: settings.journalFile) })
            }
        }
        await loop.shutdown()
    }

    /// Reads orders until the input ends, which means `finish` too.
    private static func obey(_ loop: EventLoop) {
        DispatchQueue(label: "endure.orders").async {
            while let line = readLine() {
                let words = line.split(separator: " ").map(String.init)
                if words.first == "finish" { break }
                guard words.first == "outage", words.count == 4, let killed = UInt64(words[2]),
                    let accepted = UInt64(words[3])
                else { continue }
                let outage = EndureOutage(id: words[1], killedAt: killed, acceptedAt: accepted)
                loop.execute { core in core.attached(EndureClass.self)?.measure(outage) }
            }
            loop.execute { core in core.attached(EndureClass.self)?.finish() }
        }
    }
}
