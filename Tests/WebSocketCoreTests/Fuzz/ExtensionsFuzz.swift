@testable import WebSocketCore

/// `Sec-WebSocket-Extensions` (RFC 6455 §9.1, RFC 7692 §7.1): whatever a client offers is answered so that a
/// client of ours understands the same, and no window is larger than was allowed.
enum ExtensionsFuzz {
    private static let windowBits = 8...15

    static func check(_ input: FuzzInput) throws(FuzzFault) {
        let fields = input.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        var settings = Compression()
        settings.keepsOwnContext = input.chooses(0)
        settings.keepsPeerContext = input.chooses(1)
        try checkAnswer(fields, offered: input.chooses(2) ? settings : nil)
        guard let offers = WebSocketExtension.list(fields) else { return }
        try checkWritten(offers)
        guard let answer = DeflateAgreement.answer(to: offers, by: settings) else { return }
        try checkWindows(answer.agreement)
        try require(settings.keepsOwnContext || !answer.agreement.serverKeepsContext, "kept our context")
        try require(settings.keepsPeerContext || !answer.agreement.clientKeepsContext, "kept theirs")
        // A client that would keep its context reads from the answer what the server meant by it.
        var client = Compression()
        client.keepsOwnContext = true
        client.keepsPeerContext = true
        let read = DeflateAgreement.read([answer.text], offered: client)
        try require(read == .agreed(answer.agreement), "answered \(answer), read as \(read)")
    }

    private static func checkAnswer(_ fields: [String], offered: Compression?) throws(FuzzFault) {
        switch DeflateAgreement.read(fields, offered: offered) {
        case .none: try require(fields.isEmpty, "a field that says nothing")
        case .faulty(let reason): try require(!reason.isEmpty, "no reason")
        case .agreed(let agreement):
            try require(offered != nil, "agreed on what nobody offered")
            try checkWindows(agreement)
        }
    }

    private static func checkWindows(_ agreement: DeflateAgreement) throws(FuzzFault) {
        for role in [ConnectionMachine.Role.server, .client] {
            try require(windowBits.contains(agreement.windowBits(of: role)), "window of \(agreement)")
        }
    }

    /// Elements written from what was read are read as the same.
    private static func checkWritten(_ offers: [WebSocketExtension]) throws(FuzzFault) {
        let text = offers.map { offer in
            offer.parameters.reduce(offer.name) { text, parameter in
                text + "; " + parameter.name + (parameter.value.map { "=\"\($0)\"" } ?? "")
            }
        }
        let again = WebSocketExtension.list([text.joined(separator: ", ")])
        try require(again == offers, "written \(text), read \(String(describing: again))")
    }
}
