/// That a seat said something, for the rate limits.
struct RecentChat: Hashable, Sendable {
    let seat: SeatID
    let at: SessionTime
}

extension Session {
    func decidePostChat(
        _ asker: Asker, _ text: TextReference, characters: Int, at time: SessionTime
    ) throws(Rejection) -> [Event] {
        let seat = try own(asker)
        guard characters > 0 else { throw .textEmpty }
        guard characters <= SessionLimits.chatCharactersMaximum else { throw .textTooLong }
        let recent = recentChats.filter { isRecent($0, at: max(time, self.time)) }
        let own = recent.count { $0.seat == seat.id }
        guard recent.count < SessionLimits.chatPerSessionCountMaximum,
            own < SessionLimits.chatPerSeatCountMaximum
        else { throw .tooFast }
        return [.chatPosted(ChatID(unchecked: "c\(chatCount + 1)"), seat: seat.id, text: text)]
    }

    func decideHideChat(_ chat: ChatID) throws(Rejection) -> [Event] {
        guard let number = number(of: chat), number >= 1, number <= chatCount else { throw .chatUnknown }
        guard !hiddenChats.contains(chat) else { throw .chatAlreadyHidden }
        return [.chatHidden(chat)]
    }

    mutating func applyChatPosted(
        _ chat: ChatID, _ seat: SeatID, _ text: TextReference, at time: SessionTime
    ) {
        chatCount += 1
        self.chat.append(ChatEntry(id: chat, seat: seat, at: time, text: text))
        if self.chat.count > SessionLimits.chatBacklogCountMaximum { self.chat.removeFirst() }
        if let first = recentChats.firstIndex(where: { isRecent($0, at: time) }) {
            recentChats.removeFirst(first)
        } else {
            recentChats.removeAll(keepingCapacity: true)
        }
        recentChats.append(RecentChat(seat: seat, at: time))
    }

    mutating func applyChatHidden(_ chat: ChatID) {
        hiddenChats.insert(chat)
        guard let place = self.chat.firstIndex(where: { $0.id == chat }) else { return }
        self.chat[place].isHidden = true
    }

    private func isRecent(_ entry: RecentChat, at time: SessionTime) -> Bool {
        time < entry.at.advanced(byMilliseconds: SessionLimits.chatWindowMilliseconds)
    }

    /// The number in a name such as `c17`, if the name is written as the class writes it.
    private func number(of chat: ChatID) -> Int? {
        guard let number = Int(chat.text.dropFirst()), chat.text == "c\(number)" else { return nil }
        return number
    }
}
