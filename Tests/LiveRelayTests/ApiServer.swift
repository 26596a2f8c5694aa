import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import Synchronization
import Testing
import WebSocketCore

@testable import LiveRelay

/// A server of the HTTP interface on a free port of this machine, with classes in memory and a folder of its
/// own.
final class ApiServer: Sendable {
    let folder: String
    let directory: ApiDirectory
    let authorizer: Authorizer
    private let loop: EventLoop
    private let server: HTTPServer
    let readiness = Readiness(.ready)
    private let clock = StandingClock(ApiServer.morning)

    /// Nine o'clock in the morning in China.
    static let morning = WallTime(milliseconds: 1_795_395_600_000)

    init() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/liverelay-api-" + Secret.text(bytes: 9)
        try FileManager.default.createDirectory(atPath: folder + "/keys", withIntermediateDirectories: true)
        self.folder = folder
        let directory = ApiDirectory(createdAt: Self.morning)
        let authorizer = try await Authorizer.load(
            keysFolder: folder + "/keys", identity: Identity(path: folder + "/identity.sqlite"),
            limiter: AttemptLimiter(patienceMilliseconds: 0))
        let loop = try EventLoop(index: 0, label: "test.api")
        self.directory = directory
        self.authorizer = authorizer
        self.loop = loop
        let clock = clock
        let files = FilePool(threads: 1)
        let readiness = readiness
        let url = PublicURL("https://class.example")
        server = try HTTPServer(.init(host: "127.0.0.1", port: 0), loops: [loop]) { core in
            Router(
                directory: directory, authorizer: authorizer, storage: FileStorage(root: folder),
                files: files,
                publicURL: url, readiness: readiness, core: core, clock: { clock.now }
            ) { _ in SilentSocket() }
        }
    }

    /// Runs a test against a server and clears away what it left.
    static func with(_ test: (ApiServer) async throws -> Void) async throws {
        let server = try await ApiServer()
        do {
            try await test(server)
        } catch {
            await server.close()
            throw error
        }
        await server.close()
    }

    private func close() async {
        await server.stop(closing: CloseCode(rawValue: 1001), reason: "", flushMilliseconds: 100)
        await loop.shutdown()
        try? FileManager.default.removeItem(atPath: folder)
    }

    var now: WallTime { clock.now }

    func wait(milliseconds: Int64) { clock.move(milliseconds: milliseconds) }

    var administrator: String { authorizer.administratorKey.text }

    /// One request and its answer.
    func ask(
        _ method: HTTPMethod, _ target: String, token: String? = nil, json: String? = nil, body: [UInt8] = [],
        headers: [(String, String)] = []
    ) async throws -> ApiAnswer {
        var fields: HTTPHeaders = [:]
        for (name, value) in headers { fields.add(name, value) }
        if let token { fields.add("authorization", "Bearer \(token)") }
        if json != nil { fields.add("content-type", "application/json") }
        let bytes = json.map { Array($0.utf8) } ?? body
        let port = server.boundPort
        let sent = fields
        let result: Result<HTTPClient.Answer, ConnectionFailure> = await withCheckedContinuation {
            continuation in
            loop.execute { core in
                HTTPClient.request(
                    method, host: "127.0.0.1", port: port, target: target, headers: sent, body: bytes,
                    on: core
                ) { continuation.resume(returning: $0) }
            }
        }
        return ApiAnswer(try result.get())
    }

    /// Plans a class; every field has a usual value, and each may be replaced by other JSON.
    func plan(_ fields: [String: String] = [:]) async throws -> ApiAnswer {
        let usual = [
            "title": "\"线上互动设计\"", "kind": "\"smallInteractive\"", "plannedMinutes": "45",
            "plannedStart": "\(Self.morning.milliseconds)",
        ]
        let all = usual.merging(fields) { _, other in other }.sorted { $0.key < $1.key }
        let json = all.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        return try await ask(.post, "/api/v1/classes", token: administrator, json: "{\(json)}")
    }

    /// A token of some role for a class.
    func token(_ role: Role, _ session: SessionID, person: String = "wang", name: String = "王晓明") async throws
        -> String
    {
        try await authorizer.tokens.issue(
            AccessClaims(
                person: try #require(PersonID(person)), role: role, session: session, name: name,
                notBefore: now, expires: WallTime(milliseconds: now.milliseconds + 3_600_000)))
    }
}

/// A clock that stands still until it is moved.
private final class StandingClock: Sendable {
    private let time: Mutex<WallTime>

    init(_ time: WallTime) { self.time = Mutex(time) }

    var now: WallTime { time.withLock { $0 } }

    func move(milliseconds: Int64) {
        time.withLock { $0 = WallTime(milliseconds: $0.milliseconds + milliseconds) }
    }
}

/// An answer with a look into its JSON.
struct ApiAnswer {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    init(_ answer: HTTPClient.Answer) {
        status = answer.status
        headers = answer.headers
        body = answer.body
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The flag at a path.
    func flag(_ path: Any...) -> Bool? { at(path) as? Bool }

    /// The text at a path.
    func string(_ path: Any...) -> String? { at(path) as? String }

    /// The number at a path.
    func number(_ path: Any...) -> Int64? { (at(path) as? NSNumber)?.int64Value }

    /// The list at a path.
    func list(_ path: Any...) -> [Any]? { at(path) as? [Any] }

    private func at(_ path: [Any]) -> Any? {
        var value = try? JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed])
        for step in path {
            switch step {
            case let key as String: value = (value as? [String: Any])?[key]
            case let position as Int:
                let list = value as? [Any]
                value = list.flatMap { $0.indices.contains(position) ? $0[position] : nil }
            default: return nil
            }
        }
        return value
    }

    var code: String? { string("code") }

    /// The class that the answer is about.
    var session: SessionID? { string("class", "id").flatMap { SessionID($0) } }
}

private final class SilentSocket: WebSocketDelegate {
    func opened(_ connection: Connection) {}
    func received(_ message: WebSocketMessage, on connection: Connection) {}
    func closed(_ connection: Connection, _ outcome: CloseOutcome) {}
}
