import ArgumentParser
import Foundation
import LiveRelayClient
import WebSocketCore

/// Which server, how far it is trusted, and by which right it is asked.
struct ServerOptions: ParsableArguments {
    /// Where a server on this machine listens.
    static let addressDefault = "https://localhost:\(ServerAddress.standardPort)"

    @Option(name: .long, help: "服务器地址 · The server (LIVERELAY_SERVER; default \(addressDefault)).")
    var server: String?

    @Option(
        name: .long,
        help: "管理员密钥文件 · The administrator key (LIVERELAY_KEY; DATA/keys/administrator.key).")
    var keyFile: String?

    @Option(
        name: .long,
        help: "本机服务的数据文件夹 · The data folder of a server on this machine (LIVERELAY_DATA; ./data).")
    var data: String?

    @Flag(name: .long, help: "不验证证书，仅试用 · Trust any certificate; for a try on this machine.")
    var insecure = false

    @Option(name: .long, help: "只信任此指纹 · Trust one certificate, by its SHA-256 in hexadecimal.")
    var pin: String?

    private var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// The data folder.
    var folder: String { data ?? environment["LIVERELAY_DATA"] ?? "data" }

    /// The address that is meant; a link names its own.
    func address(_ link: ClassLink? = nil) throws -> ServerAddress {
        if let address = link?.server { return address }
        let text = server ?? environment["LIVERELAY_SERVER"] ?? Self.addressDefault
        guard let address = ServerAddress(text) else {
            throw CommandFailure(.usage, "failure.serverInvalid", text)
        }
        return address
    }

    /// How far the server is trusted. A server on this machine made its certificate in the data folder.
    func trust(_ address: ServerAddress) throws -> TLSContext? {
        guard address.isSecure else { return nil }
        let verification: TLSContext.Verification
        if insecure {
            verification = .none
        } else if let pin {
            verification = .pinned(sha256: pin)
        } else if let own = ownCertificate(address) {
            verification = .pinned(sha256: own)
        } else {
            verification = .system
        }
        do throws(TLSError) {
            return try TLSContext.client(verification: verification)
        } catch {
            throw CommandFailure(error)
        }
    }

    private func ownCertificate(_ address: ServerAddress) -> String? {
        guard ["localhost", "127.0.0.1", "::1"].contains(address.host) else { return nil }
        return try? SelfSignedCertificate.fingerprint(ofCertificateAt: folder + "/keys/certificate.pem")
    }

    /// The HTTP interface with the administrator key.
    func administration() throws -> Administration {
        let address = try address()
        return Administration(server: address, tls: try trust(address), key: try key())
    }

    private func key() throws -> String {
        if let keyFile { return try read(keyFile) }
        if let key = environment["LIVERELAY_KEY"], !key.isEmpty { return key }
        let standard = folder + "/keys/administrator.key"
        guard FileManager.default.fileExists(atPath: standard) else {
            throw CommandFailure(.refused, "failure.keyMissing")
        }
        return try read(standard)
    }

    private func read(_ path: String) throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(.refused, "failure.keyUnreadable", path)
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
