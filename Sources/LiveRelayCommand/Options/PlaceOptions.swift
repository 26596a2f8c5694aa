import ArgumentParser
import Foundation
import LiveRelay
import Logging
import WebSocketCore

/// Where a server keeps its data and where it listens.
struct PlaceOptions: ParsableArguments {
    /// How the log is written.
    enum LogFormat: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    /// Whether messages may be compressed.
    enum CompressionChoice: String, CaseIterable, ExpressibleByArgument {
        case on, off
    }

    /// Whether TLS is spoken.
    enum TLSChoice: String, CaseIterable, ExpressibleByArgument {
        case auto, off
    }

    /// In which fields proxies say whom they speak for.
    enum ProxyFields: String, CaseIterable, ExpressibleByArgument {
        case xForwarded = "x-forwarded"
        case forwarded

        var trusted: ProxyTrust.Fields {
            switch self {
            case .xForwarded: .xForwarded
            case .forwarded: .forwarded
            }
        }
    }

    @Option(name: .long, help: "数据文件夹 · The folder below which everything is kept.")
    var data = ProcessInfo.processInfo.environment["LIVERELAY_DATA"] ?? "data"

    @Option(name: .long, help: "监听地址 · The address to listen at; loopback unless --lan is given.")
    var host: String?

    @Option(name: .long, help: "端口 · The TCP port; 0 lets the system choose.")
    var port = Configuration.portDefault

    @Option(
        name: .long, help: "auto 自签证书 · auto makes a certificate on first run; off is for a proxy in front.")
    var tls = TLSChoice.auto

    @Option(name: .long, help: "自己的证书 · A certificate of your own, PEM.")
    var tlsCert: String?

    @Option(name: .long, help: "证书的密钥 · The key of that certificate, PEM.")
    var tlsKey: String?

    @Option(name: .long, help: "对外地址 · How people reach the server, such as https://class.example.edu.")
    var publicURL: String?

    @Option(
        name: .long, help: "可信代理的网段，可多次 · A network of proxies to believe, such as 10.0.0.0/8; repeatable.")
    var trustedProxy: [String] = []

    @Option(
        name: .long, help: "代理写的头 · What those proxies write: x-forwarded (-For, -Proto, -Host) or forwarded."
    )
    var proxyFields = ProxyFields.xForwarded

    @Flag(
        name: .long, help: "代理用 PROXY v2 · Connections of those proxies begin with a PROXY header, version 2."
    )
    var proxyProtocol = false

    @Option(name: .long, help: "允许的主机名，可多次 · A host name to answer to; * for any; repeatable.")
    var allowedHost: [String] = []

    @Option(name: .long, help: "允许的其他网站，可多次 · Another site whose pages may act here; repeatable.")
    var allowedOrigin: [String] = []

    @Flag(name: .long, help: "对局域网开放 · Listen on the whole network, not only on this machine.")
    var lan = false

    @Option(
        name: .long, help: "文字消息压缩 · Whether text messages may be compressed (permessage-deflate).")
    var compression = CompressionChoice.on

    @Option(name: .long, help: "日志格式 · text or json; by default text on a screen.")
    var logFormat: LogFormat?

    /// What the server is told.
    func configuration() throws -> Configuration {
        let choice: Configuration.TLS
        switch (tlsCert, tlsKey) {
        case (let certificate?, let key?): choice = .files(certificate: certificate, key: key)
        case (nil, nil): choice = tls == .off ? .off : .selfSigned(names: lan ? Network.addresses() : [])
        case (.some, nil), (nil, .some): throw CommandFailure(.usage, "failure.tlsPair")
        }
        var limits = TransportLimits()
        if compression == .off { limits.compression = nil }
        return Configuration(
            dataFolder: data, host: host ?? (lan ? "0.0.0.0" : "localhost"), port: port, tls: choice,
            publicURL: publicURL, proxies: try proxies(), allowedHosts: allowedHost,
            allowedOrigins: allowedOrigin, limits: limits)
    }

    private func proxies() throws -> ProxyTrust {
        var networks: [IPNetwork] = []
        for text in trustedProxy {
            guard let network = IPNetwork(text) else {
                throw CommandFailure(.usage, "failure.trustedProxy", text)
            }
            networks.append(network)
        }
        return ProxyTrust(networks: networks, fields: proxyFields.trusted, usesProxyHeader: proxyProtocol)
    }

    /// What the server writes its log to.
    func logger(_ console: Console) -> Logger {
        let isJSON = logFormat.map { $0 == .json } ?? !console.terminal.isScreen
        return Logger(label: "liverelay") { LineLog(label: $0, isJSON: isJSON) }
    }

    /// The lines about the network, when people reach the server over it.
    func networkLines(_ address: Server.Address, _ words: Words) -> [String] {
        guard lan, publicURL == nil else { return [] }
        let scheme = tls == .off && tlsCert == nil ? "http" : "https"
        let links = Network.addresses().map { "\(words("serve.lan"))  \(scheme)://\($0):\(address.port)" }
        return links + [words("serve.phones")]
    }
}
