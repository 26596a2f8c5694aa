import Foundation
import SessionModel
import Testing

@testable import LiveRelay

/// Many seeds in one test, so that the log of a run stays readable. `LIVERELAY_SIMULATION_SEED` and
/// `LIVERELAY_SIMULATION_SEEDS` choose others.
@Suite struct SimulationTests {
    @Test func nothingAcknowledgedIsLostWhateverTheDiskDoes() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["LIVERELAY_SIMULATION_SEED"].flatMap(UInt64.init) ?? 1
        let count = environment["LIVERELAY_SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 40
        for seed in first..<(first + count) {
            let kind: ClassKind = seed % 4 == 0 ? .largeLecture : .smallInteractive
            let simulation = try Simulation(seed: seed, clients: 5 + Int(seed % 3), kind: kind)
            try simulation.run(steps: 600)
        }
    }
}
