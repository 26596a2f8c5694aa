import Foundation
import Recorder
import SessionModel

/// How long it takes to open a class again, against the length of its log, with its snapshot and without.
struct RecoveryScenario {
    let settings: RecoverySettings

    /// Makes each class, opens it as after a kill, and prints a line of JSON: medians, and the slowest.
    func run() throws {
        try FileManager.default.createDirectory(atPath: settings.folder, withIntermediateDirectories: true)
        let storage = FileStorage(root: settings.folder)
        for plan in settings.chosen {
            let made = try RecoveryClass(plan, in: storage).write()
            let session = SessionID(unchecked: plan.name)
            let snapshot = ClassPaths(session).folder + "/snapshot.bin"
            let snapshotBytes = try storage.size(snapshot)
            let with = try (0..<settings.rounds).map { _ in try open(session, storage) }
            // Beside the class for so long, so that it is opened from its first line.
            try storage.rename(snapshot, to: "snapshot.bin")
            // The longest takes minutes from its first line: once tells enough.
            let rounds = plan.logBytesMinimum > 0 ? 1 : settings.rounds
            let without = try (0..<rounds).map { _ in try open(session, storage) }
            try storage.rename("snapshot.bin", to: snapshot)
            let megabytes = Double(made.bytes) / 1e6
            Swift.print(
                "{\"class\":\"\(plan.name)\",\"people\":\(plan.people),\"events\":\(made.events),"
                    + "\"logMegabytes\":\(text(megabytes, 1)),"
                    + "\"snapshotMegabytes\":\(text(Double(snapshotBytes) / 1e6, 2)),"
                    + "\"rounds\":\(settings.rounds),"
                    + "\"withSnapshotMilliseconds\":\(figures(with)),"
                    + "\"withoutMilliseconds\":\(figures(without))}")
        }
    }

    private func open(_ session: SessionID, _ storage: FileStorage) throws -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        let recovered = try ClassFolder.open(session, in: storage, eventsAfter: .max)
        let end = DispatchTime.now().uptimeNanoseconds
        guard recovered.repair.isNothing else { throw Options.Failure(description: "not whole") }
        return Double(end - start) / 1e6
    }

    private func figures(_ milliseconds: [Double]) -> String {
        let sorted = milliseconds.sorted()
        let median = sorted[sorted.count / 2]
        return "{\"median\":\(text(median, 1)),\"slowest\":\(text(sorted[sorted.count - 1], 1))}"
    }

    private func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
