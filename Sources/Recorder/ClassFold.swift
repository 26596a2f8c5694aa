import SessionModel

/// What follows from everything of a class that is durable: its state, the texts people may still see, and
/// who is who. Snapshots are written from it, and recovery goes on from one.
///
/// It is the fold of the log and of nothing else: no ballot ever comes into it.
///
/// `@unchecked Sendable`: it belongs to a `ClassFiles`, and only whoever carries out a commit holds that.
final class ClassFold: @unchecked Sendable {
    private(set) var session: Session
    private(set) var texts: [TextID: TextEntry]
    private(set) var people: [PersonID: PersonEntry]
    /// Whether the log says that all texts are gone.
    private(set) var areTextsRemoved: Bool

    /// Gone through when as many are of no use as can be of use.
    static let textsCountMaximum = 2 * SessionLimits.liveTextsCountMaximum

    init(
        _ session: Session, texts: [TextID: TextEntry] = [:], people: [PersonID: PersonEntry] = [:],
        areTextsRemoved: Bool = false
    ) {
        self.session = session
        self.texts = texts
        self.people = people
        self.areTextsRemoved = areTextsRemoved
    }

    /// Takes over events that became durable; the people and texts they speak of were taken before.
    func apply(_ commits: [ClassCommit]) {
        for commit in commits {
            for recorded in commit.events { apply(recorded) }
            for text in commit.erasedTexts { texts[text] = nil }
            for person in commit.erasedPeople { people[person] = nil }
        }
        if texts.count > Self.textsCountMaximum { forgetTexts(except: session.liveTexts) }
    }

    /// Takes over one event.
    func apply(_ recorded: RecordedEvent) {
        session.apply(recorded)
        if case .textsRemoved = recorded.event {
            areTextsRemoved = true
            texts = [:]
        }
    }

    /// Takes over a text that is read, or was typed.
    func take(_ entry: TextEntry) { texts[entry.ref] = entry }

    /// Takes over who somebody is; of two entries for one person the later counts.
    func take(_ entry: PersonEntry) { people[entry.person] = entry }

    /// Keeps only some texts.
    func forgetTexts(except wanted: Set<TextID>) { texts = texts.filter { wanted.contains($0.key) } }
}
