import LiveRelayWire
import SessionModel

/// Commands that wait for their answer, oldest first, across reconnects.
struct PendingCommands: Sendable {
    /// The wire asks for at least 15 s; a little more, so that a retry asked for at the last moment still
    /// counts.
    static let keptMilliseconds: UInt64 = 20_000
    /// Beyond this nothing is taken: a client that asks for more does not wait for its answers.
    static let commandsCountMaximum = 256
    /// The relay may ask for a pause, but a command is of no use after its time.
    static let retryMillisecondsMaximum = 20_000

    private struct Entry {
        let id: CommandID
        let text: [UInt8]
        let expiresAt: UInt64
        /// When to send; nil while an answer is awaited.
        var sendAt: UInt64?
    }

    private var entries: [Entry] = []
    /// How many may be unanswered at once; `hello` says so.
    var inFlightCountMaximum = SessionLimits.commandsInFlightCountMaximum

    var isFull: Bool { entries.count >= Self.commandsCountMaximum }
    var count: Int { entries.count }

    /// Takes a command; it goes out with the next `due`.
    mutating func add(_ id: CommandID, _ text: [UInt8], at now: UInt64) {
        entries.append(Entry(id: id, text: text, expiresAt: now + Self.keptMilliseconds, sendAt: now))
    }

    /// The line is new: everything unanswered goes out again under its old id.
    mutating func sendAllAgain(at now: UInt64) {
        for index in entries.indices { entries[index].sendAt = now }
    }

    /// Texts to be sent now, oldest first, never more in flight than allowed.
    mutating func due(at now: UInt64) -> [[UInt8]] {
        var inFlight = entries.count { $0.sendAt == nil }
        var texts: [[UInt8]] = []
        for index in entries.indices where inFlight < inFlightCountMaximum {
            guard let sendAt = entries[index].sendAt, sendAt <= now else { continue }
            entries[index].sendAt = nil
            inFlight += 1
            texts.append(entries[index].text)
        }
        return texts
    }

    /// Takes a command out because it was answered; false for an id that is not waiting.
    mutating func answered(_ id: CommandID) -> Bool {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return false }
        entries.remove(at: index)
        return true
    }

    /// The relay asks for the command again after so many milliseconds.
    mutating func retry(_ id: CommandID, after: Int, at now: UInt64) {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
        entries[index].sendAt = now + UInt64(min(max(after, 0), Self.retryMillisecondsMaximum))
    }

    /// Takes out what has waited too long.
    mutating func expired(at now: UInt64) -> [CommandID] {
        let gone = entries.filter { $0.expiresAt <= now }.map(\.id)
        if !gone.isEmpty { entries.removeAll { $0.expiresAt <= now } }
        return gone
    }

    /// Takes out everything: no answer can come any more.
    mutating func abandon() -> [CommandID] {
        defer { entries.removeAll() }
        return entries.map(\.id)
    }

    /// When something is to be done next; sending counts only while there is a line.
    func nextDeadline(isOnline: Bool) -> UInt64? {
        let hasRoom = entries.count { $0.sendAt == nil } < inFlightCountMaximum
        return entries.map { entry in
            guard isOnline, hasRoom, let sendAt = entry.sendAt else { return entry.expiresAt }
            return min(sendAt, entry.expiresAt)
        }.min()
    }
}
