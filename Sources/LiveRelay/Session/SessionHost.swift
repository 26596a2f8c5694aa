import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

/// One live class: the head state, and an outbox in which everything outgoing waits for the disk.
///
/// Synchronous and without I/O: inputs and `now` go in, effects come out and are carried out by
/// `HostedSession`, or by the simulator. A command is decided and applied to the head at once, so that the
/// next one is decided on it; its event and its answer leave when the log says that they are durable, the
/// event before the answer.
final class SessionHost {
    /// What the driver has to do, in order.
    enum Effect {
        /// Make this durable and answer with `appended`.
        case append(ClassCommit, after: LogPosition, ticket: Int)
        /// Hand these over to connections.
        case deliver([Delivery])
        /// Events are durable, for whoever follows the class.
        case durable([RecordedEvent])
        /// What somebody waited for did not become durable.
        case abandon(Int)
        /// The head is no longer what the log says: read the log, again and again until it can be read, and
        /// answer with `rebuild`.
        case readBack(isOutcomeUnknown: Bool)
        /// Staff want a seat not to be heard while nothing can be decided: it is not, until the log takes
        /// something again.
        case silence(SeatID)
    }

    /// What the host is told once and never asks for again.
    struct Surroundings {
        /// Session time from the monotonic clock.
        var clock: SessionClock
        /// Makes the token with which a seat comes back.
        var resumeToken: @Sendable (Seat, SessionID, WallTime) -> String
        /// Source of salts and of names of texts.
        var random: any RandomNumberGenerator
    }

    private enum State {
        case running
        /// The head was discarded; everything is answered `retry` until the log was read.
        case rebuilding(RebuildCause)
    }

    /// Why the head was discarded.
    enum RebuildCause {
        case noSpace
        case other
    }

    /// Why nothing is decided now; nil where something is.
    var rebuildCause: RebuildCause? {
        switch state {
        case .running: nil
        case .rebuilding(let cause): cause
        }
    }

    /// What was handed to the log and is not durable yet.
    private struct Commit {
        let ticket: Int
        let lastN: UInt64
        let events: [RecordedEvent]
    }

    /// Connections of one seat; more than one where the class allows it.
    struct Attendee {
        let seat: SeatID
        var panels: Set<Panel>
        var commandsInFlight = 0
    }

    let id: SessionID
    let epoch: String
    var surroundings: Surroundings
    /// The head: what the log will say.
    private(set) var session: Session
    var view: ClassView
    /// Everything up to this event is durable.
    private(set) var durableN: UInt64
    var attendees: [ConnectionID: Attendee] = [:]
    /// Connections by seat, in order of arrival.
    var connectionsBySeat: [SeatID: [ConnectionID]] = [:]
    var recent: RecentEvents
    var snapshots: [Viewpoint: CachedSnapshot] = [:]
    /// Panels that members asked for while the log could not be read.
    var panelsAsked: [ConnectionID: Set<Panel>] = [:]
    var pulse = Pulse()
    /// What the room on the disk allows.
    var diskLevel = DiskLevel.plenty
    /// Over how long those who listen spread if the server dies; nil where a second is enough.
    var spreadMilliseconds: Int?

    private var state = State.running
    private var outbox = Outbox()
    private var commits: [Commit] = []
    /// The last commit that was handed to the log, and the last that is durable.
    private var lastTicket = 0
    private var durableTicket = 0
    private var effects: [Effect] = []
    /// Anonymous votes leave no trace in the log, so the answer to a vote that is sent again is kept here.
    var votesTaken: [SeatID: [CommandID: PollID]] = [:]

    /// A class as it was recovered; `session` has all events applied.
    init(
        epoch: String, session: Session, view: ClassView, surroundings: Surroundings
    ) {
        id = session.id
        self.epoch = epoch
        self.session = session
        self.view = view
        self.surroundings = surroundings
        durableN = session.lastN
        recent = RecentEvents(beginsAfter: session.lastN)
    }

