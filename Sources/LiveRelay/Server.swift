import Foundation
import Glibc
import LiveRelayWire
public import Logging
import Recorder
import SessionModel
public import WebSocketCore

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
        /// What clients will stumble over in the certificate.
        public let concerns: [TLSCertificate.Concern]
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
    private let lock: DataFolderLock
    private let certificates: CertificateKeeper?

    /// How long clients have to take their last messages when the server stops: a few round trips of a bad
    /// network. Nobody else's class waits longer for one who does not read.
    static let stopMillisecondsMaximum: UInt64 = 1_000
    /// How long the last events may take to reach the disk.
    static let settleMillisecondsMaximum: UInt64 = 5_000
    /// Four times what a class takes: who sends a little too much is told so in words, who sends far too much
    /// is cut off before memory is spent.
    static let messageBytesMaximum = 65_536
    /// How long what file threads still have to do may take after that.
    static let restMillisecondsMaximum: UInt64 = 1_000

    /// Everything of a start that writes nothing: what is wrong with the configuration or the certificate is
    /// told before a running server gives up its place.
    public static func rehearse(_ configuration: Configuration) throws(ServerFailure) {
        try configuration.check()
        _ = try CertificateKeeper.read(configuration)
        _ = Router.assets
    }

    /// Starts; returns once the port is bound and unfinished classes were opened. `sockets` are bound already
    /// and stay the caller's too; `lock` is that of the data folder, where the caller had to wait for it.
    public static func start(
        _ configuration: Configuration, sockets: ListeningSockets? = nil, lock: DataFolderLock? = nil,
        logger: Logger
    ) async throws(ServerFailure) -> Server {
        try configuration.check()
        let folder = configuration.dataFolder
        let storage = FileStorage(root: folder)
        try makeFolder(folder)
        let lock = if let lock { lock } else { try takeLock(folder) }
        try makeSubfolders(storage, folder)
        let reading = try CertificateKeeper.read(configuration)
        let parts = try await Parts(folder: folder, storage: storage, logger: logger)
        let isCertified = reading?.certificate.isSelfSigned == false
        try syncKeys(storage, folder)
        let sockets = if let sockets { sockets } else { try bind(configuration) }
        let policy = HostPolicy(configuration, isLoopbackOnly: sockets.isLoopbackOnly)
        let loops = try makeLoops(configuration)
        let relay = Relay(
            loops: loops, storage: storage, files: parts.files, authorizer: parts.authorizer,
            signer: parts.signer, catalogue: parts.catalogue, readiness: Readiness(),
            lastAlive: AliveMark.read(in: storage), logger: logger)
        for loop in loops { loop.execute { core in core.attach(Shard(relay: relay, core: core)) } }
        let base = PublicURL(configuration.publicURL)
        let http: HTTPServer
        do throws(TransportError) {
            http = try HTTPServer(
                HTTPServer.Configuration(
                    host: configuration.host, port: configuration.port, tls: reading?.context,
                    proxies: configuration.proxies, limits: limits(configuration)),
                sockets: sockets, loops: loops
            ) { core in
                Router(
                    directory: Directory(relay: relay), authorizer: relay.authorizer, storage: relay.storage,
                    files: relay.files, publicURL: base, policy: policy, saysTransportSecurity: isCertified,
                    readiness: relay.readiness, core: core
                ) { core in ClassSocket(relay: relay, core: core) }
            }
        } catch {
            for loop in loops { await loop.shutdown() }
            throw .transport(error)
        }
        let scheme = reading == nil ? "http" : "https"
        base.settle("\(scheme)://\(configuration.host):\(http.boundPort)")
        let address = Address(
            port: http.boundPort, url: base.text,
            fingerprint: configuration.tls.isOwn ? reading?.certificate.fingerprint : nil,
            concerns: reading?.certificate.concerns ?? [],
            administratorKeyPath: folder + "/keys/administrator.key")
        await relay.recoverClasses()
        loops[0].execute { core in
            let sentry = DiskSentry(relay: relay, core: core)
            core.attach(sentry)
            sentry.start()
            let heartbeat = Heartbeat(relay: relay, core: core)
            core.attach(heartbeat)
            heartbeat.start()
            let crowd = Crowd(relay: relay, core: core)
            core.attach(crowd)
            crowd.start()
        }
        relay.readiness.enter(.ready)
        let certificates = reading.map {
            CertificateKeeper($0, configuration, http: http, logger: logger)
        }
        await certificates?.begin()
        return Server(
            address: address, authorizer: parts.authorizer, relay: relay, http: http, lock: lock,
            certificates: certificates)
    }

    private init(
        address: Address, authorizer: Authorizer, relay: Relay, http: HTTPServer, lock: DataFolderLock,
        certificates: CertificateKeeper?
    ) {
        self.certificates = certificates
        self.lock = lock
        self.address = address
        self.authorizer = authorizer
        self.relay = relay
        self.http = http
    }

    /// Reads certificate and key again; new connections get them, nobody is cut off. Throws where they cannot
    /// be used, and serves with the old ones. Nil without TLS.
    public func readCertificateAgain() async throws(ServerFailure) -> TLSCertificate? {
        guard let certificates else { return nil }
        return try await certificates.readAgain()
    }

    /// Returns once every loop has taken a turn; a loop that hangs never does.
    public func takeTurns() async {
        for loop in relay.loops { _ = await relay.ask(loop, otherwise: true) { _ in true } }
    }

    /// From now on `/readyz` says that nobody should come any more; everything else goes on.
    public func drain() { relay.readiness.enter(.draining) }

    /// Stops in order: no new connections, everybody is told when to come back, the logs and recordings are
    /// closed. Whether everything is on disk; where the disk does not answer, what nobody was told is lost.
    ///
    /// `isPortKept`: somebody else holds the listening sockets, so that people may come back at once and wait
    /// there. The data folder is free for the next server, unless a write is still under way: then it is free
    /// when this process has ended.
    @discardableResult
    public func stop(isPortKept: Bool = false) async -> Bool {
        drain()
        await certificates?.end()
        await http.stopAccepting()
        await relay.sayComeBack(isPortKept: isPortKept)
        await http.stop(
            closing: CloseCode(rawValue: DisconnectCode.shutdown.rawValue),
            reason: DisconnectCode.shutdown.name,
            flushMilliseconds: Self.stopMillisecondsMaximum)
        let isClosed = await relay.closeClasses(withinMilliseconds: Self.settleMillisecondsMaximum)
        for loop in relay.loops { await loop.shutdown() }
        let isAtRest = await relay.restFiles(withinMilliseconds: Self.restMillisecondsMaximum)
        guard isClosed, isAtRest else {
            relay.logger.error("stopped before the disk had answered")
            return false
        }
        lock.release()
        return true
    }

    private static func limits(_ configuration: Configuration) -> TransportLimits {
        var limits = configuration.limits
        limits.slowConsumerCode = CloseCode(rawValue: DisconnectCode.tooSlow.rawValue)
        limits.messageBytesMaximum = min(limits.messageBytesMaximum, messageBytesMaximum)
        return limits
    }

    private static func makeFolder(_ folder: String) throws(ServerFailure) {
        do {
            try makeDataFolder(folder)
        } catch {
            throw .dataFolder(path: folder, reason: error.localizedDescription)
        }
    }

    private static func takeLock(_ folder: String) throws(ServerFailure) -> DataFolderLock {
        do throws(DataFolderLock.Failure) {
            return try DataFolderLock(folder: folder)
        } catch {
            throw ServerFailure(error, folder: folder)
        }
    }

    private static func makeSubfolders(_ storage: FileStorage, _ folder: String) throws(ServerFailure) {
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

    /// Keys made a moment ago stay after a power cut: without them no link and no seat opens again.
    private static func syncKeys(_ storage: FileStorage, _ folder: String) throws(ServerFailure) {
        do throws(StorageFailure) {
            try storage.syncFolder("keys")
        } catch {
            throw .dataFolder(path: folder, reason: "\(error)")
        }
    }

    /// Makes the data folder and what is missing above it, and puts their names on the disk: a power cut soon
    /// after the first start must not take the whole folder.
    private static func makeDataFolder(_ folder: String) throws {
        var made: [URL] = []
        var place = URL(fileURLWithPath: folder).standardizedFileURL
        while place.path != "/", !FileManager.default.fileExists(atPath: place.path) {
            made.append(place)
            place = place.deletingLastPathComponent()
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for place in made {
            // Who made a name in a folder may write there, but perhaps not read it: then nobody can sync.
            try? FileStorage(root: place.deletingLastPathComponent().path).syncFolder("")
        }
    }

    private static func bind(_ configuration: Configuration) throws(ServerFailure) -> ListeningSockets {
        do throws(TransportError) {
            return try ListeningSockets.bind(host: configuration.host, port: configuration.port)
        } catch {
            throw .transport(error)
        }
    }

    private static func makeLoops(_ configuration: Configuration) throws(ServerFailure) -> [EventLoop] {
        let cores = Processors.allowedCount
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
