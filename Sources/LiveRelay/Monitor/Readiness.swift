import Synchronization

/// Whether the server wants new people, as `/readyz` tells balancers and scripts. Set by whoever knows, read
/// by any request.
final class Readiness: Sendable {
    /// How far the server's life has come.
    enum Phase: UInt8, AtomicRepresentable {
        /// Classes are being read back.
        case starting
        /// Everybody may come.
        case ready
        /// The server is about to stop.
        case draining
    }

    private let phase: Atomic<Phase>
    private let isDiskWritable = Atomic(true)

    /// Ready or not, with a good disk.
    init(_ phase: Phase = .starting) { self.phase = Atomic(phase) }

    /// A life goes on.
    func enter(_ next: Phase) { phase.store(next, ordering: .releasing) }

    /// The disk takes what is written, or does not.
    func disk(isWritable: Bool) { isDiskWritable.store(isWritable, ordering: .releasing) }

    /// Whether the server is on its way out.
    var isDraining: Bool { phase.load(ordering: .acquiring) == .draining }

    /// Why nobody should come now, as a code; nil when they should.
    var hindrance: String? {
        switch phase.load(ordering: .acquiring) {
        case .starting: "starting"
        case .draining: "draining"
        case .ready: isDiskWritable.load(ordering: .acquiring) ? nil : "storageFailed"
        }
    }
}
