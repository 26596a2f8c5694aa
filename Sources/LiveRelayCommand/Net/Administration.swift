import Foundation
import LiveRelayClient
import WebSocketCore

/// The HTTP interface of a relay as the terminal uses it.
struct Administration: Sendable {
    /// All paths of the interface begin so.
    static let prefix = "/api/v1"

    let server: ServerAddress
    let tls: TLSContext?
    /// An administrator key or a token; nil for what is public.
    let key: String?

    /// Asks and reads the answer's JSON.
    func get<Answer: Decodable>(_ path: String, as type: Answer.Type = Answer.self) async throws -> Answer {
        try decode(try await bytes(.get, path))
    }

    /// Sends JSON and reads the answer's.
    func post<Answer: Decodable>(
        _ path: String, _ body: some Encodable, as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        try decode(try await bytes(.post, path, body: Array(try JSONEncoder().encode(body))))
    }

    /// Asks and gives the answer as it is. Throws `CommandFailure` for everything but a success.
    func bytes(
        _ method: HTTPMethod, _ path: String, body: [UInt8] = [], type: String = "application/json"
    ) async throws -> [UInt8] {
        let loop = try EventLoop.forCommand()
        var headers: HTTPHeaders = ["accept": "*/*"]
        if let key { headers.add("authorization", "Bearer \(key)") }
        if !body.isEmpty { headers.add("content-type", type) }
        let (fields, address, trust) = (headers, server, server.isSecure ? tls : nil)
        do {
            let answer: HTTPClient.Answer = try await loop.run { core, finish in
                HTTPClient.request(
                    method, host: address.host, port: address.port, tls: trust, target: Self.prefix + path,
                    headers: fields, body: body, on: core
                ) { finish($0.mapError { CommandFailure($0, address) }) }
            }
            await loop.shutdown()
            guard (200..<300).contains(answer.status) else {
                throw CommandFailure(status: answer.status, code: Self.code(answer.body))
            }
            return answer.body
        } catch {
            await loop.shutdown()
            throw error
        }
    }

    /// The answer's JSON.
    func decode<Answer: Decodable>(_ bytes: [UInt8], as type: Answer.Type = Answer.self) throws -> Answer {
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            throw CommandFailure(.failed, "failure.answer")
        }
    }

    private struct Refusal: Decodable {
        let code: String
    }

    private static func code(_ body: [UInt8]) -> String? {
        (try? JSONDecoder().decode(Refusal.self, from: Data(body)))?.code
    }
}
