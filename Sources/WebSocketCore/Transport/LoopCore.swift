import CNet
import Dispatch

/// What a loop owns: sockets, connections, timers, and whatever is attached. Not `Sendable`; it is lent to
/// the calls that run on the loop and must not be kept by anything that does not live there.
public final class LoopCore {
    /// One reading for all sockets of a loop at a time.
    static let readBufferBytes = 65_536
    /// Rounds of work that end-of-turn calls may add for the same turn; the rest waits for the next.
    private static let endRoundsMaximum = 16

    private struct Slot {
        var generation: UInt32
        var sink: (any SocketSink)?
    }

    /// The monotonic clock in milliseconds, read once per turn.
    public private(set) var now: UInt64
    /// The loop itself, to hand calls over from elsewhere.
    public unowned let loop: EventLoop

    private let epoll: Int32
    private var slots: ContiguousArray<Slot> = []
    private var freeSlots: [Int] = []
    private var timers = TimerHeap()
    private var attachments: [ObjectIdentifier: Any] = [:]
    private var connections: [ConnectionID: Connection] = [:]
    private var endOfTurnCalls: [() -> Void] = []
    private var deferredCalls: [() -> Void] = []
    /// Frames gather instead of leaving one by one.
    private(set) var isCorked = false
    private var corkedConnections: ContiguousArray<Connection> = []
    private var spareReadBuffer: [UInt8]?
    private var maskKeys = MaskKeys()
    /// What connections share that agreed on compression.
    let compression = SharedCompression()
    /// TLS handshakes of this loop.
    var handshakes = HandshakeGate()
    private var reliefTimer: TimerID?
    /// WebSockets of clients that are on their way.
    private var openings = OpeningGate()
    /// The date field of answers.
    var dateField = DateField()
    /// Opens and reads files, so that a slow disk does not stop the loop.
    let fileQueue: DispatchQueue

    init(loop: EventLoop, epoll: Int32) {
        self.loop = loop
        self.epoll = epoll
        now = cnet_monotonic_milliseconds()
        fileQueue = DispatchQueue(label: "liverelay.files.\(loop.index)", qos: .utility)
    }

    // MARK: Time

    /// Calls once after at least this long, on this loop.
    @discardableResult
    public func schedule(afterMilliseconds wait: UInt64, _ call: @escaping () -> Void) -> TimerID {
        let (deadline, overflow) = now.addingReportingOverflow(wait)
        return timers.add(deadline: overflow ? .max : deadline, call)
    }

    /// Forgets a scheduled call; harmless when it has run.
    public func cancel(_ timer: TimerID) {
        timers.cancel(timer)
    }

    /// Calls once at the end of this turn, after every ready socket of the turn was read and every call was
    /// made that had been handed over by then. This is where a fan-out belongs: what gathered during the turn
    /// leaves as one message, and the more waits for a busy loop, the larger it is.
    public func atEndOfTurn(_ call: @escaping () -> Void) {
        endOfTurnCalls.append(call)
    }

    // MARK: Attachments

    /// Keeps an object on the loop under its type, in place of an earlier one of that type.
    public func attach<T>(_ object: T) {
        attachments[ObjectIdentifier(T.self)] = object
    }

    /// The object kept under this type.
    public func attached<T>(_ type: T.Type) -> T? {
        attachments[ObjectIdentifier(type)] as? T
    }

    /// Lets go of the object kept under this type.
    public func detach<T>(_ type: T.Type) {
        attachments[ObjectIdentifier(type)] = nil
    }

    // MARK: Connections

    /// The connection of this name while it lives on this loop.
    public func connection(_ id: ConnectionID) -> Connection? {
        connections[id]
    }

    /// How many connections of any kind live on this loop.
    public var connectionCount: Int {
        connections.count
    }

    /// Answers an exchange; ignored when its connection has gone or it has been answered.
    public func respond(to exchange: ExchangeID, _ response: HTTPResponse) {
        connections[exchange.connection]?.respond(exchange.number, response)
    }

