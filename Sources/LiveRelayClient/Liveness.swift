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

    /// When the line must be given up unless something comes.
    var deadline: UInt64 {
        guard soundAt != nil else { return heardAt + Self.silenceMillisecondsMaximum }
        return heardAt
            + max(Self.soundSilenceMillisecondsMaximum, digestMilliseconds + Self.digestGraceMilliseconds)
    }
}
