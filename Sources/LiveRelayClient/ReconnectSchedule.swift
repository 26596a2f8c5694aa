/// When to try again after the line was lost: soon, then about once a second, then spread over a growing time
/// (`docs/protocol.md` §3). Time and chance come in as arguments.
struct ReconnectSchedule: Hashable, Sendable {
    /// The first try comes within a second, or within what the relay said, so that a class does not come back
    /// in one instant.
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
    /// A line that was good is given up after so long, so that a try begun while no packet passed does not
    /// wait for the third repetition of its first one (RFC 6298 §5: after 7 s).
    static let tryMillisecondsMinimum: UInt64 = 3_500
    /// Whoever comes for the first time stands before a busy door rather than at a broken line.
    static let firstTryMillisecondsMinimum: UInt64 = 10_000
    /// The longer nobody answers, the more likely too many ask: a try then gets half the time that the line
    /// has been away, up to this.
    static let tryMillisecondsMaximum: UInt64 = 15_000

    private struct Asked: Hashable {
        let after: UInt64
        let jitter: UInt64
    }

    /// When the line was lost; nil while it is good.
    private(set) var lostAt: UInt64?
    private var tries = 0
    private var asked: Asked?
    private var wasGood = false
    /// Over how long people spread; the relay says more where there are many.
    private var spreadMilliseconds = firstMillisecondsMaximum

    /// The line is good: the next loss starts from the beginning.
    mutating func reset() {
        lostAt = nil
        tries = 0
        asked = nil
        wasGood = true
    }

    /// How long a try that begins now may take.
    func tryMilliseconds(at now: UInt64) -> UInt64 {
        let least = wasGood ? Self.tryMillisecondsMinimum : Self.firstTryMillisecondsMinimum
        return min(max(least, (now - (lostAt ?? now)) / 2), Self.tryMillisecondsMaximum)
    }

    /// The relay said over how long people spread if it dies; nil for the usual second.
    mutating func spread(_ milliseconds: Int?) {
        let usual = Self.firstMillisecondsMaximum
        spreadMilliseconds = min(
            max(UInt64(clamping: milliseconds ?? 0), usual), Self.patientPauseMillisecondsMaximum)
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
            return now + chance.milliseconds(0, spreadMilliseconds)
        }
        if now < since + Self.eagerMilliseconds {
            let pauseMaximum = max(Self.eagerPauseMillisecondsMaximum, spreadMilliseconds)
            return now + chance.milliseconds(Self.eagerPauseMillisecondsMinimum, pauseMaximum)
        }
        let pauseMaximum = max(
            min((now - since) / 2, Self.patientPauseMillisecondsMaximum), spreadMilliseconds)
        return now + chance.milliseconds(0, pauseMaximum)
    }
}
