import LiveRelayWire
import Recorder
import SessionModel

/// What a supervisor is told of a class without listening to it.
enum Inspection {
    /// 无声音: a pause for thought is shorter.
    static let quietMillisecondsMaximum: Int64 = 60_000
    /// 举手久等: who waits longer has been overlooked.
    static let handWaitMillisecondsMaximum: Int64 = 180_000
    /// Interruptions within this time are counted together.
    static let dropWindowMilliseconds: Int64 = 60_000
    /// Fewer may be chance.
    static let dropsCountMinimum = 5
    /// 大量掉线: one in five of those who are there.
    static let dropsShareMinimumPercent = 20

    /// The row of a class; nil once it has ended, or before it was planned.
    static func row(
        of session: Session, view: ClassView, at time: SessionTime, wall: WallTime, createdAt: WallTime,
        lastLoudAt: SessionTime, dropsCount: Int
    ) -> InspectionRow? {
        guard let plan = session.plan, session.phase != .ended else { return nil }
        let lecturers = session.seats.filter { $0.role == .lecturer && $0.isConnected }
        let names = lecturers.map { view.card(of: $0).name }
        let planned = plan.lecturer.flatMap { view.people[$0]?.name }
        let quiet = session.phase == .live ? max(lastLoudAt.milliseconds(to: time), 0) : nil
        let longestHand = session.hands.first.map { $0.raisedAt.milliseconds(to: time) } ?? 0
        var alarms: [InspectionAlarm] = []
        if lecturers.isEmpty, wall >= plan.plannedStart { alarms.append(.lecturerMissing) }
        if let quiet, quiet > quietMillisecondsMaximum { alarms.append(.noSound) }
        if longestHand > handWaitMillisecondsMaximum { alarms.append(.handWaiting) }
        if dropsCount >= dropsCountMinimum,
            dropsCount * 100 >= dropsShareMinimumPercent * max(session.presentCount, 1)
        {
            alarms.append(.massDisconnect)
        }
        return InspectionRow(
            id: session.id, title: plan.title, kind: plan.kind, phase: session.phase,
            plannedStart: plan.plannedStart, plannedMinutes: plan.plannedMinutes, timeZone: plan.timeZone,
            lecturers: names.isEmpty ? [planned].compactMap(\.self) : names, present: session.presentCount,
            expected: session.expected.count, hands: session.hands.count,
            longestHandMilliseconds: longestHand, quietMilliseconds: quiet,
            startedAt: session.startedAt.map {
                WallTime(milliseconds: createdAt.milliseconds + $0.milliseconds)
            }, alarms: alarms)
    }
}
