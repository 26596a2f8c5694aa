import Glibc

/// The Date field of answers (RFC 9110 §6.6.1), formatted once per second.
struct DateField {
    private var second = 0
    private var text = ""

    /// The present time.
    mutating func value() -> String {
        let present = time(nil)
        if present != second {
            second = present
            text = HTTPDate.format(present)
        }
        return text
    }
}
