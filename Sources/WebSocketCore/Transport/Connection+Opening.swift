import CNet
import Glibc

extension Connection {
    /// The first byte of a TLS record that begins a handshake (RFC 8446 §5.1).
    private static let tlsHandshakeRecord: UInt8 = 0x16
    /// Type, version and length of a record.
    private static let tlsRecordHeaderBytes = 5
    /// The longest record (RFC 8446 §5.1), beyond which no hello is waited for.
    private static let tlsRecordBytesMaximum = 16_384

    // MARK: Server

    /// Takes a descriptor from the listener.
    static func accept(_ descriptor: Int32, site: HTTPSite, core: LoopCore) {
        let socket = Socket(descriptor: descriptor, limits: site.limits)
        let address = Socket.peerAddress(descriptor)
        // Never guessed from the bytes: a trusted proxy must, and nobody else may begin so.
        let isIntroduced = site.proxies.usesProxyHeader && site.proxies.trusts(address)
        let connection = Connection(
            link: isIntroduced ? .introducing(ProxyHeaderReader()) : .sniffing,
            stage: HTTPServerStage(site: site, now: core.now), site: site, limits: site.sharedLimits,
            peerAddress: address, core: core)
        guard connection.watch(socket, events: EPOLLIN.rawValue | EPOLLRDHUP.rawValue) else {
            socket.close()
            return connection.kill(.aborted)
        }
        connection.linkDeadline = core.now + site.limits.tlsHandshakeMilliseconds
        connection.settleDeadline()
    }

    /// Reads the PROXY header, and not a byte beyond it.
    func readIntroduction(_ begun: ProxyHeaderReader, isEnded: Bool) {
        guard let socket else { return }
        var reader = begun
        while true {
            switch reader.next {
            case .malformed:
                return kill(.badAnswer("no PROXY header of version 2"))
            case .done(let verdict):
                if case .client(let address) = verdict { peerAddress = address.text }
                link = .sniffing
                return sniff(isEnded: isEnded)
            case .needs(let count):
                var bytes = [UInt8](repeating: 0, count: count)
                switch socket.read(into: &bytes) {
                case .bytes(let got): reader.take(bytes.prefix(got))
                case .wouldBlock:
                    link = .introducing(reader)
                    return
                case .end: return kill(.endOfStream)
                case .failed(let reason): return kill(.broken(reason))
                }
            }
        }
    }

    /// Tells TLS from HTTP by the first byte, which stays in the socket. `isEnded`: nothing comes after what
    /// is there.
    func sniff(isEnded: Bool) {
        guard let socket else { return }
        let (result, byte) = socket.peek()
        switch result {
        case .wouldBlock:
            return
        case .end:
            kill(.endOfStream)
        case .failed(let reason):
            kill(.broken(reason))
        case .bytes:
            if site?.tls != nil {
                if byte == Self.tlsHandshakeRecord { return awaitHello(socket, isEnded: isEnded) }
                (stage as? HTTPServerStage)?.redirects = site?.plainPolicy == .redirectToTLS
            }
            establish()
        }
    }

    /// Waits for the whole first record: a peer that says a part of its hello and no more costs a socket, but
    /// neither a place at the gate nor the memory of TLS.
    private func awaitHello(_ socket: Socket, isEnded: Bool) {
        let (available, length) = socket.peekRecord()
        var wanted = Self.tlsRecordHeaderBytes
        if available >= wanted { wanted += min(length, Self.tlsRecordBytesMaximum) }
        guard available < wanted else {
            socket.wake(atBytes: 1)
            return awaitHandshake()
        }
        guard !isEnded else { return kill(.endOfStream) }
        socket.wake(atBytes: wanted)
    }

    private func awaitHandshake() {
        isAtGate = true
        let network = PeerNetwork(of: peerAddress)
        guard core.handshakes.enter(id, from: network, now: core.now, limits) else {
            link = .parked
            // Those before it may be stalled on purpose and have to time out first.
            linkDeadline = core.now + limits.tlsHandshakeMilliseconds + limits.headMilliseconds
            core.awaitRelief()
            return settleInterest()
        }
        guard let context = site?.tls else { return kill(.aborted) }
        beginHandshake(context, expecting: nil)
    }

    /// The gate has a place for one that waited; whether it is still there to take it.
    func beginParkedHandshake() -> Bool {
        guard link == .parked, let context = site?.tls else { return false }
        beginHandshake(context, expecting: nil)
        return true
    }

    // MARK: TLS

