import Glibc

/// A listener, its loops, and on each loop one service.
public final class HTTPServer: Sendable {
    /// What a server needs to know.
    public struct Configuration: Sendable {
        /// Address or name to listen at; `0.0.0.0` for IPv4, `::` or `*` for all of both families,
        /// `localhost` for both loopback addresses.
        public var host: String
        /// TCP port; 0 lets the system choose.
        public var port: UInt16
        /// TLS; nil serves plain HTTP only.
        public var tls: TLSContext?
        /// What a plain connection is told when there is TLS.
        public var plainPolicy: PlainPolicy
        /// Which proxies are believed, and what.
        public var proxies: ProxyTrust
        /// Bounds and deadlines.
        public var limits: TransportLimits

        /// All values.
        public init(
            host: String, port: UInt16, tls: TLSContext? = nil, plainPolicy: PlainPolicy = .redirectToTLS,
            proxies: ProxyTrust = .nobody, limits: TransportLimits = TransportLimits()
        ) {
            self.host = host
            self.port = port
            self.tls = tls
            self.plainPolicy = plainPolicy
            self.proxies = proxies
            self.limits = limits
        }
    }

    /// What a loop keeps of its servers.
    private final class Sites {
        var byServer: [ObjectIdentifier: HTTPSite] = [:]
        var portsByServer: [ObjectIdentifier: [ListenerPort]] = [:]
    }

    /// The loops that serve, in order; the listener lives on the first.
    public let loops: [EventLoop]
    /// The port that was bound.
    public let boundPort: UInt16
    /// The settings.
    public let configuration: Configuration

    /// Binds, or serves at sockets that are bound already, until `stop`. `makeService` runs once on each
    /// loop, before its first connection. The loops, of which there is at least one, stay the caller's.
    public init(
        _ configuration: Configuration, sockets: ListeningSockets? = nil, loops: [EventLoop],
        makeService: @escaping @Sendable (LoopCore) -> any HTTPService
    ) throws(TransportError) {
        precondition(!loops.isEmpty, "a server needs a loop")
        let sockets =
            if let sockets { sockets } else {
                try ListeningSockets.bind(host: configuration.host, port: configuration.port)
            }
        let descriptors = try sockets.copies()
        self.configuration = configuration
        self.loops = loops
        boundPort = sockets.port
        for loop in loops {
            loop.execute { core in
                let site = HTTPSite(service: makeService(core), configuration: configuration, core: core)
                Self.sites(core).byServer[ObjectIdentifier(self)] = site
            }
        }
        // Calls run in order, so the first loop listens only after its own site is there, and each other loop
        // has its site before any descriptor reaches it.
        loops[0].execute { core in self.listen(descriptors, core) }
    }

    /// Connections that begin from now on use this certificate and these keys; those that are here keep
    /// theirs. Only for a server that began with TLS.
    public func use(_ tls: TLSContext) {
        let name = ObjectIdentifier(self)
        for loop in loops {
            loop.execute { core in Self.sites(core).byServer[name]?.tls = tls }
        }
    }

    /// Accepts no more; who is here stays. Where somebody else holds the sockets too, connections wait there.
    public func stopAccepting() async {
        await onLoop(loops[0]) { core, done in
            for port in Self.sites(core).portsByServer.removeValue(forKey: ObjectIdentifier(self)) ?? [] {
                port.stop()
            }
            done()
        }
    }

    /// Stops in order: no new connections; every WebSocket gets this close code; what is queued may leave;
    /// what is left after the deadline is aborted. The server cannot be started again.
    public func stop(closing code: CloseCode, reason: String, flushMilliseconds: UInt64) async {
        await stopAccepting()
        await withTaskGroup(of: Void.self) { group in
            for loop in loops {
                group.addTask {
                    await self.onLoop(loop) { core, done in
                        guard let site = Self.sites(core).byServer.removeValue(forKey: ObjectIdentifier(self))
                        else {
                            return done()
                        }
                        site.stop(code, reason: reason, flushMilliseconds: flushMilliseconds, done)
                    }
                }
            }
        }
    }

    private func onLoop(
        _ loop: EventLoop, _ work: @escaping @Sendable (LoopCore, @escaping () -> Void) -> Void
    ) async {
        await withCheckedContinuation { continuation in
            loop.execute { core in work(core) { continuation.resume() } }
        }
    }

    private func listen(_ descriptors: [Int32], _ core: LoopCore) {
        let turn = Turn(count: loops.count)
        Self.sites(core).portsByServer[ObjectIdentifier(self)] = descriptors.map { descriptor in
            ListenerPort(descriptor: descriptor, limits: configuration.limits, core: core) { accepted in
                self.handOver(accepted, to: self.loops[turn.next()])
            } cutIdle: {
                self.cutIdle()
            }
        }
    }

    private func cutIdle() {
        let name = ObjectIdentifier(self)
        for loop in loops {
            loop.execute { core in Self.sites(core).byServer[name]?.cutIdle() }
        }
    }

    private func handOver(_ accepted: Int32, to loop: EventLoop) {
        let name = ObjectIdentifier(self)
        loop.execute { core in
            guard let site = Self.sites(core).byServer[name] else {
                close(accepted)
                return
            }
            Connection.accept(accepted, site: site, core: core)
        }
    }

    private static func sites(_ core: LoopCore) -> Sites {
        if let sites = core.attached(Sites.self) { return sites }
        let sites = Sites()
        core.attach(sites)
        return sites
    }

    /// Whose turn it is to get a connection.
    private final class Turn {
        private let count: Int
        private var last = -1

        init(count: Int) {
            self.count = count
        }

        func next() -> Int {
            last = (last + 1) % count
            return last
        }
    }
}