    /// Sends one frame to many connections, which must all live on this loop. Closed ones are skipped.
    public func send(
        _ frame: SharedFrame, to connections: ContiguousArray<Connection>, _ dropClass: DropClass
    ) {
        guard !isCorked else {
            for connection in connections { connection.send(frame, dropClass) }
            return
        }
        let hurdles: Hurdles =
            dropClass == .control && frame.isCompressible ? [.any, .compresses] : .any
        frame.bytes.withUnsafeBytes { bytes in
            Self.withoutCounting(connections) { $0.deliver(bytes, of: frame, dropClass, past: hurdles) }
        }
    }

    /// Calls with each, without counting a reference to it: two locked instructions for each would cost as
    /// much as all the rest that is not the system call.
    ///
    /// Sound: the array holds a reference to each and lives until the loop is done, and an `Unmanaged` is
    /// laid out as the reference it stands for.
    private static func withoutCounting(
        _ connections: ContiguousArray<Connection>, _ work: (Connection) -> Void
    ) {
        withExtendedLifetime(connections) {
            connections.withUnsafeBytes { references in
                for reference in references.assumingMemoryBound(to: Unmanaged<Connection>.self) {
                    reference._withUnsafeGuaranteedRef { work($0) }
                }
            }
        }
    }

    // MARK: Corking

    /// Until the work is done, frames gather at their connections; then everything leaves that has gathered,
    /// in its order, with as few writes as it fits in. For several frames to the same connections; a single
    /// one is cheaper without.
    public func corked(_ work: () -> Void) {
        guard !isCorked else { return work() }
        isCorked = true
        work()
        isCorked = false
        var waiting: ContiguousArray<Connection> = []
        swap(&waiting, &corkedConnections)
        for connection in waiting { connection.uncork() }
        waiting.removeAll(keepingCapacity: true)
        swap(&waiting, &corkedConnections)
    }

    /// A connection has something for the end of the cork.
    func awaitUncorking(_ connection: Connection) {
        corkedConnections.append(connection)
    }

    /// Compresses a frame now where connections of this loop have asked for it, so that other loops to which
    /// it is handed over next find that done.
    public func compress(_ frame: SharedFrame) {
        compression.prepare(frame)
    }

    var allConnections: [Connection] {
        connections.values.sorted { $0.id.number < $1.id.number }
    }

    var connectionsInAnyOrder: some Collection<Connection> { connections.values }

    func adopt(_ connection: Connection) {
        connections[connection.id] = connection
    }

    func release(_ connection: Connection) {
        connections[connection.id] = nil
    }

    // MARK: Sockets

    /// Watches a descriptor; nil when the system refuses.
    func watch(_ descriptor: Int32, _ sink: any SocketSink, events: UInt32) -> UInt64? {
        let position = freeSlots.popLast() ?? slots.count
        if position == slots.count { slots.append(Slot(generation: 0, sink: nil)) }
        slots[position].generation &+= 1
        let token = UInt64(slots[position].generation) << 32 | UInt64(position)
        guard control(EPOLL_CTL_ADD, descriptor, token, events) else {
            freeSlots.append(position)
            return nil
        }
        slots[position].sink = sink
        return token
    }

    /// Changes what a watched descriptor is watched for.
    func rewatch(_ descriptor: Int32, _ token: UInt64, events: UInt32) {
        _ = control(EPOLL_CTL_MOD, descriptor, token, events)
    }

    /// Stops watching. Events of this turn that still name the slot meet a newer generation and are ignored.
    func unwatch(_ descriptor: Int32, _ token: UInt64) {
        _ = control(EPOLL_CTL_DEL, descriptor, token, 0)
        let position = Int(token & 0xFFFF_FFFF)
        slots[position].sink = nil
        slots[position].generation &+= 1
        freeSlots.append(position)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ token: UInt64, _ events: UInt32) -> Bool {
        var event = epoll_event(events: events, data: epoll_data_t(u64: token))
        return epoll_ctl(epoll, operation, descriptor, &event) == 0
    }

