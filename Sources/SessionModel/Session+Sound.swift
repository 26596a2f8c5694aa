// Audio tracks: who announced which. The packets themselves never come here.

extension Session {
    /// The open track with this number.
    public func track(_ id: TrackID) -> Track? { tracks.first { $0.id == id } }

    func decideOpenTrack(_ asker: Asker, channels: Int) throws(Rejection) -> [Event] {
        let seat = try own(asker)
        guard mayPublish(seat) else { throw .notSpeaking }
        guard (1...2).contains(channels) else { throw .channelsOutOfRange }
        guard !tracks.contains(where: { $0.seat == seat.id }) else { throw .trackAlreadyOpen }
        guard Int(lastTrack) < SessionLimits.tracksCountMaximum else { throw .limitReached }
        return [.trackOpened(TrackID(lastTrack + 1), seat: seat.id, codec: .opus, channels: channels)]
    }

    func decideCloseTrack(_ asker: Asker, _ id: TrackID) throws(Rejection) -> [Event] {
        let seat = try own(asker)
        guard let track = track(id), track.seat == seat.id else { throw .trackUnknown }
        return [.trackClosed(id, .publisher)]
    }

    mutating func applyTrackOpened(
        _ id: TrackID, _ seat: SeatID, channels: Int, at time: SessionTime
    ) {
        lastTrack = max(lastTrack, id.number)
        guard track(id) == nil else { return }
        tracks.append(Track(id: id, seat: seat, channels: channels, openedAt: time))
    }
}
