import LiveRelayClient
import LiveRelayWire
import SessionModel
import TestSupport
import Testing

@testable import LiveRelay
@testable import Recorder

/// What the whole disk says of an anonymous poll does not depend on who chose what, nor on the order of the
/// votes: so nobody who holds it can join a person to a choice.
@Suite struct AnonymityTests {
    /// When the votes reach the disk.
    private enum Pace: CaseIterable {
        /// Each in a write of its own.
        case oneByOne
        /// All in one.
        case together
        /// With a kill -9 in their middle.
        case acrossCrash
    }

    private struct Disk: Equatable {
        let inPoll: [String: [UInt8]]
        let atTheEnd: [String: [UInt8]]
    }

    @Test func theDiskIsTheSameWhoeverChoseWhatInWhateverOrder() throws {
        // Five votes, three of them for the second option: who they are and when they come makes no
        // difference.
        let votings: [[(Int, Int)]] = [
            [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1)],
            [(1, 1), (2, 1), (3, 1), (4, 0), (5, 0)],
            [(5, 1), (3, 0), (1, 1), (2, 0), (4, 1)],
            [(4, 1), (5, 0), (3, 1), (2, 1), (1, 0)],
        ]
        for pace in Pace.allCases {
            let first = try disk(after: votings[0], pace)
            #expect(first.inPoll.keys.contains("classes/simulated/ballots/p1.json"))
            for voting in votings.dropFirst() { #expect(try disk(after: voting, pace) == first, "\(pace)") }
        }
        let apart = try disk(after: votings[0], .oneByOne)
        #expect(try disk(after: votings[1], .together) == apart, "nor on what shared a write")
    }

    @Test func belowFiveBallotsNothingIsPublished() throws {
        let (few, _) = try poll([(1, 0), (2, 0), (3, 0), (4, 1)], .oneByOne)
        #expect(few.host.session.polls.first?.count == 4)
        #expect(few.host.session.polls.first?.result == nil)
        let (five, _) = try poll([(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)], .oneByOne)
        #expect(five.host.session.polls.first?.result == [3, 2])
        #expect(five.clients[6].room?.polls.first?.sums == [3, 2], "the supervisor sees sums and no votes")
        #expect(five.clients[6].room?.polls.first?.votes ?? [] == [])
    }

    /// Two clients that voted otherwise are told the same.
    @Test func nobodyIsToldMore() throws {
        let (one, _) = try poll([(1, 0), (2, 0), (3, 1), (4, 1), (5, 1)], .oneByOne)
        let (other, _) = try poll([(1, 1), (2, 1), (3, 1), (4, 0), (5, 0)], .oneByOne)
        for (left, right) in zip(one.clients, other.clients) {
            #expect(left.seen == right.seen)
            #expect(left.room == right.room)
        }
    }

    private func disk(after votes: [(Int, Int)], _ pace: Pace) throws -> Disk {
        let (simulation, inPoll) = try poll(votes, pace)
        return Disk(inPoll: inPoll, atTheEnd: try simulation.storage.everything())
    }

    private func poll(
        _ votes: [(Int, Int)], _ pace: Pace
    ) throws -> (Simulation, inPoll: [String: [UInt8]]) {
        let simulation = try Simulation(seed: 7, clients: 7)
        for client in 0..<7 {
            simulation.connect(client)
            try simulation.settle()
        }
        simulation.ask(0, .start)
        simulation.ask(0, .openPoll(question: "满意吗？", options: ["满意", "不满意"], secrecy: .anonymous))
        try simulation.settle()
        for (count, (client, option)) in votes.enumerated() {
            simulation.ask(client, .vote(PollID(unchecked: "p1"), option: option))
            switch pace {
            case .oneByOne: try simulation.settle()
            case .together: break
            case .acrossCrash where count == 2:
                try simulation.settle()
                try simulation.crash(isPowerCut: false)
                for client in 0..<7 {
                    simulation.connect(client)
                    try simulation.settle()
                }
            case .acrossCrash: break
            }
        }
        try simulation.settle()
        let inPoll = try simulation.storage.everything()
        simulation.ask(0, .closePoll(PollID(unchecked: "p1")))
        simulation.ask(0, .end)
        try simulation.settle()
        return (simulation, inPoll)
    }
}

extension VirtualStorage {
    /// All files with their bytes.
    fileprivate func everything() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        var folders = [""]
        while let folder = folders.popLast() {
            for name in try list(folder) {
                let path = folder.isEmpty ? name : folder + "/" + name
                if let bytes = contents(path) { files[path] = bytes } else { folders.append(path) }
            }
        }
        return files
    }
}
