import Foundation
import Recorder
import SessionModel

/// One class whose log always has so many commits to write.
///
/// `@unchecked Sendable`: made before it starts; from then on touched on its loop alone, until the group is
/// done.
final class CommitClass: @unchecked Sendable {
    /// What is committed.
    enum Kind {
        /// A raised hand: one line of the log.
        case hand
        /// A line of chat: its text, and one line of the log.
        case chat
    }

    private static let seat = SeatID(unchecked: "s1")
    private static let salt = [UInt8](repeating: 7, count: TextEntry.saltBytesCount)

    private let log: EventLogFile
    private let kind: Kind
    private let depth: Int
    private let end: UInt64
    private let group: DispatchGroup
    private var n: UInt64 = 0
    private var inFlight = 0
    private(set) var nanoseconds: [UInt64] = []
    private(set) var failure: EventLogFailure?

    /// A class that keeps `depth` commits under way until `end`, and leaves the group then.
    init(_ log: EventLogFile, _ kind: Kind, depth: Int, until end: UInt64, in group: DispatchGroup) {
        self.log = log
        self.kind = kind
        self.depth = depth
        self.end = end
        self.group = group
        group.enter()
    }

    /// Hands over as much as may be under way; on the loop.
    func pump() {
        let now = DispatchTime.now().uptimeNanoseconds
        guard now < end, failure == nil else {
            guard inFlight == 0 else { return }
            log.close()
            return group.leave()
        }
        while inFlight < depth { append(at: now) }
    }

    private func append(at now: UInt64) {
        let position = log.headPosition
        n = position.n + 1
        inFlight += 1
        log.append(commit(), after: position) { [self] result in
            inFlight -= 1
            switch result {
            case .success: nanoseconds.append(DispatchTime.now().uptimeNanoseconds - now)
            case .failure(let failure): self.failure = failure
            }
            pump()
        }
    }

    private func commit() -> ClassCommit {
        let event: Event
        var texts: [TextEntry] = []
        switch kind {
        case .hand: event = .handRaised(Self.seat)
        case .chat:
            let ref = TextID(unchecked: "x\(n)")
            guard let text = TextEntry(ref: ref, salt: Self.salt, text: "老师好，今天的声音很清楚（\(n)）") else {
                preconditionFailure("a salt is 32 bytes")
            }
            texts = [text]
            event = .chatPosted(ChatID(unchecked: "c\(n)"), seat: Self.seat, text: text.reference)
        }
        let recorded = RecordedEvent(
            n: n, t: SessionTime(milliseconds: Int64(n)), by: .seat(Self.seat),
            cause: CommandID(unchecked: "m\(n)"), event: event)
        return ClassCommit(texts: texts, events: [recorded])
    }
}
