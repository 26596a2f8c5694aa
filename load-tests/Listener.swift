import Histogram
import LiveRelayWire
import WebSocketCore

/// What all listeners of a loop have counted together.
final class ListenerTally {
    /// Nanoseconds in a minute: whoever waits longer has lost the packet.
    private static let delayNanosecondsMaximum: UInt64 = 60_000_000_000
    /// From leaving the lecturer to being read here, in nanoseconds, of every packet of every listener.
    var delays = Histogram<UInt64>(
        highestTrackableValue: ListenerTally.delayNanosecondsMaximum, numberOfSignificantValueDigits: .three)
    /// Packets that came whole and in their turn.
    var packets = 0
    /// Messages they came in.
    var messages = 0
    /// Packets that were jumped over.
    var missing = 0
    /// Packets that came again or too late.
    var doubled = 0
    /// Packets that are not what was sent.
    var altered = 0
    /// Texts that came: snapshots, events, digests.
    var texts = 0
    /// Lines that broke off, by how.
    var losses: [String: Int] = [:]
    /// Those in class.
    var joined = 0
}

/// One who only listens: takes a seat and looks at every byte of the sound. It does without the state of the
/// class, so that one processor can be thousands of them.
final class Listener: WebSocketDelegate {
    private let join: [UInt8]
    private let tally: ListenerTally
    private let isIn: () -> Void
    private var connection: Connection?
    /// The number that comes next; nil before the first.
    private var next: UInt32?
    private var isJoined = false
    private var isStopped = false

    /// `isIn` is called when the relay has greeted, or at once where the peer greets nobody.
    init(join: JoinRequest?, tally: ListenerTally, isIn: @escaping () -> Void) throws {
        self.join = try join.map { Array(try ClientMessage.join($0).json()) } ?? []
        self.tally = tally
        self.isIn = isIn
    }

    /// How many packets came, counted from the first of the class.
    var heardUpTo: UInt32 { next ?? 0 }

    func stop() {
        isStopped = true
        connection?.abort()
    }

    func opened(_ connection: Connection) {
        self.connection = connection
        if join.isEmpty { greeted() } else { connection.send(.text(join), .control) }
    }

    func received(_ message: WebSocketMessage, on connection: Connection) {
        switch message {
        case .text:
            tally.texts += 1
            // The first thing that comes is the greeting.
            if !isJoined { greeted() }
        case .binary(let bytes): bytes.withUnsafeBytes { hear($0) }
        }
    }

    func closed(_ connection: Connection, _ outcome: CloseOutcome) {
        self.connection = nil
        if !isStopped { tally.losses["\(outcome)", default: 0] += 1 }
    }

    private func greeted() {
        isJoined = true
        tally.joined += 1
        isIn()
    }

    /// The layout stands in `docs/protocol.md` §5; it is read in place.
    private func hear(_ message: UnsafeRawBufferPointer) {
        guard message.count >= AudioMessage.headerBytesCount, message[0] == AudioMessage.audioMark else {
            return tally.altered += 1
        }
        let now = StampedPacket.now
        var number = UInt32(bigEndian: message.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        let count = Int(message[20])
        var offset = AudioMessage.headerBytesCount
        tally.messages += 1
        for _ in 0..<count {
            guard offset + 2 <= message.count else { return tally.altered += 1 }
            let length = Int(
                UInt16(bigEndian: message.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
            offset += 2
            guard offset + length <= message.count else { return tally.altered += 1 }
            hear(
                UnsafeRawBufferPointer(rebasing: message[offset..<offset + length]), number: number, now: now)
            offset += length
            number &+= 1
        }
    }

    private func hear(_ packet: UnsafeRawBufferPointer, number: UInt32, now: UInt64) {
        guard let leftAt = StampedPacket.leftAt(packet, number: number) else { return tally.altered += 1 }
        let expected = next ?? 0
        guard number >= expected else { return tally.doubled += 1 }
        tally.missing += Int(number - expected)
        tally.packets += 1
        tally.delays.record(now > leftAt ? now - leftAt : 0)
        next = number + 1
    }
}