    /// Session time at a reading of the monotonic clock, never before the last event.
    func time(_ now: UInt64) -> SessionTime { max(surroundings.clock.time(atMonotonic: now), session.time) }

    /// What the driver has to do now; each effect is given out once.
    func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    /// Whether commands are decided now.
    var isRunning: Bool { rebuildCause == nil }

    /// Whether everything that happened is on disk.
    var isSettled: Bool { commits.isEmpty && outbox.isEmpty }

    // MARK: Deciding

    /// Decides a command and takes its effect on the head; what leaves waits for the log.
    ///
    /// - Returns: the number of the last event after it.
    @discardableResult
    func decide(
        _ command: Command, by actor: Actor, at time: SessionTime, cause: CommandID? = nil,
        texts: [TextEntry] = [], people: [PersonEntry] = []
    ) throws(Rejection) -> UInt64 {
        let decision = try session.decide(command, by: actor, at: time)
        for entry in people { view.people[entry.person] = entry }
        for entry in texts { view.texts[entry.ref] = entry.text }
        let before = session.lastN
        let recorded = session.record(decision.events, by: actor, cause: cause, at: time)
        for ballot in decision.ballots { session.cast(ballot) }
        view.forgetOldTexts(session)
        var commit = ClassCommit(
            people: people, texts: recorded.isEmpty ? [] : texts, ballots: decision.ballots, events: recorded)
        for event in recorded {
            if case .textsRemoved = event.event { commit.erasedTexts = view.texts.keys.sorted() }
        }
        guard !recorded.isEmpty || !decision.ballots.isEmpty || !people.isEmpty else { return before }
        append(commit, after: before)
        for event in recorded { announce(event, in: session) }
        if !commit.erasedTexts.isEmpty { view.texts = [:] }
        return session.lastN
    }

    /// Decides a command of which a refusal means that there is nothing to do.
    func decideIfAllowed(_ command: Command, by actor: Actor, at time: SessionTime) {
        _ = try? decide(command, by: actor, at: time)
    }

    private func append(_ commit: ClassCommit, after n: UInt64) {
        lastTicket += 1
        commits.append(
            Commit(ticket: lastTicket, lastN: session.lastN, events: commit.events))
        effects.append(.append(commit, after: LogPosition(epoch: epoch, n: n), ticket: lastTicket))
    }

    private func announce(_ recorded: RecordedEvent, in session: Session) {
        let audience = Audience.of(recorded.event, in: session)
        let frame = view.notice(recorded, in: session, epoch: epoch).frame
        recent.add(RecentEvents.Entry(n: recorded.n, audience: audience, frame: frame))
        if recorded.event.takesTextsAway { forgetWhatWasSent(upTo: recorded.n) }
        outbox.add(.broadcast(frame, audience: audience, panel: recorded.event.panel), after: lastTicket)
        if recorded.event.movesHands { pulse.handsMoved = true }
        if case .handLowered(let seat, _) = recorded.event { pulse.placeIsLost(seat) }
    }

    /// Frames that were sent hold texts that whoever comes now may not see: they get a new snapshot.
    private func forgetWhatWasSent(upTo n: UInt64) {
        recent = RecentEvents(beginsAfter: n)
        snapshots = [:]
    }

    /// Puts something into the outbox that depends on all that has happened so far.
    func post(_ delivery: Delivery) {
        outbox.add(delivery, after: lastTicket)
        if lastTicket == durableTicket { release() }
    }

    private func release() {
        let released = outbox.release(upTo: durableTicket)
        for delivery in released { note(delivery) }
        if !released.isEmpty { effects.append(.deliver(released)) }
    }

    private func note(_ delivery: Delivery) {
        switch delivery {
        case .settle(let connection, _): attendees[connection]?.commandsInFlight -= 1
        case .dismiss(let connection, _): forget(connection)
        case .digest: pulse.digestLeaves()
        case .broadcast, .send, .admit, .panels, .conclude: break
        }
    }

