public import WebSocketCore

/// Everything that can be set, with its defaults and its one check.
public struct Configuration: Sendable {
    /// Where TLS comes from.
    public enum TLS: Hashable, Sendable {
        /// A certificate of our own, made on first run and kept.
        case selfSigned(names: [String])
        /// PEM files.
        case files(certificate: String, key: String)
        /// None: behind a proxy that does TLS, or on loopback.
        case off

        /// Whether the certificate is one that we make ourselves.
        var isOwn: Bool {
            switch self {
            case .selfSigned: true
            case .files, .off: false
            }
        }
    }

    /// The one folder below which everything is kept.
    public var dataFolder: String
    /// Address or name to listen at.
    public var host: String
    /// TCP port; 0 lets the system choose.
    public var port: UInt16
    /// Where TLS comes from.
    public var tls: TLS
    /// How people reach the server, such as `https://class.example.edu`; nil means host and port as they are.
    public var publicURL: String?
    /// Which proxies stand in front, and what they are believed.
    public var proxies: ProxyTrust
    /// Names beside those that are known by which people may reach the server; `*` for any.
    public var allowedHosts: [String]
    /// Other sites whose pages may act here, such as `https://lms.example.edu`.
    public var allowedOrigins: [String]
    /// Event loops; nil means as many as there are processors for this process, at most eight.
    public var loopsCount: Int?
    /// Bounds and deadlines of sockets.
    public var limits: TransportLimits

    /// Port that browsers and proxies leave free.
    public static let portDefault: UInt16 = 8443
    /// In the place of a name: any host is right.
    public static let anyHost = "*"
    /// More loops than this have shown no gain.
    public static let loopsCountMaximum = 8

    /// A configuration; only the folder must be said.
    public init(
        dataFolder: String, host: String = "localhost", port: UInt16 = Configuration.portDefault,
        tls: TLS = .selfSigned(names: []), publicURL: String? = nil, proxies: ProxyTrust = .nobody,
        allowedHosts: [String] = [], allowedOrigins: [String] = [], loopsCount: Int? = nil,
        limits: TransportLimits = TransportLimits()
    ) {
        self.dataFolder = dataFolder
        self.host = host
        self.port = port
        self.tls = tls
        self.publicURL = publicURL
        self.proxies = proxies
        self.allowedHosts = allowedHosts
        self.allowedOrigins = allowedOrigins
        self.loopsCount = loopsCount
        self.limits = limits
    }

    /// What is wrong with the values, or nothing.
    public func check() throws(ServerFailure) {
        if dataFolder.isEmpty { throw .configuration(.dataFolderMissing) }
        if let loopsCount, !(1...Self.loopsCountMaximum).contains(loopsCount) {
            throw .configuration(.loopsCountOutOfRange)
        }
        if let publicURL, !publicURL.hasPrefix("https://"), !publicURL.hasPrefix("http://") {
            throw .configuration(.publicURLInvalid)
        }
        for host in allowedHosts where host != Self.anyHost {
            guard let authority = Authority(host), authority.port == nil else {
                throw .configuration(.allowedHostInvalid)
            }
        }
        guard allowedOrigins.allSatisfy({ WebOrigin($0) != nil }) else {
            throw .configuration(.allowedOriginInvalid)
        }
        guard !proxies.usesProxyHeader || !proxies.networks.isEmpty else {
            throw .configuration(.trustedProxyMissing)
        }
    }
}

/// Why a server could not start.
public enum ServerFailure: Error, Sendable {
    /// A value of the configuration is wrong.
    case configuration(ConfigurationFault)
    /// The data folder cannot be made or written.
    case dataFolder(path: String, reason: String)
    /// Another process works with the data folder; its number, where it is known.
    case dataFolderInUse(path: String, processID: Int32?)
    /// Certificate or key.
    case tls(TLSError)
    /// The port, the address, or descriptors.
    case transport(TransportError)
    /// A store in the data folder cannot be opened.
    case store(name: String, reason: String)
}

extension ServerFailure {
    /// Why the lock of a data folder could not be had.
    public init(_ failure: DataFolderLock.Failure, folder: String) {
        self =
            switch failure {
            case .inUse(let processID): .dataFolderInUse(path: folder, processID: processID)
            case .unavailable(let reason): .dataFolder(path: folder, reason: reason)
            }
    }
}

/// What can be wrong with a configuration.
public enum ConfigurationFault: String, Sendable {
    /// No folder was given.
    case dataFolderMissing
    /// Fewer than one loop or more than eight.
    case loopsCountOutOfRange
    /// Neither `https://` nor `http://`.
    case publicURLInvalid
    /// No host name, or one with a port.
    case allowedHostInvalid
    /// No origin of the form `https://host:port`.
    case allowedOriginInvalid
    /// PROXY headers are expected, but from nobody.
    case trustedProxyMissing
}
