import SessionModel
import Testing

/// Hands, turns to speak, mutes.
struct FloorTests {
    @Test func handsQueueInOrder() throws {
        var classroom = try Classroom.live()
        #expect(try classroom.perform(.raiseHand, by: .zhao) == [.handRaised(.zhao)])
        classroom.pass(5)
        try classroom.perform(.raiseHand, by: .wang)
        #expect(classroom.session.hands.map(\.seat) == [.zhao, .wang])
        #expect(classroom.session.hands.map(\.raisedAt) == [.second(60), .second(65)])
        #expect(classroom.refusal(.raiseHand, by: .wang) == .handAlreadyRaised)
        #expect(classroom.refusal(.raiseHand, by: .lin) == .notPermitted)
    }

    @Test func handsGoUpOnlyInTheLessonAndStayUpInABreak() throws {
        var classroom = Classroom()
        try classroom.perform(.open, by: .relay)
        try classroom.perform(.join(.wang, .participant), by: .relay)
        let wang = Actor.seat(SeatID(unchecked: "s1"))
        #expect(classroom.refusal(.raiseHand, by: wang) == .notNow)
        try classroom.perform(.start, by: .administrator)
        try classroom.perform(.raiseHand, by: wang)
        try classroom.perform(.startBreak(minutes: 5), by: .administrator)
        #expect(classroom.session.hands.count == 1)
        #expect(try classroom.perform(.lowerHand(nil), by: wang).count == 1)
        #expect(classroom.refusal(.raiseHand, by: wang) == .notNow)
    }

    @Test func aHandIsLoweredByItsOwnerOrByStaff() throws {
        var classroom = try Classroom.live()
        #expect(classroom.refusal(.lowerHand(nil), by: .wang) == .handNotRaised)
        #expect(classroom.refusal(.lowerHand(.wang), by: .lin) == .handNotRaised)
        try classroom.perform(.raiseHand, by: .wang)
        #expect(try classroom.perform(.lowerHand(nil), by: .wang) == [.handLowered(.wang, .owner)])
        try classroom.perform(.raiseHand, by: .wang)
        #expect(try classroom.perform(.lowerHand(.wang), by: .wang) == [.handLowered(.wang, .owner)])
        try classroom.perform(.raiseHand, by: .wang)
        #expect(classroom.refusal(.lowerHand(.wang), by: .zhao) == .notPermitted)
        #expect(try classroom.perform(.lowerHand(.wang), by: .lin) == [.handLowered(.wang, .staff)])
        #expect(classroom.refusal(.lowerHand(nil), by: .administrator) == .handNotRaised)
        #expect(classroom.refusal(.lowerHand(.nobody), by: .lin) == .seatUnknown)
    }

    @Test func theQueueOfHandsHasAnEnd() throws {
        var classroom = try Classroom.live(.lesson.with { $0.kind = .largeLecture })
        for number in 0..<SessionLimits.handQueueCountMaximum {
            let person = PersonID(unchecked: "n\(number)")
            try classroom.perform(.join(person, .participant), by: .relay)
            let seat = try #require(classroom.session.seat(of: person, role: .participant)).id
            try classroom.perform(.raiseHand, by: .seat(seat))
        }
        #expect(classroom.refusal(.raiseHand, by: .wang) == .handQueueFull)
        try classroom.perform(.lowerHand(.fourth), by: .lin)
        #expect(classroom.refusal(.raiseHand, by: .wang) == nil)
    }