    /// Stops the sound of a seat while nothing can be decided.
    func silence(_ seat: SeatID) { effects.append(.silence(seat)) }

    /// Sends something that is true whatever the disk does.
    func sendNow(_ delivery: Delivery) { effects.append(.deliver([delivery])) }

    /// Plans the class: its first event, and the first start of the relay with its log.
    func schedule(_ plan: SessionPlan, people: [PersonEntry], run: UInt32, at time: SessionTime) {
        for entry in people { view.people[entry.person] = entry }
        let wall = surroundings.clock.wall(at: time)
        let recorded =
            session.record([.scheduled(plan)], by: .administrator, cause: nil, at: time)
            + session.record([.relayStarted(run: run, wall: wall)], by: .relay, cause: nil, at: time)
        append(ClassCommit(people: people, events: recorded), after: 0)
        for event in recorded { announce(event, in: session) }
    }

    // MARK: The log answers

    /// The log took a commit, or did not.
    func appended(_ ticket: Int, _ result: Result<LogPosition, EventLogFailure>) {
        guard case .running = state, let index = commits.firstIndex(where: { $0.ticket == ticket }) else {
            return
        }
        switch result {
        case .success:
            // The log answers in order; what stands before this one is durable too.
            let done = commits[...index]
            durableN = max(durableN, commits[index].lastN)
            durableTicket = ticket
            let events = done.flatMap(\.events)
            commits.removeFirst(index + 1)
            if !events.isEmpty { effects.append(.durable(events)) }
            release()
        case .failure(let failure):
            discardHead(failure)
        }
    }

    private func discardHead(_ failure: EventLogFailure) {
        let cause: RebuildCause = failure.isNoSpace ? .noSpace : .other
        state = .rebuilding(cause)
        var deliveries: [Delivery] = []
        for recorded in commits.flatMap(\.events) {
            if let seat = recorded.event.silencedSeat { silence(seat) }
        }
        commits = []
        durableTicket = lastTicket
        for delivery in outbox.discard() {
            switch delivery {
            case .admit(let member, _): deliveries.append(sendAway(member.connection))
            // What the newly shown panels missed is discarded too.
            case .panels(let connection, let panels):
                attendees[connection]?.panels = []
                panelsAsked[connection] = panels
            case .dismiss(let connection, let code):
                deliveries.append(.dismiss(connection, code.speaksOfTheHead ? .storageFailed : code))
            case .conclude(let waiter): effects.append(.abandon(waiter))
            case .settle(let connection, let id):
                // Whatever the answer was, it spoke of a state that is no more.
                attendees[connection]?.commandsInFlight -= 1
                deliveries.append(.send(refusal(of: id, cause), to: connection))
            case .broadcast, .digest, .send: break
            }
        }
        pulse.discardWhatWaits()
        if !deliveries.isEmpty { effects.append(.deliver(deliveries)) }
        effects.append(.readBack(isOutcomeUnknown: failure.isOutcomeUnknown))
    }

    /// Somebody who waited for a picture of the discarded head comes back for a true one.
    private func sendAway(_ connection: ConnectionID) -> Delivery {
        forget(connection)
        return .dismiss(connection, .storageFailed)
    }

    private func refusal(of id: CommandID, _ cause: RebuildCause) -> SharedFrame {
        switch cause {
        case .noSpace: ServerMessage.rejected(id, .noSpace).frame
        case .other: ServerMessage.retry(id, after: Self.retryMilliseconds).frame
        }
    }

    /// How long a client waits before it sends a command again that found the log unavailable.
    static let retryMilliseconds = 500

    /// What a command is answered while the log is being read back.
    func postpone(_ id: CommandID, to connection: ConnectionID) {
        effects.append(.deliver([.send(refusal(of: id, rebuildCause ?? .other), to: connection)]))
    }

