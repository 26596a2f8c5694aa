extension Seat {
    func write(to image: inout ImageWriter) {
        image.put(id)
        image.put(person)
        image.put(word: role)
        image.put(list: members) { $0.put($1) }
        presence.write(to: &image)
        image.put(joinedAt)
        image.put(isMuted)
        image.put(isBanned)
        image.put(playback) { $0.put($1.code) }
    }

    init(image: inout ImageReader) throws(ImageFailure) {
        id = try image.identifier()
        person = try image.identifier()
        role = try image.word()
        members = try image.list { image throws(ImageFailure) in try image.identifier() }
        presence = try Presence(image: &image)
        joinedAt = try image.time()
        isMuted = try image.flag()
        isBanned = try image.flag()
        playback = try image.optional { image throws(ImageFailure) in
            guard let playback = Playback(code: try image.text()) else { throw ImageFailure() }
            return playback
        }
    }
}

extension Presence {
    fileprivate func write(to image: inout ImageWriter) {
        switch self {
        case .connected: image.put(UInt64(0))
        case .interrupted(let since, let cause):
            image.put(UInt64(1))
            image.put(since)
            image.put(word: cause)
        case .left(let cause):
            image.put(UInt64(2))
            image.put(word: cause)
        case .removed: image.put(UInt64(3))
        }
    }

    fileprivate init(image: inout ImageReader) throws(ImageFailure) {
        switch try image.number() {
        case 0: self = .connected
        case 1: self = .interrupted(since: try image.time(), try image.word())
        case 2: self = .left(try image.word())
        case 3: self = .removed
        case _: throw ImageFailure()
        }
    }
}
