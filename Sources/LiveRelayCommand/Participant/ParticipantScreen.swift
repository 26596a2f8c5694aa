import LiveRelayClient
import LiveRelayWire
import SessionModel

/// The class as lines: with a status line on a screen, one event a line for screen readers, or JSON Lines.
final class ParticipantScreen {
    private let console: Console
    private let words: Words
    /// Whether a status line stands below the last line.
    private var status: String?
    private var lastPosition: Int?
    private var lastTrouble: LogTrouble?
    private var lastEndsAt: SessionTime?

    init(_ console: Console) {
        self.console = console
        words = console.words
    }

    private struct Line: Encodable {
        let event: String
        var text: String?
        var name: String?
        var role: String?
        var chat: String?
        var at: Int64?
        var options: [String]?
        var sums: [Int]?
        var count: Int?
    }

    private var hasStatus: Bool { console.terminal.isFancy && !console.isJSON }

    // MARK: Lines

    /// One line of what happens in class.
    func say(_ event: String, _ text: String) { put(Line(event: event, text: text), text) }

    /// One line for the person alone.
    func note(_ text: String) {
        guard !console.isJSON else { return say("note", text) }
        write(console.terminal.faint(text))
    }

    /// The last line.
    func end() {
        if status != nil { console.terminal.put(Array("\r\u{1B}[K".utf8)) }
        status = nil
    }

    private func put(_ line: Line, _ text: String) {
        if console.isJSON { try? console.json(line) } else { write(text) }
    }

    private func write(_ text: String) {
        guard let status else { return console.terminal.say(text) }
        console.terminal.put(Array("\r\u{1B}[K\(text)\n".utf8))
        draw(status)
    }

    private func draw(_ line: String) {
        let fitted = TextWidth.fitted(line, max(10, console.terminal.columns - 1))
        console.terminal.put(Array("\r\u{1B}[K\u{1B}[7m\(fitted)\u{1B}[0m\r".utf8))
    }

    // MARK: The class

    func joined(_ hello: Hello, isFirst: Bool) {
        guard isFirst else { return say("resumed", words("join.resumed")) }
        var line = Line(event: "joined")
        line.name = hello.name
        line.role = hello.role.rawValue
        let name = SafeText.line(hello.name)
        put(line, words("join.joined", hello.class.text, words.role(hello.role), name))
        note(words("join.keys"))
    }

    /// What somebody who arrives sees: the state, the chat so far, the open poll.
    func snapshot(_ classroom: Classroom?, _ shown: inout Set<ChatID>) {
        guard let classroom, let card = classroom.card else { return }
        let state = words.phase(card.phase)
        var line = Line(event: "class")
        line.text = card.phase.rawValue
        line.name = card.title
        put(line, "\(console.terminal.bold(SafeText.line(card.title)))  \(state)")
        for entry in classroom.chat where shown.insert(entry.chat).inserted { chat(entry) }
        if let poll = classroom.openPoll { self.poll(poll) }
        refresh(classroom)
    }

    /// What a digest changed: once, that the class will end by itself; and the status line.
    func digest(_ digest: Digest, _ classroom: Classroom?) {
        defer { lastEndsAt = digest.endsAt }
        if let endsAt = digest.endsAt, lastEndsAt != endsAt {
            say("endsBy", words("join.endsBy", "\((digest.t.milliseconds(to: endsAt) + 59_999) / 60_000)"))
        }
        refresh(classroom)
    }

    /// Redraws the status line.
    func refresh(_ classroom: Classroom?) {
        guard hasStatus, let classroom, let card = classroom.card else { return }
        let line = words(
            "join.status", SafeText.line(card.title), "\(classroom.presence.present)",
            "\(classroom.presence.expected)", "\(classroom.handsCount)", words.phase(card.phase))
        guard line != status else { return }
        status = line
        draw(line)
    }

