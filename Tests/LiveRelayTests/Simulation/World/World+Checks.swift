import LiveRelayWire
import SessionModel
import TestSupport

@testable import LiveRelay
@testable import LiveRelayClient
@testable import Recorder

/// What is looked at when nothing happens any more, and what the disk may say of anonymous polls.
extension World {
    func checkAtTheEnd() {
        guard let contents = readDisk() else {
            return journal.require(false, .convergence, "the class cannot be read")
        }
        witness.checkLog(contents)
        checkBallots(contents)
        let replayed = RecoveredState(id, contents)
        if let host = server?.hosted?.host {
            journal.require(
                host.session == replayed.session && host.isSettled, .replay,
                "at the end the log stands at \(replayed.session.lastN), the head at \(host.session.lastN)")
        } else {
            journal.require(
                replayed.session.phase == .ended, .convergence, "nobody is in a class that has not ended")
        }
        for device in devices where !device.machine.isFinished { check(device, replayed) }
    }

    private func check(_ device: SimulatedDevice, _ state: RecoveredState) {
        journal.require(device.machine.isInClass, .convergence, "\(device.name) did not come back")
        guard device.machine.isInClass, let host = server?.hosted?.host, let early = device.classroom else {
            return
        }
        journal.require(
            device.asked.isEmpty, .answers, "\(device.name) waits for \(device.asked.keys.map(\.text))")
        let viewpoint = Viewpoint(device.role)
        guard
            let snapshot = host.view.snapshot(
                of: state.session, for: viewpoint, epoch: epoch, t: state.session.time, wall: wall)
        else { return }
        var late = early
        late.apply(.snapshot(snapshot))
        compare(early.normalised(for: device), late.normalised(for: device), device)
        let seat = state.session.seat(early.seat)
        let place = state.session.hands.firstIndex { $0.seat == early.seat }.map { $0 + 1 }
        journal.require(
            early.handPosition == place, .convergence,
            "\(device.name) believes place \(early.handPosition as Any), has \(place as Any)")
        journal.require(
            early.isMuted == seat?.isMuted, .convergence, "\(device.name) does not know whether it is muted")
        journal.require(
            early.isSpeaking == state.session.speakers.contains(early.seat), .convergence,
            "\(device.name) does not know whether it was called")
    }

    /// Who was there all the time sees what somebody sees who arrives now.
    private func compare(_ early: Classroom, _ late: Classroom, _ device: SimulatedDevice) {
        func same<Part: Equatable>(_ part: KeyPath<Classroom, Part>, _ name: String) {
            journal.require(
                early[keyPath: part] == late[keyPath: part], .convergence,
                "\(device.name) sees other \(name) than a late joiner: "
                    + Self.difference(early[keyPath: part], late[keyPath: part]))
        }
        same(\.card, "facts")
        same(\.presence, "counts")
        same(\.people, "people")
        same(\.hands, "hands")
        same(\.handsCount, "number of hands")
        same(\.chat, "chat")
        same(\.polls, "polls")
        same(\.tracks, "tracks")
    }

    /// What stands in one list and not in the other, or both where they are no lists.
    private static func difference<Part>(_ early: Part, _ late: Part) -> String {
        guard let early = early as? [any Hashable], let late = late as? [any Hashable] else {
            return "\(early), not \(late)"
        }
        let (left, right) = (early.map { AnyHashable($0) }, late.map { AnyHashable($0) })
        return "too much \(left.filter { !right.contains($0) }.prefix(3)), "
            + "missing \(right.filter { !left.contains($0) }.prefix(3))"
    }

    /// Of an anonymous poll the disk holds who voted and the sorted answers, until it is closed, and nothing
    /// else.
    func checkBallots(_ contents: ClassContents) {
        let session = RecoveredState(id, contents).session
        let folder = "classes/\(id)"
        let known: Set<String> = [
            "events.jsonl", "texts.jsonl", "people.jsonl", "manifest.json", "heads.jsonl", "ballots", "audio",
            "snapshot.bin",
        ]
        let names = storage.undisturbed { (try? storage.list(folder)) ?? [] }
        for name in names where !known.contains(name) && !name.hasSuffix(StorageNames.besideSuffix) {
            journal.require(false, .ballots, "what is \(name)?")
        }
        for poll in session.polls where poll.question.secrecy == .anonymous {
            let box = contents.boxes.first { $0.poll == poll.id }
            journal.require(
                box.map { $0.seats == $0.seats.sorted() && $0.options == $0.options.sorted() } ?? true,
                .ballots, "the box of \(poll.id) is not sorted")
            for event in contents.events {
                if case .voteCast(poll.id, let seat, _) = event.event {
                    journal.require(false, .ballots, "the log has \(seat)'s vote in \(poll.id)")
                }
            }
        }
    }
}

extension Classroom {
    /// Leaves out what a page may order or show as it likes.
    fileprivate func normalised(for device: SimulatedDevice) -> Classroom {
        var copy = self
        for index in copy.polls.indices {
            copy.polls[index].votes = (copy.polls[index].votes ?? []).sorted { $0.seat < $1.seat }
        }
        // What a page does not show, or began to show when its line had just broken, it may have missed.
        if device.hasChangedPanels { copy.chat = [] }
        if copy.card?.kind == .largeLecture {
            copy.people = copy.people.filter { $0.value.role != .participant || $0.value.isSpeaking }
        }
        return copy
    }
}
