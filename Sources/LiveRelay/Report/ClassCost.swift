public import Recorder
import SessionModel

/// What a class has cost its operator.
///
/// `class show`, the report, its page and its table all show this one value, so their figures cannot differ.
public struct ClassCost: Hashable, Sendable, Codable {
    /// What members were sent, in bytes.
    public let sentBytes: ClassTraffic
    /// 人分钟: how long people were in class, before, in and after the lesson, all of them together; what is
    /// left of a minute is cut off.
    public let personMinutes: Int64
    /// What the class takes on the disk, in bytes.
    public let diskBytes: ClassDiskUse

    /// The cost of a class as it was read.
    public init(_ recording: ClassRecording) { self.init(recording, recording.report) }

    init(_ recording: ClassRecording, _ report: SessionReport) {
        sentBytes = recording.traffic
        personMinutes = report.personMilliseconds / 60_000
        diskBytes = recording.disk
    }
}
