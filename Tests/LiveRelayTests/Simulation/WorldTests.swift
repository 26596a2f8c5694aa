import Foundation
import TestSupport
import Testing

@testable import LiveRelay

/// Many seeds in one test, so that the log of a run stays readable. `LIVERELAY_SEED` and `LIVERELAY_SEEDS`
/// choose others; `./run simulate` runs thousands.
@Suite struct WorldTests {
    @Test func everythingPromisedHoldsWhateverFails() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["LIVERELAY_SEED"].flatMap(UInt64.init) ?? 1
        let count = (environment["LIVERELAY_SEEDS"].flatMap(UInt64.init) ?? 40) / 4
        for seed in first..<(first + max(count, 1)) { try World(seed: seed).run() }
    }

    /// A failure can only be looked into when its seed shows it again.
    @Test func aSeedRepeatsItsWorld() throws {
        let worlds = try (0..<2).map { _ in
            let world = World(seed: 7)
            try world.run()
            return world
        }
        #expect(worlds[0].journal.digest == worlds[1].journal.digest)
        #expect(worlds[0].acknowledgedCount > 50)
    }

    /// Ten thousand worlds in one run must not add up.
    @Test func noWorldOutlivesItsRun() throws {
        weak var world: World?
        weak var storage: VirtualStorage?
        weak var server: SimulatedServer?
        weak var host: SessionHost?
        weak var device: SimulatedDevice?
        for seed in 1...3 as ClosedRange<UInt64> {
            try {
                let made = World(seed: seed)
                (world, storage) = (made, made.storage)
                made.agenda.at(90_000) { [weak made] in
                    (server, host, device) = (made?.server, made?.server?.hosted?.host, made?.devices.first)
                }
                try made.run()
            }()
            #expect(world == nil && storage == nil && server == nil && host == nil && device == nil)
        }
    }

    /// A checker that finds nothing proves nothing: each finds the mistake that is made for it.
    @Test(arguments: PlantedBug.allCases)
    func everyPlantedBugIsFound(_ bug: PlantedBug) throws {
        for seed in 1...Self.seedsMaximum {
            do {
                try World(seed: seed, bug: bug, checkers: [bug.checker]).run()
            } catch let failure as WorldFailure {
                #expect(failure.checker == bug.checker)
                #expect(failure.description.contains("--seed \(seed)"))
                return
            }
        }
        Issue.record("\(bug) was not found in \(Self.seedsMaximum) seeds by \(bug.checker)")
    }

    /// Within so many seeds each planted bug must be found.
    private static let seedsMaximum: UInt64 = 24
}
