import Foundation
import SessionModel
import Testing

struct EngagementTests {
    /// A short lesson in which everything happens once or twice.
    private func lesson() throws -> Classroom {
        var classroom = try Classroom.live()
        try classroom.perform(.say("t1"), by: .wang)
        try classroom.perform(.say("t2"), by: .wang)
        try classroom.perform(.hideChat(.first), by: .lin)
        try classroom.perform(.raiseHand, by: .wang)
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        classroom.pass(30)
        try classroom.perform(.startBreak(minutes: 1), by: .lin)
        classroom.pass(60)
        try classroom.perform(.endBreak, by: .lin)
        classroom.pass(10)
        try classroom.perform(.endTurn(.wang), by: .lin)
        try classroom.perform(.openPoll(.choice(.named)), by: .lin)
        try classroom.perform(.vote(.first, option: 1), by: .zhao)
        try classroom.perform(.closePoll(.first), by: .lin)
        try classroom.perform(.openPoll(.choice(.anonymous)), by: .lin)
        try classroom.perform(.vote(PollID(unchecked: "p2"), option: 1), by: .zhao)
        try classroom.perform(.vote(PollID(unchecked: "p2"), option: 0), by: .wang)
        try classroom.perform(.mute(.zhao), by: .lin)
        try classroom.perform(.pauseRecording(.noSpace), by: .relay)
        classroom.pass(5)
        try classroom.perform(.resumeRecording, by: .relay)
        try classroom.perform(.callToSpeak(.zhao), by: .lin)
        classroom.pass(15)
        return classroom
    }

    @Test func everybodyIsCountedApart() throws {
        var classroom = try lesson()
        try classroom.perform(.end, by: .lin)
        let engagement = Engagement(events: classroom.log)
        #expect(engagement.rows.map(\.person) == [.lin, .wang, .zhao])
        let wang = engagement.rows[1]
        #expect(wang.chatsCount == 2 && wang.hiddenChatsCount == 1)
        #expect(wang.handsCount == 1 && wang.turnsCount == 1)
        #expect(wang.talkMilliseconds == 40_000)
        #expect(wang.namedVotesCount == 0)
        let zhao = engagement.rows[2]
        #expect(zhao.talkMilliseconds == 15_000 && zhao.turnsCount == 1)
        #expect(zhao.namedVotesCount == 1)
        #expect(engagement.anonymousBallotsCount == 2)
    }

    @Test func aTurnThatGoesOnCountsUpToNow() throws {
        let classroom = try lesson()
        let engagement = Engagement(events: classroom.log, at: classroom.now)
        #expect(engagement.rows[2].talkMilliseconds == 15_000)
    }

    @Test func theReportSaysWhatHappened() throws {
        var classroom = try lesson()
        try classroom.perform(.end, by: .lin)
        let report = SessionReport(events: classroom.log)
        #expect(report.isFinal && report.phase == .ended && report.endCause == .requested)
        #expect(report.startedAt == .second(60) && report.endedAt == .second(180))
        #expect(report.lessonMilliseconds == 60_000)
        #expect(report.averageOnlineMilliseconds == 60_000)
        #expect(report.totals.chats == 2 && report.totals.hands == 1 && report.totals.turns == 2)
        #expect(report.totals.talkMilliseconds == 55_000)
        #expect(report.totals.polls == 2 && report.totals.namedVotes == 1)
        #expect(report.totals.anonymousBallots == 2)
        #expect(report.polls.map(\.count) == [1, 2])
        #expect(report.polls.map(\.sums) == [[0, 1, 0], nil])
        #expect(report.polls.map { $0.answers?.map(\.person) } == [[.zhao], nil])
        #expect(
            report.moderation.map(\.event.typeName) == ["chatHidden", "turnEnded", "muted", "unmuted"])
        #expect(report.recordingPauses.map(\.cause) == [.noSpace])
        #expect(report.recordingPauses.first?.to == .second(165))
        #expect(report.relayStarts.map(\.run) == [1])
        #expect(report.wall(of: .second(60)) == WallTime(milliseconds: 1_795_000_060_000))
    }

    @Test func anOpenPollShowsNoSums() throws {
        let classroom = try lesson()
        let report = SessionReport(events: classroom.log, at: classroom.now)
        #expect(report.polls.map(\.count) == [1, nil])
        #expect(report.polls.last?.sums == nil)
        #expect(!report.isFinal)
    }

    @Test func theSameLogGivesTheSameBytes() throws {
        var classroom = try lesson()
        try classroom.perform(.end, by: .lin)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let first = try encoder.encode(SessionReport(events: classroom.log))
        let read = try classroom.log.map {
            try JSONDecoder().decode(RecordedEvent.self, from: encoder.encode($0))
        }
        #expect(try encoder.encode(SessionReport(events: read)) == first)
        let decoded = try JSONDecoder().decode(SessionReport.self, from: first)
        #expect(decoded == SessionReport(events: read))
    }
}
