/// How a connection compresses what it sends.
enum OutgoingCompression {
    /// Each message by itself, in a form that others share.
    case shared(DeflateShape)
    /// With a context of its own.
    case context(Deflater)

    /// What was agreed on. Without memory for a context it goes without, which is always allowed.
    init(_ agreement: DeflateAgreement, _ role: ConnectionMachine.Role) {
        let shape = DeflateShape(windowBits: agreement.windowBits(of: role))
        let deflater = agreement.contextWindowBits(of: role).flatMap {
            Deflater(windowBits: min($0, DeflateShape.wide.windowBits), keepsContext: true)
        }
        self = deflater.map { .context($0) } ?? .shared(shape)
    }
}
