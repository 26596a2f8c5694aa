import SessionModel

/// A packet on its way into a segment.
struct SequencedPacket: Hashable, Sendable {
    let sequence: UInt32
    let captureSamples: UInt64
    let samples: Int
    let arrival: SessionTime
    let isForTheRecord: Bool
    let bytes: [UInt8]
}

/// Puts the packets of one track and run in order: what comes after a hole waits a little for the publisher
/// to send again what is missing. Pure; sequence numbers may wrap.
struct PacketOrder {
    /// The number that comes next; nil before the first packet.
    private(set) var next: UInt32?
    /// When waiting for what is missing ends; nil while nothing is.
    private(set) var deadline: SessionTime?
    private var held: [SequencedPacket] = []

    /// Takes one packet and returns those whose turn it is now. One that came before, or is too old, changes
    /// nothing.
    mutating func take(_ packet: SequencedPacket) -> [SequencedPacket] {
        guard let expected = next else {
            next = packet.sequence &+ 1
            return [packet]
        }
        let ahead = Self.distance(from: expected, to: packet.sequence)
        if ahead < 0 { return [] }
        if ahead == 0 {
            next = expected &+ 1
            let ready = [packet] + takeContiguous()
            deadline = held.isEmpty ? nil : deadline(after: packet)
            return ready
        }
        hold(packet, expected)
        if held.count > AudioRecorderLimits.heldPacketsCountMaximum { return giveUpWaiting() }
        if deadline == nil || packet.isForTheRecord { deadline = deadline(after: packet) }
        return []
    }

    /// Whether the turn of this number is over: what comes under it now has no place in the order any more.
    func isPast(_ sequence: UInt32) -> Bool {
        guard let next else { return false }
        return Self.distance(from: next, to: sequence) < 0
    }

    /// What is missing does not come any more: everything that waited, in order.
    mutating func giveUpWaiting() -> [SequencedPacket] {
        let ready = held
        held = []
        deadline = nil
        if let last = ready.last { next = last.sequence &+ 1 }
        return ready
    }

    /// Everything up to this number is on disk and nothing after it: what comes next is taken again.
    mutating func goBack(to written: UInt32?) {
        held = []
        deadline = nil
        next = written.map { $0 &+ 1 }
    }

    private mutating func hold(_ packet: SequencedPacket, _ expected: UInt32) {
        let distance = Self.distance(from: expected, to: packet.sequence)
        let place = held.partitioningIndex { Self.distance(from: expected, to: $0.sequence) >= distance }
        guard place == held.count || held[place].sequence != packet.sequence else { return }
        held.insert(packet, at: place)
    }

    private mutating func takeContiguous() -> [SequencedPacket] {
        var count = 0
        while count < held.count, held[count].sequence == next {
            next = held[count].sequence &+ 1
            count += 1
        }
        defer { held.removeFirst(count) }
        return Array(held.prefix(count))
    }

    private func deadline(after packet: SequencedPacket) -> SessionTime {
        packet.arrival.advanced(byMilliseconds: AudioRecorderLimits.lateWaitMilliseconds)
    }

    private static func distance(from: UInt32, to: UInt32) -> Int32 { Int32(bitPattern: to &- from) }
}
