/// The serial queue of an event loop, in virtual time; dies with its process.
///
/// `@unchecked Sendable`: a world is one thread; the log asks for it only by its type.
final class VirtualLoop: @unchecked Sendable {
    let index: Int
    private let agenda: Agenda
    private let lots: Lots
    private var lastAt: UInt64 = 0
    private(set) var isAlive = true

    init(index: Int, _ agenda: Agenda, _ lots: Lots) {
        self.index = index
        self.agenda = agenda
        self.lots = lots
    }

    var now: UInt64 { agenda.now }

    func die() { isAlive = false }

    /// Does something after what was put in before, now or a moment later.
    func execute(_ work: @escaping () -> Void) {
        let at = max(lastAt, agenda.now + UInt64(lots.below(8) == 0 ? lots.below(30) : 0))
        lastAt = at
        agenda.at(at) { [self] in
            if isAlive { work() }
        }
    }

    /// Does something after all that is due at this moment.
    func atEndOfTurn(_ work: @escaping () -> Void) {
        agenda.at(agenda.now) { [self] in
            if isAlive { work() }
        }
    }

    /// Does something after a while.
    func after(_ milliseconds: UInt64, _ work: @escaping () -> Void) {
        agenda.after(milliseconds) { [self] in
            if isAlive { work() }
        }
    }
}
