extension Connection {
    /// The handshake is done: from here on the bytes are frames.
    func become(_ role: ConnectionMachine.Role, _ delegate: any WebSocketDelegate) {
        let webSocket = WebSocketStage(role: role, delegate: delegate, limits: limits, now: core.now)
        stage = webSocket
        masksFrames = role == .client
        acceptsFrames = true
        webSocket.established(self)
    }
}
