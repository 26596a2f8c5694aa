@testable import LiveRelayClient
@testable import WebSocketCore

/// A device's end of a link: the real WebSocket machine in the role of a client.
final class DeviceLine {
    let number: Int
    let link: VirtualLink
    private unowned let device: SimulatedDevice
    private let world: World
    private var machine: ConnectionMachine
    private var isTold = false
    private var isOver = false

    init(number: Int, _ link: VirtualLink, _ device: SimulatedDevice, _ world: World) {
        self.number = number
        self.link = link
        self.device = device
        self.world = world
        // Silence is judged by the machine of the classroom; pings of our own would only hide it.
        var limits = world.limits
        limits.pingIntervalMilliseconds = 1_000_000
        machine = ConnectionMachine(role: .client, limits: limits, now: world.agenda.now)
    }

    /// A device that sleeps reads nothing before it wakes.
    var wakesAt: UInt64 { device.asleepUntil }

    func send(_ opcode: Opcode, _ payload: [UInt8]) {
        guard machine.isOpen else { return }
        write(opcode, payload)
    }

    /// A goodbye; what comes after it is not listened to.
    func close() {
        guard let payload = machine.close(.normal, reason: "", now: world.agenda.now) else { return }
        write(.close, payload)
    }

    /// A client's window is never full: what it says is little, and it waits for answers.
    private func write(_ opcode: Opcode, _ payload: [UInt8]) {
        guard !isOver else { return }
        let mask = MaskKey(rawValue: UInt32(truncatingIfNeeded: world.lots.next()))
        let bytes = FrameWriter.encode(opcode: opcode, payload: payload, mask: mask)
        if link.write(bytes[...], towards: .server) < bytes.count {
            isOver = true
            tell(.failed("cannot send"))
            link.cut()
        }
    }

    func receive(_ bytes: [UInt8]) {
        guard !isOver else { return }
        var position = 0
        while let event = machine.receive(bytes.span, &position, now: world.agenda.now) {
            switch event {
            case .message(.text(let text)): device.received(text: text, on: self)
            case .message(.binary(let binary)): device.received(binary: binary, on: self)
            case .sendPong(let payload): send(.pong, payload)
            case .sendPing, .roundTrip: break
            case .ended(let outcome, let closePayload):
                if let closePayload { write(.close, closePayload) }
                isOver = true
                link.finish(towards: .server)
                tell(SocketEnd(outcome))
            }
        }
    }

    func ended(isReset: Bool) {
        guard !isOver else { return }
        isOver = true
        tell(.failed(isReset ? "reset" : "ended by the peer"))
    }

    private func tell(_ end: SocketEnd) {
        guard !isTold else { return }
        isTold = true
        device.closed(self, end)
    }
}
