import Testing

@testable import WebSocketCore

@Suite struct DeflateAgreementTests {
    private static let everySetting: [Compression] = [false, true].flatMap { own in
        [false, true].map { peer in
            var settings = Compression()
            settings.keepsOwnContext = own
            settings.keepsPeerContext = peer
            return settings
        }
    }

    /// Every set of well-formed parameters that an offer can have.
    private static let everyOffer: [DeflateParameters] = {
        var offers: [DeflateParameters] = []
        let windows: [DeflateParameters.ClientWindow?] =
            [nil, .limitable] + DeflateParameters.windowBitsRange.map { .limited($0) }
        for serverBits in [nil] + DeflateParameters.windowBitsRange.map({ $0 }) {
            for window in windows {
                for flags in 0..<4 {
                    var offer = DeflateParameters()
                    offer.serverNoContextTakeover = flags & 1 != 0
                    offer.clientNoContextTakeover = flags & 2 != 0
                    offer.serverMaxWindowBits = serverBits
                    offer.clientMaxWindow = window
                    offers.append(offer)
                }
            }
        }
        return offers
    }()

    private func answer(_ field: String, _ settings: Compression = Compression()) throws -> String? {
        DeflateAgreement.answer(to: try #require(WebSocketExtension.list([field])), by: settings)?.text
    }

    @Test func everyOfferIsAnsweredAsItMayBe() throws {
        for settings in Self.everySetting {
            for offer in Self.everyOffer {
                let elements = try #require(WebSocketExtension.list([offer.text]))
                #expect(DeflateParameters(elements[0], isOffer: true) == offer)
                let answer = try #require(DeflateAgreement.answer(to: elements, by: settings))
                let answered = try #require(WebSocketExtension.list([answer.text]))
                let told = try #require(DeflateParameters(answered[0], isOffer: false))
                // §7.1.1: what is asked for is granted, and what we do not keep is told.
                #expect(told.serverNoContextTakeover || !offer.serverNoContextTakeover)
                #expect(told.serverNoContextTakeover != answer.agreement.serverKeepsContext)
                #expect(told.clientNoContextTakeover != answer.agreement.clientKeepsContext)
                #expect(settings.keepsOwnContext || !answer.agreement.serverKeepsContext)
                #expect(settings.keepsPeerContext || !answer.agreement.clientKeepsContext)
                // §7.1.2.1: a limit is answered with the same or a smaller one.
                #expect((told.serverMaxWindowBits == nil) == (offer.serverMaxWindowBits == nil))
                #expect(told.serverMaxWindowBits ?? 0 <= offer.serverMaxWindowBits ?? 0)
                #expect(answer.agreement.serverWindowBits <= offer.serverMaxWindowBits ?? 15)
                // §7.1.2.2: only who offered a limit is given one, no larger than his own.
                switch (offer.clientMaxWindow, told.clientMaxWindow) {
                case (_, nil), (.limitable, .limited): break
                case (.limited(let offered), .limited(let limit)): #expect(limit <= offered)
                case (nil, .some), (_, .limitable): Issue.record("\(offer.text) gave \(answer.text)")
                }
            }
        }
    }

    @Test func theFirstAcceptableOfferIsTaken() throws {
        let both = "; server_no_context_takeover; client_no_context_takeover"
        #expect(try answer("permessage-deflate") == "permessage-deflate" + both)
        #expect(
            try answer("permessage-deflate; client_max_window_bits") == "permessage-deflate" + both)
        #expect(
            try answer("x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=10")
                == "permessage-deflate\(both); server_max_window_bits=10")
        #expect(
            try answer("permessage-deflate; server_max_window_bits=99, permessage-deflate")
                == "permessage-deflate" + both)
        #expect(
            try answer("permessage-deflate; server_max_window_bits=\"15\"")
                == "permessage-deflate\(both); server_max_window_bits=12")
        var keeping = Compression()
        keeping.keepsOwnContext = true
        keeping.keepsPeerContext = true
        #expect(try answer("permessage-deflate", keeping) == "permessage-deflate")
        #expect(
            try answer("permessage-deflate; client_max_window_bits", keeping)
                == "permessage-deflate; client_max_window_bits=12")
    }

    @Test func faultyOffersAreDeclined() throws {
        let numbers = ["7", "16", "0", "08", "+9", "-9", "9.0", "1e1", "99999999999999999999999", "a", "٩"]
        var faulty = [
            "server_max_window_bits", "server_max_window_bits=", "unknown", "unknown=1",
            "server_no_context_takeover=1", "client_no_context_takeover=true",
            "server_no_context_takeover; server_no_context_takeover",
            "client_max_window_bits; client_max_window_bits=9",
            "server_max_window_bits=9; server_max_window_bits=9", "Server_No_Context_Takeover",
        ]
        for number in numbers {
            faulty += ["server_max_window_bits=\(number)", "client_max_window_bits=\(number)"]
        }
        for parameters in faulty {
            let elements = WebSocketExtension.list(["permessage-deflate; " + parameters]) ?? []
            #expect(DeflateAgreement.answer(to: elements, by: Compression()) == nil, "\(parameters)")
        }
        #expect(try answer("permessage-bzip2, deflate-frame, Permessage-Deflate") == nil)
    }

    @Test func aClientReadsWhatItsServerAccepted() throws {
        var keeping = Compression()
        keeping.keepsOwnContext = true
        keeping.keepsPeerContext = true
        func read(_ fields: String..., by settings: Compression? = Compression()) -> DeflateAgreement.Answer {
            DeflateAgreement.read(fields, offered: settings)
        }
        #expect(read() == .none)
        #expect(read(by: nil) == .none)
        guard case .agreed(let plain) = read("permessage-deflate") else { throw UnexpectedEvent() }
        // It was asked to keep none, and said nothing of it: then it may keep one. We keep what we want.
        #expect(plain.serverKeepsContext && !plain.clientKeepsContext)
        guard
            case .agreed(let limited) = read(
                "permessage-deflate; server_max_window_bits=9; client_max_window_bits=8; "
                    + "server_no_context_takeover",
                by: keeping)
        else { throw UnexpectedEvent() }
        #expect(!limited.serverKeepsContext && limited.clientKeepsContext)
        #expect(limited.serverWindowBits == 9 && limited.clientWindowBits == 8)
        let faulty = [
            "permessage-deflate, permessage-deflate", "permessage-bzip2", "permessage-deflate;",
            "permessage-deflate; client_max_window_bits", "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=4294967296", "permessage-deflate; unknown",
            "permessage-deflate; client_no_context_takeover=1", "",
        ]
        for field in faulty {
            if case .faulty = read(field) { continue }
            Issue.record("accepted \(field)")
        }
        if case .faulty = read("permessage-deflate", by: nil) {} else { Issue.record("was not offered") }
    }

    @Test func bothRolesComeToTheSame() throws {
        for server in Self.everySetting {
            for client in Self.everySetting {
                let offers = try #require(WebSocketExtension.list([DeflateAgreement.offer(client)]))
                let answer = try #require(DeflateAgreement.answer(to: offers, by: server))
                guard case .agreed(let agreement) = DeflateAgreement.read([answer.text], offered: client)
                else { throw UnexpectedEvent() }
                #expect(agreement.serverKeepsContext == answer.agreement.serverKeepsContext)
                #expect(agreement.serverWindowBits == answer.agreement.serverWindowBits)
                // A client may keep less than it is allowed to.
                #expect(!agreement.clientKeepsContext || answer.agreement.clientKeepsContext)
                #expect(agreement.clientWindowBits == answer.agreement.clientWindowBits)
            }
        }
    }
}
