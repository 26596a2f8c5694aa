import LiveRelayClient
import LiveRelayWire
import SessionModel

/// The lecturer: starts the class, speaks without a pause, opens and closes polls, mutes and unmutes. Lives
/// on the loop of the class.
final class EndureLecturer {
    /// CELT, full band, 20 ms, one channel, code 0 (RFC 6716 table 2).
    private static let toc: UInt8 = 0xF8
    /// As large as a packet of speech at 24 kbit/s.
    private static let packetBytes = 60
    /// Who lags this far behind, as after a stop, does not catch up.
    private static let lagPacketsMaximum: UInt64 = 50
    private static let pollMilliseconds: UInt64 = 6_000
    private static let muteMilliseconds: UInt64 = 500

    private unowned let owner: EndureClass
    private(set) var client: ClassroomClient?
    private var publication: Publication?
    private var isTrackAsked = false
    private var pace: (start: UInt64, count: UInt64) = (0, 0)
    private var asked: Set<CommandID> = []
    private var polls = 0
    private(set) var sentPackets = 0
    /// When the lecturer was last let in.
    private(set) var joinedAt: UInt64?
    private(set) var interruptions = 0
    private var muted: SeatID?

    init(_ owner: EndureClass) { self.owner = owner }

    /// Packets of which the server has not said that they are on disk.
    var unrecordedCount: Int { publication?.unrecordedCount ?? 0 }
    /// Whether nothing waits to be sent again for the record.
    var isRecordSent: Bool { (publication?.missedCount ?? 0) == 0 }
    var isInClass: Bool { client?.isInClass ?? false }
    var classroom: Classroom? { client?.classroom }

    func start() {
        let client = owner.lecturerClient { [weak self] in self?.take($0) }
        self.client = client
        client.start()
        speak()
        every(Self.pollMilliseconds) { $0.turnPoll() }
        every(Self.muteMilliseconds) { $0.turnMute() }
    }

    func stop() { client?.stop() }

    private func every(_ milliseconds: UInt64, _ call: @escaping (EndureLecturer) -> Void) {
        owner.after(milliseconds) { [weak self] in
            guard let self else { return }
            call(self)
            self.every(milliseconds, call)
        }
    }

    private func take(_ notice: ClassroomNotice) {
        switch notice {
        case .snapshot(let snapshot):
            goOn()
            if let own = publication, !snapshot.tracks.contains(where: { $0.track == own.track }) {
                loseTrack()
            }
        case .joined(let hello):
            joinedAt = owner.now
            publication?.goOn(inRun: hello.run)
        case .event(let event):
            switch event.event.type {
            case "opened", "started": goOn()
            case "trackClosed": if event.event.track == publication?.track { loseTrack() }
            default: break
            }
        case .interrupted:
            interruptions += 1
            publication?.lineLost()
        case .recorded(let sound): publication?.recorded(sound)
        case .answer(let id, let answer): answered(id, answer)
        case .ended(.stopped): break
        case .ended(let ending): owner.lost(-1, "\(ending)")
        case .digest, .people, .position, .audio, .probe, .unreadable: break
        }
    }

    private func goOn() {
        switch client?.classroom?.phase {
        case .scheduled: ask(.open, "open")
        case .open: ask(.start, "start")
        case .live:
            guard publication == nil, !isTrackAsked else { break }
            isTrackAsked = true
            ask(.openTrack(channels: 1), "openTrack")
        case .onBreak, .ended, nil: break
        }
        owner.doorIsOpen()
    }

    private func loseTrack() {
        publication = nil
        isTrackAsked = false
        goOn()
    }

    private func ask(_ command: ClientCommand, _ kind: String) {
        guard let client, let seat = client.classroom?.seat else { return }
        let sentAt = owner.now
        let id = client.send(command)
        asked.insert(id)
        owner.journal.asked(
            id, EndureCommand(seat: seat.text, id: id.text, kind: kind, sentAt: sentAt))
    }

    private func answered(_ id: CommandID, _ answer: CommandAnswer) {
        asked.remove(id)
        guard let command = owner.journal.answered(id, answer, at: owner.now),
            command.kind == "openTrack"
        else { return }
        isTrackAsked = false
        guard case .accepted(let accepted) = answer, let track = accepted.track, let run = accepted.run else {
            return
        }
        publication = Publication(track: track, run: run)
    }

    // MARK: What lecturers do

    private func turnPoll() {
        guard owner.isActing, asked.isEmpty, let classroom, classroom.phase == .live else { return }
        if let open = classroom.openPoll {
            ask(.closePoll(open.poll), "closePoll")
        } else {
            polls += 1
            ask(
                .openPoll(
                    question: "第 \(polls) 问：听得清吗？", options: ["清楚", "不清楚"],
                    secrecy: polls.isMultiple(of: 2) ? .anonymous : .named), "openPoll")
        }
    }

    private func turnMute() {
        guard owner.isActing, asked.isEmpty, let classroom, classroom.phase == .live else { return }
        if let seat = muted {
            muted = nil
            ask(.unmute(seat), "unmute")
        } else if let seat = classroom.hands.last?.seat {
            muted = seat
            ask(.mute(seat), "mute")
        }
    }

    private func speak() {
        owner.after(20) { [weak self] in
            guard let self else { return }
            self.speak()
            self.sendDue()
        }
    }

    private func sendDue() {
        guard let client, var track = publication, let session = client.sessionTime,
            client.classroom?.phase == .live
        else { return }
        let now = owner.now
        if pace.count == 0 || now > pace.start + (pace.count + Self.lagPacketsMaximum) * 20 {
            pace = (now, 0)
        }
        let due = (now - pace.start) / 20 + 1
        while pace.count < due {
            let late = Int64(now - pace.start) - Int64(pace.count * 20)
            let body = (1..<Self.packetBytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ sentPackets) }
            let message = track.message(
                packet: [Self.toc] + body, isQuiet: false, capturedAt: session.advanced(byMilliseconds: -late)
            )
            if !client.send(message) { track.lineLost() }
            sentPackets += 1
            pace.count += 1
        }
        if client.isInClass {
            for message in track.messagesForTheRecord() { client.send(message) }
        }
        publication = track
    }
}
