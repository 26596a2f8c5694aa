extension Connection {
    /// The handshake is done: from here on the bytes are frames.
    func become(
        _ role: ConnectionMachine.Role, _ delegate: any WebSocketDelegate, _ agreement: DeflateAgreement?
    ) {
        let inflater = agreement.map {
            MessageInflater(shared: core.compression, contextWindowBits: $0.contextWindowBits(of: role.peer))
        }
        outgoing = agreement.map { OutgoingCompression($0, role) }
        if let compression = limits.compression, case .shared(let shape) = outgoing {
            core.compression.wants(shape, compression)
        }
        let webSocket = WebSocketStage(
            role: role, delegate: delegate, limits: limits, now: core.now, inflater: inflater)
        stage = webSocket
        masksFrames = role == .client
        acceptsFrames = true
        leaveOpening()
        webSocket.established(self)
    }

    /// The frame as it leaves here: compressed where that was agreed on and is worth it. What may be dropped
    /// on its way goes as it is, since a peer that keeps a context must get everything that went into it.
    func packed(_ frame: SharedFrame, _ dropClass: DropClass) -> SharedFrame {
        guard let outgoing, let compression = limits.compression, dropClass.isKept,
            compression.concerns(frame)
        else { return frame }
        switch outgoing {
        case .shared(let shape): return core.compression.form(of: frame, shape)
        case .context(let deflater):
            guard let payload = deflater.compress(frame.payload) else { return frame }
            return SharedFrame(opcode: frame.opcode, payload: payload, isCompressed: true)
        }
    }
}

extension HTTPRequest {
    /// What comes of the client's offers of compression, and the text that tells it.
    func agreement(on settings: Compression) -> (agreement: DeflateAgreement, text: String)? {
        let offers = WebSocketExtension.list(headers.values("sec-websocket-extensions")) ?? []
        return DeflateAgreement.answer(to: offers, by: settings)
    }
}
