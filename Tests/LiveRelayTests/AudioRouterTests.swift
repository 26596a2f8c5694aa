import LiveRelayWire
import SessionModel
import Testing

@testable import LiveRelay

/// Packets on their way from a publisher to the listeners, 20 ms a line.
@Suite struct AudioRouterTests {
    /// A lesson in which lin (s1) publishes track 1 and wang (s2), who was called, track 2, in run 3.
    private struct Lesson {
        var session: Session
        var router = AudioRouter()
        var now: UInt64 = 10_000
        let batch: Int

        static let lin = SeatID(unchecked: "s1")
        static let wang = SeatID(unchecked: "s2")

        init(_ kind: ClassKind = .smallInteractive, channels: Int = 1) throws {
            session = Session(id: SessionID(unchecked: "k1"))
            batch = kind.policy.batchPacketsMaximum
            let plan = SessionPlan(
                title: "线上互动设计", kind: kind, plannedStart: WallTime(milliseconds: 0), plannedMinutes: 45)
            let wall = WallTime(milliseconds: 0)
            happens([.scheduled(plan), .relayStarted(run: 3, wall: wall), .opened])
            try decide(.join(person: PersonID(unchecked: "lin"), role: .lecturer, members: []), by: .relay)
            try decide(
                .join(person: PersonID(unchecked: "wang"), role: .participant, members: []), by: .relay)
            try decide(.start)
            try decide(.openTrack(channels: channels))
            try decide(.callToSpeak(Self.wang))
            try decide(.openTrack(channels: 1), by: .seat(Self.wang))
        }

        private mutating func happens(_ events: [Event]) {
            _ = session.record(events, by: .relay, cause: nil, at: .zero)
        }

        mutating func decide(_ command: Command, by actor: Actor = .seat(lin)) throws {
            let decision = try session.decide(command, by: actor, at: .zero)
            _ = session.record(decision.events, by: actor, cause: nil, at: .zero)
        }

        /// One packet of 20 ms, mono unless the first byte says otherwise.
        func message(
            _ sequence: UInt32, track: UInt16 = 1, run: UInt32 = 3, packet: [UInt8] = [0x78, 1, 2],
            flags: AudioMessage.Flags = [], capture: UInt64? = nil
        ) -> AudioMessage {
            AudioMessage(
                flags: flags, track: TrackID(track), run: run, sequence: sequence,
                captureSamples: capture ?? now * 48, packets: [packet])
        }

        /// What becomes of a message; the driver flushes first where it must.
        mutating func sends(_ message: AudioMessage, from seat: SeatID = lin) -> AudioRouter.Outcome {
            let time = SessionTime(milliseconds: Int64(now))
            return router.accept(message, from: seat, in: session, at: time, now: now)
        }

        /// What leaves: first sequence and number of packets.
        mutating func leaves(isForced: Bool = false) -> [String] {
            router.flush(run: session.run, batchPackets: batch, now: now, isForced: isForced).map {
                "\($0.track): \($0.sequence)+\($0.packets.count)\($0.flags.contains(.quiet) ? " quiet" : "")"
            }
        }
    }

    // MARK: Small classes: packet by packet

