/// Who may see an event.
public enum Audience: Hashable, Sendable {
    /// All who are in class.
    case everyone
    /// Those who run the class or watch over it.
    case staff
    /// One seat alone.
    case seat(SeatID)
    /// Supervisors and administrators: who may know that a supervisor is there.
    case supervisors

    /// Whether somebody in class belongs to the audience.
    public func includes(_ seat: SeatID, role: Role) -> Bool {
        switch self {
        case .everyone: true
        case .staff: role.isStaff
        case .seat(let one): one == seat
        case .supervisors: role == .supervisor || role == .administrator
        }
    }

    /// Who may see an event of a class; it makes no difference whether the event was applied already.
    public static func of(_ event: Event, in session: Session) -> Audience {
        switch event {
        case .scheduled, .relayStarted, .opened, .started, .breakStarted, .breakEnded, .ended: .everyone
        case .peopleExpected, .textsRemoved: .staff
        case .joined(_, _, let role, _): presence(role, in: session)
        // Whoever listens to a speaker sees whether the line is there, in a large class too.
        case .interrupted(let seat, _), .resumed(let seat):
            session.speakers.contains(seat) ? .everyone : presence(of: seat, in: session)
        case .removed(let seat, _): presence(of: seat, in: session)
        case .left(let seat, let cause): leaving(seat, cause, in: session)
        case .playbackChanged(let seat, _): quietly(seat, in: session)
        case .chatPosted, .chatHidden: .everyone
        // Staff see the queue; everybody else is told a position.
        case .handRaised, .handLowered: .staff
        case .calledToSpeak, .turnEnded, .muted, .unmuted: .everyone
        case .pollOpened, .pollClosed: .everyone
        case .voteCast: .staff
        case .trackOpened, .trackClosed, .recordingPaused, .recordingResumed: .everyone
        }
    }

    /// In a large class the coming and going of participants is a number, not news.
    private static func presence(_ role: Role, in session: Session) -> Audience {
        switch role {
        case .supervisor, .administrator, .expert, .viewer: .supervisors
        case .lecturer, .assistant: .everyone
        case .participant: session.plan?.kind.policy.announcesPresence == true ? .everyone : .staff
        }
    }

    /// A seat nobody knows of is nobody's business but supervisors'.
    private static func presence(of seat: SeatID, in session: Session) -> Audience {
        session.seat(seat).map { presence($0.role, in: session) } ?? .supervisors
    }

    /// The end of the class says by itself that everybody left.
    private static func leaving(_ seat: SeatID, _ cause: LeaveCause, in session: Session) -> Audience {
        let audience = presence(of: seat, in: session)
        return cause == .sessionEnded && audience == .everyone ? .staff : audience
    }

    private static func quietly(_ seat: SeatID, in session: Session) -> Audience {
        presence(of: seat, in: session) == .supervisors ? .supervisors : .staff
    }
}