    /// Says that the log of the class is in trouble, or well again.
    func log(_ trouble: LogTrouble?) {
        defer { lastTrouble = trouble }
        guard trouble != lastTrouble else { return }
        say("log", words(trouble.map { "log.\($0.rawValue)" } ?? "log.well"))
    }

    func position(_ position: Int?, _ total: Int) {
        defer { lastPosition = position }
        guard let position, position != lastPosition else { return }
        say("position", words("join.position", "\(position)", "\(total)"))
    }

    func people(_ classroom: Classroom?) {
        guard let classroom else { return }
        let rows = classroom.peopleInOrder.map { person in
            var marks = [words(person.isConnected ? "people.present" : "people.away")]
            if person.isSpeaking { marks.append(words("people.speaking")) }
            if person.isMuted { marks.append(words("people.muted")) }
            return [
                SafeText.line(person.name), SafeText.line(person.affiliation), words.role(person.role),
                marks.joined(separator: " "),
            ]
        }
        for line in Columns.lines(rows) { say("person", line) }
        say("people", words("people.count", "\(classroom.presence.present)"))
    }

    /// One event, as far as it is of interest to somebody at a terminal.
    func event(_ notice: EventNotice, _ classroom: Classroom?, _ shown: inout Set<ChatID>) {
        let fields = notice.event
        let name = SafeText.line(fields.seat.flatMap { notice.people[$0.text]?.name } ?? "")
        switch fields.type {
        case "chatPosted":
            guard let entry = classroom?.chat.last(where: { $0.chat == fields.chat }),
                shown.insert(entry.chat).inserted
            else { return }
            chat(entry)
        case "ended" where fields.reason == EndCause.teachersLeft.rawValue:
            happened("endedByItself", "", notice)
        case "breakStarted": happened(fields.type, "\(fields.plannedMinutes ?? 0)", notice)
        case "opened", "started", "breakEnded", "ended", "chatHidden", "trackClosed", "recordingPaused",
            "recordingResumed":
            happened(fields.type, "", notice)
        case "joined", "left", "removed", "handRaised", "handLowered", "calledToSpeak", "turnEnded", "muted",
            "unmuted", "trackOpened":
            happened(fields.type, name, notice)
        case "pollOpened": if let poll = classroom?.openPoll { self.poll(poll) }
        case "pollClosed": closed(classroom?.polls.first { $0.poll == fields.poll }, notice)
        default: break
        }
        refresh(classroom)
    }

    private func happened(_ type: String, _ value: String, _ notice: EventNotice) {
        var line = Line(event: type)
        line.name = value.isEmpty ? nil : value
        line.at = notice.t.milliseconds
        put(line, console.terminal.faint("· " + words("event.\(type)", value)))
    }

    private func chat(_ entry: ChatCard) {
        var line = Line(event: "chat")
        line.name = entry.name
        line.role = entry.role.rawValue
        line.text = entry.text
        line.chat = entry.chat.text
        line.at = entry.at.milliseconds
        let unit = entry.affiliation.isEmpty ? "" : "（\(SafeText.line(entry.affiliation))）"
        let name = console.terminal.bold(SafeText.line(entry.name) + unit)
        put(line, "\(name)：\(SafeText.line(entry.text ?? words("event.chatHidden")))")
    }

    private func poll(_ poll: PollCard) {
        var line = Line(event: "poll")
        line.text = poll.question
        line.options = poll.options
        put(line, words("event.pollOpened", SafeText.line(poll.question)))
        guard !console.isJSON else { return }
        for (index, option) in poll.options.enumerated() {
            say("option", "  \(index + 1)  \(SafeText.line(option))")
        }
    }

    private func closed(_ poll: PollCard?, _ notice: EventNotice) {
        guard let poll else { return }
        let sums = ReplayLines.sums(poll.options, poll.sums, words)
        let question = SafeText.line(poll.question)
        var line = Line(event: "pollClosed")
        line.text = poll.question
        line.options = poll.options
        line.sums = poll.sums
        line.count = poll.count
        put(line, words("event.pollClosed", question, "\(poll.count)", sums))
    }
}
