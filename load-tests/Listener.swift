import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// What all listeners of a loop have counted together.
final class ListenerTally {
    /// From leaving the lecturer to being read here, of every packet of every listener.
    var delays = Delays()
    /// What goes on just now beside the lecture.
    var wave: WaveTally?
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
    /// Called with the first sound; nil for those who are there from the beginning and must miss nothing.
    private var firstSound: (() -> Void)?
    private let isLate: Bool
    private var connection: Connection?
    /// Of each track the number that comes next.
    private var tracks: [(track: UInt16, next: UInt32)] = []
    private var question: (id: CommandID, bytes: [UInt8], answered: (CommandAnswer) -> Void)?
    private var isJoined = false
    private var isStopped = false

    /// `isIn` is called when the relay has greeted, or at once where the peer greets nobody; `firstSound`
    /// where somebody comes into a class that has begun.
    init(
        join: JoinRequest?, tally: ListenerTally, firstSound: (() -> Void)? = nil, isIn: @escaping () -> Void
    ) throws {
        self.join = try join.map { Array(try ClientMessage.join($0).json()) } ?? []
        self.tally = tally
        self.firstSound = firstSound
        isLate = firstSound != nil
        self.isIn = isIn
    }

    /// How many packets came or were jumped over, counted from the first of the class.
    var heardUpTo: UInt32 { tracks.reduce(0) { $0 + $1.next } }

    func stop() {
        isStopped = true
        connection?.abort()
    }

    /// Reads nothing from now on.
    func hold() { connection?.pauseReading() }

    /// Reads again.
    func goOn() { connection?.resumeReading() }

    /// Asks for something; one thing at a time.
    func ask(_ command: ClientCommand, _ id: CommandID, answered: @escaping (CommandAnswer) -> Void) {
        guard isJoined, question == nil, let connection,
            let json = try? ClientMessage.command(id, command).json()
        else { return answered(.unanswered) }
        question = (id, Array("\"\(id.text)\"".utf8), answered)
        connection.send(.text(Array(json)), .control)
    }

    func opened(_ connection: Connection) {
        self.connection = connection
        if join.isEmpty { greeted() } else { connection.send(.text(join), .control) }
    }

    func received(_ message: WebSocketMessage, on connection: Connection) {
        switch message {
        case .text(let bytes):
            tally.texts += 1
            // The first thing that comes is the greeting.
            if !isJoined { greeted() }
            if let question, contains(bytes, question.bytes) { read(bytes, question.id) }
        case .binary(let bytes): bytes.withUnsafeBytes { hear($0) }
        }
    }

    func closed(_ connection: Connection, _ outcome: CloseOutcome) {
        self.connection = nil
        if !isStopped { tally.losses["\(outcome)", default: 0] += 1 }
    }

    /// Thousands of listeners cannot read everything that they are told: only what holds their own word.
    private func contains(_ bytes: [UInt8], _ word: [UInt8]) -> Bool {
        guard bytes.count >= word.count else { return false }
        return (0...bytes.count - word.count).contains { start in
            bytes[start] == word[0] && bytes[start..<start + word.count].elementsEqual(word)
        }
    }

    private func read(_ bytes: [UInt8], _ id: CommandID) {
        let answer: CommandAnswer
        switch try? ServerMessage(json: Data(bytes)) {
        case .accepted(let accepted) where accepted.id == id: answer = .accepted(accepted)
        case .rejected(id, let rejection): answer = .rejected(rejection)
        case .retry(id, _): answer = .unanswered
        default: return
        }
        let answered = question?.answered
        question = nil
        answered?(answer)
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
        let track = UInt16(bigEndian: message.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
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
            let packet = UnsafeRawBufferPointer(rebasing: message[offset..<offset + length])
            hear(packet, place(of: track, number), number: number, now: now)
            offset += length
            number &+= 1
        }
    }

    /// Where the count of a track stands. Who came late counts from what comes first.
    private func place(of track: UInt16, _ number: UInt32) -> Int {
        if let known = tracks.firstIndex(where: { $0.track == track }) { return known }
        tracks.append((track, isLate ? number : 0))
        return tracks.count - 1
    }

    private func hear(_ packet: UnsafeRawBufferPointer, _ place: Int, number: UInt32, now: UInt64) {
        guard let leftAt = StampedPacket.leftAt(packet, number: number) else { return tally.altered += 1 }
        let expected = tracks[place].next
        guard number >= expected else { return tally.doubled += 1 }
        tally.missing += Int(number - expected)
        tally.packets += 1
        let delay = now > leftAt ? now - leftAt : 0
        tally.delays.take(delay)
        // The delay of who just came says how the join went, not the sound.
        if !isLate { tally.wave?.sound.take(delay) }
        tracks[place].next = number + 1
        if let firstSound {
            self.firstSound = nil
            firstSound()
        }
    }
}
