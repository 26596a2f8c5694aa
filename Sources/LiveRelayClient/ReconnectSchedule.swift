/// When to try again after the line was lost: soon, then about once a second, then spread over a growing time
/// (`docs/protocol.md` §3). Time and chance come in as arguments.
struct ReconnectSchedule: Hashable, Sendable {
    /// The first try comes within a second, spread so that a class does not come back in one instant.
    static let firstMillisecondsMaximum: UInt64 = 1_000
    /// For ten seconds the line may just have hiccuped.
    static let eagerMilliseconds: UInt64 = 10_000
    /// The shortest pause while the line may just have hiccuped.
    static let eagerPauseMillisecondsMinimum: UInt64 = 500
    /// The longest pause while the line may just have hiccuped.
    static let eagerPauseMillisecondsMaximum: UInt64 = 1_500
    /// Later on tries are spread over half the time that the line has been away, and over half a minute at
    /// most.
    static let patientPauseMillisecondsMaximum: UInt64 = 30_000
    /// A door that is still closed is asked again every few seconds: people wait in front of it.
    static let doorPauseMillisecondsMinimum: UInt64 = 2_000
    /// The longest pause in front of a closed door.
    static let doorPauseMillisecondsMaximum: UInt64 = 4_000
    /// The relay may ask for a longer pause, but nobody waits for minutes.
    static let askedPauseMillisecondsMaximum = 120_000

    private struct Asked: Hashable {
        let after: UInt64
        let jitter: UInt64
    }

    /// When the line was lost; nil while it is good.
    private(set) var lostAt: UInt64?
    private var tries = 0
    private var asked: Asked?

    /// The line is good: the next loss starts from the beginning.
    mutating func reset() {
        lostAt = nil
        tries = 0
        asked = nil
    }

    /// The relay said how to come back; this overrides the next pause.
    mutating func ask(after: Int, jitter: Int) {
        let bounds = 0...Self.askedPauseMillisecondsMaximum
        asked = Asked(
            after: UInt64(min(max(after, bounds.lowerBound), bounds.upperBound)),
            jitter: UInt64(min(max(jitter, bounds.lowerBound), bounds.upperBound)))
    }

    /// The line was lost, or a try failed: the time of the next try.
    mutating func nextTry(at now: UInt64, isDoorClosed: Bool, _ chance: inout Chance) -> UInt64 {
        let since = lostAt ?? now
        lostAt = since
        tries += 1
        defer { asked = nil }
        if let asked {
            return now + asked.after + chance.milliseconds(0, asked.jitter)
        }
        if isDoorClosed {
            return now
                + chance.milliseconds(Self.doorPauseMillisecondsMinimum, Self.doorPauseMillisecondsMaximum)
        }
        if tries == 1 {
            return now + chance.milliseconds(0, Self.firstMillisecondsMaximum)
        }
        if now < since + Self.eagerMilliseconds {
            return now
                + chance.milliseconds(Self.eagerPauseMillisecondsMinimum, Self.eagerPauseMillisecondsMaximum)
        }
        let pauseMaximum = min((now - since) / 2, Self.patientPauseMillisecondsMaximum)
        return now + chance.milliseconds(0, pauseMaximum)
    }
}
