/// Measures what people did against the lesson, and judges it by the rule of the class.
struct AttendanceJudge {
    private let at: SessionTime
    private let rule: AttendanceRule
    private let frame: SpanSet
    private let breaks: SpanSet
    private let lesson: SpanSet
    private let outages: SpanSet
    private let expected: Set<PersonID>
    private let isOver: Bool
    let lessonMilliseconds: Int64

    init(_ timeline: ClassTimeline, at time: SessionTime) {
        at = time
        rule = timeline.plan?.attendance ?? AttendanceRule()
        frame = timeline.frame(at: time)
        breaks = timeline.breaks(at: time)
        lesson = timeline.lesson(at: time)
        outages = timeline.outages
        expected = timeline.expectedSet
        isOver = timeline.endedAt != nil
        lessonMilliseconds = lesson.milliseconds
    }

    func row(of person: PersonID, _ trails: [SeatTrail]) -> AttendanceRow {
        let closed = trails.map { $0.closed(at: at) }
        let presence = PresenceOfPerson(closed)
        let listening = SpanSet(closed.flatMap(\.playing) + closed.flatMap(\.hidden))
        let hidden = SpanSet(closed.flatMap(\.hidden)).subtracting(SpanSet(closed.flatMap(\.playing)))
        let online = presence.present.intersection(lesson)
        let isPresent = !isOver && trails.contains(where: \.isPresent)
        let role = role(of: person, trails)
        let isExpected = expected.contains(person)
        let inFrame = presence.present.intersection(frame)
        let verdict = verdict(online.milliseconds)
        let isJudged = verdict == .attended
        return AttendanceRow(
            person: person, role: role, isExpected: isExpected,
            isUnexpected: !expected.isEmpty && !isExpected && role == .participant, verdict: verdict,
            lateMilliseconds: isJudged ? late(inFrame) : nil,
            earlyLeaveMilliseconds: isJudged ? early(inFrame) : nil,
            firstJoin: presence.present.spans.first?.from,
            lastLeave: isPresent ? nil : presence.present.spans.last?.to, isPresent: isPresent,
            onlineMilliseconds: online.milliseconds, onlinePercent: percent(online.milliseconds),
            listeningMilliseconds: listening.intersection(online).milliseconds,
            hiddenMilliseconds: hidden.intersection(online).milliseconds,
            interruptedMilliseconds: presence.cut.intersection(lesson).milliseconds,
            outageMilliseconds: presence.outage.intersection(frame.subtracting(breaks)).milliseconds,
            breakMilliseconds: presence.present.intersection(breaks).milliseconds,
            interruptionsCount: trails.reduce(0) { $0 + $1.interruptionsCount }, spans: presence.spans)
    }

    private func role(of person: PersonID, _ trails: [SeatTrail]) -> Role {
        let own = trails.filter { $0.person == person }
        if own.contains(where: { $0.role == .lecturer }) { return .lecturer }
        return own.contains { $0.role == .assistant } ? .assistant : .participant
    }

    private func verdict(_ online: Int64) -> AttendanceVerdict {
        guard lessonMilliseconds > 0 else { return .notJudged }
        let isThere = online > 0 && isShare(online, atLeastPercent: rule.presentShareMinimumPercent)
        return isThere ? .attended : .absent
    }

    private func late(_ present: SpanSet) -> Int64? {
        guard let started = frame.spans.first?.from, let seen = present.spans.first?.from else { return nil }
        let late = reachable(from: started, to: seen)
        return late > milliseconds(minutes: rule.lateAfterMinutes) ? late : nil
    }

    private func early(_ present: SpanSet) -> Int64? {
        guard isOver, let ended = frame.spans.last?.to, let seen = present.spans.last?.to else { return nil }
        let early = reachable(from: seen, to: ended)
        return early > milliseconds(minutes: rule.earlyLeaveBeforeMinutes) ? early : nil
    }

    /// How long the relay was there between two moments: nobody can come, or stay, while it is away.
    private func reachable(from: SessionTime, to: SessionTime) -> Int64 {
        SpanSet([Span(from: from, to: to)]).subtracting(outages).milliseconds
    }

    /// Compares in whole numbers; the products need more than 64 bits only in a log that lies.
    private func isShare(_ part: Int64, atLeastPercent percent: Int) -> Bool {
        let have = part.multipliedFullWidth(by: 100)
        let need = lessonMilliseconds.multipliedFullWidth(by: Int64(percent))
        return (have.high, have.low) >= (need.high, need.low)
    }

    private func percent(_ part: Int64) -> Int {
        guard lessonMilliseconds > 0 else { return 0 }
        let (product, overflows) = part.multipliedReportingOverflow(by: 100)
        return overflows ? 100 : Int(product / lessonMilliseconds)
    }

    private func milliseconds(minutes: Int) -> Int64 {
        let (product, overflows) = Int64(minutes).multipliedReportingOverflow(by: 60_000)
        return overflows ? .max : product
    }
}

/// When a person was there, over all seats.
private struct PresenceOfPerson {
    /// In class: connected somewhere, or away only because the relay was.
    let present: SpanSet
    /// Away because the relay was.
    let outage: SpanSet
    /// Away because of the network or a connection that was too slow.
    let cut: SpanSet
    /// All of it in order.
    let spans: [PresenceSpan]

    init(_ trails: [SeatTrail]) {
        let all = trails.flatMap(\.spans)
        let connected = PresenceOfPerson.set(all, nil)
        outage = PresenceOfPerson.set(all, .server).subtracting(connected)
        present = connected.union(outage)
        let network = PresenceOfPerson.set(all, .network).subtracting(present)
        let tooSlow = PresenceOfPerson.set(all, .tooSlow).subtracting(present).subtracting(network)
        cut = network.union(tooSlow)
        let labelled =
            PresenceOfPerson.label(connected, nil) + PresenceOfPerson.label(outage, .server)
            + PresenceOfPerson.label(network, .network) + PresenceOfPerson.label(tooSlow, .tooSlow)
        spans = labelled.sorted { $0.from < $1.from }
    }

    private static func set(_ spans: [PresenceSpan], _ cause: InterruptionCause?) -> SpanSet {
        SpanSet(spans.filter { $0.interruption == cause }.map { Span(from: $0.from, to: $0.to) })
    }

    private static func label(_ set: SpanSet, _ cause: InterruptionCause?) -> [PresenceSpan] {
        set.spans.map { PresenceSpan(from: $0.from, to: $0.to, interruption: cause) }
    }
}
