import LiveRelay
import WebSocketCore

/// What a server finds when it starts: its listening sockets may be there already, bound by systemd
/// (sd_listen_fds(3)) or by the server whose place it takes.
enum Inheritance: Hashable, Sendable {
    /// Nothing; we bind ourselves.
    case none
    /// So many sockets from descriptor 3 on; whoever passed them on keeps them.
    case activation(socketsCount: Int)
    /// So many sockets, and the pipe that leads to the predecessor.
    case takeOver(socketsCount: Int, pipe: Int32)

    /// How many sockets and which pipe, as a predecessor says it: `2:5`.
    static let takeOverVariable = "LIVERELAY_TAKEOVER"
    /// What systemd sets for one process, and what must not reach another.
    private static let activationVariables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
    /// The watchdog of one process; its successor is asked for the same signs of life.
    private static let watchdogProcessVariable = "WATCHDOG_PID"

    /// Reads it from the environment. Variables for another process are not for us; those for us that cannot
    /// be true are a failure, since listening elsewhere instead would help nobody.
    init(environment: [String: String], processID: Int32) throws(CommandFailure) {
        let counts = 1...ListeningSockets.countMaximum
        if let text = environment[Self.takeOverVariable] {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int32($0) }
            guard parts.count == 2, let count = parts[0], let pipe = parts[1], counts.contains(Int(count)),
                pipe == SuccessorProcess.firstDescriptor + count
            else { throw CommandFailure(.failed, "failure.inherited", "\(Self.takeOverVariable)=\(text)") }
            self = .takeOver(socketsCount: Int(count), pipe: pipe)
            return
        }
        guard let owner = environment["LISTEN_PID"], Int32(owner) == processID,
            let text = environment["LISTEN_FDS"]
        else {
            self = .none
            return
        }
        guard let count = Int(text), counts.contains(count) else {
            throw CommandFailure(.failed, "failure.inherited", "LISTEN_FDS=\(text)")
        }
        self = .activation(socketsCount: count)
    }

    /// The sockets; bound here where none were passed on.
    func sockets(host: String, port: UInt16) throws(CommandFailure) -> ListeningSockets {
        do throws(TransportError) {
            switch self {
            case .none: return try ListeningSockets.bind(host: host, port: port)
            case .activation(let count), .takeOver(let count, _):
                let first = SuccessorProcess.firstDescriptor
                return try ListeningSockets.adopt((0..<Int32(count)).map { first + $0 })
            }
        } catch {
            throw CommandFailure(.transport(error))
        }
    }

    /// Whether somebody keeps the sockets open when this process ends.
    var isPortKept: Bool {
        switch self {
        case .activation: true
        case .none, .takeOver: false
        }
    }

    /// The environment of a successor, `NAME=VALUE` each.
    static func environment(
        _ ours: [String: String], socketsCount: Int, pipe: Int32
    ) -> [String] {
        let left = ours.filter { !activationVariables.contains($0.key) && $0.key != watchdogProcessVariable }
        return left.merging([takeOverVariable: "\(socketsCount):\(pipe)"]) { $1 }
            .map { "\($0.key)=\($0.value)" }.sorted()
    }
}
