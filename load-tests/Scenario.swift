import Foundation
import LiveRelayClient
import WebSocketCore

/// Makes a class over HTTP, loads it, and hands back what was counted.
struct Scenario {
    private struct Created: Decodable {
        struct Card: Decodable {
            let id: String
            let code: String
        }
        let `class`: Card
        let links: [String: String]
    }

    /// What the interface refused.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func run() async throws -> LoadResult {
        let tls = try settings.server.trust(pin: settings.fingerprint)
        let loop = try EventLoop(index: 0, label: "load-tests")
        let created = try await make(on: loop, tls)
        guard let token = created.links["lecturer"].flatMap({ ClassLink($0)?.token }) else {
            throw Failure(description: "no link for the lecturer")
        }
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
        }
        await loop.shutdown()
        return result
    }

    private func make(on loop: EventLoop, _ tls: TLSContext?) async throws -> Created {
        let key = try String(contentsOfFile: settings.keyFile, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let body = try JSONSerialization.data(withJSONObject: [
            "title": "压力测试", "kind": "smallInteractive", "plannedMinutes": 45,
            "plannedStart": Int(Date().timeIntervalSince1970 * 1_000), "timeZone": "Asia/Shanghai",
        ])
        let server = settings.server
        let answer = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<HTTPClient.Answer, any Error>) in
            loop.execute { core in
                HTTPClient.request(
                    .post, host: server.host, port: server.port, tls: tls, target: "/api/v1/classes",
                    headers: ["authorization": "Bearer \(key)", "content-type": "application/json"],
                    body: Array(body), on: core
                ) { continuation.resume(with: $0.mapError { $0 as any Error }) }
            }
        }
        guard answer.status == 201 else {
            throw Failure(
                description: "HTTP \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try JSONDecoder().decode(Created.self, from: Data(answer.body))
    }
}
