import Dispatch
import Foundation
import WebSocketCore

/// Reads a source on a thread of its own, two seconds ahead of the sound: a slow pipe must not hold up a
/// loop.
enum PacketReader {
    /// Two seconds: more than any disk takes, and a pipe from a microphone stays near.
    static let aheadCountMaximum = 100

    /// As many packets as may be ahead.
    ///
    /// Counted up from 0: a semaphore that goes away with less than it was made with ends the program, and a
    /// speaker may go while packets are still on their way.
    static func makeCredit() -> DispatchSemaphore {
        let credit = DispatchSemaphore(value: 0)
        for _ in 0..<aheadCountMaximum { credit.signal() }
        return credit
    }

    /// What the thread says to the loop.
    enum Said: Sendable {
        /// The source is open.
        case opened
        /// A packet.
        case packet(SourcePacket)
        /// The end.
        case ended
        /// It cannot be read.
        case failed(CommandFailure)
    }

    /// Starts the thread. `said` is called on the loop, in order. Every `packet` must be paid back to
    /// `credit`.
    static func start(
        _ plan: SourcePlan, credit: DispatchSemaphore, on loop: EventLoop,
        _ said: @escaping @Sendable (LoopCore, Said) -> Void
    ) {
        let thread = Thread {
            do {
                var isFirst = true
                repeat {
                    let source = try plan.open()
                    if isFirst { loop.execute { said($0, .opened) } }
                    isFirst = false
                    while let packet = try source.next() {
                        credit.wait()
                        loop.execute { said($0, .packet(packet)) }
                    }
                } while plan.isLoop && plan.path != "-"
                loop.execute { said($0, .ended) }
            } catch {
                let failure =
                    error as? CommandFailure ?? CommandFailure(.failed, "audio.codec", "\(error)")
                loop.execute { said($0, .failed(failure)) }
            }
        }
        thread.name = "liverelay.reader"
        thread.start()
    }
}
