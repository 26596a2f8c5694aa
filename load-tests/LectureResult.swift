/// One line of JSON: what all listeners of a lecture have heard.
struct LectureResult: Encodable {
    let event = "done"
    let listeners: Int
    let seconds: Int
    /// Packets each speaker sent; nil where the floor sent them and says it itself.
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
    /// How many speak in each class.
    let speakers: Int
    /// How many read nothing, or too slowly: in nothing above but `listeners`.
    let stopped: Int
    let slow: Int
    /// Of those the lines that broke off, by how.
    let heldLosses: [String: Int]
    let waves: [WaveTally.Result]

    init(
        _ tally: ListenerTally, held: ListenerTally, heardUpTo: [UInt32], _ settings: LectureSettings,
        sent: Int?, waves: [WaveTally.Result]
    ) {
        // `sent` is what one speaker sent.
        let last = sent.map { UInt32(clamping: $0 * settings.speakers) } ?? heardUpTo.max() ?? 0
        listeners = settings.listeners
        seconds = settings.seconds
        speakers = settings.speakers
        stopped = settings.stopped
        slow = settings.slow
        heldLosses = held.losses
        self.waves = waves
        self.sent = sent
        delivered = tally.packets
        messages = tally.messages
        missing = tally.missing
        doubled = tally.doubled
        altered = tally.altered
        texts = tally.texts
        losses = tally.losses
        behind = heardUpTo.reduce(0) { $0 + Int(last - min(last, $1)) }
        delayMedian = tally.delays.milliseconds(50)
        delay99th = tally.delays.milliseconds(99)
        delay999th = tally.delays.milliseconds(99.9)
        delayMax = tally.delays.milliseconds(100)
    }
}
