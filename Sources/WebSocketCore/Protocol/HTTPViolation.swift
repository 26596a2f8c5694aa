/// A request or answer that breaks HTTP/1.1 or a limit. The status is what a client is told.
struct HTTPViolation: Error, Equatable {
    /// The answer's status.
    let status: Int
    /// A short English phrase.
    let reason: String

    /// A body beyond its bound.
    static let tooLarge = HTTPViolation(status: 413, reason: "body too large")

    static func bad(_ reason: String) -> HTTPViolation {
        HTTPViolation(status: 400, reason: reason)
    }
}
