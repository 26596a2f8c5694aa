import SessionModel

/// Attendance reckoned slowly: the log is cut at every moment at which anything happened, and of every piece
/// it is asked whether it is lesson and whether any seat of the person was there.
struct AttendanceModel {
    private struct Moment {
        let t: SessionTime
        let isLesson: Bool
        /// What is known of each seat from here on.
        let seats: [SeatID: State]
    }

    private enum State: Equatable {
        case connected
        case interrupted(since: SessionTime, InterruptionCause)
        case gone
    }

    private var moments: [Moment] = []
    private var outages: [(from: SessionTime, to: SessionTime)] = []
    private var owners: [SeatID: PersonID] = [:]

    init(_ events: [RecordedEvent]) {
        var seats: [SeatID: State] = [:]
        var isLesson = false
        for recorded in events {
            switch recorded.event {
            case .joined(let seat, let person, _, _):
                owners[seat] = person
                seats[seat] = .connected
            case .resumed(let seat): seats[seat] = .connected
            case .interrupted(let seat, let cause): seats[seat] = .interrupted(since: recorded.t, cause)
            case .left(let seat, _), .removed(let seat, _): seats[seat] = .gone
            case .relayStarted(_, _, let silentSince?): outages.append((silentSince, recorded.t))
            case .started, .breakEnded: isLesson = true
            case .breakStarted: isLesson = false
            case .ended:
                isLesson = false
                seats = [:]
            default: break
            }
            moments.append(Moment(t: recorded.t, isLesson: isLesson, seats: seats))
        }
    }

    /// How long somebody was there in the lesson.
    func online(_ person: PersonID) -> Int64 {
        let own = owners.filter { $0.value == person }.map(\.key)
        var sum: Int64 = 0
        for (index, moment) in moments.enumerated().dropLast() where moment.isLesson {
            let next = moments[index + 1].t
            guard own.contains(where: { isThere($0, index) }) else { continue }
            sum += moment.t.milliseconds(to: next)
            // While the relay was away there was no lesson.
            for outage in outages {
                let (from, to) = (max(outage.from, moment.t), min(outage.to, next))
                if from < to { sum -= from.milliseconds(to: to) }
            }
        }
        return sum
    }

    private func isThere(_ seat: SeatID, _ index: Int) -> Bool {
        switch moments[index].seats[seat] {
        case .connected, .interrupted(_, .server): return true
        case .gone, nil: return false
        case .interrupted(let since, .network), .interrupted(let since, .tooSlow):
            // Short absences that end by coming back are forgiven.
            guard
                let end = moments[index...].first(where: { $0.seats[seat] != moments[index].seats[seat] }),
                end.seats[seat] == .connected
            else { return false }
            return since.milliseconds(to: end.t) <= SessionLimits.interruptionForgivenMilliseconds
        }
    }
}
