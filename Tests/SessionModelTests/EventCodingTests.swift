import Foundation
import SessionModel
import Testing

/// How events stand in logs: today's code must read what was ever written, so these lines are never edited.
struct EventCodingTests {
    private let actors: [Actor] = [.relay, .administrator, .seat(.lin)]

    private func recorded() -> [RecordedEvent] {
        EventSamples.events.enumerated().map { number, event in
            RecordedEvent(
                n: UInt64(number + 1), t: SessionTime(milliseconds: Int64(number) * 1_001),
                by: actors[number % 3], cause: number.isMultiple(of: 2) ? CommandID("k-\(number)") : nil,
                event: event)
        }
    }

    private func line(_ recorded: RecordedEvent) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(recorded), as: UTF8.self)
    }

    private func decode(_ line: String) throws -> RecordedEvent {
        try JSONDecoder().decode(RecordedEvent.self, from: Data(line.utf8))
    }

    @Test func everyCaseHasASample() {
        #expect(EventSamples.events.allSatisfy(EventSamples.isListed))
        #expect(Set(EventSamples.events.map(\.typeName)).count == EventSamples.casesCount)
    }

    @Test func whatIsWrittenIsReadBack() throws {
        for event in recorded() { #expect(try decode(line(event)) == event) }
    }

    @Test func linesAreAsTheyEverWere() throws {
        #expect(try recorded().map(line) == EventGolden.lines)
        #expect(try EventGolden.lines.map(decode) == recorded())
    }

    @Test func unknownFieldsAreIgnored() throws {
        let event = try decode(#"{"by":"s2","n":9,"t":5,"seat":"s2","type":"handRaised","v":1,"later":[1]}"#)
        #expect(event.event == .handRaised(.wang))
    }

    @Test(arguments: [
        #"{"by":"s2","n":9,"t":5,"seat":"s2","type":"handWaved"}"#,
        #"{"by":"s2","n":9,"t":5,"type":"handRaised"}"#,
        #"{"by":"s2","n":9,"t":5,"seat":"s2","type":"handLowered","reason":"tired"}"#,
        #"{"by":"s2","n":9,"t":5,"seat":"s2","type":"handLowered"}"#,
        #"{"by":"s2","n":9,"t":5,"seat":"s 2","type":"handRaised"}"#,
        #"{"by":"s2","n":9,"t":5,"seat":"","type":"handRaised"}"#,
        #"{"by":"","n":9,"t":5,"seat":"s2","type":"handRaised"}"#,
        #"{"by":"s2","n":-1,"t":5,"seat":"s2","type":"handRaised"}"#,
        #"{"by":"s2","n":18446744073709551616,"t":5,"seat":"s2","type":"handRaised"}"#,
        #"{"by":"s2","n":9,"t":5,"type":"trackClosed","reason":"left","track":65536}"#,
        #"{"by":"s2","n":9,"t":5,"seat":"s2","type":"playbackChanged","playback":"loud"}"#,
        #"{"by":"s2","n":9,"t":5,"seat":"s2","type":"chatPosted","chat":"c1","text":{"ref":"t"}}"#,
        #"{"by":"s2","n":9,"t":5,"seat":7,"type":"handRaised"}"#,
        #"{"n":9,"t":5,"seat":"s2","type":"handRaised"}"#,
        "[]", "null", "",
    ])
    func nonsenseIsRefused(line: String) {
        #expect(throws: (any Error).self) { try decode(line) }
    }

    @Test func anAnonymousVoteLeavesNoTraceInTheLog() throws {
        var classroom = try Classroom.live()
        for number in 0..<6 {
            try classroom.perform(.join(PersonID(unchecked: "n\(number)"), .participant), by: .relay)
        }
        try classroom.perform(.openPoll(.choice(.anonymous)), by: .lin)
        let quiet = classroom
        for number in 0..<6 {
            let voter = Actor.seat(SeatID(unchecked: "s\(4 + number)"))
            let cause = CommandID(unchecked: "vote-\(number)")
            try classroom.perform(.vote(.first, option: number % 2), by: voter, cause: cause)
        }
        #expect(try classroom.log.map(line) == quiet.log.map(line))
        try classroom.perform(.closePoll(.first), by: .lin)
        let closing = try #require(classroom.log.last)
        #expect(closing.event == .pollClosed(.first, count: 6, sums: [3, 3, 0]))
        let text = try classroom.log.map(line).joined()
        #expect(!text.contains("vote"))
    }
}