    @Test func eachPacketLeavesAtTheEndOfItsTurn() throws {
        var lesson = try Lesson()
        for sequence in UInt32(5)...7 {
            guard case .accepted = lesson.sends(lesson.message(sequence)) else { return #expect(Bool(false)) }
            #expect(lesson.leaves() == ["1: \(sequence)+1"])
            lesson.now += 20
        }
        #expect(lesson.leaves() == [])
    }

    @Test func whatCameInOneTurnLeavesInOneMessage() throws {
        var lesson = try Lesson()
        for sequence in UInt32(1)...30 { _ = lesson.sends(lesson.message(sequence)) }
        #expect(lesson.leaves() == ["1: 1+30"])
    }

    @Test func aTurnThatNeverEndsIsCutAtAHundred() throws {
        var lesson = try Lesson()
        for sequence in UInt32(1)...100 { _ = lesson.sends(lesson.message(sequence)) }
        let next = lesson.message(101)
        #expect(lesson.router.needsFlush(before: next))
        #expect(lesson.leaves(isForced: true) == ["1: 1+100"])
        #expect(!lesson.router.needsFlush(before: next))
    }

    @Test func aGapBeginsANewMessage() throws {
        var lesson = try Lesson()
        _ = lesson.sends(lesson.message(1))
        _ = lesson.sends(lesson.message(2))
        let late = lesson.message(5)
        #expect(lesson.router.needsFlush(before: late))
        #expect(lesson.leaves(isForced: true) == ["1: 1+2"])
        _ = lesson.sends(late)
        #expect(lesson.leaves() == ["1: 5+1"])
    }

    @Test func whatIsDoubledOrLateIsLeftOut() throws {
        var lesson = try Lesson()
        _ = lesson.sends(lesson.message(5))
        #expect(lesson.sends(lesson.message(5)) == .ignored)
        #expect(lesson.sends(lesson.message(4)) == .ignored)
        #expect(lesson.leaves() == ["1: 5+1"])
        #expect(lesson.sends(lesson.message(5)) == .ignored)
    }

    @Test func tracksKeepApart() throws {
        var lesson = try Lesson()
        _ = lesson.sends(lesson.message(900, track: 2), from: Lesson.wang)
        _ = lesson.sends(lesson.message(1))
        _ = lesson.sends(lesson.message(901, track: 2), from: Lesson.wang)
        #expect(lesson.leaves() == ["1: 1+1", "2: 900+2"])
    }

    @Test func theSequenceMayEnd() throws {
        var lesson = try Lesson()
        for sequence in [UInt32.max - 1, UInt32.max] { _ = lesson.sends(lesson.message(sequence)) }
        #expect(lesson.leaves() == ["1: 4294967294+2"])
        _ = lesson.sends(lesson.message(0))
        #expect(lesson.leaves() == ["1: 0+1"])
    }

    // MARK: Large classes: five packets, or 100 ms

    @Test func fivePacketsLeaveTogether() throws {
        var lesson = try Lesson(.largeLecture)
        for sequence in UInt32(1)...4 {
            _ = lesson.sends(lesson.message(sequence))
            #expect(lesson.leaves() == [])
            lesson.now += 20
        }
        #expect(lesson.router.isGathering)
        _ = lesson.sends(lesson.message(5))
        #expect(lesson.leaves() == ["1: 1+5"])
        #expect(!lesson.router.isGathering)
    }

    @Test func aBatchThatDoesNotFillLeavesWhenItIsOld() throws {
        var lesson = try Lesson(.largeLecture)
        _ = lesson.sends(lesson.message(1))
        lesson.now += 99
        #expect(lesson.leaves() == [])
        lesson.now += 1
        #expect(lesson.leaves() == ["1: 1+1"])
    }

    @Test func bundlesStretchUnderLoad() throws {
        var lesson = try Lesson(.largeLecture)
        for sequence in UInt32(1)...23 { _ = lesson.sends(lesson.message(sequence)) }
        #expect(lesson.leaves() == ["1: 1+23"], "one send, not five")
    }

    // MARK: Silence

    @Test func fillersAreToldOnceInAWhile() throws {
        var lesson = try Lesson()
        var told: [String] = []
        for sequence in UInt32(1)...60 {
            _ = lesson.sends(lesson.message(sequence, packet: [0x78], flags: .quiet))
            told += lesson.leaves()
            lesson.now += 20
        }
        #expect(told == ["1: 1+0 quiet", "1: 21+0 quiet", "1: 41+0 quiet"])
        _ = lesson.sends(lesson.message(61))
        #expect(lesson.leaves() == ["1: 61+1"])
    }

    @Test func quietMeansThatNoPacketIsLoud() throws {
        var lesson = try Lesson(.largeLecture)
        for sequence in UInt32(1)...5 { _ = lesson.sends(lesson.message(sequence, flags: .quiet)) }
        #expect(lesson.leaves() == ["1: 1+5 quiet"])
        for sequence in UInt32(6)...9 { _ = lesson.sends(lesson.message(sequence, flags: .quiet)) }
        _ = lesson.sends(lesson.message(10))
        #expect(lesson.leaves() == ["1: 6+5"])
    }

    // MARK: What the class allows

    @Test func theMutedAreNotHeard() throws {
        var lesson = try Lesson()
        try lesson.decide(.mute(Lesson.wang))
        #expect(lesson.sends(lesson.message(1, track: 2), from: Lesson.wang) == .ignored)
        try lesson.decide(.unmute(Lesson.wang))
        _ = lesson.sends(lesson.message(2, track: 2), from: Lesson.wang)
        #expect(lesson.leaves() == ["2: 2+1"])
    }

    @Test func onABreakNobodyIsHeard() throws {
        var lesson = try Lesson()
        try lesson.decide(.startBreak(minutes: 10))
        #expect(lesson.sends(lesson.message(1)) == .ignored)
        try lesson.decide(.endBreak)
        _ = lesson.sends(lesson.message(2))
        #expect(lesson.leaves() == ["1: 2+1"])
    }

    @Test func anotherRunTrackOrSeatIsNotHeard() throws {
        var lesson = try Lesson()
        #expect(lesson.sends(lesson.message(1, run: 2)) == .ignored)
        #expect(lesson.sends(lesson.message(1, track: 7)) == .ignored)
        #expect(lesson.sends(lesson.message(1, track: 2)) == .ignored, "somebody else's")
        #expect(lesson.leaves() == [])
    }

    @Test func aClosedTrackIsForgotten() throws {
        var lesson = try Lesson()
        _ = lesson.sends(lesson.message(9, track: 2), from: Lesson.wang)
        try lesson.decide(.endTurn(Lesson.wang))
        lesson.router.retain(lesson.session.tracks)
        #expect(lesson.leaves(isForced: true) == [])
    }

    // MARK: Packets that are none

    @Test(
        arguments: [
            ([0x79, 1], "two frames"), ([0x7B, 1], "any number of frames"),
            ([0x7C, 1], "stereo in a mono track"),
            ([0x70, 1], "10 ms"), ([0x00, 1], "10 ms of SILK"), ([0x18, 1], "60 ms"), ([0xE0, 1], "2.5 ms"),
            ([], "nothing"),
            ([0x78] + Array(repeating: 0, count: 1_276), "too long"),
        ] as [([UInt8], String)])
    func packetsThatBreakTheRulesAreInvalid(packet: [UInt8], why: String) throws {
        var lesson = try Lesson()
        #expect(lesson.sends(lesson.message(1, packet: packet)) == .invalid, "\(why)")
    }

    @Test(
        arguments: [[0x78], [0x78, 0], [0x08, 1, 2], [0xF8] + Array(repeating: 9, count: 1_275)] as [[UInt8]])
    func packetsThatKeepThemAreTaken(packet: [UInt8]) throws {
        var lesson = try Lesson()
        guard case .accepted(let taken) = lesson.sends(lesson.message(1, packet: packet)) else {
            return #expect(Bool(false))
        }
        #expect(taken.packets == [packet])
    }

    @Test func aStereoTrackTakesStereoAlone() throws {
        var lesson = try Lesson(channels: 2)
        #expect(lesson.sends(lesson.message(1, packet: [0x78, 1])) == .invalid)
        guard case .accepted = lesson.sends(lesson.message(1, packet: [0x7C, 1])) else {
            return #expect(Bool(false))
        }
    }

    @Test(arguments: [0, 2, 3])
    func oneMessageHoldsOnePacket(count: Int) throws {
        var lesson = try Lesson()
        let message = AudioMessage(
            flags: [], track: TrackID(1), run: 3, sequence: 1, captureSamples: 0,
            packets: Array(repeating: [0x78, 1, 2], count: count))
        #expect(lesson.sends(message) == .invalid)
    }

    // MARK: Time

    @Test(arguments: [0 as UInt64, .max, UInt64(Int64.max), 479_999, 1_440_001])
    func anImpossibleTimeOfCaptureIsReplaced(capture: UInt64) throws {
        var lesson = try Lesson()
        lesson.now = 20_000
        guard case .accepted(let taken) = lesson.sends(lesson.message(1, capture: capture)) else {
            return #expect(Bool(false))
        }
        #expect(taken.captureSamples == 960_000)
    }

    @Test func aLateOrEarlyClockWithinTenSecondsIsBelieved() throws {
        var lesson = try Lesson()
        lesson.now = 20_000
        for capture in [UInt64(480_000), 1_440_000] {
            let message = lesson.message(UInt32(capture), capture: capture)
            guard case .accepted(let taken) = lesson.sends(message) else { return #expect(Bool(false)) }
            #expect(taken.captureSamples == capture)
            _ = lesson.leaves()
        }
    }

    @Test func whatALineHeldUpIsNotLiveAnyMore() throws {
        var lesson = try Lesson()
        lesson.now = 20_000
        for sequence in UInt32(1)...10 { _ = lesson.sends(lesson.message(sequence)) }
        _ = lesson.leaves()
        lesson.now += 12_000
        for sequence in UInt32(11)...20 {
            let held = lesson.message(sequence, capture: 20_000 * 48 + UInt64(sequence) * 960)
            #expect(lesson.sends(held) == .stale(held))
        }
        #expect(lesson.leaves() == [])
        _ = lesson.sends(lesson.message(21))
        #expect(lesson.leaves() == ["1: 21+1"], "the line is good again")
    }

    @Test func aClockThatWasSetBackIsBelievedInTheEnd() throws {
        var lesson = try Lesson()
        lesson.now = 60_000
        _ = lesson.sends(lesson.message(1))
        _ = lesson.leaves()
        for sequence in UInt32(2)...9 {
            lesson.now += 5_000
            _ = lesson.sends(lesson.message(sequence, capture: (lesson.now - 4_000) * 48))
        }
        #expect(lesson.leaves() == ["1: 9+1"])
    }

    @Test func theRelayHearsWhoIsQuietForHowLong() throws {
        var lesson = try Lesson()
        for sequence in UInt32(1)...50 { _ = lesson.sends(lesson.message(sequence)) }
        lesson.now += 3_000
        for sequence in UInt32(51)...75 { _ = lesson.sends(lesson.message(sequence, flags: .quiet)) }
        let time = SessionTime(milliseconds: Int64(lesson.now))
        let heard = lesson.router.heard(in: lesson.session, at: time, periodMilliseconds: 1_000)
        #expect(heard.map(\.packetsPerSecond) == [75, 0])
        #expect(heard.map(\.quietMilliseconds) == [3_000, 13_000])
        #expect(lesson.router.lastLoudAt == SessionTime(milliseconds: 10_000))
        lesson.router.soundIsDue(since: time)
        #expect(lesson.router.lastLoudAt == time)
    }
}
