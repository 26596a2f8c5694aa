import CNet
import Glibc

extension Connection {
    private enum Written {
        case sent(Int)
        /// Nothing was taken.
        case full
        case failed(ConnectionFailure)
    }

    /// One of many that get the same frame: `bytes` are the frame's. Whom a hurdle keeps goes the long way.
    @inline(__always)
    func deliver(
        _ bytes: UnsafeRawBufferPointer, of frame: SharedFrame, _ dropClass: DropClass, past hurdles: Hurdles
    ) {
        guard self.hurdles.isDisjoint(with: hurdles) else { return send(frame, dropClass) }
        let outcome = writeNow(bytes)
        if case .sent(bytes.count) = outcome { return fannedOut.add(bytes.count, dropClass) }
        written(outcome, of: frame, dropClass)
    }

    /// Sends at once if nothing waits, else queues. Control beyond its bound closes the connection.
    func transmit(_ frame: SharedFrame, _ dropClass: DropClass) {
        guard hurdles.isDisjoint(with: [.queued, .blocked, .notEstablished]) else {
            return enqueue(frame, dropClass)
        }
        guard !core.isCorked else {
            core.awaitUncorking(self)
            return enqueue(frame, dropClass)
        }
        written(frame.bytes.withUnsafeBytes { writeNow($0) }, of: frame, dropClass)
    }

    private func written(_ outcome: Written, of frame: SharedFrame, _ dropClass: DropClass) {
        switch outcome {
        case .sent(let count):
            outbound.passed(frame, dropClass)
            guard count < frame.count else { return }
            outbound.pin(frame, offset: count, isReply: dropClass == .reply)
            flush()
        case .full:
            // A record that TLS has begun must be offered again; a plain socket has seen nothing of the
            // frame.
            if tls != nil {
                outbound.passed(frame, dropClass)
                outbound.pin(frame, offset: 0, isReply: dropClass == .reply)
            } else {
                outbound.add(frame, dropClass, now: core.now)
            }
            block()
        case .failed(let failure):
            kill(failure)
        }
    }

    /// Sends bytes that are not frames; bounded by the stage that makes them.
    func transmit(raw bytes: [UInt8]) {
        guard link == .established, !bytes.isEmpty else { return }
        outbound.add(SharedFrame(raw: bytes), .control, now: core.now)
        if !isBlocked { flush() }
    }

    /// Sends a pong, in place of one that still waits.
    func transmitPong(_ payload: [UInt8]) {
        let frame = masksFrames ? masked(.pong, payload[...]) : SharedFrame(opcode: .pong, payload: payload)
        guard outbound.isEmpty, !isBlocked else { return outbound.addPong(frame) }
        transmit(frame, .reply)
    }

    /// Sends a control frame of ours.
    func transmitControl(_ opcode: Opcode, _ payload: [UInt8]) {
        let frame = masksFrames ? masked(opcode, payload[...]) : SharedFrame(opcode: opcode, payload: payload)
        guard outbound.isEmpty else { return outbound.add(frame, .control, now: core.now) }
        transmit(frame, .control)
    }

    /// Lets what has gathered go.
    func uncork() {
        guard hurdles.isDisjoint(with: [.blocked, .notEstablished]) else { return }
        flush()
    }

    /// Forgets what waits, except bytes that the socket has begun to take.
    func forgetQueue() {
        outbound.forgetUnoffered()
    }

    /// Offers what waits until the socket is full.
    func flush() {
        isBlocked = false
        var hasProgressed = false
        while let batch = outbound.nextBatch(now: core.now) {
            switch batch.withUnsafeBytes({ writeNow($0) }) {
            case .sent(let count):
                outbound.took(batch, count)
                hasProgressed = true
                // A plain socket that takes a part is full; TLS takes one record at a time.
                if tls == nil, count < batch.count { return blocked(hasProgressed) }
            case .full:
                if tls != nil { outbound.refused(batch) }
                return blocked(hasProgressed)
            case .failed(let failure):
                return kill(failure)
            }
        }
        settleInterest()
        settleProgress()
        if link == .established, ending != nil, outbound.isEmpty { linger() }
    }

    /// A frame of a client, masked with a fresh key (RFC 6455 §5.3).
    func masked(_ opcode: Opcode, _ payload: ArraySlice<UInt8>, isCompressed: Bool = false) -> SharedFrame {
        SharedFrame(
            raw: FrameWriter.encode(
                opcode: opcode, isCompressed: isCompressed, payload: payload, mask: core.nextMaskKey()))
    }

    private func enqueue(_ frame: SharedFrame, _ dropClass: DropClass) {
        if dropClass.isKept, outbound.controlBytes >= limits.queueBytesMaximum {
            (stage as? WebSocketStage)?.slowConsumer(self)
            return
        }
        outbound.add(frame, dropClass, now: core.now)
    }

    private func block() {
        isBlocked = true
        settleInterest()
    }

    private func blocked(_ hasProgressed: Bool) {
        block()
        if hasProgressed { settleProgress() }
    }

    private func settleProgress() {
        ending?.pace?.progressed(takenBytes: takenBytes, now: core.now)
        stage.progressed(self)
        // Also where reading was not stopped but bytes are left over: no new ones may come to ask for them.
        continueReading()
    }

    @inline(__always)
    private func writeNow(_ bytes: UnsafeRawBufferPointer) -> Written {
        let written = offer(bytes)
        if case .sent(let count) = written { takenBytes += UInt64(count) }
        return written
    }

    @inline(__always)
    private func offer(_ bytes: UnsafeRawBufferPointer) -> Written {
        if let tls {
            switch tls.write(bytes) {
            case .sent(let count): return .sent(count)
            case .wouldBlock: return .full
            case .failed(let reason): return .failed(.broken(reason))
            }
        }
        let sent = cnet_send(descriptor, bytes.baseAddress, bytes.count)
        if sent >= 0 { return .sent(sent) }
        return Socket.isWaiting(errno) ? .full : .failed(.broken(systemReason(errno)))
    }
}
