import SessionModel

/// One event of each case, and more where fields may be absent.
enum EventSamples {
    static let plan = SessionPlan(
        title: "初中数学·听评课", kind: .largeLecture, plannedStart: WallTime(milliseconds: 1_795_446_000_000),
        plannedMinutes: 90,
        organisation: [NamedPart(id: "gd", name: "广东省"), NamedPart(id: "sz", name: "深圳市")],
        project: NamedPart(id: "gp26", name: "国培计划"), cohort: NamedPart(id: "b1", name: "一班"),
        lesson: Lesson(id: "l3", number: 3, name: "第三次课"), lecturer: .lin, isRecorded: true,
        attendance: AttendanceRule(
            lateAfterMinutes: 10, earlyLeaveBeforeMinutes: 5, presentShareMinimumPercent: 85),
        duplicateLogin: .newestWins)

    static let events: [Event] = [
        .scheduled(plan),
        .scheduled(
            SessionPlan(
                title: "短", kind: .smallInteractive, plannedStart: WallTime(milliseconds: 0),
                plannedMinutes: 1)),
        .peopleExpected([.wang, .zhao]),
        .relayStarted(run: 7, wall: WallTime(milliseconds: 1_795_446_000_000)),
        .opened,
        .started,
        .breakStarted(plannedMinutes: 10),
        .breakEnded,
        .ended(.requested),
        .joined(.wang, person: .wang, role: .participant, members: []),
        .joined(.wang, person: .wang, role: .participant, members: [.he, .xu]),
        .interrupted(.wang, .network),
        .resumed(.wang),
        .left(.wang, .timedOut),
        .removed(.wang, isBanned: true),
        .playbackChanged(.wang, .playing),
        .playbackChanged(.wang, .hidden),
        .playbackChanged(.wang, .notPlaying(.blocked)),
        .chatPosted(.first, seat: .wang, text: .named("t1")),
        .chatHidden(.first),
        .handRaised(.wang),
        .handLowered(.wang, .called),
        .calledToSpeak(.wang),
        .turnEnded(.wang, .speaker),
        .muted(.wang),
        .unmuted(.wang),
        .pollOpened(.first, .choice(.anonymous, options: 2)),
        .voteCast(.first, seat: .wang, option: 1),
        .pollClosed(.first, count: 7, sums: [3, 4]),
        .pollClosed(.first, count: 4, sums: nil),
        .trackOpened(TrackID(1), seat: .lin, codec: .opus, channels: 2),
        .trackClosed(TrackID(1), .publisher),
        .recordingPaused(.noSpace),
        .recordingResumed,
        .textsRemoved(.notRecorded),
        .relayStarted(
            run: 8, wall: WallTime(milliseconds: 1_795_446_700_000),
            silentSince: SessionTime(milliseconds: 900)),
        .ended(.teachersLeft),
    ]

    /// Stops compiling when a case is added, so that nobody forgets its sample.
    static let casesCount = 30
    static func isListed(_ event: Event) -> Bool {
        switch event {
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .ended,
            .joined, .interrupted, .resumed, .left, .removed, .playbackChanged, .chatPosted, .chatHidden,
            .handRaised, .handLowered, .calledToSpeak, .turnEnded, .muted, .unmuted, .pollOpened, .voteCast,
            .pollClosed, .trackOpened, .trackClosed, .recordingPaused, .recordingResumed, .textsRemoved:
            true
        }
    }
}
