/// One server's part on one loop: its service, its rules, and its end.
final class HTTPSite {
    let service: any HTTPService
    /// For connections that begin from now on.
    var tls: TLSContext?
    let plainPolicy: PlainPolicy
    let proxies: ProxyTrust
    let sharedLimits: SharedLimits
    var limits: TransportLimits {
        sharedLimits.values
    }
    /// Set once the server stops: answers end their connection and nothing new begins.
    private(set) var isStopping = false
    private unowned let core: LoopCore

    init(service: any HTTPService, configuration: HTTPServer.Configuration, core: LoopCore) {
        self.service = service
        tls = configuration.tls
        plainPolicy = configuration.plainPolicy
        proxies = configuration.proxies
        sharedLimits = SharedLimits(configuration.limits)
        self.core = core
    }

    /// Closes every connection of this site in order, aborts what is left at the deadline, then calls back.
    func stop(_ code: CloseCode, reason: String, flushMilliseconds: UInt64, _ done: @escaping () -> Void) {
        isStopping = true
        for connection in mine {
            switch connection.stage {
            case is WebSocketStage: connection.close(code, reason: reason)
            case let server as HTTPServerStage: server.endIfIdle(connection)
            default: connection.abort()
            }
        }
        waitForEnd(deadline: core.now + flushMilliseconds, done)
    }

    /// There are no descriptors: cuts those who ask for nothing, the oldest first, so that whoever has
    /// something to ask finds one.
    func cutIdle() {
        let idle = core.connectionsInAnyOrder.filter { $0.site === self && $0.isSpare }
        let oldest = idle.sorted { $0.id.number < $1.id.number }.prefix(limits.shortageCutsMaximum)
        for connection in oldest { connection.abort() }
    }

    private var mine: [Connection] {
        core.allConnections.filter { $0.site === self }
    }

    private func waitForEnd(deadline: UInt64, _ done: @escaping () -> Void) {
        let left = mine
        if left.isEmpty { return done() }
        if core.now >= deadline {
            for connection in left { connection.abort() }
            return core.atEndOfTurn(done)
        }
        for connection in left { (connection.stage as? HTTPServerStage)?.endIfIdle(connection) }
        core.schedule(afterMilliseconds: Self.stopPollMilliseconds) {
            self.waitForEnd(deadline: deadline, done)
        }
    }

    /// How often a stop looks whether everybody has gone.
    private static let stopPollMilliseconds: UInt64 = 20
}
