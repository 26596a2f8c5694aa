/// One TCP connection between a device and a server: bytes arrive in order and late, may stand still, may
/// vanish without a word, and no more of them are on their way than a window holds.
final class VirtualLink {
    /// The two ends, and so the two directions: towards each of them.
    enum End { case device, server }

    private enum Chunk {
        case bytes([UInt8])
        /// The far end says no more.
        case end
        /// The connection is gone.
        case reset
    }

    private struct Lane {
        var chunks: [(at: UInt64, chunk: Chunk)] = []
        var lastAt: UInt64 = 0
        var bytesCount = 0
        var stalledUntil: UInt64 = 0
        var isHole = false
        /// When somebody will look whether something has arrived.
        var looksAt: UInt64?
    }

    /// What may be on its way in one direction; small, so that slow readers are felt soon.
    static let windowBytes = 4_096

    let name: String
    let owner: SimulatedDevice?
    private let world: World
    private let latency: UInt64
    private var toDevice = Lane()
    private var toServer = Lane()
    var device: DeviceLine?
    var server: ServerLine?

    init(name: String, owner: SimulatedDevice, world: World) {
        self.name = name
        self.owner = owner
        self.world = world
        latency = world.lots.milliseconds(1...60)
    }

    // MARK: Faults

    /// Nothing arrives at one end for a while; then everything.
    func stall(towards end: End, until time: UInt64) {
        change(end) { $0.stalledUntil = max($0.stalledUntil, time) }
    }

    /// What stood still flows again.
    func flow() {
        for end in [End.device, .server] {
            change(end) {
                $0.stalledUntil = 0
                $0.looksAt = nil
            }
            pump(end)
        }
    }

    /// Whether both ends have let go.
    var isOver: Bool { server == nil && device == nil }

    /// Bytes towards one end, or both, vanish from now on, and nobody is told.
    func makeHole(towards ends: [End]) {
        for end in ends {
            if end == .device { toDevice.isHole = true } else { toServer.isHole = true }
        }
    }

    /// The connection breaks; both ends hear of it, and what was on its way is lost.
    func cut() {
        for end in [End.device, .server] { put(.reset, towards: end, isOvertaking: true) }
    }

    /// The process at the server's end died; the machine lives and says so.
    func serverDied(isReset: Bool) {
        server = nil
        put(isReset ? .reset : .end, towards: .device, isOvertaking: isReset)
    }

    /// The machine at the server's end is gone; nobody says anything.
    func serverVanished() {
        server = nil
        toDevice = Lane()
        toDevice.isHole = true
        toServer.isHole = true
    }

    // MARK: Bytes

    /// Takes as many bytes as fit; 0 when the window is full.
    func write(_ bytes: ArraySlice<UInt8>, towards end: End) -> Int {
        let inFlight = end == .device ? toDevice.bytesCount : toServer.bytesCount
        let count = min(bytes.count, Self.windowBytes - inFlight)
        guard count > 0 else { return 0 }
        if end == .device { toDevice.bytesCount += count } else { toServer.bytesCount += count }
        put(.bytes(Array(bytes.prefix(count))), towards: end)
        return count
    }

    /// Says that nothing more comes.
    func finish(towards end: End) { put(.end, towards: end) }

    private func put(_ chunk: Chunk, towards end: End, isOvertaking: Bool = false) {
        let at = world.agenda.now + latency + world.lots.milliseconds(0...(latency / 2))
        change(end) { lane in
            if isOvertaking { lane.chunks = [] }
            lane.lastAt = isOvertaking ? at : max(lane.lastAt, at)
            lane.chunks.append((lane.lastAt, chunk))
        }
        pump(end)
    }

    private func change(_ end: End, _ change: (inout Lane) -> Void) {
        if end == .device { change(&toDevice) } else { change(&toServer) }
    }

    /// Looks again when the first thing on its way is due.
    private func pump(_ end: End) {
        let lane = end == .device ? toDevice : toServer
        guard let first = lane.chunks.first else { return }
        var at = max(first.at, lane.stalledUntil)
        if end == .device { at = max(at, device?.wakesAt ?? 0) }
        at = max(at, world.agenda.now)
        if let looksAt = lane.looksAt, looksAt <= at { return }
        change(end) { $0.looksAt = at }
        world.agenda.at(at) { [self] in look(end, at) }
    }

    private func look(_ end: End, _ at: UInt64) {
        guard (end == .device ? toDevice : toServer).looksAt == at else { return }
        change(end) { $0.looksAt = nil }
        arrive(end)
    }

    private func arrive(_ end: End) {
        let lane = end == .device ? toDevice : toServer
        guard let first = lane.chunks.first else { return }
        let wakesAt = end == .device ? device?.wakesAt ?? 0 : 0
        guard max(first.at, lane.stalledUntil, wakesAt) <= world.agenda.now else { return pump(end) }
        change(end) { $0.chunks.removeFirst() }
        if case .bytes(let bytes) = first.chunk {
            change(end) { $0.bytesCount -= bytes.count }
            if end == .device, !lane.isHole { server?.hasRoom() }
        }
        if !lane.isHole { deliver(first.chunk, to: end) }
        pump(end)
    }

    private func deliver(_ chunk: Chunk, to end: End) {
        switch (chunk, end) {
        case (.bytes(let bytes), .device):
            for piece in pieces(bytes) { device?.receive(piece) }
        case (.bytes(let bytes), .server):
            // A process that is gone answers nothing; its machine resets what still talks to it.
            guard server != nil else { return put(.reset, towards: .device, isOvertaking: true) }
            for piece in pieces(bytes) { server?.receive(piece) }
        case (.end, .device): device?.ended(isReset: false)
        case (.end, .server): server?.ended(isReset: false)
        case (.reset, .device): device?.ended(isReset: true)
        case (.reset, .server): server?.ended(isReset: true)
        }
    }

    /// Bytes may be read in any pieces.
    private func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        guard bytes.count > 1, world.lots.percent(10) else { return [bytes] }
        let cut = 1 + world.lots.below(bytes.count - 1)
        return [Array(bytes[..<cut]), Array(bytes[cut...])]
    }
}
