import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

/// Answers what `Route` lists. Knows no socket: a request comes in, a response goes out, on any task.
struct Api: Sendable {
    let directory: any ClassDirectory
    let authorizer: Authorizer
    /// Threads for what takes long: large rosters, reports of large classes.
    let files: FilePool
    /// The absolute path of a file of the data folder; nil where the data lie in no folder.
    let filePath: @Sendable (String) -> String?
    /// The list of recorded sound of a class; blocks.
    let manifest: @Sendable (SessionID) -> Manifest?
    /// How people reach the server.
    let publicURL: PublicURL
    /// Whether new people should come.
    let readiness: Readiness
    /// The wall clock.
    let clock: @Sendable () -> WallTime

    /// One request on its way: what the path says, who asks, and what time it is.
    struct Question: Sendable {
        let request: HTTPRequest
        let parameters: [String: String]
        let visitor: Visitor?
        let now: WallTime

        /// The class that the path names; what is no identifier is no class.
        func session() throws(ApiFailure) -> SessionID {
            guard let session = parameters["id"].flatMap({ SessionID($0) }) else {
                throw ApiFailure(.classUnknown as ClassDirectoryFailure)
            }
            return session
        }

        /// Who asks; there is somebody wherever a route asks for a role.
        func someone() throws(ApiFailure) -> Visitor {
            guard let visitor else { throw .tokenMissing }
            return visitor
        }
    }

    /// Answers a request for a route; never fails, since every failure has an answer.
    func answer(_ route: Route, _ parameters: [String: String], _ request: HTTPRequest) async -> HTTPResponse
    {
        let now = clock()
        do throws(ApiFailure) {
            let visitor = try await visitor(route, request, now)
            // Nothing here that may be changed has a tag or a time (RFC 9110 §13.1.1).
            guard
                route.method == .get
                    || Preconditions(request, etag: nil, modifiedSeconds: nil, now: 0) == .hold
            else { throw .preconditionFailed }
            let question = Question(request: request, parameters: parameters, visitor: visitor, now: now)
            return try await answer(route.endpoint, question)
        } catch {
            return error.response
        }
    }

    private func answer(_ endpoint: Endpoint, _ question: Question) async throws(ApiFailure) -> HTTPResponse {
        switch endpoint {
        case .healthz: .json(200, ["status": "ok"])
        case .readyz: try ready()
        case .version: .json(200, VersionAnswer())
        case .openapi: Self.openapi
        case .showCode: try await showCode(question)
        case .joinByCode: try await joinByCode(question)
        case .visit: try await visit(question)
        case .listClasses: try await listClasses(question)
        case .createClass: try await createClass(question)
        case .showClass: try await showClass(question)
        case .endClass: try await endClass(question)
        case .importRoster: try await importRoster(question)
        case .showRoster: try await showRoster(question)
        case .createLink: try await createLink(question)
        case .recordings: try await recordings(question)
        case .segment: try await segment(question)
        case .replay: try await replay(question)
        case .report: try await report(question)
        case .reportTable: try await reportTable(question)
        case .wall: try await wall(question)
        }
    }

    private func ready() throws(ApiFailure) -> HTTPResponse {
        if let hindrance = readiness.hindrance { throw ApiFailure(503, hindrance) }
        return .json(200, ["status": "ok"])
    }

    private struct VersionAnswer: Encodable {
        let name = "liverelay"
        let version = LiveRelayVersion.text
        let wire = wireVersion
    }

    private static let openapi: HTTPResponse = {
        guard let asset = EmbeddedAssets.all.first(where: { $0.path == "docs/openapi.json" }) else {
            return ApiFailure.notFound.response
        }
        return HTTPResponse(
            status: 200,
            headers: [
                "content-type": "application/json", "cache-control": "no-cache",
                "etag": EntityTag(strong: asset.contentHash).text,
            ], body: .shared(SharedBytes(asset.bytes)))
    }()

    /// Does on a thread of its own what takes long, so that nobody at the door waits for it.
    func aside<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            files.submit { continuation.resume(returning: work()) }
        }
    }

    // MARK: Who asks

    /// The cookie that lets `<audio>` fetch segments; it is good for reading only.
    static let cookieName = "liverelay"

    private func visitor(
        _ route: Route, _ request: HTTPRequest, _ now: WallTime
    ) async throws(ApiFailure) -> Visitor? {
        guard case .roles(let roles) = route.access else { return nil }
        guard let credential = Self.credential(request) else { throw .tokenMissing }
        switch await authorizer.authorize(bearer: credential, now: now) {
        case .failure(let code): throw ApiFailure(code)
        case .success(let visitor):
            guard roles.contains(visitor.role) else { throw .notPermitted }
            return visitor
        }
    }

    private static func credential(_ request: HTTPRequest) -> String? {
        if let field = request.headers["authorization"] {
            let parts = field.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return parts[1].trimmingCharacters(in: .whitespaces)
        }
        // A foreign page can make a browser send a cookie, but nothing that a GET does changes anything.
        guard request.method == .get || request.method == .head else { return nil }
        return request.cookie(cookieName)
    }

    /// The class of the path, where the visitor may enter it. Whoever may not learns no more than that.
    func entry(_ question: Question) async throws(ApiFailure) -> ClassEntry {
        let session = try question.session()
        let visitor = try question.someone()
        if let own = visitor.session, own != session { throw .notPermitted }
        let entry = try await known(session)
        guard visitor.mayEnter(session, organisation: entry.card.organisation) else { throw .notPermitted }
        return entry
    }

    /// A class by its name.
    func known(_ session: SessionID) async throws(ApiFailure) -> ClassEntry {
        do throws(ClassDirectoryFailure) {
            return try await directory.entry(session)
        } catch {
            throw ApiFailure(error)
        }
    }

    /// The code of a class, for those who pass it on.
    func code(of session: SessionID, for visitor: Visitor) async throws(ApiFailure) -> JoinCode? {
        guard visitor.role.isStaff else { return nil }
        do throws(IdentityFailure) {
            return try await authorizer.identity.codes(of: [session])[session]
        } catch {
            throw ApiFailure(error)
        }
    }
}
