/// What both sides agreed on for `permessage-deflate` (RFC 7692 §7.1).
struct DeflateAgreement: Equatable, Sendable {
    /// A server's answer, read by a client.
    enum Answer: Equatable {
        /// No extension is in use.
        case none
        /// Compression is.
        case agreed(DeflateAgreement)
        /// The answer does not fit the offer; the connection is to be failed.
        case faulty(String)
    }

    /// Whether the server's messages may refer to earlier ones.
    let serverKeepsContext: Bool
    /// Whether the client's may.
    let clientKeepsContext: Bool
    /// The server's window as a power of two.
    let serverWindowBits: Int
    /// The client's.
    let clientWindowBits: Int

    /// The window of a side, as a power of two.
    func windowBits(of role: ConnectionMachine.Role) -> Int {
        switch role {
        case .server: serverWindowBits
        case .client: clientWindowBits
        }
    }

    /// The same where that side keeps a context.
    func contextWindowBits(of role: ConnectionMachine.Role) -> Int? {
        switch role {
        case .server: serverKeepsContext ? serverWindowBits : nil
        case .client: clientKeepsContext ? clientWindowBits : nil
        }
    }

    // MARK: Server

    /// What a server answers to a client's offers, if anything: the first that it can accept (§5.1), since
    /// the client names what it likes best first. The text goes into the answer.
    static func answer(
        to offers: [WebSocketExtension], by settings: Compression
    ) -> (agreement: DeflateAgreement, text: String)? {
        for case let offer? in offers.lazy.map({ DeflateParameters($0, isOffer: true) }) {
            let accepted = parameters(accepting: offer, settings)
            return (DeflateAgreement(accepted), accepted.text)
        }
        return nil
    }

    private static func parameters(
        accepting offer: DeflateParameters, _ settings: Compression
    ) -> DeflateParameters {
        var answer = DeflateParameters()
        // §7.1.1: a side that the other wants to keep no context keeps none; we ask for it where we want it.
        answer.serverNoContextTakeover = offer.serverNoContextTakeover || !settings.keepsOwnContext
        answer.clientNoContextTakeover = offer.clientNoContextTakeover || !settings.keepsPeerContext
        // §7.1.2.1: answered with the same or a smaller number. Ours is the one that is really used.
        answer.serverMaxWindowBits = offer.serverMaxWindowBits.map {
            min($0, DeflateShape.wide.windowBits)
        }
        // §7.1.2.2: only who offered it may be told. A context that is kept for the client is kept small.
        if !answer.clientNoContextTakeover {
            switch offer.clientMaxWindow {
            case .limited(let bits):
                answer.clientMaxWindow = .limited(min(bits, DeflateShape.wide.windowBits))
            case .limitable: answer.clientMaxWindow = .limited(DeflateShape.wide.windowBits)
            case nil: break
            }
        }
        return answer
    }

    // MARK: Client

    /// What a client offers.
    static func offer(_ settings: Compression) -> String {
        var offer = DeflateParameters()
        offer.serverNoContextTakeover = !settings.keepsPeerContext
        offer.clientNoContextTakeover = !settings.keepsOwnContext
        offer.clientMaxWindow = .limitable
        return offer.text
    }

    /// What a server's answer means to a client that offered this, or nothing (§5.1, §7.1).
    static func read(_ fields: [String], offered settings: Compression?) -> Answer {
        guard !fields.isEmpty else { return .none }
        guard let elements = WebSocketExtension.list(fields) else {
            return .faulty("malformed Sec-WebSocket-Extensions")
        }
        guard let settings, elements.count == 1,
            elements[0].name == DeflateParameters.extensionName
        else { return .faulty("extension that was not offered") }
        guard let answer = DeflateParameters(elements[0], isOffer: false) else {
            return .faulty("malformed parameter of permessage-deflate")
        }
        // A server that keeps its context although we asked it not to is understood all the same: it only
        // costs us the memory of a window.
        return .agreed(
            DeflateAgreement(answer, clientKeepsContext: settings.keepsOwnContext))
    }

    /// What an answer makes of a connection. A client may always keep less than it is allowed to.
    private init(_ answer: DeflateParameters, clientKeepsContext: Bool = true) {
        serverKeepsContext = !answer.serverNoContextTakeover
        self.clientKeepsContext = clientKeepsContext && !answer.clientNoContextTakeover
        let largest = DeflateParameters.windowBitsRange.upperBound
        serverWindowBits = answer.serverMaxWindowBits ?? largest
        clientWindowBits =
            switch answer.clientMaxWindow {
            case .limited(let bits): bits
            case .limitable, nil: largest
            }
    }
}
