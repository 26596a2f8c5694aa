import LiveRelayWire
import SessionModel
import TestSupport
import Testing

@testable import LiveRelay
@testable import Recorder

/// A class with everything in it, with the power cut before each call to the disk in turn. Whatever was
/// acknowledged, or seen by anybody, is there when the power is back, and the class goes on.
@Suite struct PowerCutTests {
    @Test func nothingAcknowledgedIsLostWhereverThePowerIsCut() throws {
        let whole = VirtualStorage()
        let simulation = try Simulation(seed: 1, clients: 6, disk: whole)
        try teach(simulation)
        try simulation.checkAtTheEnd()
        #expect(simulation.clients.allSatisfy { !$0.mayComeBack }, "the lesson is over for everybody")
        for call in 0..<whole.callsCount { try cutPower(before: call) }
    }

    private func cutPower(before call: Int) throws {
        let disk = VirtualStorage(seed: UInt64(call))
        disk.powerCutAtCall = call
        let simulation: Simulation
        do {
            simulation = try Simulation(seed: 1, clients: 6, disk: disk)
        } catch {
            #expect(disk.hasLostPower, "call \(call): \(error)")
            return try beginAgain(on: disk)
        }
        do {
            try teach(simulation)
        } catch is PowerIsGone {
            // As it should be.
        }
        simulation.note("power cut before call \(call)")
        try simulation.crash(isPowerCut: true)
        try simulation.checkAtTheEnd()
    }

    /// Nobody was told that there is a class; there is none, or an empty one that can be opened.
    private func beginAgain(on disk: VirtualStorage) throws {
        disk.crash()
        for id in try ClassFolder.list(in: disk) {
            #expect(try OpenedClass(id, in: disk).recovered.state.session.lastN <= 2)
        }
    }

    /// The lecturer is client 0 in seat s1, the participants 1 to 4 in s2 to s5, the supervisor 5 in s6.
    private func teach(_ simulation: Simulation) throws {
        for client in 0..<6 {
            simulation.connect(client)
            try simulation.settle()
        }
        for wave in Self.lesson {
            // What one wave asks for at once shares writes and syncs.
            for (client, asked) in wave { simulation.ask(client, asked) }
            try simulation.settle()
            try simulation.checkEveryStep()
        }
    }

    private static func seat(_ number: Int) -> SeatID { SeatID(unchecked: "s\(number)") }

    private static let lesson: [[(Int, ClientCommand)]] = [
        [(0, .start), (0, .openTrack(channels: 1)), (1, .postChat("老师好")), (2, .postChat("听得清"))],
        [(1, .raiseHand), (2, .raiseHand), (3, .postChat("我也听得清"))],
        [(0, .callToSpeak(seat(2))), (1, .openTrack(channels: 1)), (2, .lowerHand(nil))],
        [(0, .openPoll(question: "跟得上吗？", options: ["跟得上", "太快"], secrecy: .anonymous))],
        [(1, vote("p1", 1)), (2, vote("p1", 0)), (4, .postChat("投了"))],
        [(3, vote("p1", 1)), (1, .endTurn(nil))],
        [(0, .closePoll(PollID(unchecked: "p1")))],
        [(0, .openPoll(question: "午休吗？", options: ["休", "不休"], secrecy: .named))],
        [(1, vote("p2", 1)), (2, vote("p2", 0)), (3, vote("p2", 0))],
        [(0, .closePoll(PollID(unchecked: "p2")))],
        [(0, .startBreak(minutes: 10)), (0, .endBreak)],
        [(0, .mute(seat(3))), (0, .unmute(seat(3))), (0, .hideChat(ChatID(unchecked: "c1")))],
        [(0, .remove(seat(5), isBanned: true)), (3, .leave)],
        [(0, .end)],
    ]

    private static func vote(_ poll: String, _ option: Int) -> ClientCommand {
        .vote(PollID(unchecked: poll), option: option)
    }
}
