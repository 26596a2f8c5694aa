import Foundation
import Recorder
import SessionModel

/// What durability costs: the logs of classes against the bare disk below them, in the same run, and against
/// themselves without a sync.
struct CommitScenario {
    /// One way of loading the logs.
    private struct Load {
        let name: String
        let kind: CommitClass.Kind
        /// Commits that each class has under way: one tells how long somebody waits, more let a group gather.
        let depth: Int
        let isSynced: Bool
    }

    private static let loads = [
        Load(name: "hand", kind: .hand, depth: 1, isSynced: true),
        Load(name: "chat", kind: .chat, depth: 1, isSynced: true),
        Load(name: "chat, 16 at once", kind: .chat, depth: 16, isSynced: true),
        Load(name: "chat, not synced", kind: .chat, depth: 1, isSynced: false),
    ]

    let settings: CommitSettings

    /// Measures and prints a line of JSON for each measurement, medians of the rounds.
    func run() throws {
        // Removed at the end only: a disk that is told what is free has other things to do than to sync.
        defer { try? FileManager.default.removeItem(atPath: root) }
        for classes in settings.classes {
            var bare: [CommitTally] = []
            var tallies = [[CommitTally]](repeating: [], count: Self.loads.count)
            for round in 0..<settings.rounds {
                let threads = min(classes, settings.threads)
                bare.append(
                    try CommitBare(storage: try freshDisk("bare", classes, round), threadsCount: threads)
                        .measure(seconds: settings.seconds))
                for (index, load) in Self.loads.enumerated() {
                    tallies[index].append(try measure(load, classes, round))
                }
            }
            print(name: "bare fdatasync", classes, bare, against: bare)
            for (load, tallies) in zip(Self.loads, tallies) {
                print(name: load.name, classes, tallies, against: bare)
            }
        }
    }

    private var root: String { settings.folder + "/commits" }

    /// A folder of its own for each measurement, with nothing left to be written from the one before.
    private func freshDisk(_ name: String, _ classes: Int, _ round: Int) throws -> FileStorage {
        let folder = "\(root)/\(classes)-\(round)-\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        sync()
        return FileStorage(root: folder)
    }

    private func measure(_ load: Load, _ classes: Int, _ round: Int) throws -> CommitTally {
        let disk = try freshDisk(load.name, classes, round)
        let storage: any Storage = load.isSynced ? disk : UnsyncedStorage(disk: disk)
        let pool = FilePool(threads: settings.threads)
        let loop = DispatchQueue(label: "loop")
        let group = DispatchGroup()
        let files = try (0..<classes).map { number in
            let session = SessionID(unchecked: "k\(number)")
            let header = LogHeader(session: session, epoch: "e1", createdAt: WallTime(milliseconds: 0))
            return (session, try ClassFolder.create(header, in: storage))
        }
        let start = DispatchTime.now().uptimeNanoseconds
        let processor = CommitTally.processorSecondsNow()
        let end = start + UInt64(settings.seconds) * 1_000_000_000
        let running = files.map { session, files in
            let log = EventLogFile(
                session, files: files, storage: storage, runOnFileThread: { pool.submit($0) },
                schedule: { work in loop.async { work() } })
            return CommitClass(log, load.kind, depth: load.depth, until: end, in: group)
        }
        for each in running { loop.async { each.pump() } }
        group.wait()
        var tally = CommitTally()
        tally.seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        tally.processorSeconds = CommitTally.processorSecondsNow() - processor
        try loop.sync {
            for each in running {
                if let failure = each.failure { throw failure }
                tally.nanoseconds += each.nanoseconds
            }
        }
        return tally
    }

    private func print(name: String, _ classes: Int, _ tallies: [CommitTally], against bare: [CommitTally]) {
        func median(_ value: (CommitTally) -> Double, _ tallies: [CommitTally]) -> Double {
            let sorted = tallies.map(value).sorted()
            return sorted[sorted.count / 2]
        }
        func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
        let rate = median(\.rate, tallies)
        let line =
            "{\"load\":\"\(name)\",\"classes\":\(classes),\"rounds\":\(tallies.count),"
            + "\"perSecond\":\(text(rate, 0)),\"ofBare\":\(text(rate / max(1, median(\.rate, bare)), 2)),"
            + "\"p50Milliseconds\":\(text(median({ $0.milliseconds(0.5) }, tallies), 3)),"
            + "\"p99Milliseconds\":\(text(median({ $0.milliseconds(0.99) }, tallies), 3)),"
            + "\"processorMicroseconds\":\(text(median(\.processorMicroseconds, tallies), 1))}\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }
}
