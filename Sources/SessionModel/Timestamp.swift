/// Milliseconds since the log of the session was created; never decreases, not even across restarts.
public struct SessionTime: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Milliseconds since the creation of the log.
    public let milliseconds: Int64

    /// The moment so many milliseconds after the creation of the log.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The creation of the log.
    public static let zero = SessionTime(milliseconds: 0)

    /// Earlier moments come first.
    public static func < (left: SessionTime, right: SessionTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment so many milliseconds later.
    public func advanced(byMilliseconds milliseconds: Int64) -> SessionTime {
        SessionTime(milliseconds: self.milliseconds.addingReportingOverflow(milliseconds).partialValue)
    }

    /// Milliseconds from this moment to a later one.
    public func milliseconds(to later: SessionTime) -> Int64 {
        later.milliseconds.subtractingReportingOverflow(milliseconds).partialValue
    }

    /// The number of milliseconds in decimal.
    public var description: String { String(milliseconds) }

    /// Reads one number.
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Writes one number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z by the wall clock; for people and calendars, never for intervals.
public struct WallTime: Hashable, Comparable, Sendable, Codable {
    /// Milliseconds since the Unix epoch.
    public let milliseconds: Int64

    /// The moment so many milliseconds after the Unix epoch.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Earlier moments come first.
    public static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

    /// Reads one number.
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Writes one number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