    func beginHandshake(_ context: TLSContext, expecting host: String?) {
        guard let socket else { return }
        link = .handshaking
        linkDeadline = core.now + limits.tlsHandshakeMilliseconds
        do throws(TLSError) {
            tls = try TLSEngine(context, descriptor: socket.descriptor, expecting: host)
        } catch {
            return kill(.tls(error.description))
        }
        // A client speaks first and must not wait for bytes that its server does not owe.
        settleInterest(handshake: host == nil ? EPOLLIN.rawValue : EPOLLIN.rawValue | EPOLLOUT.rawValue)
        continueHandshake()
        settleDeadline()
    }

    /// One step of the handshake, if this turn has one left; else the set reports the socket again in the
    /// next.
    func continueHandshake() {
        guard let tls, core.handshakes.takeStep(limits) else { return }
        let began = cnet_monotonic_microseconds()
        let outcome = tls.handshake()
        core.handshakes.spent(microseconds: cnet_monotonic_microseconds() - began)
        core.handshakes.moved(id, now: core.now)
        switch outcome {
        case .done:
            leaveGate()
            isSecure = true
            tls.limitMessages(to: limits.tlsMessagesBurstMaximum)
            establish()
        case .wantsRead:
            settleInterest(handshake: EPOLLIN.rawValue)
        case .wantsWrite:
            settleInterest(handshake: EPOLLOUT.rawValue)
        case .failed(let failure):
            kill(failure)
        }
    }

    /// Gives the place at the gate to the next that waits.
    func leaveGate() {
        guard isAtGate else { return }
        isAtGate = false
        core.handshakes.leave(id)
        let core = core
        core.afterTurn { core.beginWaitingHandshakes() }
    }

    private func establish() {
        link = .established
        linkDeadline = nil
        stage.established(self)
        guard link == .established else { return }
        settleInterest()
        // The bytes that brought the link up may have company that the set no longer shows.
        readReady()
        settleDeadline()
    }

    // MARK: Client

    /// Tries the addresses in turn; a WebSocket waits while another of this loop is on its way there (RFC
    /// 6455 §4.1 item 2).
    func connect(_ addresses: [HostAddress]) {
        attempt?.addresses = addresses[...]
        guard (stage as? ClientStage)?.opensWebSocket == true, let address = addresses.first else {
            return connectNext()
        }
        let mayBegin = core.mayOpen(address, maximum: limits.openingsPerAddressMaximum) { [weak self] in
            guard let self, self.link == .connecting else { return false }
            self.beginOpening(address)
            self.settleDeadline()
            return true
        }
        // Those before it have deadlines, so its turn will come.
        guard mayBegin else { return linkDeadline = nil }
        beginOpening(address)
    }

    private func beginOpening(_ address: HostAddress) {
        openingAddress = address
        linkDeadline = core.now + limits.connectMilliseconds
        connectNext()
    }

    /// The WebSocket is open, or will never be: the next one's turn.
    func leaveOpening() {
        guard let address = openingAddress else { return }
        openingAddress = nil
        let core = core
        core.afterTurn { core.hasOpened(address) }
    }

    private func connectNext() {
        unwatch()
        socket?.close()
        guard let address = attempt?.addresses.popFirst() else {
            return kill(attempt?.lastFailure ?? .refused)
        }
        let descriptor = cnet_stream_socket(address.family)
        guard descriptor >= 0 else { return connectFailed(errno) }
        let socket = Socket(descriptor: descriptor, limits: limits)
        if address.withPointer({ Glibc.connect(descriptor, $0, $1) }) != 0, errno != EINPROGRESS {
            return connectFailed(errno)
        }
        guard watch(socket, events: EPOLLOUT.rawValue) else { return connectFailed(EMFILE) }
    }

    private func connectFailed(_ number: Int32) {
        attempt?.lastFailure = number == ECONNREFUSED ? .refused : .unreachable(systemReason(number))
        connectNext()
    }

    func connectReady() {
        guard let socket, let attempt else { return }
        let number = socket.takeError()
        guard number == 0 else { return connectFailed(number) }
        peerAddress = Socket.peerAddress(socket.descriptor)
        self.attempt = nil
        if let context = attempt.tls {
            beginHandshake(context, expecting: attempt.host)
        } else {
            establish()
        }
    }

    func linkTimedOut() {
        switch link {
        case .connecting: kill(.timedOut(.connect))
        case .introducing, .sniffing, .parked, .handshaking: kill(.timedOut(.tlsHandshake))
        case .established, .lingering, .dead: return
        }
    }
}

/// A client's way to its host.
struct ConnectionAttempt {
    /// The name to check and to send.
    let host: String
    /// TLS, if wanted.
    let tls: TLSContext?
    /// Addresses not yet tried.
    var addresses: ArraySlice<HostAddress> = []
    /// Why the last address failed.
    var lastFailure: ConnectionFailure?
}
