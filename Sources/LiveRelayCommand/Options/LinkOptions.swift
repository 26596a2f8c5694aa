import ArgumentParser
import Foundation
import Glibc
import LiveRelayClient
import LiveRelayWire
import WebSocketCore

/// Which class, and as whom.
struct LinkOptions: ParsableArguments {
    @Argument(help: "课堂链接或九位课堂号 · A link to the class, or its nine digits.")
    var link: String

    @Option(name: .long, help: "姓名 · Your name, when you join by code.")
    var name: String?

    @Option(name: .long, help: "工号 · Your number, when you join by code.")
    var number: String?

    @Option(
        name: .long,
        help: "本机密文 · A secret of this device, 16 to 64 letters or digits; by default one is kept.")
    var device: String?

    /// What it takes to join.
    struct Entry: Sendable {
        let server: ServerAddress
        let tls: TLSContext?
        let credential: JoinCredential
    }

    /// Reads the link and makes ready what joining needs.
    func entry(_ options: ServerOptions) throws -> Entry {
        guard let read = ClassLink(link) else { throw CommandFailure(.usage, "failure.linkInvalid", link) }
        let server = try options.address(read)
        let tls = try options.trust(server)
        if let token = read.token { return Entry(server: server, tls: tls, credential: .token(token)) }
        guard let code = read.code else { throw CommandFailure(.usage, "failure.linkInvalid", link) }
        guard let name, !name.isEmpty else { throw CommandFailure(.usage, "failure.nameMissing") }
        let secret = device ?? DeviceSecret.kept()
        return Entry(
            server: server, tls: tls,
            credential: .code(code, name: name, number: number ?? "", device: secret))
    }
}

/// The secret by which a guest is the same person after the program was started again.
enum DeviceSecret {
    private static let charactersCount = 32
    private static let alphabet = Array(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)

    /// The secret of this account, made where there is none; a passing one where none can be kept.
    static func kept() -> String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_STATE_HOME"] ?? environment["HOME"].map { $0 + "/.local/state" }
        guard let base else { return made() }
        let folder = base + "/liverelay"
        let path = folder + "/device"
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if (16...64).contains(secret.utf8.count) { return secret }
        }
        let secret = made()
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A secret that cannot be kept is a passing one: the guest is then somebody new next time.
        _ = FileManager.default.createFile(
            atPath: path, contents: Data((secret + "\n").utf8), attributes: [.posixPermissions: 0o600])
        return secret
    }

    /// A new secret.
    static func made() -> String {
        let letters = (0..<charactersCount).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] }
        return String(decoding: letters, as: UTF8.self)
    }
}
