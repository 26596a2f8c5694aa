/// One chat entry as far as the class remembers it.
public struct ChatEntry: Hashable, Sendable {
    /// Its name in this class.
    public let id: ChatID
    /// Who said it.
    public let seat: SeatID
    /// When it was said.
    public let at: SessionTime
    /// Where the words are.
    public let text: TextReference
    /// Whether staff took it out of sight.
    public internal(set) var isHidden = false
}
