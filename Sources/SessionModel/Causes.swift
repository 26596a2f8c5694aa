// Small vocabularies of events. Raw values stand in logs for ever and are never renamed.

/// Why a class ended.
public enum EndCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// 下课 by somebody who may.
    case requested
    /// By an administrator from outside.
    case administrator
    /// By the relay, after everybody who teaches had left on purpose and nobody came back.
    case teachersLeft
}

/// Why a seat lost its connection.
public enum InterruptionCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// The network, the device or the browser went away.
    case network
    /// The relay stopped or started again: not the learner's doing.
    case server
    /// The connection could not keep up and was told to come back.
    case tooSlow
}

/// Why somebody is no longer in class.
public enum LeaveCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// Said goodbye.
    case requested
    /// Did not come back within the grace after an interruption.
    case timedOut
    /// The class ended.
    case sessionEnded
}

/// Why a hand went down.
public enum HandLowerCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// Its owner lowered it.
    case owner
    /// Staff lowered it.
    case staff
    /// Its owner was called to speak.
    case called
    /// Its owner left.
    case left
}

/// Why a turn to speak ended.
public enum TurnEndCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// The speaker ended it.
    case speaker
    /// Staff ended it.
    case staff
    /// The speaker left.
    case left
    /// The class ended.
    case sessionEnded
}

/// Why an audio track ended.
public enum TrackCloseCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// Its publisher closed it.
    case publisher
    /// The turn to speak ended.
    case turnEnded
    /// Its publisher left.
    case left
    /// The class ended.
    case sessionEnded
}

/// Why recording stands still.
public enum RecordingPauseCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// The disk is full.
    case noSpace
    /// The disk cannot keep up.
    case tooSlow
    /// The disk reports an error or is read-only.
    case failed
}

/// Why the texts of a class were removed.
public enum TextRemovalCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// The class is not recorded.
    case notRecorded
    /// Somebody asked for erasure.
    case erased
}

/// The coding of an audio track.
public enum AudioCodec: String, CaseIterable, Hashable, Sendable, Codable {
    /// RFC 6716.
    case opus
}

/// Whether a learner really hears: being connected is not listening.
public enum Playback: Hashable, Sendable {
    /// Sound plays.
    case playing
    /// Sound does not play.
    case notPlaying(NotPlayingCause)
    /// Sound plays while the page is out of sight.
    case hidden
}

/// Why a learner does not hear.
public enum NotPlayingCause: String, CaseIterable, Hashable, Sendable, Codable {
    /// The browser waits for a click.
    case blocked
    /// The learner paused or turned the sound off.
    case paused
    /// Packets do not come.
    case stalled
    /// The browser or the terminal cannot play.
    case unsupported
}

extension Playback: Codable {
    /// The word on the wire: `playing`, `hidden`, or the cause why nothing plays.
    public var code: String {
        switch self {
        case .playing: "playing"
        case .hidden: "hidden"
        case .notPlaying(let cause): cause.rawValue
        }
    }

    /// The playback with this word, or nil.
    public init?(code: String) {
        switch code {
        case "playing": self = .playing
        case "hidden": self = .hidden
        case let other:
            guard let cause = NotPlayingCause(rawValue: other) else { return nil }
            self = .notPlaying(cause)
        }
    }

    /// Reads one word.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let playback = Playback(code: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a playback state")
        }
        self = playback
    }

    /// Writes one word.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}
