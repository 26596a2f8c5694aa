import LiveRelayClient
import SessionModel

/// Classes as the terminal shows them.
enum ClassText {
    /// The lines of one class.
    static func card(_ card: ClassAnswer, _ words: Words) -> [String] {
        var rows = [
            [words("class.title"), SafeText.line(card.title)],
            [words("class.kind"), words("kind.\(card.kind)")],
            [words("class.phase"), words.phase(card.phase)],
            [words("class.start"), TimeText.moment(card.plannedStart, zone: card.timeZone, words.language)],
            [words("class.minutes"), words("class.minutesValue", "\(card.plannedMinutes)")],
            [words("class.id"), card.id.text],
        ]
        if let code = card.code { rows.append([words("class.code"), ClassLink.readable(code)]) }
        if let present = card.present {
            rows.append([words("class.present"), "\(present)/\(card.expected ?? 0)"])
        }
        if let cost = card.cost { rows += Self.cost(cost, words) }
        return Columns.lines(rows)
    }

    /// What a class has cost.
    static func cost(_ cost: CostAnswer, _ words: Words) -> [[String]] {
        let bytes = [
            ("cost.sentSound", cost.sentBytes.sound), ("cost.sentOther", cost.sentBytes.other),
            ("cost.diskLog", cost.diskBytes.log), ("cost.diskTexts", cost.diskBytes.texts),
            ("cost.diskRecording", cost.diskBytes.recording),
        ]
        return [[words("cost.people"), "\(cost.personMinutes)"]]
            + bytes.map { [words($0.0), words("cost.bytes", "\($0.1)")] }
    }

    /// A table of classes.
    static func table(_ classes: [ClassAnswer], _ words: Words) -> [String] {
        let heading = [
            "class.phase", "class.start", "class.title", "class.present", "class.code", "class.id",
        ]
        let rows = classes.map { card in
            [
                words.phase(card.phase),
                TimeText.moment(card.plannedStart, zone: card.timeZone, words.language),
                SafeText.line(card.title), card.present.map { "\($0)/\(card.expected ?? 0)" } ?? "",
                card.code.map(ClassLink.readable) ?? "", card.id.text,
            ]
        }
        return Columns.lines([heading.map { words($0) }] + rows)
    }

    /// The links of a class, in the order in which people need them.
    static func links(_ links: [String: String], _ console: Console) -> [String] {
        let order = ["lecturer", "assistant", "participant", "supervisor", "wall", "replay", "report"]
        let labels = order.filter { links[$0] != nil }.map { key in
            "\(Words(language: .chinese)("link.\(key)")) \(Words(language: .english)("link.\(key)"))"
        }
        let width = labels.map(TextWidth.columns).max() ?? 0
        return zip(labels, order.compactMap { links[$0] }).map { label, link in
            "\(TextWidth.fitted(label, width))  \(link)"
        }
    }

    /// `ID:NAME`, or a name that is its own identifier.
    static func part(_ text: Substring) -> NamedPart {
        let halves = text.split(separator: ":", maxSplits: 1).map(String.init)
        return NamedPart(id: halves.first ?? "", name: halves.last ?? "")
    }

    /// An identifier that may stand in a path.
    static func identifier(_ text: String) throws -> String {
        guard SessionID.isValid(text) else { throw CommandFailure(.gone, "failure.classUnknown", text) }
        return text
    }
}
