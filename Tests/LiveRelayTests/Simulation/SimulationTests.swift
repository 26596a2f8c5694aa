import Foundation
import SessionModel
import Testing

@testable import LiveRelay

/// Many seeds in one test, so that the log of a run stays readable. `LIVERELAY_SEED` and `LIVERELAY_SEEDS`,
/// which `./run simulate` sets, choose others.
@Suite struct SimulationTests {
    @Test func nothingAcknowledgedIsLostWhateverTheDiskDoes() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["LIVERELAY_SEED"].flatMap(UInt64.init) ?? 1
        let count = environment["LIVERELAY_SEEDS"].flatMap(UInt64.init) ?? 30
        for seed in first..<(first + count) {
            let kind: ClassKind = seed % 4 == 0 ? .largeLecture : .smallInteractive
            let simulation = try Simulation(seed: seed, clients: 5 + Int(seed % 3), kind: kind)
            try simulation.run(steps: 600)
        }
    }
}
