/// What must be true whatever happens. `docs/simulation.md` says each in words.
enum Checker: String, CaseIterable {
    /// Whatever was acknowledged, or seen by anybody, stands in the log.
    case acknowledged
    /// No command takes effect twice.
    case twice
    /// Numbers of events only rise, and an event comes before the answer to the command that caused it.
    case order
    /// Nothing leaves the server before it is durable.
    case early
    /// The head is the fold of the log.
    case replay
    /// Nobody is shown what their role may not see.
    case secrecy
    /// Nothing on the disk or on the wire joins a person to an anonymous answer.
    case ballots
    /// Queues stay within their limits.
    case limits
    /// Attendance is the union of the intervals in which somebody was there.
    case attendance
    /// While nothing fails every command is answered.
    case answers
    /// After the faults stop everybody is back and sees what a late joiner sees.
    case convergence
    /// No packet of sound is heard twice or out of order.
    case sound
}
