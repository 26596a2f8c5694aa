import Foundation
import Testing

@testable import WebSocketCore

/// The seeds of the fuzzers and what they once found, through the same checks.
@Suite struct FuzzReplayTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    private func inputs(_ kind: String, _ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = Self.folder.appending(path: "inputs/\(kind)/\(target.rawValue)")
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try (names ?? []).sorted().map { name in
            (name, [UInt8](try Data(contentsOf: folder.appending(path: name))))
        }
    }

    @Test(arguments: FuzzTarget.allCases)
    func seedsAndFindingsHold(_ target: FuzzTarget) throws {
        let seeds = try inputs("seeds", target)
        #expect(!seeds.isEmpty, "a target without seeds finds its way too slowly")
        for (name, bytes) in try seeds + inputs("findings", target) {
            do throws(FuzzFault) {
                try target.check(bytes)
            } catch {
                Issue.record("\(target.rawValue)/\(name): \(error)")
            }
        }
    }

    /// A few of the inputs that libFuzzer would make of the seeds, so that the checks are run everywhere.
    @Test(arguments: FuzzTarget.allCases)
    func randomChangesOfSeedsHold(_ target: FuzzTarget) throws {
        let seeds = try inputs("seeds", target).map(\.bytes)
        for seed in UInt64(1)...300 {
            var generator = SeededGenerator(seed: seed)
            guard var bytes = seeds.randomElement(using: &generator) else { return }
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let position = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: position)
                default: bytes.insert(bytes[position], at: position)
                }
            }
            do throws(FuzzFault) {
                try target.check(bytes)
            } catch {
                Issue.record("\(target.rawValue), seed \(seed), \(bytes): \(error)")
            }
        }
    }
}
