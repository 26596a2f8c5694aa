/// A request or answer that breaks HTTP/1.1 or a limit. The status is what a client is told.
struct HTTPViolation: Error, Equatable {
    /// The answer's status.
    let status: Int
    /// A short English phrase.
    let reason: String

    static func bad(_ reason: String) -> HTTPViolation {
        HTTPViolation(status: 400, reason: reason)
    }
}
