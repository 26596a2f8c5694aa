/// Whether the line is alive, judged by what comes in (`docs/protocol.md` §3).
struct Liveness: Hashable, Sendable {
    /// The relay says something at least every 2 s, so this long without a word is a dead line.
    static let silenceMillisecondsMaximum: UInt64 = 5_000
    /// Where sound flows something comes every few hundredths of a second.
    static let soundSilenceMillisecondsMaximum: UInt64 = 1_500
    /// Sound counts as flowing until other messages have come this long without any.
    static let soundGoneMilliseconds: UInt64 = 1_000
    /// When a speaker's line dies the listeners' lines are well: their next sign of life is a digest.
    static let digestGraceMilliseconds: UInt64 = 500
    /// A digest comes at least every 2 s.
    static let digestMillisecondsMaximum = 2_000

    /// A program that looks so much too late was not running: what came meanwhile still waits to be read.
    static let stallMilliseconds: UInt64 = 200
    /// After a stall what waits is read within this time.
    static let stallGraceMilliseconds: UInt64 = 1_000

    private var heardAt: UInt64
    private var soundAt: UInt64?
    private let digestMilliseconds: UInt64

    /// A line that was heard just now; the relay's digests come at this period.
    init(at now: UInt64, digestMilliseconds: Int) {
        heardAt = now
        self.digestMilliseconds = UInt64(min(max(digestMilliseconds, 0), Self.digestMillisecondsMaximum))
    }

    /// A text message came.
    mutating func heardText(at now: UInt64) {
        heardAt = now
        if let soundAt, now > soundAt + Self.soundGoneMilliseconds { self.soundAt = nil }
    }

    /// A binary message came; one that stands for silence promises no other soon.
    mutating func heardAudio(isSilence: Bool, at now: UInt64) {
        heardAt = now
        soundAt = isSilence ? nil : now
    }

    /// Whether the line is dead: the deadline has passed, and this program was running when it did. After a
    /// stall, as of a laptop that slept, the line gets a moment to show that it lives.
    mutating func isDead(at now: UInt64) -> Bool {
        guard deadline <= now else { return false }
        guard now > deadline + Self.stallMilliseconds else { return true }
        heardAt = heardAt + (now - deadline) + Self.stallGraceMilliseconds
        return false
    }

    /// When the line must be given up unless something comes.
    var deadline: UInt64 {
        guard soundAt != nil else { return heardAt + Self.silenceMillisecondsMaximum }
        return heardAt
            + max(Self.soundSilenceMillisecondsMaximum, digestMilliseconds + Self.digestGraceMilliseconds)
    }
}
