import LiveRelayWire
import SessionModel
import WebSocketCore

/// The members of one class on one loop. A broadcast is encoded once elsewhere and sent here to each of them.
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

    private var members: [ConnectionID: (member: Member, connection: Line)] = [:]
    private var order: [ConnectionID] = []
    private var groups: [Group: ContiguousArray<Line>] = [:]
    /// Who was dismissed and whose socket is not gone yet: something may still be on its way to them.
    private var leaving: [ConnectionID: Line] = [:]
    /// What was sent to those who are gone, and has not been told.
    private var sent = SentBytes()
    private unowned let core: Lines

    private let isGone: (ConnectionID) -> Void

    /// `isGone` hears of members whose socket went away while they were at the door.
    init(core: Lines, isGone: @escaping (ConnectionID) -> Void) {
        self.core = core
        self.isGone = isGone
    }

    /// Whether nobody of the class is on this loop.
    var isEmpty: Bool { members.isEmpty }

    /// Whether nothing goes to anybody of the class on this loop any more.
    var isDone: Bool { members.isEmpty && leaving.isEmpty }

    /// What members were sent since this was last asked, from their greeting on.
    func takeSentBytes() -> SentBytes {
        for (_, connection) in members.values { sent += connection.takeSentBytes() }
        for connection in leaving.values { sent += connection.takeSentBytes() }
        defer { sent = SentBytes() }
        return sent
    }

    /// Sends sound to everyone.
    func sound(_ frame: SharedFrame) {
        core.send(
            frame, to: connections(.everyone(nil)),
            .media(ageLimitMilliseconds: MediaAge.mediaQueueAgeMaximumMilliseconds))
    }

    /// Carries out what was released, in order.
    func deliver(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            switch delivery {
            case .broadcast(let frame, let audience, let panel): broadcast(frame, audience, panel)
            case .digest(let staff, let others): tell(staff: staff, others: others)
            case .send(let frame, let connection): core.line(connection)?.send(frame, .reply)
            case .admit(let member, let greeting): admit(member, greeting)
            case .panels(let connection, let panels):
                members[connection]?.member.panels = panels
                groups = [:]
            case .dismiss(let connection, let code): dismiss(connection, code)
            case .settle, .conclude: break
            }
        }
    }

    /// Sends one frame to staff, another to everybody else.
    func tell(staff: SharedFrame, others: SharedFrame) {
        core.send(staff, to: connections(.staff(nil)), .control)
        core.send(others, to: connections(.others), .control)
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

    private func admit(_ member: Member, _ greeting: [SharedFrame]) {
        guard let connection = core.line(member.connection), connection.isOpen else {
            return isGone(member.connection)
        }
        // What came before is not the class's.
        if members[member.connection] == nil { _ = connection.takeSentBytes() }
        for frame in greeting { connection.send(frame, .control) }
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
