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

    private let answering: Answering
    private let policy: HostPolicy
    /// Whether browsers may be told to come by TLS only; never with a certificate of our own, which a browser
    /// would then refuse for good.
    private let saysTransportSecurity: Bool
    private unowned let core: LoopCore
    private let makeSocket: (LoopCore) -> any WebSocketDelegate

    /// Packed once for all loops.
    static let assets = AssetStore(EmbeddedAssets.all)

    /// What answers on one loop. `files` has threads for what takes long; `makeSocket` makes what hears of a
    /// WebSocket.
    init(
        directory: any ClassDirectory, authorizer: Authorizer, storage: any Storage, files: FilePool,
        publicURL: PublicURL, policy: HostPolicy = .open, saysTransportSecurity: Bool = false,
        readiness: Readiness, core: LoopCore, clock: @escaping @Sendable () -> WallTime = { Clock.wall() },
        makeSocket: @escaping (LoopCore) -> any WebSocketDelegate
    ) {
        let root = (storage as? FileStorage)?.root
        let api = Api(
            directory: directory, authorizer: authorizer, files: files,
            filePath: { path in root.map { $0 + "/" + path } },
            manifest: { session in try? AudioRecovery.read(session, in: storage) },
            publicURL: publicURL, readiness: readiness, clock: clock)
        let pages = Pages(assets: Self.assets, directory: directory, authorizer: authorizer, clock: clock)
        answering = Answering(api: api, pages: pages)
        self.policy = policy
        self.saysTransportSecurity = saysTransportSecurity
        self.core = core
        self.makeSocket = makeSocket
    }

    func bodyBytesMaximum(method: HTTPMethod, path: String) -> Int {
        method == .put && path.hasSuffix("/roster") ? Self.rosterBytesMaximum : Self.bodyBytesMaximum
    }

    func respond(to request: HTTPRequest, _ exchange: HTTPExchange) {
        let saysTransportSecurity = saysTransportSecurity && request.isSecure
        if let failure = refusal(request) {
            return exchange.respond(failure.response(to: request).secured(saysTransportSecurity))
        }
        if request.path.hasPrefix(Self.assetsPath) {
            return exchange.respond(asset(request).secured(saysTransportSecurity))
        }
        let answering = answering
        let id = exchange.id
        let loop = core.loop
        Task {
            let response = await answering.answer(request).secured(saysTransportSecurity)
            loop.execute { core in core.respond(to: id, response) }
        }
    }

    /// Why a request is refused whatever it asks for: by its host, or because another site acts by it. Nobody
    /// is refused the signs of life: balancers ask for them by any name.
    private func refusal(_ request: HTTPRequest) -> ApiFailure? {
        if Self.signsOfLife.contains(request.path) { return nil }
        guard policy.admits(request.authority) else { return .hostUnknown }
        switch request.method {
        case .get, .head, .options: return nil
        case .post, .put, .patch, .delete: return policy.isForeign(request) ? .crossOrigin : nil
        }
    }

    private static let signsOfLife = ["/healthz", "/readyz"]

    private func asset(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method == .get || request.method == .head else {
            return Answering.other(request.method, than: [.get])
        }
        return Self.assets.answer(request.path.dropFirst(Self.assetsPath.count), request)
            ?? ApiFailure.notFound.response(to: request)
    }

    func upgrade(_ request: HTTPRequest, _ connection: Connection) -> UpgradeDecision {
        func refuse(_ failure: ApiFailure) -> UpgradeDecision { .refuse(failure.response.secured(false)) }
        guard policy.admits(request.authority) else { return refuse(.hostUnknown) }
        guard request.path == Self.socketPath else { return refuse(.notFound) }
        // A token of ours never comes by itself, but a page of another house has no business here either.
        guard !policy.isForeign(request) else { return refuse(.crossOrigin) }
        guard request.offeredSubprotocols.contains(Self.subprotocol) else {
            return refuse(ApiFailure(400, "subprotocolMissing"))
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
        // `*` is the server as a whole (RFC 9110 §9.3.7).
        guard request.path != "*" else { return Self.other(.options, than: [.get, .post, .put]) }
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
            return await api.answer(route, parameters, request).conditioned(by: request)
        }
        guard allowed.isEmpty else { return Self.other(method, than: allowed) }
        guard let page = Pages.Page(path: path) else { return ApiFailure.notFound.response(to: request) }
        guard method == .get else { return Self.other(method, than: [.get]) }
        return await pages.answer(page, request).conditioned(by: request)
    }

    /// A path exists, and this is none of its methods (RFC 9110 §15.5.6); OPTIONS asks just for that list
    /// (§9.3.7).
    static func other(_ method: HTTPMethod, than methods: [HTTPMethod]) -> HTTPResponse {
        let names = methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] } + ["OPTIONS"]
        var response =
            method == .options ? HTTPResponse(status: 204) : ApiFailure(405, "methodNotAllowed").response
        response.headers.add("allow", names.joined(separator: ", "))
        return response
    }
}
