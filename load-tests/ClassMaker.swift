import Foundation
import LiveRelayClient
import WebSocketCore

/// Makes a class over HTTP, as an administrator would.
struct ClassMaker {
    /// A class that was made.
    struct Created: Decodable {
        struct Card: Decodable {
            let id: String
            let code: String
        }
        let `class`: Card
        let links: [String: String]

        /// By which right the lecturer comes in.
        func lecturerToken() throws -> String { try token("lecturer") }

        /// By which right the lecturer comes in, and then the assistant.
        func speakerTokens(_ count: Int) throws -> [String] {
            try ["lecturer", "assistant"].prefix(count).map(token)
        }

        private func token(_ role: String) throws -> String {
            guard let token = links[role].flatMap({ ClassLink($0)?.token }) else {
                throw Failure(description: "no link for the \(role)")
            }
            return token
        }
    }

    /// What the interface refused.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let server: ServerAddress
    let keyFile: String
    let tls: TLSContext?
    /// `smallInteractive` or `largeLecture`.
    let kind: String

    /// Makes a class that begins now.
    func make(on loop: EventLoop) async throws -> Created {
        let key = try String(contentsOfFile: keyFile, encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let body = try JSONSerialization.data(withJSONObject: [
            "title": "压力测试", "kind": kind, "plannedMinutes": 45,
            "plannedStart": Int(Date().timeIntervalSince1970 * 1_000), "timeZone": "Asia/Shanghai",
        ])
        let (server, tls) = (server, tls)
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
