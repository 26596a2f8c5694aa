import LiveRelayWire
import SessionModel
import WebSocketCore

/// What a class counts between two digests.
struct Pulse {
    /// Often enough for a count to feel live, and within the 2 s in which clients expect a sign of life.
    static let periodMilliseconds: UInt64 = 1_000
    /// A socket that was lost while the log was unavailable is noticed after this long.
    static let orphanMilliseconds: Int64 = 2_000

    /// The last report of each seat.
    private(set) var reports: [SeatID: PlaybackReport] = [:]
    private(set) var gaps = 0
    /// Whether places in the queue of hands changed since the last digest.
    var handsMoved = false
    /// The place that each seat with a raised hand was told last.
    var positionsTold: [SeatID: Int] = [:]
    /// The last digest that went out.
    private(set) var lastDigest: Digest?
    /// A digest that waits for the disk.
    private(set) var waitingDigest: Digest?

    mutating func note(_ report: PlaybackReport, of seat: SeatID) {
        reports[seat] = report
        gaps += report.gaps
    }

    mutating func takeGaps() -> Int {
        defer { gaps = 0 }
        return gaps
    }

    /// How many periods a digest has been waiting for the disk.
    private(set) var waitedCount = 0
    /// A disk that takes longer than this is said to be slow; one beat may be chance.
    static let waitedCountMaximum = 2

    mutating func digestWaits(_ digest: Digest) {
        waitingDigest = digest
        waitedCount = 0
    }

    /// Another period is over and the digest still waits; says whether that is worth telling.
    mutating func stillWaits() -> Bool {
        waitedCount += 1
        return waitedCount >= Self.waitedCountMaximum
    }

    mutating func digestLeaves() {
        lastDigest = waitingDigest
        waitingDigest = nil
    }

    /// A greeting told a seat its place, so that the seat must hear when it loses it.
    mutating func placeWasToldOutside(_ seat: SeatID) {
        if positionsTold[seat] == nil { positionsTold[seat] = 0 }
    }

    /// Whoever lowers a hand believes to have no place; a hand raised again in the same place is told again.
    mutating func placeIsLost(_ seat: SeatID) {
        if positionsTold[seat] != nil { positionsTold[seat] = 0 }
    }

    /// What waited speaks of a state that is no more: digests are made anew, places are told anew.
    mutating func discardWhatWaits() {
        waitingDigest = nil
        handsMoved = true
        positionsTold = positionsTold.mapValues { _ in 0 }
    }
}

extension SessionHost {
    /// Once a period: time passes, counters go out. `tracks` is what the relay itself hears.
    func beat(tracks: [HeardTrack], now: UInt64) {
        let time = time(now)
        guard isRunning else { return tellAgain(at: time, .unavailable) }
        showWhatWasAsked(now: now)
        if let deadline = session.nextDeadline, deadline <= time {
            // Refused when nothing is due after all.
            decideIfAllowed(.passTime, by: .relay, at: time)
        }
        interruptOrphans(at: time)
        tellPositions()
        // The disk is slow: what was true stays true, and the sign of life must not wait.
        guard pulse.waitingDigest == nil else {
            return tellAgain(at: time, pulse.stillWaits() ? .waiting : nil)
        }
        let fresh = digest(tracks: tracks, at: time)
        pulse.digestWaits(fresh)
        post(delivery(of: fresh))
    }

    private func delivery(of digest: Digest) -> Delivery {
        var others = digest
        others.heard = nil
        others.spread = spreadMilliseconds
        return .digest(
            staff: ServerMessage.digest(digest).frame, others: ServerMessage.digest(others).frame)
    }

    private func tellAgain(at time: SessionTime, _ trouble: LogTrouble?) {
        guard var digest = pulse.lastDigest else { return }
        digest.log = trouble
        digest.t = time
        digest.wall = surroundings.clock.wall(at: time)
        digest.heard?.gaps = 0
        sendNow(delivery(of: digest))
    }

    /// Seats that count as connected but have no socket: their interruption could not be written when it
    /// happened.
    private func interruptOrphans(at time: SessionTime) {
        for seat in session.seats where seat.isConnected && connectionsBySeat[seat.id] == nil {
            decideIfAllowed(.interrupt(.network), by: .seat(seat.id), at: time)
        }
    }

    private func tellPositions() {
        guard pulse.handsMoved else { return }
        pulse.handsMoved = false
        var told: [SeatID: Int] = [:]
        for (index, hand) in session.hands.enumerated() {
            told[hand.seat] = index + 1
            guard pulse.positionsTold[hand.seat] != index + 1 else { continue }
            tell(hand.seat, .position(index + 1, total: session.hands.count))
        }
        for seat in pulse.positionsTold.keys.sorted() where told[seat] == nil {
            tell(seat, .position(nil, total: session.hands.count))
        }
        pulse.positionsTold = told
    }

    private func tell(_ seat: SeatID, _ message: ServerMessage) {
        let frame = message.frame
        for connection in connectionsBySeat[seat] ?? [] { post(.send(frame, to: connection)) }
    }

    private func digest(tracks: [HeardTrack], at time: SessionTime) -> Digest {
        var playing = 0
        var hidden = 0
        var silent = 0
        var delays: [Int] = []
        for seat in session.seats where seat.isConnected && seat.role == .participant {
            switch seat.playback {
            case .playing: playing += 1
            case .hidden: hidden += 1
            case .notPlaying, nil: silent += 1
            }
            if let report = pulse.reports[seat.id], report.delayMilliseconds > 0 {
                delays.append(report.delayMilliseconds)
            }
        }
        delays.sort()
        let median = delays.isEmpty ? 0 : delays[delays.count / 2]
        return Digest(
            t: time, wall: surroundings.clock.wall(at: time), n: session.lastN, present: session.presentCount,
            expected: session.expected.count, hands: session.hands.count,
            endsAt: session.teachersDeadline,
            poll: session.openPoll.map { PollCount(poll: $0.id, count: $0.count) },
            heard: Heard(
                playing: playing, hidden: hidden, silent: silent, delay: median, gaps: pulse.takeGaps(),
                tracks: tracks))
    }
}
