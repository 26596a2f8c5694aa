import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

/// Answers every request of one loop: assets at once, everything else by a task that comes back to the loop.
final class Router: HTTPService {
    /// A roster with as many people as one class may expect.
    static let rosterBytesMaximum = RosterFile.bytesMaximum
    /// A class with its organisation path, or the longest token, several times over.
    static let bodyBytesMaximum = 65_536
    /// Where clients take part in classes.
    static let socketPath = "/ws"
    /// The one subprotocol of the wire.
    static let subprotocol = "liverelay.v1"

    private static let assetsPath = "/assets/"

    private let api: Api
    private let pages: Pages
    private unowned let core: LoopCore
    private let makeSocket: (LoopCore) -> any WebSocketDelegate

    /// Packed once for all loops.
    static let assets = AssetStore(EmbeddedAssets.all)

    /// What answers on one loop. `files` has threads for what takes long; `makeSocket` makes what hears of a
    /// WebSocket.
    init(
        directory: any ClassDirectory, authorizer: Authorizer, storage: any Storage, files: FilePool,
        publicURL: PublicURL, readiness: Readiness, core: LoopCore,
        clock: @escaping @Sendable () -> WallTime = { Clock.wall() },
        makeSocket: @escaping (LoopCore) -> any WebSocketDelegate
    ) {
        let root = (storage as? FileStorage)?.root
        api = Api(
            directory: directory, authorizer: authorizer, files: files,
            filePath: { path in root.map { $0 + "/" + path } },
            manifest: { session in try? AudioRecovery.read(session, in: storage) },
            publicURL: { publicURL.text }, readiness: readiness, clock: clock)
        pages = Pages(assets: Self.assets, directory: directory, authorizer: authorizer, clock: clock)
        self.core = core
        self.makeSocket = makeSocket
    }

    func bodyBytesMaximum(method: HTTPMethod, path: String) -> Int {
        method == .put && path.hasSuffix("/roster") ? Self.rosterBytesMaximum : Self.bodyBytesMaximum
    }

    func respond(to request: HTTPRequest, _ exchange: HTTPExchange) {
        if request.path.hasPrefix(Self.assetsPath) {
            return exchange.respond(asset(request).secured())
        }
        let answering = Answering(api: api, pages: pages)
        let id = exchange.id
        let loop = core.loop
        Task {
            let response = await answering.answer(request).secured()
            loop.execute { core in core.respond(to: id, response) }
        }
    }

    private func asset(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == .get || request.method == .head else {
            return Answering.notAllowed([.get])
        }
        return Self.assets.answer(request.path.dropFirst(Self.assetsPath.count), request)
            ?? ApiFailure.notFound.response
    }

    func upgrade(_ request: HTTPRequest, _ connection: Connection) -> UpgradeDecision {
        guard request.path == Self.socketPath else { return .refuse(ApiFailure.notFound.response.secured()) }
        // A token of ours never comes by itself, but a page of another house has no business here either.
        guard !request.isCrossOrigin else { return .refuse(ApiFailure.crossOrigin.response.secured()) }
        guard request.offeredSubprotocols.contains(Self.subprotocol) else {
            return .refuse(ApiFailure(400, "subprotocolMissing").response.secured())
        }
        return .accept(subprotocol: Self.subprotocol, delegate: makeSocket(core))
    }
}

/// Finds out what a request is for and has it answered; a value, so that it may go to any task.
struct Answering: Sendable {
    let api: Api
    let pages: Pages

    /// The answer, whatever was asked.
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let path =
            request.path.dropFirst().isEmpty
            ? []
            : request.path.dropFirst().split(
                separator: "/", omittingEmptySubsequences: false)
        let method: HTTPMethod = request.method == .head ? .get : request.method
        var allowed: [HTTPMethod] = []
        for route in Route.all {
            guard let parameters = route.parameters(in: path) else { continue }
            guard route.method == method else {
                allowed.append(route.method)
                continue
            }
            return await api.answer(route, parameters, request)
        }
        guard allowed.isEmpty else { return Self.notAllowed(allowed) }
        guard let page = Pages.Page(path: path) else { return ApiFailure.notFound.response }
        guard method == .get else { return Self.notAllowed([.get]) }
        return await pages.answer(page, request)
    }

    /// The path exists, the method does not (RFC 9110 §15.5.6).
    static func notAllowed(_ methods: [HTTPMethod]) -> HTTPResponse {
        var response = ApiFailure(405, "methodNotAllowed").response
        let names = methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] }
        response.headers.add("allow", names.joined(separator: ", "))
        return response
    }
}
