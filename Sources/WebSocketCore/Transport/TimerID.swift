/// The name of one scheduled call on one loop.
public struct TimerID: Hashable, Sendable {
    let number: UInt64
}
