import LiveRelay
import WebSocketCore

/// systemd, or whoever else runs the service and asked to hear of it (sd_notify(3)). Nobody, where no socket
/// is named: then nothing is told.
struct Supervisor: Sendable {
    private let socket: SupervisorSocket?
    /// How often signs of life are due, in milliseconds; nil where nobody waits for them.
    let watchdogMilliseconds: Int64?

    /// Signs of life come twice as often as they are due, as sd_watchdog_enabled(3) advises.
    private static let watchdogDivisor: Int64 = 2

    /// The supervisor that the environment names.
    init(environment: [String: String], processID: Int32) {
        socket = environment["NOTIFY_SOCKET"].flatMap { SupervisorSocket(address: $0) }
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        let due = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogMilliseconds =
            socket != nil && isForUs && due > 0 ? max(1, due / 1_000 / Self.watchdogDivisor) : nil
    }

    /// The service is there.
    func ready(_ url: String) { socket?.tell("READY=1", "STATUS=\(url)") }

    /// The service is about to stop.
    func stopping() { socket?.tell("STOPPING=1") }

    /// Another process is the service from now on. One datagram: what the other says is heard only after.
    func succeeded(by processID: Int32) { socket?.tell("MAINPID=\(processID)", "READY=1") }

    /// Gives a sign of life whenever all loops of the server took a turn; a loop that hangs is not hidden.
    func watch(_ server: Server) -> Task<Void, Never>? {
        guard let socket, let watchdogMilliseconds else { return nil }
        return Task {
            while !Task.isCancelled {
                await server.takeTurns()
                socket.tell("WATCHDOG=1")
                try? await Task.sleep(for: .milliseconds(watchdogMilliseconds))
            }
        }
    }
}
