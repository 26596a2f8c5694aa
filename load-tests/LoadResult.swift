import Foundation

/// What a scenario has shown, as a table or as one JSON object.
struct LoadResult: Encodable {
    let seats: Int
    let seconds: Int
    let packetsSent: Int
    let deliveriesExpected: Int
    let packetsMissing: Int
    let packetsDoubled: Int
    let packetsForeign: Int
    let chatsAccepted: Int
    let chatsMissing: Int
    let chatsDoubled: Int
    let votesAccepted: Int
    let votesSeenByLecturer: Int
    let pollCountsWrong: Int
    let refusals: [String: Int]
    let interruptions: Int
    /// From the publisher's send to the listener's receipt, in milliseconds, by the one clock of this
    /// process.
    let delayMedian: UInt64
    let delay99th: UInt64
    let delaysBySecond: [DelayCount.Second]
    let joinSeconds: Double
    var isGood: Bool {
        packetsMissing == 0 && packetsDoubled == 0 && packetsForeign == 0 && chatsMissing == 0
            && chatsDoubled == 0 && refusals.isEmpty && pollCountsWrong == 0
            && votesSeenByLecturer == votesAccepted && interruptions == 0
    }

    /// Writes it to standard output.
    func print(isJSON: Bool) {
        guard !isJSON else { return Orders.say(self) }
        let refused = refusals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let rows: [(String, String)] = [
            ("seats", "\(seats)"), ("seconds", "\(seconds)"), ("joined in", "\(joinSeconds) s"),
            ("packets sent", "\(packetsSent)"), ("deliveries expected", "\(deliveriesExpected)"),
            ("missing", "\(packetsMissing)"), ("more than once", "\(packetsDoubled)"),
            ("of no track", "\(packetsForeign)"), ("delay, median", "\(delayMedian) ms"),
            ("delay, 99th", "\(delay99th) ms"), ("chat entries accepted", "\(chatsAccepted)"),
            ("not seen somewhere", "\(chatsMissing)"), ("seen twice", "\(chatsDoubled)"),
            ("votes accepted", "\(votesAccepted)"), ("votes the lecturer saw", "\(votesSeenByLecturer)"),
            ("seats with another count", "\(pollCountsWrong)"),
            ("refusals", refused.isEmpty ? "0" : refused.joined(separator: ", ")),
            ("lines lost", "\(interruptions)"), ("", isGood ? "PASS" : "FAIL"),
        ]
        let text = rows.map { $0.0.padding(toLength: 26, withPad: " ", startingAt: 0) + $0.1 + "\n" }
        FileHandle.standardOutput.write(Data(text.joined().utf8))
    }
}
