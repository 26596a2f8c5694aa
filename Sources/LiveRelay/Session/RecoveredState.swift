import Recorder
import SessionModel

/// A class folded from what the disk holds.
struct RecoveredState: Sendable {
    let session: Session
    let view: ClassView
    /// The state before the first of `events`.
    let base: Session
    /// The last events of the log, as many as were asked for; empty where the state comes from elsewhere.
    let events: [RecordedEvent]

    init(session: Session, view: ClassView, base: Session? = nil, events: [RecordedEvent] = []) {
        self.session = session
        self.view = view
        self.base = base ?? Session(id: session.id)
        self.events = events
    }

    init(_ state: ClassState) {
        self.init(
            session: state.session, view: ClassView(state.texts, state.people), base: state.base,
            events: state.events)
    }

    init(_ id: SessionID, _ contents: ClassContents) {
        var session = Session(id: id)
        for event in contents.events { session.apply(event) }
        for box in contents.boxes {
            session.restore(poll: box.poll, voters: box.seats, ballots: box.options)
        }
        self.init(
            session: session, view: ClassView(contents.textEntries, contents.personEntries),
            events: contents.events)
    }
}

extension ClassView {
    fileprivate init(_ texts: [TextEntry], _ people: [PersonEntry]) {
        for entry in texts { self.texts[entry.ref] = entry.text }
        for entry in people { self.people[entry.person] = entry }
    }
}
