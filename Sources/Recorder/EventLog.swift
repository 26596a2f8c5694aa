public import SessionModel

/// A place in a log: everything up to and including event `n` of this epoch.
public struct LogPosition: Hashable, Sendable {
    /// The identity of the log.
    public let epoch: String
    /// The number of the last event; 0 before the first.
    public let n: UInt64

    /// A place in a log.
    public init(epoch: String, n: UInt64) {
        self.epoch = epoch
        self.n = n
    }
}

/// Why a log did not take or give something.
public enum EventLogFailure: Error, Hashable, Sendable {
    /// The batch does not follow the last one handed over: somebody else writes, or the caller is behind.
    case conflict
    /// Nobody knows whether the batch is durable. The log takes nothing more until it was read back.
    case unknownOutcome(StorageFailure)
    /// The batch is not in the log, and nothing of it is.
    case unavailable(EventLogUnavailability)
}

/// Why a log is unavailable.
public enum EventLogUnavailability: Hashable, Sendable {
    /// The disk refused; the log is as it was.
    case storage(StorageFailure)
    /// More waits than may wait; see `GroupCommitLimits`.
    case overloaded
    /// An earlier outcome is unknown: read the log back first.
    case poisoned
    /// The log on disk is not one: it is left alone for somebody to look at.
    case corrupt(LogCorruption)
    /// The log was closed.
    case closed
}

/// The durable log of one class. One batch is one atomic record; nothing is acknowledged before it is
/// durable.
///
/// All methods are called on the caller's loop, and completions come back there. Audio never goes through it.
public protocol EventLog: AnyObject {
    /// What the log ends with once everything handed over is durable.
    var headPosition: LogPosition { get }

    /// Makes a batch durable after everything handed over before it. `position` is the place the batch
    /// follows, so that two writers cannot both believe to be the one. Completes with the place of its last
    /// event.
    func append(
        _ commit: ClassCommit, after position: LogPosition,
        completion: @escaping @Sendable (Result<LogPosition, EventLogFailure>) -> Void)

    /// Reads what is durable after a place.
    func read(
        after position: LogPosition,
        completion: @escaping @Sendable (Result<[RecordedEvent], EventLogFailure>) -> Void)

    /// Hands over what is durable after a place, and from then on every batch as soon as it is durable, in
    /// order. After a failure nothing more comes. The number that comes back ends it.
    func follow(
        after position: LogPosition,
        receive: @escaping @Sendable (Result<[RecordedEvent], EventLogFailure>) -> Void
    ) -> Int

    /// Ends what `follow` began; events already on their way may still arrive.
    func unfollow(_ follower: Int)
}
