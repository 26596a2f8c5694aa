import LiveRelay
import LiveRelayClient
import LiveRelayWire
import WebSocketCore

/// Why a command did not work: what scripts get, and what people read.
struct CommandFailure: Error, Hashable, Sendable {
    /// What scripts get.
    let status: ExitStatus
    /// The words of `Words`.
    let key: String
    /// What fills the words.
    let values: [String]
    /// A code of the server, where it sent one.
    let code: String?

    init(_ status: ExitStatus, _ key: String, _ values: String..., code: String? = nil) {
        self.status = status
        self.key = key
        self.values = values
        self.code = code
    }

    /// One sentence with what to do.
    func sentence(_ words: Words) -> String {
        var text = words(key)
        for (index, value) in values.enumerated() {
            let known = words.ifKnown("rejection.\(value)") ?? words.ifKnown("close.\(value)") ?? value
            text = text.replacing("%\(index + 1)", with: SafeText.line(known))
        }
        return text
    }

    /// A connection or request that failed.
    init(_ failure: ConnectionFailure, _ server: ServerAddress) {
        switch failure {
        case .notTrusted(let reason): self.init(.network, "failure.untrusted", reason)
        case .httpStatus(let status): self.init(status: status, code: nil)
        case .badAnswer: self.init(.network, "failure.answer")
        case .refused, .unknownHost, .unreachable, .timedOut, .tls, .protocolViolation, .slowConsumer,
            .endOfStream, .broken, .aborted:
            self.init(.network, "failure.network", "\(server)", failure.description)
        }
    }

    /// An HTTP answer that is no success.
    init(status: Int, code: String?) {
        let said = code ?? "HTTP \(status)"
        switch status {
        case 401, 403, 429: self.init(.refused, "failure.refused", said, code: code)
        case 404, 410: self.init(.gone, "failure.notFound", said, code: code)
        case 400..<500: self.init(.failed, "failure.refused", said, code: code)
        default: self.init(.failed, "failure.server", said, code: code)
        }
    }

    /// A class that is over for this client.
    init(_ ending: ClassroomEnding) {
        switch ending {
        case .code(let code): self.init(Self.status(code), "join.ended", code.name, code: code.name)
        case .closed(let number): self.init(.failed, "join.ended", "\(number)")
        case .untrusted(let reason): self.init(.network, "failure.untrusted", reason)
        case .status(let status): self.init(status: status, code: nil)
        case .stopped: self.init(.failed, "join.ended", "stopped")
        }
    }

    private static func status(_ code: DisconnectCode) -> ExitStatus {
        switch code {
        case .ended, .classUnknown, .codeUnknown: .gone
        case .shutdown, .tooSlow, .silentTooLong, .storageFailed, .busy: .network
        case .notYetOpen, .removed, .banned, .replaced, .tokenInvalid, .tokenExpired, .classFull,
            .tooManyAttempts, .alreadyInClass, .nameInvalid, .joinExpected, .wireUnsupported, .roleCannotJoin:
            .refused
        case .left, .messageTooLong, .audioInvalid: .failed
        }
    }

    /// A server that could not start.
    init(_ failure: ServerFailure) {
        switch failure {
        case .configuration(let fault): self.init(.usage, "failure.configuration", fault.rawValue)
        case .dataFolder(let path, let reason): self.init(.failed, "failure.dataFolder", path, reason)
        case .dataFolderInUse(let path, let processID):
            self.init(.failed, "failure.dataFolderInUse", path, processID.map { "\($0)" } ?? "?")
        case .tls(let error): self.init(error)
        case .store(let name, let reason): self.init(.failed, "failure.store", name, reason)
        case .transport(.addressInUse(_, let port)): self.init(.failed, "failure.portInUse", "\(port)")
        case .transport(.permissionDenied(_, let port)):
            self.init(.failed, "failure.portForbidden", "\(port)")
        case .transport(.addressUnknown(let host)), .transport(.addressNotHere(let host)):
            self.init(.failed, "failure.hostInvalid", host)
        case .transport(let error): self.init(.failed, "failure.transport", error.description)
        }
    }
}
