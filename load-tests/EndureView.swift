import LiveRelayClient
import LiveRelayWire
import SessionModel

/// What everybody in class must see alike, as comparable text by topic.
struct EndureView {
    let topics: [(name: String, value: String)]

    init(_ classroom: Classroom) {
        topics = [
            ("phase", classroom.phase?.rawValue ?? ""),
            ("chat", classroom.chat.map { "\($0.chat) \($0.seat) \($0.text ?? "")" }.joined(separator: "\n")),
            ("polls", classroom.polls.map(Self.text(of:)).joined(separator: "\n")),
            ("tracks", classroom.tracks.map { "\($0.track) \($0.seat)" }.joined(separator: "\n")),
            ("presence", "\(classroom.presence.present) \(classroom.presence.expected)"),
        ]
    }

    private static func text(of poll: PollCard) -> String {
        let sums = poll.sums.map { "\($0)" } ?? "none"
        return "\(poll.poll) \(poll.question) closed \(poll.closedAt != nil) count \(poll.count) sums \(sums)"
    }

    /// The first topic in which another view differs.
    func difference(from other: EndureView) -> String? {
        zip(topics, other.topics).first { $0.value != $1.value }.map { own, others in
            "\(own.name): \(own.value.suffix(200)) | \(others.value.suffix(200))"
        }
    }
}
