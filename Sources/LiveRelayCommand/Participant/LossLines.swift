import LiveRelayClient
import LiveRelayWire

/// What is said while the line is away: each reason once, not at each try.
struct LossLines {
    private var last: LineLoss?

    /// The line to show, or nil where it would say the same again.
    mutating func line(_ loss: LineLoss, _ nextTryMilliseconds: UInt64, _ words: Words) -> String? {
        defer { last = loss }
        guard loss != last else { return nil }
        if loss == .code(.notYetOpen) { return words("join.notYetOpen") }
        return words("join.interrupted", Self.text(loss, words), "\((nextTryMilliseconds + 999) / 1_000)")
    }

    /// Why the line is away.
    private static func text(_ loss: LineLoss, _ words: Words) -> String {
        switch loss {
        case .code(let code): words.ending(code)
        case .silence: words.ending(.silentTooLong)
        case .failed(let reason): SafeText.line(reason)
        }
    }
}
