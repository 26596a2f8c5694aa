public import SessionModel

/// What one decision makes durable, as one step: either all of it is acknowledged or none.
///
/// It is carried out in the order of the fields, so that an event never refers to a text or a person that a
/// power cut could have taken: people and texts first, then ballots, then the events, then what the events
/// say is gone.
public struct ClassCommit: Hashable, Sendable {
    /// People who are named by the events.
    public var people: [PersonEntry]
    /// Texts that the events refer to.
    public var texts: [TextEntry]
    /// Answers to anonymous polls.
    public var ballots: [Ballot]
    /// Events, numbered by the caller.
    public var events: [RecordedEvent]
    /// Texts to be forgotten.
    public var erasedTexts: [TextID]
    /// People whose names are to be forgotten.
    public var erasedPeople: [PersonID]

    /// A step; by default nothing.
    public init(
        people: [PersonEntry] = [], texts: [TextEntry] = [], ballots: [Ballot] = [],
        events: [RecordedEvent] = [],
        erasedTexts: [TextID] = [], erasedPeople: [PersonID] = []
    ) {
        self.people = people
        self.texts = texts
        self.ballots = ballots
        self.events = events
        self.erasedTexts = erasedTexts
        self.erasedPeople = erasedPeople
    }
}
