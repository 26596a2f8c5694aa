import Dispatch
import Foundation
import Synchronization

/// `simulate --seeds N --seed S`: N worlds from seed S on, as many at once as there are processors. Ends with
/// what was violated, or with one line. `--bug NAME` plants a mistake; `--trace yes` prints what happens.
@main
enum Simulate {
    static func main() {
        var first: UInt64 = 1
        var count: UInt64 = 1_000
        var bug: PlantedBug?
        var isTraced = false
        var words = CommandLine.arguments.dropFirst()
        while let word = words.popFirst() {
            guard let value = words.popFirst() else { stop() }
            switch word {
            case "--seed": first = UInt64(value) ?? first
            case "--seeds": count = UInt64(value) ?? count
            case "--bug": bug = PlantedBug(rawValue: value)
            case "--trace": isTraced = value == "yes"
            default: stop()
            }
        }
        run(first, count, bug, isTraced: isTraced)
    }

    private static func stop() -> Never {
        say("simulate [--seeds N] [--seed S] [--bug NAME] [--trace yes]")
        exit(2)
    }

    private static func run(_ first: UInt64, _ count: UInt64, _ bug: PlantedBug?, isTraced: Bool) {
        let begun = DispatchTime.now().uptimeNanoseconds
        let tally = Mutex((done: UInt64(0), acknowledged: 0, failures: [UInt64]()))
        DispatchQueue.concurrentPerform(iterations: Int(count)) { index in
            let world = World(seed: first + UInt64(index), bug: bug)
            world.journal.isLoud = isTraced
            var what: String?
            do { try world.run() } catch { what = "\(error)" }
            let acknowledged = world.acknowledgedCount
            tally.withLock { tally in
                tally.done += 1
                tally.acknowledged += acknowledged
                if let what {
                    tally.failures.append(world.seed)
                    // The trace of the first few says enough.
                    say(tally.failures.count <= 3 ? what : String(what.suffix(1_700)))
                }
                if tally.done % 500 == 0 { say("\(tally.done) of \(count)") }
            }
        }
        let seconds = (DispatchTime.now().uptimeNanoseconds - begun) / 1_000_000_000
        let (done, acknowledged, failures) = tally.withLock { ($0.done, $0.acknowledged, $0.failures) }
        say(
            "\(done) seeds from \(first) in \(seconds) s, \(acknowledged) acknowledged commands, "
                + "\(failures.count) violations \(failures.sorted())")
        exit(failures.isEmpty ? 0 : 1)
    }

    /// Writes a line at once: whoever watches a long run reads each as it comes.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}
