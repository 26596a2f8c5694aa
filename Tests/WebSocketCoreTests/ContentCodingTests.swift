import Testing

@testable import WebSocketCore

@Suite struct ContentCodingTests {
    private func preferred(_ field: String?) -> ContentCoding {
        ContentCoding.preferred(by: parsed(field.map { [("accept-encoding", $0)] } ?? []))
    }

    @Test func weightsDecide() {
        for field in [
            "gzip", "GZIP", "x-gzip", "br, gzip;q=0.1", "gzip ; q=1.000", "*", "*;q=0.5, identity;q=0.2",
            "identity;q=0, gzip", "gzip;q=0.001",
        ] {
            #expect(preferred(field) == .gzip, "\(field)")
        }
        for field in [
            "", "br", "gzip;q=0", "gzip;q=0.000", "gzip;q=0.3, identity;q=0.5", "gzip;q=2", "gzip;q=x",
            "gzip;q=",
            "gzip;q=0.0001", "gzip;level=9", "*;q=0", "gzip;q=0, *",
        ] {
            #expect(preferred(field) == .identity, "\(field)")
        }
        #expect(preferred(nil) == .identity)
    }
}
