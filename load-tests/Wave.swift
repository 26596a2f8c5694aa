/// Many who do the same within seconds, in the middle of a lecture.
struct Wave: Sendable {
    /// What they do.
    enum Kind: String, CaseIterable, Sendable, Encodable {
        /// Answer a poll that the lecturer has just opened.
        case poll
        /// Type something.
        case chat
        /// 举手.
        case hands
        /// Come in and wait for sound.
        case join
    }

    /// As many as may listen.
    static let countMaximum = LectureSettings.listenersMaximum
    /// Longer than that is no wave.
    static let secondsMaximum = 600
    /// More do not fit into a lecture.
    static let wavesCountMaximum = 100

    let kind: Kind
    let count: Int
    let withinSeconds: Int

    /// Waves as they are written: `poll:5000:5,chat:200:5`; nil where that is not what stands there.
    static func list(_ text: String) -> [Wave]? {
        let parts = text.split(separator: ",")
        let waves = parts.compactMap { Wave($0) }
        guard !waves.isEmpty, waves.count == parts.count, waves.count <= wavesCountMaximum else { return nil }
        return waves
    }

    private init?(_ text: Substring) {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 3, let kind = Kind(rawValue: parts[0]), let count = Int(parts[1]),
            let seconds = Int(parts[2]), (1...Self.countMaximum).contains(count),
            (1...Self.secondsMaximum).contains(seconds)
        else { return nil }
        self.kind = kind
        self.count = count
        withinSeconds = seconds
    }

    /// When the one of this number does it, in milliseconds from the beginning.
    func offset(of index: Int) -> UInt64 { UInt64(index * withinSeconds * 1_000 / count) }
}
