import Foundation
import Glibc
import LiveRelayWire
public import Logging
import Recorder
import SessionModel
import WebSocketCore

/// The whole server: loops, sockets, classes, stores. Starts, says where it can be reached, and stops in
/// order.
public final class Server: Sendable {
    /// What people and scripts need to know once the server is ready.
    public struct Address: Sendable {
        /// The port that was bound.
        public let port: UInt16
        /// How people reach the server, without a slash at the end.
        public let url: String
        /// SHA-256 of the self-signed certificate; nil for any other.
        public let fingerprint: String?
        /// The file that holds the administrator key.
        public let administratorKeyPath: String
    }

    /// Where the server can be reached.
    public let address: Address
    /// All classes.
    public var directory: any ClassDirectory { Directory(relay: relay) }
    /// Who may come in, links and codes.
    public let authorizer: Authorizer

    private let relay: Relay
    private let http: HTTPServer

    /// How long clients have to take their last messages when the server stops.
    static let stopMillisecondsMaximum: UInt64 = 3_000
    /// How long the last events may take to reach the disk.
    static let settleMillisecondsMaximum: UInt64 = 5_000

    /// Starts; returns once the port is bound and unfinished classes are being recovered.
    public static func start(
        _ configuration: Configuration, logger: Logger
    ) async throws(ServerFailure) -> Server {
        try configuration.check()
        let folder = configuration.dataFolder
        let storage = FileStorage(root: folder)
        try makeFolders(storage, folder)
        let (tls, fingerprint) = try certificate(configuration)
        let parts = try await Parts(folder: folder, storage: storage)
        let loops = try makeLoops(configuration)
        let relay = Relay(
            loops: loops, storage: storage, files: parts.files, authorizer: parts.authorizer,
            signer: parts.signer, catalogue: parts.catalogue, logger: logger)
        for loop in loops { loop.execute { core in core.attach(Shard(relay: relay, core: core)) } }
        let base = PublicURL(configuration.publicURL)
        let http: HTTPServer
        do throws(TransportError) {
            http = try HTTPServer(
                HTTPServer.Configuration(
                    host: configuration.host, port: configuration.port, tls: tls,
                    limits: limits(configuration)),
                loops: loops
            ) { core in
                Router(
                    directory: Directory(relay: relay), authorizer: relay.authorizer, storage: relay.storage,
                    files: relay.files, publicURL: base, core: core
                ) { core in ClassSocket(relay: relay, core: core) }
            }
        } catch {
            for loop in loops { await loop.shutdown() }
            throw .transport(error)
        }
        let scheme = tls == nil ? "http" : "https"
        base.settle("\(scheme)://\(configuration.host):\(http.boundPort)")
        let address = Address(
            port: http.boundPort, url: base.text, fingerprint: fingerprint,
            administratorKeyPath: folder + "/keys/administrator.key")
        await relay.recoverClasses()
        loops[0].execute { core in
            let sentry = DiskSentry(relay: relay, core: core)
            core.attach(sentry)
            sentry.start()
        }
        return Server(address: address, authorizer: parts.authorizer, relay: relay, http: http)
    }

    private init(address: Address, authorizer: Authorizer, relay: Relay, http: HTTPServer) {
        self.address = address
        self.authorizer = authorizer
        self.relay = relay
        self.http = http
    }

    /// Stops in order: no new connections, everybody is told to come back, the logs and recordings are
    /// closed.
    public func stop() async {
        await http.stop(
            closing: CloseCode(rawValue: DisconnectCode.shutdown.rawValue),
            reason: DisconnectCode.shutdown.name,
            flushMilliseconds: Self.stopMillisecondsMaximum)
        await relay.closeClasses(withinMilliseconds: Self.settleMillisecondsMaximum)
        for loop in relay.loops { await loop.shutdown() }
    }

    private static func limits(_ configuration: Configuration) -> TransportLimits {
        var limits = configuration.limits
        limits.slowConsumerCode = CloseCode(rawValue: DisconnectCode.tooSlow.rawValue)
        return limits
    }

    private static func makeFolders(_ storage: FileStorage, _ folder: String) throws(ServerFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .dataFolder(path: folder, reason: error.localizedDescription)
        }
        do throws(StorageFailure) {
            // A server must come up on a full disk too: its classes are to be kept in order and ended.
            try ReserveFile.makeRoom(of: DiskLimits.startNeedsBytes, in: storage)
            for name in ["keys", ClassPaths.classes] { try storage.makeFolder(name) }
            try storage.replace("keys/.writable", with: [])
            try storage.removeIfPresent("keys/.writable")
        } catch {
            throw .dataFolder(path: folder, reason: "\(error)")
        }
    }

    private static func certificate(
        _ configuration: Configuration
    ) throws(ServerFailure) -> (TLSContext?, String?) {
        do throws(TLSError) {
            switch configuration.tls {
            case .off: return (nil, nil)
            case .files(let certificate, let key):
                return (try .server(certificatePath: certificate, keyPath: key), nil)
            case .selfSigned(let names):
                let made = try SelfSignedCertificate.loadOrCreate(
                    folder: configuration.dataFolder + "/keys", hostNames: names, addresses: [])
                return (
                    try .server(certificatePath: made.certificatePath, keyPath: made.keyPath),
                    made.fingerprint
                )
            }
        } catch {
            throw .tls(error)
        }
    }

    private static func makeLoops(_ configuration: Configuration) throws(ServerFailure) -> [EventLoop] {
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let count = configuration.loopsCount ?? min(cores, Configuration.loopsCountMaximum)
        do throws(TransportError) {
            var loops: [EventLoop] = []
            for index in 0..<count {
                loops.append(try EventLoop(index: index, label: "liverelay.loop.\(index)"))
            }
            return loops
        } catch {
            throw .transport(error)
        }
    }
}
