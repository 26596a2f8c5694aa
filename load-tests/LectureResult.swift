import Histogram

/// One line of JSON: what all listeners of a lecture have heard.
struct LectureResult: Encodable {
    let event = "done"
    let listeners: Int
    let seconds: Int
    /// Packets the lecturer sent; nil where the floor sent them and says it itself.
    let sent: Int?
    /// Packets that came, over all listeners.
    let delivered: Int
    /// Messages they came in.
    let messages: Int
    let missing: Int
    let doubled: Int
    let altered: Int
    let texts: Int
    let losses: [String: Int]
    /// Packets that had not come to the end, over all listeners, reckoned from whoever heard most.
    let behind: Int
    /// Milliseconds from leaving the lecturer to being read.
    let delayMedian: Double
    let delay99th: Double
    let delay999th: Double
    let delayMax: Double

    init(_ tally: ListenerTally, heardUpTo: [UInt32], seconds: Int, sent: Int?) {
        func milliseconds(_ percentile: Double) -> Double {
            let microseconds = tally.delays.valueAtPercentile(percentile) / 1_000
            return Double(microseconds) / 1_000
        }
        let last = sent.map { UInt32(clamping: $0) } ?? heardUpTo.max() ?? 0
        listeners = heardUpTo.count
        self.seconds = seconds
        self.sent = sent
        delivered = tally.packets
        messages = tally.messages
        missing = tally.missing
        doubled = tally.doubled
        altered = tally.altered
        texts = tally.texts
        losses = tally.losses
        behind = heardUpTo.reduce(0) { $0 + Int(last - min(last, $1)) }
        delayMedian = milliseconds(50)
        delay99th = milliseconds(99)
        delay999th = milliseconds(99.9)
        delayMax = milliseconds(100)
    }
}