    /// The log was read: the head is what it says. Members stay; events that are in the log after all, though
    /// their outcome was unknown, are told to them now.
    func rebuild(_ state: RecoveredState) {
        session = state.session
        view = state.view
        recent.forget(after: durableN)
        snapshots = [:]
        for (seat, votes) in votesTaken {
            votesTaken[seat] = votes.filter { session.poll($0.value)?.hasVoted(seat) ?? false }
        }
        self.state = .running
        let missing = state.events.filter { $0.n > durableN }
        if !missing.isEmpty {
            tellMissing(of: state)
            effects.append(.durable(missing))
        }
        durableN = session.lastN
        release()
    }

    /// Announces each event as it was: who may see it goes by what the class was at its time.
    private func tellMissing(of state: RecoveredState) {
        var past = state.base
        for event in state.events {
            past.apply(event)
            if event.n > durableN { announce(event, in: past) }
        }
    }

    // MARK: Connections

    func forget(_ connection: ConnectionID) {
        panelsAsked[connection] = nil
        guard let attendee = attendees.removeValue(forKey: connection) else { return }
        connectionsBySeat[attendee.seat]?.removeAll { $0 == connection }
        if connectionsBySeat[attendee.seat]?.isEmpty == true { connectionsBySeat[attendee.seat] = nil }
    }
}

extension DisconnectCode {
    /// Whether it tells what became of somebody in class, so that it is no longer true once the head is
    /// discarded.
    fileprivate var speaksOfTheHead: Bool { self != .replaced && self != .audioInvalid }
}

extension EventLogFailure {
    var isNoSpace: Bool {
        switch self {
        case .unavailable(.storage(.noSpace)), .unknownOutcome(.noSpace): true
        case .conflict, .unknownOutcome, .unavailable: false
        }
    }

    var isOutcomeUnknown: Bool {
        switch self {
        case .unknownOutcome, .unavailable(.poisoned): true
        case .conflict, .unavailable: false
        }
    }
}

extension Event {
    /// The panel on which people see the event; nil where everybody needs it.
    var panel: Panel? {
        switch self {
        case .chatPosted, .chatHidden: .chat
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .ended,
            .joined, .interrupted, .resumed, .left, .removed, .playbackChanged, .handRaised, .handLowered,
            .calledToSpeak, .turnEnded, .muted, .unmuted, .pollOpened, .voteCast, .pollClosed, .trackOpened,
            .trackClosed, .recordingPaused, .recordingResumed, .textsRemoved:
            nil
        }
    }

    /// Whose sound the event stops by the will of staff.
    var silencedSeat: SeatID? {
        switch self {
        case .muted(let seat), .removed(let seat, _): seat
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .ended, .joined, .interrupted, .resumed, .left, .playbackChanged, .chatPosted, .chatHidden,
            .handRaised, .handLowered, .calledToSpeak, .turnEnded, .unmuted, .pollOpened, .voteCast,
            .pollClosed, .trackOpened, .trackClosed, .recordingPaused, .recordingResumed, .textsRemoved:
            nil
        }
    }

    /// Whether texts may be seen no more that were seen before.
    var takesTextsAway: Bool {
        switch self {
        case .chatHidden, .textsRemoved: true
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .ended,
            .joined, .interrupted, .resumed, .left, .removed, .playbackChanged, .chatPosted, .handRaised,
            .handLowered, .calledToSpeak, .turnEnded, .muted, .unmuted, .pollOpened, .voteCast, .pollClosed,
            .trackOpened, .trackClosed, .recordingPaused, .recordingResumed:
            false
        }
    }

    /// Whether places in the queue of hands change.
    var movesHands: Bool {
        switch self {
        case .handRaised, .handLowered: true
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .ended,
            .joined, .interrupted, .resumed, .left, .removed, .playbackChanged, .chatPosted, .chatHidden,
            .calledToSpeak, .turnEnded, .muted, .unmuted, .pollOpened, .voteCast, .pollClosed, .trackOpened,
            .trackClosed, .recordingPaused, .recordingResumed, .textsRemoved:
            false
        }
    }
}
