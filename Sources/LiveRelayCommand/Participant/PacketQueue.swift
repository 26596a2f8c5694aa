import Dispatch

/// Packets that wait to be spoken. Lives on the loop.
final class PacketQueue {
    private var packets: [SourcePacket] = []
    private var head = 0
    private let clip: [SourcePacket]
    private let credit: DispatchSemaphore?
    /// Whether nothing more will come.
    private(set) var isEnded = false

    /// A queue that a reader fills; each packet taken lets it read another.
    init(credit: DispatchSemaphore) {
        self.credit = credit
        clip = []
    }

    /// A clip that is spoken once, or again and again.
    init(clip: [SourcePacket], isLoop: Bool) {
        packets = clip
        self.clip = isLoop ? clip : []
        credit = nil
        isEnded = !isLoop
    }

    /// How many packets a reader has brought.
    private(set) var appendedCount = 0

    /// Takes a packet at the end.
    func append(_ packet: SourcePacket) {
        packets.append(packet)
        appendedCount += 1
    }

    /// Nothing more will come.
    func end() { isEnded = true }

    /// How many packets wait.
    var count: Int { packets.count - head }

    /// The next packet; nil where none waits.
    func take() -> SourcePacket? {
        if head == packets.count {
            packets = clip
            head = 0
        }
        guard head < packets.count else { return nil }
        defer { head += 1 }
        credit?.signal()
        return packets[head]
    }
}
