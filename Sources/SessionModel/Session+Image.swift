extension Session {
    /// The number of the fold: what an image holds, how it is written, and what `apply` makes of events.
    ///
    /// Whoever changes any of the three counts it up, and images of the older fold are thrown away. A test
    /// keeps the digest of an image beside this number and fails when one changes without the other.
    public static let foldVersion: UInt64 = 1

    /// The state that follows from the log up to `lastN`, to be kept beside it. What is not in the log is not
    /// in it either: anonymous ballots and who cast them come from their boxes.
    public func image() -> [UInt8] {
        var image = ImageWriter()
        image.put(id)
        image.put(plan) { $1.write(to: &$0) }
        image.put(word: phase)
        image.put(lastN)
        image.put(time)
        image.put(UInt64(run))
        for moment in [openedAt, startedAt, endedAt, breakStartedAt] { image.put(moment) { $0.put($1) } }
        image.put(breakMinutes) { $0.put($1) }
        image.put(list: expected) { $0.put($1) }
        image.put(isRecordingPaused) { $0.put(word: $1) }
        image.put(list: seats) { $1.write(to: &$0) }
        image.put(list: hands) { image, hand in
            image.put(hand.seat)
            image.put(hand.raisedAt)
        }
        image.put(list: speakers) { $0.put($1) }
        image.put(list: polls) { $1.write(to: &$0) }
        writeChat(to: &image)
        image.put(list: tracks) { image, track in
            image.put(UInt64(track.id.number))
            image.put(track.seat)
            image.put(track.channels)
            image.put(track.openedAt)
        }
        image.put(UInt64(lastTrack))
        image.put(list: banned.sorted()) { $0.put($1) }
        image.put(list: interrupted) { $0.put($1) }
        image.put(relayStartedAt)
        image.put(teachersLeftAt) { $0.put($1) }
        image.put(list: outcomes.sorted { $0.key < $1.key }) { image, entry in
            image.put(entry.key)
            entry.value.write(to: &image)
        }
        return image.bytes
    }

    private func writeChat(to image: inout ImageWriter) {
        image.put(list: chat) { image, entry in
            image.put(entry.id)
            image.put(entry.seat)
            image.put(entry.at)
            entry.text.write(to: &image)
            image.put(entry.isHidden)
        }
        image.put(chatCount)
        image.put(list: recentChats) { image, recent in
            image.put(recent.seat)
            image.put(recent.at)
        }
        image.put(list: hiddenChats.sorted()) { $0.put($1) }
    }

    /// The state an image holds; fails where it is none of this fold.
    public init(image: inout ImageReader) throws(ImageFailure) {
        self.init(id: try image.identifier())
        plan = try image.optional { image throws(ImageFailure) in try SessionPlan(image: &image) }
        phase = try image.word()
        lastN = try image.number()
        time = try image.time()
        guard let run = UInt32(exactly: try image.number()) else { throw ImageFailure() }
        self.run = run
        openedAt = try Self.moment(&image)
        startedAt = try Self.moment(&image)
        endedAt = try Self.moment(&image)
        breakStartedAt = try Self.moment(&image)
        breakMinutes = try image.optional { image throws(ImageFailure) in try image.integer() }
        expected = try image.list { image throws(ImageFailure) in try image.identifier() }
        isRecordingPaused = try image.optional { image throws(ImageFailure) in try image.word() }
        seats = try image.list { image throws(ImageFailure) in try Seat(image: &image) }
        hands = try image.list { image throws(ImageFailure) in
            Hand(seat: try image.identifier(), raisedAt: try image.time())
        }
        speakers = try image.list { image throws(ImageFailure) in try image.identifier() }
        polls = try image.list { image throws(ImageFailure) in try Poll(image: &image) }
        try readChat(from: &image)
        tracks = try image.list { image throws(ImageFailure) in
            Track(
                id: TrackID(try Self.track(&image)), seat: try image.identifier(),
                channels: try image.integer(), openedAt: try image.time())
        }
        lastTrack = try Self.track(&image)
        banned = Set(try image.list { image throws(ImageFailure) in try image.identifier(PersonID.self) })
        interrupted = try image.list { image throws(ImageFailure) in try image.integer() }
        relayStartedAt = try image.time()
        teachersLeftAt = try Self.moment(&image)
        let seatOutcomes = try image.list { image throws(ImageFailure) in
            (seat: try image.identifier(SeatID.self), outcomes: try CommandOutcomes(image: &image))
        }
        for entry in seatOutcomes { outcomes[entry.seat] = entry.outcomes }
        try derive()
    }

    private mutating func readChat(from image: inout ImageReader) throws(ImageFailure) {
        chat = try image.list { image throws(ImageFailure) in
            ChatEntry(
                id: try image.identifier(), seat: try image.identifier(), at: try image.time(),
                text: try TextReference(image: &image), isHidden: try image.flag())
        }
        chatCount = try image.integer()
        recentChats = try image.list { image throws(ImageFailure) in
            RecentChat(seat: try image.identifier(), at: try image.time())
        }
        hiddenChats = Set(try image.list { image throws(ImageFailure) in try image.identifier(ChatID.self) })
    }

    /// What follows from the rest and only makes looking up quick.
    private mutating func derive() throws(ImageFailure) {
        guard interrupted.allSatisfy(seats.indices.contains) else { throw ImageFailure() }
        for (position, seat) in seats.enumerated() {
            positions[seat.id] = position
            positionsByPerson[PersonInRole(person: seat.person, role: seat.role)] = position
        }
        presentCount = seats.count { $0.role == .participant && $0.isPresent }
        expectedSet = Set(expected)
    }

    private static func moment(_ image: inout ImageReader) throws(ImageFailure) -> SessionTime? {
        try image.optional { image throws(ImageFailure) in try image.time() }
    }

    private static func track(_ image: inout ImageReader) throws(ImageFailure) -> UInt16 {
        guard let number = UInt16(exactly: try image.number()) else { throw ImageFailure() }
        return number
    }

    /// The typed texts that somebody who is in class, or comes now, may still see: those of the chat entries
    /// that are kept and of all polls.
    public var liveTexts: Set<TextID> {
        var texts = Set(chat.map(\.text.ref))
        for poll in polls {
            texts.insert(poll.question.question.ref)
            texts.formUnion(poll.question.options.map(\.ref))
        }
        return texts
    }
}

extension TextReference {
    func write(to image: inout ImageWriter) {
        image.put(ref)
        image.put(commitment.hex)
    }

    init(image: inout ImageReader) throws(ImageFailure) {
        let ref: TextID = try image.identifier()
        guard let commitment = Commitment(hex: try image.text()) else { throw ImageFailure() }
        self.init(ref: ref, commitment: commitment)
    }
}