    /// The loop's read buffer, or a new one while that is out; give it back with `giveBack`.
    func takeReadBuffer() -> [UInt8] {
        if let buffer = spareReadBuffer {
            spareReadBuffer = nil
            return buffer
        }
        return Array(repeating: 0, count: Self.readBufferBytes)
    }

    func giveBack(_ buffer: consuming [UInt8]) {
        spareReadBuffer = buffer
    }

    /// A fresh random key for a client's frame.
    func nextMaskKey() -> MaskKey {
        maskKeys.next()
    }

    /// Whether a client's WebSocket may begin to open; else `begin` is called when its turn has come.
    func mayOpen(_ address: HostAddress, maximum: Int, _ begin: @escaping () -> Bool) -> Bool {
        openings.enter(address, maximum: maximum, begin)
    }

    /// A client's WebSocket is open, or has failed: the next to the same address begins.
    func hasOpened(_ address: HostAddress) {
        while let begin = openings.next(address) {
            if begin() { return }
        }
    }

    /// A handshake has ended; those that wait go on.
    func beginWaitingHandshakes() {
        while let id = handshakes.next(now: now) {
            guard let connection = connections[id], connection.beginParkedHandshake() else {
                handshakes.leave(id)
                continue
            }
        }
        awaitRelief()
    }

    /// Somebody waits for a place at the gate: looks when a handshake has stood still for too long.
    func awaitRelief() {
        guard reliefTimer == nil, let due = handshakes.nextRelief else { return }
        // Never in this turn again: who goes leaves their place before the next.
        reliefTimer = schedule(afterMilliseconds: max(1, due > now ? due - now : 0)) { [weak self] in
            guard let self else { return }
            self.reliefTimer = nil
            while let id = self.handshakes.stalled(now: self.now) {
                // The gate knows living connections only; what has none is not to be asked for again.
                self.connections[id]?.kill(.timedOut(.tlsHandshake))
                self.handshakes.leave(id)
            }
            awaitRelief()
        }
    }

    // MARK: Turns, driven by the actor

    /// Calls in the next turn; used to go on with work that a bound cut off.
    func afterTurn(_ call: @escaping () -> Void) {
        deferredCalls.append(call)
    }

    var hasDeferredWork: Bool {
        !deferredCalls.isEmpty
    }

    var hasEndOfTurnWork: Bool {
        !endOfTurnCalls.isEmpty
    }

    var nextDeadline: UInt64? {
        timers.nextDeadline()
    }

    func beginTurn() {
        now = cnet_monotonic_milliseconds()
        handshakes.beginTurn()
        compression.inflatedBytes = 0
    }

    func endTurn() {
        for _ in 0..<Self.endRoundsMaximum {
            guard !endOfTurnCalls.isEmpty else { return }
            let calls = endOfTurnCalls
            endOfTurnCalls.removeAll(keepingCapacity: true)
            for call in calls {
                call()
            }
        }
        deferredCalls.append(contentsOf: endOfTurnCalls)
        endOfTurnCalls.removeAll()
    }

    func runDeferredWork() {
        let calls = deferredCalls
        deferredCalls.removeAll()
        for call in calls {
            call()
        }
    }

    func runDueTimers() {
        // Bounded by the clock of this turn: a call that schedules itself again lands after `now`.
        while let call = timers.popDue(now) {
            call()
        }
    }

    func socketReady(token: UInt64, events: UInt32) {
        let position = Int(token & 0xFFFF_FFFF)
        guard position < slots.count, slots[position].generation == UInt32(token >> 32) else { return }
        slots[position].sink?.ready(events)
    }

    func abortAll() {
        for connection in allConnections {
            connection.abort()
        }
    }

    func forgetEverything() {
        timers.removeAll()
        attachments.removeAll()
        endOfTurnCalls.removeAll()
        deferredCalls.removeAll()
        connections.removeAll()
        slots.removeAll()
    }
}

/// What a loop tells of a descriptor's readiness.
protocol SocketSink: AnyObject {
    /// Called with the EPOLL bits that are set.
    func ready(_ events: UInt32)
}
