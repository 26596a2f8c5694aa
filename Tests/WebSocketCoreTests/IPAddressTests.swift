import Testing

@testable import WebSocketCore

@Suite struct IPAddressTests {
    @Test func addressesAreReadAndWritten() {
        for (text, canonical) in [
            ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:C000:201", "192.0.2.1"),
            ("::", "::"), ("::1", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1::", "1::"),
        ] {
            #expect(IPAddress(text)?.text == canonical, "\(text)")
        }
        for text in [
            "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.+4", "1.2.3.4 ", ":", ":::",
            "1::2::3", "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "::12345", "::g", "::+1", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "localhost",
        ] {
            #expect(IPAddress(text) == nil, "\(text)")
        }
        #expect(IPAddress("127.9.9.9")?.isLoopback == true)
        #expect(IPAddress("::1")?.isLoopback == true)
        #expect(IPAddress("128.0.0.1")?.isLoopback == false)
    }

    @Test func networksHoldTheirAddresses() throws {
        let cases: [(String, String, Bool)] = [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.2", false), ("0.0.0.0/0", "203.0.113.7", true), ("0.0.0.0/0", "::1", false),
            ("::/0", "203.0.113.7", true), ("2001:db8::/32", "2001:db8:ffff::", true),
            ("2001:db8::/32", "2001:db9::", false), ("2001:db8::/65", "2001:db8::7fff:0:0:0", true),
            ("2001:db8::/65", "2001:db8::8000:0:0:0", false), ("::1/128", "::1", true),
            ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ]
        for (network, address, isInside) in cases {
            let found = try #require(IPNetwork(network)).contains(try #require(IPAddress(address)))
            #expect(found == isInside, "\(network) \(address)")
        }
        for text in [
            "", "/8", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/+8", "fe80::%1/64", "a",
        ] {
            #expect(IPNetwork(text) == nil, "\(text)")
        }
    }
}
