import Foundation
public import SessionModel

/// The first line of a log: whose it is, and which log of it.
public struct LogHeader: Hashable, Sendable {
    /// The class.
    public let session: SessionID
    /// The identity of this log; new only where an older one was lost.
    public let epoch: String
    /// When the log was created: the zero of session time.
    public let createdAt: WallTime

    /// A header.
    public init(session: SessionID, epoch: String, createdAt: WallTime) {
        self.session = session
        self.epoch = epoch
        self.createdAt = createdAt
    }
}

extension LogHeader {
    /// The form this code writes and the newest it reads.
    static let version = 1

    /// The line without its LF; keys in the order `v`, `type`, `session`, `epoch`, `createdAt`.
    func line() -> [UInt8] {
        let time = CalendarTime.text(createdAt)
        return Array(
            """
            {"v":\(Self.version),"type":"log","session":"\(session)","epoch":"\(epoch)","createdAt":"\(time)"}
            """.utf8)
    }

    /// Reads the line without its LF; nil where it is no header of ours.
    init?(line: [UInt8]) {
        guard let coded = try? JSONDecoder().decode(Coded.self, from: Foundation.Data(line)),
            coded.v == Self.version, coded.type == "log", SeatID.isValid(coded.epoch),
            let created = CalendarTime(coded.createdAt)
        else { return nil }
        self.init(session: coded.session, epoch: coded.epoch, createdAt: created.wall)
    }

    private struct Coded: Decodable {
        let v: Int
        let type: String
        let session: SessionID
        let epoch: String
        let createdAt: String
    }
}
