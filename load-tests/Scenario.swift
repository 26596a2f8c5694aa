import Dispatch
import LiveRelayClient
import WebSocketCore

/// Makes a class over HTTP, loads it, and hands back what was counted.
struct Scenario {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() async throws -> LoadResult {
        let tls = try settings.server.trust(pin: settings.fingerprint)
        let loop = try EventLoop(index: 0, label: "load-tests")
        let maker = ClassMaker(
            server: settings.server, keyFile: settings.keyFile, tls: tls, kind: "smallInteractive")
        let created = try await maker.make(on: loop)
        let token = try created.lecturerToken()
        let (settings, code) = (settings, created.class.code)
        let result = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<LoadResult, any Error>) in
            loop.execute { core in
                var waiting: CheckedContinuation<LoadResult, any Error>? = continuation
                let load = LoadClass(on: core, settings, tls: tls) { result in
                    // Both a failure and the end may come; only the first counts.
                    waiting?.resume(with: result.mapError { $0 as any Error })
                    waiting = nil
                }
                core.attach(load)
                load.begin(lecturerToken: token, code: code)
            }
            guard settings.saysWhenItBegins else { return }
            // A thread of its own, since reading waits.
            DispatchQueue(label: "load.orders").async {
                while let line = readLine() {
                    if line == "finish" { loop.execute { $0.attached(LoadClass.self)?.settle() } }
                }
            }
        }
        await loop.shutdown()
        return result
    }
}