    @Test func beingCalledLowersTheHandAndGivesTheFloor() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.raiseHand, by: .wang)
        #expect(!classroom.session.maySound(.wang))
        #expect(
            try classroom.perform(.callToSpeak(.wang), by: .lin)
                == [.handLowered(.wang, .called), .calledToSpeak(.wang)])
        #expect(classroom.session.speakers == [.wang])
        #expect(classroom.session.hands.isEmpty)
        #expect(classroom.session.maySound(.wang))
        #expect(classroom.refusal(.raiseHand, by: .wang) == .alreadySpeaking)
        #expect(classroom.refusal(.callToSpeak(.wang), by: .lin) == .alreadySpeaking)
        #expect(classroom.refusal(.callToSpeak(.lin), by: .lin) == .alreadySpeaking)
        #expect(classroom.refusal(.callToSpeak(.zhao), by: .wang) == .notPermitted)
        #expect(try classroom.perform(.callToSpeak(.zhao), by: .lin) == [.calledToSpeak(.zhao)])
    }

    @Test func onlyWhoIsThereCanBeCalled() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.interrupt(.network), by: .wang)
        try classroom.perform(.leave, by: .zhao)
        #expect(classroom.refusal(.callToSpeak(.wang), by: .lin) == .seatAbsent)
        #expect(classroom.refusal(.callToSpeak(.zhao), by: .lin) == .seatAbsent)
        #expect(classroom.refusal(.callToSpeak(.nobody), by: .lin) == .seatUnknown)
    }

    @Test func soManySpeakAndNoMore() throws {
        var classroom = try Classroom.live()
        for number in 0..<SessionLimits.speakersCountMaximum {
            let person = PersonID(unchecked: "n\(number)")
            try classroom.perform(.join(person, .participant), by: .relay)
            let seat = try #require(classroom.session.seat(of: person, role: .participant)).id
            try classroom.perform(.callToSpeak(seat), by: .lin)
        }
        #expect(classroom.refusal(.callToSpeak(.wang), by: .lin) == .speakersFull)
        try classroom.perform(.endTurn(.fourth), by: .lin)
        #expect(classroom.refusal(.callToSpeak(.wang), by: .lin) == nil)
    }

    @Test func aTurnEndsByItsSpeakerOrByStaffAndClosesItsTracks() throws {
        var classroom = try Classroom.live()
        #expect(classroom.refusal(.endTurn(nil), by: .wang) == .notSpeaking)
        #expect(classroom.refusal(.endTurn(.wang), by: .lin) == .notSpeaking)
        #expect(classroom.refusal(.endTurn(nil), by: .lin) == .notSpeaking)
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        try classroom.perform(.openTrack(channels: 1), by: .wang)
        #expect(classroom.refusal(.endTurn(.wang), by: .zhao) == .notPermitted)
        #expect(
            try classroom.perform(.endTurn(nil), by: .wang)
                == [.turnEnded(.wang, .speaker), .trackClosed(TrackID(1), .turnEnded)])
        #expect(!classroom.session.maySound(.wang))
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        #expect(try classroom.perform(.endTurn(.wang), by: .lin) == [.turnEnded(.wang, .staff)])
    }

    @Test func aMuteTakesTheSoundAndBeingCalledGivesItBack() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        #expect(classroom.refusal(.unmute(.wang), by: .lin) == .notMuted)
        #expect(try classroom.perform(.mute(.wang), by: .lin) == [.muted(.wang)])
        #expect(!classroom.session.maySound(.wang))
        #expect(classroom.refusal(.mute(.wang), by: .lin) == .alreadyMuted)
        #expect(try classroom.perform(.unmute(.wang), by: .lin) == [.unmuted(.wang)])
        #expect(classroom.session.maySound(.wang))
        try classroom.perform(.mute(.wang), by: .lin)
        try classroom.perform(.endTurn(.wang), by: .lin)
        #expect(
            try classroom.perform(.callToSpeak(.wang), by: .lin)
                == [.unmuted(.wang), .calledToSpeak(.wang)])
    }

    @Test func staffMuteThemselvesAndThoseWhoHaveLessToSay() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.join(.he, .assistant), by: .relay)
        #expect(classroom.refusal(.mute(.lin), by: .fourth) == .notPermitted)
        #expect(classroom.refusal(.mute(.fourth), by: .lin) == nil)
        #expect(try classroom.perform(.mute(.lin), by: .lin) == [.muted(.lin)])
        #expect(!classroom.session.maySound(.lin))
        try classroom.perform(.unmute(.lin), by: .lin)
        #expect(classroom.refusal(.mute(.wang), by: .zhao) == .notPermitted)
        try classroom.perform(.leave, by: .wang)
        #expect(classroom.refusal(.mute(.wang), by: .lin) == .seatAbsent)
        #expect(classroom.refusal(.unmute(.nobody), by: .lin) == .seatUnknown)
    }

    @Test func soundIsRelayedOnlyInTheLesson() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        #expect(classroom.session.maySound(.lin))
        try classroom.perform(.startBreak(minutes: 5), by: .lin)
        #expect(!classroom.session.maySound(.lin))
        #expect(!classroom.session.maySound(.wang))
        try classroom.perform(.endBreak, by: .lin)
        #expect(classroom.session.maySound(.wang))
        try classroom.perform(.remove(.wang, isBanned: false), by: .lin)
        #expect(!classroom.session.maySound(.wang))
        #expect(!classroom.session.maySound(.nobody))
    }

    @Test func tracksAreNumberedAndBelongToTheirPublisher() throws {
        var classroom = try Classroom.live()
        #expect(
            try classroom.perform(.openTrack(channels: 2), by: .lin)
                == [.trackOpened(TrackID(1), seat: .lin, codec: .opus, channels: 2)])
        #expect(classroom.session.track(TrackID(1))?.seat == .lin)
        #expect(classroom.refusal(.openTrack(channels: 1), by: .lin) == .trackAlreadyOpen)
        #expect(classroom.refusal(.openTrack(channels: 1), by: .wang) == .notSpeaking)
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        for channels in [Int.min, 0, 3, Int.max] {
            #expect(classroom.refusal(.openTrack(channels: channels), by: .wang) == .channelsOutOfRange)
        }
        #expect(classroom.refusal(.closeTrack(TrackID(1)), by: .wang) == .trackUnknown)
        #expect(classroom.refusal(.closeTrack(TrackID(9)), by: .lin) == .trackUnknown)
        #expect(
            try classroom.perform(.closeTrack(TrackID(1)), by: .lin) == [.trackClosed(TrackID(1), .publisher)]
        )
        #expect(
            try classroom.perform(.openTrack(channels: 1), by: .wang)
                == [.trackOpened(TrackID(2), seat: .wang, codec: .opus, channels: 1)])
    }

    @Test func trackNumbersRunOut() throws {
        var classroom = try Classroom.live()
        let last = TrackID(UInt16(SessionLimits.tracksCountMaximum))
        let events: [Event] = [
            .trackOpened(last, seat: .lin, codec: .opus, channels: 1), .trackClosed(last, .publisher),
        ]
        _ = classroom.session.record(events, by: .lin, cause: nil, at: classroom.now)
        #expect(classroom.refusal(.openTrack(channels: 1), by: .lin) == .limitReached)
    }
}
