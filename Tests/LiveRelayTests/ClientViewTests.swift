import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel
import Testing

@Suite("Client: what one sees")
struct ClientViewTests {
    private static let li = #"{"s9":{"name":"李静","affiliation":"第二中学","role":"participant"}}"#

    /// The view after a snapshot and these events.
    private func view(_ events: [(String, String)], role: String = "participant") -> Classroom? {
        var client = ClientTranscript()
        client.start()
        client.opened(1)
        let hello = ClientTranscript.hello().replacingOccurrences(of: #""participant""#, with: "\"\(role)\"")
        client.receive(hello, 1)
        client.receive(ClientTranscript.snapshot(n: 10), 1)
        for (offset, (event, people)) in events.enumerated() {
            client.receive(ClientTranscript.event(n: 11 + offset, event, people: people), 1)
        }
        client.receive(ClientTranscript.digest(n: 40), 1)
        var classroom: Classroom?
        for notice in client.notices() {
            if case .joined(let hello) = notice, classroom == nil { classroom = Classroom(hello) }
            classroom?.apply(notice)
        }
        return classroom
    }

    @Test func peopleComeAndGo() throws {
        let there = try #require(
            view([(#"{"type":"joined","seat":"s9","person":"p","role":"participant"}"#, Self.li)]))
        #expect(there.peopleInOrder.map(\.name) == ["张华", "李静"])
        let gone = try #require(
            view([
                (#"{"type":"joined","seat":"s9","person":"p","role":"participant"}"#, Self.li),
                (#"{"type":"interrupted","seat":"s9","reason":"network"}"#, Self.li),
                (#"{"type":"left","seat":"s9","reason":"timedOut"}"#, Self.li),
            ]))
        #expect(gone.peopleInOrder.map(\.name) == ["张华"])
    }

    @Test func chatIsShownAndTakenOutOfSight() throws {
        let posted = (#"{"type":"chatPosted","chat":"c1","seat":"s9","text":"听得清"}"#, Self.li)
        let seen = try #require(view([posted]))
        #expect(seen.chat.map(\.text) == ["听得清"])
        #expect(seen.chat.first?.name == "李静")
        let hidden = try #require(view([posted, (#"{"type":"chatHidden","chat":"c1"}"#, "{}")]))
        #expect(hidden.chat.first?.isHidden == true)
        #expect(hidden.chat.first?.text == nil)
    }

    @Test func theFloorIsFollowed() throws {
        let called = try #require(
            view([
                (#"{"type":"handRaised","seat":"s7"}"#, "{}"),
                (#"{"type":"handLowered","seat":"s7","reason":"called"}"#, "{}"),
                (#"{"type":"calledToSpeak","seat":"s7"}"#, "{}"), (#"{"type":"muted","seat":"s7"}"#, "{}"),
            ]))
        #expect(called.isSpeaking)
        #expect(called.isMuted)
        let staff = try #require(view([(#"{"type":"handRaised","seat":"s9"}"#, Self.li)], role: "lecturer"))
        #expect(staff.hands.map(\.name) == ["李静"])
    }

    @Test func pollsAreFollowed() throws {
        let open = try #require(
            view([
                (
                    #"{"type":"pollOpened","poll":"p2","question":"几点休息？","#
                        + #""options":["九点","十点"],"secrecy":"named"}"#,
                    "{}"
                )
            ]))
        #expect(open.openPoll?.poll == PollID("p2"))
        #expect(open.polls.first?.count == 12, "the digest counts the anonymous poll")
        let closed = try #require(
            view([(#"{"type":"pollClosed","poll":"p1","count":12,"sums":[10,2]}"#, "{}")]))
        #expect(closed.openPoll == nil)
        #expect(closed.polls.first?.sums == [10, 2])
    }

    @Test func theClassGoesThroughItsStates() throws {
        let resting = try #require(view([(#"{"type":"breakStarted","plannedMinutes":5}"#, "{}")]))
        #expect(resting.phase == .onBreak)
        #expect(resting.card?.breakMinutes == 5)
        let over = try #require(view([(#"{"type":"ended","reason":"requested"}"#, "{}")]))
        #expect(over.phase == .ended)
        let paused = try #require(view([(#"{"type":"recordingPaused","reason":"noSpace"}"#, "{}")]))
        #expect(paused.card?.recording == "noSpace")
    }

    @Test func tracksComeAndGo() throws {
        let two = try #require(
            view([(#"{"type":"trackOpened","track":2,"seat":"s9","codec":"opus","channels":2}"#, Self.li)]))
        #expect(two.tracks.map(\.track.number) == [1, 2])
        let one = try #require(view([(#"{"type":"trackClosed","track":1,"reason":"publisher"}"#, "{}")]))
        #expect(one.tracks.isEmpty)
        #expect(one.presence.present == 31)
    }

    @Test func linksAndCodesAreRead() throws {
        let link = try #require(ClassLink("https://school.example:8443/j/482-915-603#t=abc.def-_"))
        #expect(link.server == ServerAddress(host: "school.example", port: 8_443))
        #expect(link.code == "482915603")
        #expect(link.token == "abc.def-_")
        #expect(ClassLink(" 482 915 603 ")?.code == "482915603")
        #expect(ClassLink("https://[::1]:9000/c/k3/replay#t=x")?.server?.host == "::1")
        #expect(ClassLink("https://[::1]:9000/c/k3/replay#t=x")?.sessionText == "k3")
        for wrong in ["", "48291560", "４８２９１５６０３", "ftp://a/j/482915603", "https://", "https://a/x"] {
            #expect(ClassLink(wrong) == nil, "\(wrong)")
        }
        #expect(ClassLink.readable("482915603") == "482-915-603")
    }

    @Test func packetsAreKeptUntilTheyAreOnDisk() {
        var track = Publication(track: TrackID(1), run: 3)
        for index in 0..<5 {
            let message = track.message(
                packet: [8, UInt8(index)], isQuiet: false,
                capturedAt: SessionTime(milliseconds: Int64(index) * 20))
            #expect(message.sequence == UInt32(index))
            #expect(message.captureSamples == UInt64(index) * 960)
        }
        func told(_ run: UInt32, _ sequences: ClosedRange<UInt32>) -> RecordedSound {
            RecordedSound(track: TrackID(1), run: run, sequences: sequences)
        }
        track.recorded(told(3, 0...1))
        #expect(track.unrecordedCount == 3)
        track.lineLost()
        track.goOn(inRun: 4)
        let live = track.message(packet: [8], isQuiet: false, capturedAt: SessionTime(milliseconds: 100))
        #expect(live.run == 4)
        track.recorded(told(4, 0...5))
        let again = track.messagesForTheRecord()
        #expect(again.map(\.sequence) == [2, 3, 4])
        #expect(again.allSatisfy { $0.flags.contains(.forTheRecord) && $0.run == 3 })
        #expect(track.messagesForTheRecord().isEmpty)
        #expect(track.unrecordedCount == 3, "sent, and not yet told of")
        track.recorded(told(3, 3...3))
        track.lineLost()
        #expect(track.messagesForTheRecord().map(\.sequence) == [2, 4])
        track.recorded(told(3, 2...4))
        #expect(track.unrecordedCount == 0)
    }

    @Test func whatWasSpokenOutlivesItsTrackAndABreakIsNotRecorded() {
        var track = Publication(track: TrackID(1), run: 3)
        for index in 0..<4 {
            _ = track.message(
                packet: [8], isQuiet: false, capturedAt: SessionTime(milliseconds: Int64(index) * 20))
        }
        track.goOn(track: TrackID(2), run: 3)
        let live = track.message(packet: [8], isQuiet: false, capturedAt: SessionTime(milliseconds: 100))
        #expect(live.track == TrackID(2) && live.sequence == 4)
        track.forget(since: SessionTime(milliseconds: 60))
        let again = track.messagesForTheRecord()
        #expect(again.map(\.sequence) == [0, 1, 2] && again.allSatisfy { $0.track == TrackID(1) })
        track.isKept = false
        #expect(track.unrecordedCount == 0)
    }
}
