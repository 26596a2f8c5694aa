import LiveRelayWire
import SessionModel

/// What one seat has received, counted packet by packet.
struct ListenerCount {
    /// How often each sequence came, from the first that was sent.
    private(set) var packets: [UInt8]
    /// Packets of a track or sequence that was never sent.
    private(set) var foreign = 0
    /// The chat entries that came, each once.
    private(set) var chats: Set<ChatID> = []
    /// Entries that came again.
    private(set) var chatsTwice = 0
    /// The count of the closed poll.
    var pollCount: Int?
    /// Named votes that came.
    private(set) var votes: Set<SeatID> = []
    /// How often the line was lost.
    var interruptions = 0

    init(packetsCount: Int) { packets = Array(repeating: 0, count: packetsCount) }

    mutating func take(_ audio: AudioMessage, track: TrackID) {
        for offset in audio.packets.indices {
            let place = Int(audio.sequence) + offset
            guard audio.track == track, packets.indices.contains(place) else {
                foreign += 1
                continue
            }
            packets[place] = packets[place] == .max ? .max : packets[place] + 1
        }
    }

    mutating func take(_ event: EventNotice) {
        switch event.event.type {
        case "chatPosted":
            guard let chat = event.event.chat else { return }
            if !chats.insert(chat).inserted { chatsTwice += 1 }
        case "voteCast": if let seat = event.event.seat { votes.insert(seat) }
        case "pollClosed": pollCount = event.event.count
        default: break
        }
    }

    /// Packets that never came, of the first so many.
    func missing(of sent: Int) -> Int { packets.prefix(sent).count { $0 == 0 } }

    /// Packets that came more than once.
    var doubled: Int { packets.count { $0 > 1 } }
}
