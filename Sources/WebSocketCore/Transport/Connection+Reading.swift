import CNet

extension Connection {
    /// Whether bytes may be read and handed to the stage now.
    private var wantsBytes: Bool {
        link == .established && ending == nil && !isReadingPaused && stage.wantsBytes
    }

    /// Reads what the socket holds, up to a bound, and hands it to the stage.
    func readReady(isBroken: Bool = false) {
        guard wantsBytes else {
            // A broken socket would wake the loop for ever; an unwanted byte merely has to wait.
            if isBroken { return kill(.endOfStream) }
            isReadingStopped = true
            return settleInterest()
        }
        // What was left over comes before what is still in the socket.
        guard leftover.isEmpty else { return pump() }
        var buffer = core.takeReadBuffer()
        var total = 0
        var mayHoldMore = true
        tls?.allow(bytes: limits.readBytesPerTurn)
        while mayHoldMore, wantsBytes, total < limits.readBytesPerTurn {
            mayHoldMore = readOnce(&buffer, &total)
        }
        core.giveBack(buffer)
        guard link == .established else { return }
        if !wantsBytes {
            isReadingStopped = true
            settleInterest()
        } else if mayHoldMore, tls != nil {
            // TLS may hold bytes that the set does not show.
            core.afterTurn { [weak self] in self?.pump() }
        }
    }

    /// Goes on reading if it was stopped and is wanted again. Takes effect in the next turn.
    func continueReading() {
        guard isReadingStopped || !leftover.isEmpty else { return }
        core.afterTurn { [weak self] in self?.pump() }
    }

    /// Reads and throws away what a peer still says after our last word: so much as may have been on its way
    /// when that came, and no longer than the closing takes (`linger`).
    func discard() {
        guard link == .lingering else { return }
        var buffer = core.takeReadBuffer()
        defer { core.giveBack(buffer) }
        var total = 0
        tls?.allow(bytes: limits.readBytesPerTurn)
        while total < limits.readBytesPerTurn {
            guard let count = discardOnce(&buffer) else { return }
            total += count
            discardedBytes += count
            // Whoever still goes on does not listen; a reset costs nothing, reading on does.
            guard discardedBytes <= limits.discardedBytesMaximum else { return abort() }
        }
    }

    /// One read of what nobody wants; nil when there is no more for now, or ever.
    private func discardOnce(_ buffer: inout [UInt8]) -> Int? {
        // Who waits for the peer's end has to open the records to see it: TLS says it in one of them, and may
        // wait for ours before the stream ends.
        if leavesEndToPeer, let tls {
            switch tls.read(into: &buffer) {
            case .bytes(let count): return count
            case .wouldBlock: return nil
            case .end, .failed: break
            }
            tls.sayEnd()
        } else if let socket {
            switch socket.read(into: &buffer) {
            case .bytes(let count): return count
            case .wouldBlock: return nil
            case .end, .failed: break
            }
        }
        kill(.endOfStream)
        return nil
    }

    private func pump() {
        guard wantsBytes else { return }
        isReadingStopped = false
        if !leftover.isEmpty {
            var bytes: [UInt8] = []
            swap(&bytes, &leftover)
            deliver(bytes.span)
        }
        guard link == .established else { return }
        settleInterest()
        if wantsBytes, leftover.isEmpty { readReady() }
        settleDeadline()
    }

    /// One read; whether another may give more.
    private func readOnce(_ buffer: inout [UInt8], _ total: inout Int) -> Bool {
        let count: Int
        if let tls {
            let read = tls.read(into: &buffer)
            guard spendMessages(of: tls) else { return broken(.tls("too many messages of TLS itself")) }
            switch read {
            case .bytes(let some): count = some
            case .wouldBlock: return false
            case .end: return streamEnded()
            case .failed(let reason): return broken(.tls(reason))
            }
        } else if let socket {
            switch socket.read(into: &buffer) {
            case .bytes(let some): count = some
            case .wouldBlock: return false
            case .end: return streamEnded()
            case .failed(let reason): return broken(.broken(reason))
            }
        } else {
            return false
        }
        total += count
        deliver(buffer.span.extracting(0..<count))
        // A short read of a plain socket has emptied it.
        return tls != nil || count == buffer.count
    }

    /// Whether the peer's TLS has not said too much beside the bytes it carries.
    private func spendMessages(of tls: TLSEngine) -> Bool {
        for _ in 0..<tls.takeMessageCount() {
            guard tlsMessages.spend(now: core.now) else { return false }
        }
        return true
    }

    private func deliver(_ input: Span<UInt8>) {
        var position = 0
        while position < input.count, wantsBytes {
            let before = position
            stage.receive(input, &position, self)
            guard position > before || !wantsBytes else { break }
        }
        guard position < input.count, link == .established, ending == nil else { return }
        input.extracting(position..<input.count).withUnsafeBufferPointer { leftover.append(contentsOf: $0) }
    }

    private func streamEnded() -> Bool {
        stage.peerEnded(self)
        // A stage that still has something to send keeps the connection, but there is nothing to read any
        // more.
        if link == .established {
            isReadingStopped = true
            settleInterest()
        }
        return false
    }

    private func broken(_ failure: ConnectionFailure) -> Bool {
        kill(failure)
        return false
    }
}
