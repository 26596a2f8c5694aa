import Foundation
import Recorder

/// The disk alone: threads that append to files of their own and sync, without anything of a class.
struct CommitBare {
    /// As much as a line of chat in the log.
    private static let lineBytes = 300

    let storage: FileStorage
    let threadsCount: Int

    /// What the disk does in so many seconds.
    func measure(seconds: Int) throws -> CommitTally {
        let files = try (0..<threadsCount).map { try storage.open("bare-\($0)", .replace) }
        let queue = DispatchQueue(label: "bare")
        let group = DispatchGroup()
        let tallies = Tallies()
        let start = DispatchTime.now().uptimeNanoseconds
        let processor = CommitTally.processorSecondsNow()
        let end = start + UInt64(seconds) * 1_000_000_000
        for file in files {
            Thread.detachNewThread(in: group) { [storage] in
                let took = Self.appendAndSync(file, storage, until: end)
                queue.sync { tallies.nanoseconds += took }
            }
        }
        group.wait()
        var tally = CommitTally()
        tally.seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        tally.processorSeconds = CommitTally.processorSecondsNow() - processor
        tally.nanoseconds = tallies.nanoseconds
        for file in files { storage.close(file) }
        return tally
    }

    private static func appendAndSync(
        _ file: StorageFile, _ storage: FileStorage, until end: UInt64
    ) -> [UInt64] {
        let line = [UInt8](repeating: 0x2E, count: lineBytes)
        var took: [UInt64] = []
        var now = DispatchTime.now().uptimeNanoseconds
        while now < end {
            guard (try? storage.append(line, to: file)) != nil, (try? storage.sync(file)) != nil else {
                break
            }
            let after = DispatchTime.now().uptimeNanoseconds
            took.append(after - now)
            now = after
        }
        return took
    }

    /// `@unchecked Sendable`: touched on one serial queue until the group is done, and then by the caller.
    private final class Tallies: @unchecked Sendable {
        var nanoseconds: [UInt64] = []
    }
}

extension Thread {
    /// A thread of its own for a block, counted by a group.
    fileprivate static func detachNewThread(in group: DispatchGroup, _ block: @escaping @Sendable () -> Void)
    {
        group.enter()
        detachNewThread {
            block()
            group.leave()
        }
    }
}
