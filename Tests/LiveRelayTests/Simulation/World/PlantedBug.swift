/// A mistake that is planted in the drivers of the simulation, to show that its checkers bite.
enum PlantedBug: String, CaseIterable {
    /// The log is believed to be durable as soon as it was asked.
    case acknowledgesTooEarly
    /// A command that comes again under the same identifier is taken for a new one.
    case forgetsOutcomes
    /// Answers overtake the events that they speak of.
    case answersFirst
    /// What was decided leaves before the disk has it.
    case tellsBeforeDurable
    /// Recovery skips mutes and raised hands.
    case recoversInPart
    /// What only staff may see goes to everybody.
    case showsStaffMatters
    /// Whoever arrives gets chat entries from a cache that is never cleared.
    case showsHiddenTexts
    /// Anonymous votes are written down one by one.
    case writesVotesDown
    /// A reader that does not keep up is never closed.
    case letsQueuesGrow
    /// Attendance leaves out that people were cut off.
    case countsAbsence
    /// A client sends nothing again after it came back.
    case forgetsPending
    /// A client loses an event now and then.
    case skipsEvents
    /// Packets are sent on twice.
    case doublesSound

    /// Who has to find it.
    var checker: Checker {
        switch self {
        case .acknowledgesTooEarly: .acknowledged
        case .forgetsOutcomes: .twice
        case .answersFirst: .order
        case .tellsBeforeDurable: .early
        case .recoversInPart: .replay
        case .showsStaffMatters, .showsHiddenTexts: .secrecy
        case .writesVotesDown: .ballots
        case .letsQueuesGrow: .limits
        case .countsAbsence: .attendance
        case .forgetsPending: .answers
        case .skipsEvents: .convergence
        case .doublesSound: .sound
        }
    }
}
