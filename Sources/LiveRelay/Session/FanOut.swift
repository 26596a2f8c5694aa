import LiveRelayWire
import SessionModel
import WebSocketCore

/// The members of one class on one loop. A broadcast is encoded once elsewhere and sent here to each of them,
/// at the end of the turn: what gathers while the loop is busy leaves in fewer and larger messages.
///
/// Generic only so that the simulation can run it on lines of its own; the server has it on those of a loop.
final class FanOut<Lines: MemberLines> {
    typealias Line = Lines.Line

    /// Which members something is for; each group's connections are gathered once and kept until members
    /// change.
    private enum Group: Hashable {
        case everyone(Panel?)
        case staff(Panel?)
        case supervisors(Panel?)
        case others
    }

    /// What waits for the end of the turn.
    private enum Item {
        case delivery(Delivery)
        case sound(SoundBundle)
    }

    private var members: [ConnectionID: (member: Member, connection: Line)] = [:]
    private var order: [ConnectionID] = []
    private var groups: [Group: ContiguousArray<Line>] = [:]
    /// Who was dismissed and whose socket is not gone yet: something may still be on its way to them.
    private var leaving: [ConnectionID: Line] = [:]
    /// What was sent to those who are gone, and has not been told.
    private var sent = SentBytes()
    private var waiting: [Item] = []
    private unowned let core: Lines

    private let isGone: (ConnectionID) -> Void

    /// `isGone` hears of members whose socket went away while they were at the door.
    init(core: Lines, isGone: @escaping (ConnectionID) -> Void) {
        self.core = core
        self.isGone = isGone
    }

    /// Whether nobody of the class is on this loop, or about to be.
    var isEmpty: Bool { members.isEmpty && waiting.isEmpty }

    /// Whether nothing goes to anybody of the class on this loop any more.
    var isDone: Bool { isEmpty && leaving.isEmpty }

    /// What members were sent since this was last asked, from their greeting on.
    func takeSentBytes() -> SentBytes {
        for (_, connection) in members.values { sent += connection.takeSentBytes() }
        for connection in leaving.values { sent += connection.takeSentBytes() }
        defer { sent = SentBytes() }
        return sent
    }

    // MARK: What is to leave

    /// Sound for everyone. Where an earlier message of the track still waits and this one goes on from it,
    /// both leave as one.
    func sound(_ bundle: SoundBundle) {
        if case .sound(let last)? = waiting.last, let joined = last.joined(with: bundle) {
            waiting[waiting.count - 1] = .sound(joined)
        } else {
            wait([.sound(bundle)])
        }
    }

    /// What was released, in order.
    func deliver(_ deliveries: [Delivery]) { wait(deliveries.map { .delivery($0) }) }

    /// Sends one frame to staff, another to everybody else, and what waits before it. For the last word
    /// before sockets are closed.
    func tell(staff: SharedFrame, others: SharedFrame) {
        waiting.append(.delivery(.digest(staff: staff, others: others)))
        leave()
    }

    private func wait(_ items: [Item]) {
        let isFirst = waiting.isEmpty
        waiting += items
        guard isFirst, !waiting.isEmpty else { return }
        core.atEndOfTurn { [self] in leave() }
    }

    /// Everything that waits leaves: one thing at once, several in as few writes as they fit in.
    private func leave() {
        var items: [Item] = []
        swap(&items, &waiting)
        guard items.count > 1 else { return carryOut(items) }
        core.corked { carryOut(items) }
    }

    private func carryOut(_ items: [Item]) {
        for item in items {
            switch item {
            case .delivery(let delivery): carryOut(delivery)
            case .sound(let bundle):
                core.send(
                    bundle.frame, to: connections(.everyone(nil)),
                    .media(ageLimitMilliseconds: MediaAge.mediaQueueAgeMaximumMilliseconds))
            }
        }
    }

    private func carryOut(_ delivery: Delivery) {
        switch delivery {
        case .broadcast(let frame, let audience, let panel): broadcast(frame, audience, panel)
        case .digest(let staff, let others):
            core.send(staff, to: connections(.staff(nil)), .control)
            core.send(others, to: connections(.others), .control)
        case .send(let frame, let connection): core.line(connection)?.send(frame, .reply)
        case .admit(let member, let greeting): admit(member, greeting)
        case .panels(let connection, let panels):
            members[connection]?.member.panels = panels
            groups = [:]
        case .dismiss(let connection, let code): dismiss(connection, code)
        case .settle, .conclude: break
        }
    }

    private func broadcast(_ frame: SharedFrame, _ audience: Audience, _ panel: Panel?) {
        switch audience {
        case .everyone: core.send(frame, to: connections(.everyone(panel)), .control)
        case .staff: core.send(frame, to: connections(.staff(panel)), .control)
        case .supervisors: core.send(frame, to: connections(.supervisors(panel)), .control)
        case .seat(let seat):
            for id in order where members[id]?.member.seat == seat {
                members[id]?.connection.send(frame, .control)
            }
        }
    }

    // MARK: Members

    private func admit(_ member: Member, _ greeting: [SharedFrame]) {
        guard let connection = core.line(member.connection), connection.isOpen else {
            return isGone(member.connection)
        }
        // What came before is not the class's.
        if members[member.connection] == nil { _ = connection.takeSentBytes() }
        core.corked { for frame in greeting { connection.send(frame, .control) } }
        if members.updateValue((member, connection), forKey: member.connection) == nil {
            order.append(member.connection)
        }
        groups = [:]
    }

    private func dismiss(_ id: ConnectionID, _ code: DisconnectCode) {
        if let connection = forget(id) { leaving[id] = connection }
        core.line(id)?.close(CloseCode(rawValue: code.rawValue), reason: code.name)
    }

    /// A member's socket is gone.
    func remove(_ id: ConnectionID) {
        guard let connection = leaving.removeValue(forKey: id) ?? forget(id) else { return }
        sent += connection.takeSentBytes()
    }

    private func forget(_ id: ConnectionID) -> Line? {
        guard let (_, connection) = members.removeValue(forKey: id) else { return nil }
        order.removeAll { $0 == id }
        groups = [:]
        return connection
    }

    private func connections(_ group: Group) -> ContiguousArray<Line> {
        if let gathered = groups[group] { return gathered }
        let gathered = ContiguousArray(
            order.compactMap { members[$0] }.filter { belongs($0.member, to: group) }.map(\.connection))
        groups[group] = gathered
        return gathered
    }

    private func belongs(_ member: Member, to group: Group) -> Bool {
        func shows(_ panel: Panel?) -> Bool { panel.map(member.panels.contains) ?? true }
        return switch group {
        case .everyone(let panel): shows(panel)
        case .staff(let panel): member.role.isStaff && shows(panel)
        case .supervisors(let panel):
            Audience.supervisors.includes(member.seat, role: member.role) && shows(panel)
        case .others: !member.role.isStaff
        }
    }
}
