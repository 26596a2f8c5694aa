/// What happened in a class, as lines in the order of time.
enum ReplayLines {
    /// One line and its session time in milliseconds.
    struct Line: Hashable {
        let at: Int64
        let text: String
    }

    /// All lines of a replay.
    static func lines(_ replay: ReplayAnswer, _ words: Words) -> [Line] {
        var lines: [Line] = []
        for entry in replay.chat ?? [] {
            let unit = (entry.affiliation ?? "").isEmpty ? "" : "（\(entry.affiliation ?? "")）"
            lines.append(Line(at: entry.at, text: SafeText.line("\(entry.name)\(unit)：\(entry.text ?? "…")")))
        }
        for hand in replay.hands ?? [] {
            let text = words("replay.hand.\(hand.what)", SafeText.line(hand.name))
            lines.append(Line(at: hand.at, text: text))
        }
        for poll in replay.polls ?? [] {
            lines.append(Line(at: poll.at, text: words("event.pollOpened", SafeText.line(poll.question))))
            if let closedAt = poll.closedAt {
                lines.append(Line(at: closedAt, text: result(poll, words)))
            }
        }
        for pause in replay.breaks ?? [] {
            let minutes = ((pause.to ?? pause.from) - pause.from + 59_999) / 60_000
            lines.append(Line(at: pause.from, text: words("event.breakStarted", "\(minutes)")))
            if let to = pause.to { lines.append(Line(at: to, text: words("event.breakEnded"))) }
        }
        for pause in replay.pauses ?? [] {
            lines.append(Line(at: pause.from, text: words("replay.pause.\(pause.cause)")))
            if let to = pause.to { lines.append(Line(at: to, text: words("event.recordingResumed"))) }
        }
        // A stable order: what happened in the same millisecond stays as it was listed.
        return lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    private static func result(_ poll: ReplayAnswer.Poll, _ words: Words) -> String {
        words(
            "event.pollClosed", SafeText.line(poll.question), "\(poll.count ?? 0)",
            sums(poll.options, poll.sums, words))
    }

    /// The parts of a result, or why they are not shown.
    static func sums(_ options: [String], _ sums: [Int]?, _ words: Words) -> String {
        guard let sums, sums.count == options.count else { return words("event.pollSecret") }
        return zip(options, sums).map { "\(SafeText.line($0)) \($1)" }.joined(separator: " · ")
    }
}
