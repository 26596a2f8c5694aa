/// What a peer may ask of us with frames that carry next to nothing: pings, which want an answer each, and
/// tiny or empty fragments, which cost far more than their bytes. RFC 6455 §10.4 leaves such bounds to us.
struct FrameBudget {
    private let smallFrameBytes: Int
    private var control: Budget
    private var small: Budget

    init(_ limits: TransportLimits) {
        smallFrameBytes = limits.smallFrameBytes
        control = Budget(
            perSecond: limits.controlFramesPerSecondMaximum, burst: limits.controlFramesBurstMaximum)
        small = Budget(perSecond: limits.smallFramesPerSecondMaximum, burst: limits.smallFramesBurstMaximum)
    }

    /// Counts a frame whose header has come. A peer's close frame is always heard.
    mutating func take(_ header: FrameHeader, now: UInt64) throws(ProtocolViolation) {
        guard header.opcode != .close else { return }
        if header.opcode.isControl {
            guard control.spend(now: now) else {
                throw ProtocolViolation(code: .policy, reason: "too many control frames")
            }
        } else if header.payloadCount < smallFrameBytes {
            guard small.spend(now: now) else {
                throw ProtocolViolation(code: .policy, reason: "too many small frames")
            }
        }
    }
}
