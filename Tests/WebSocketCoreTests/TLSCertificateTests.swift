import Glibc
import Testing

@testable import WebSocketCore

@Suite struct TLSCertificateTests {
    private static let day = 86_400

    @Test func datesGiveReasonForConcern() {
        let day = Self.day
        func concerns(_ left: Int, _ until: Int = -1) -> [TLSCertificate.Concern] {
            TLSCertificate.concerns(secondsLeft: left, secondsUntil: until)
        }
        #expect(concerns(-3 * day) == [.expired(daysAgo: 3)])
        #expect(concerns(0) == [.expired(daysAgo: 0)])
        #expect(concerns(100 * day, 2 * day) == [.notYetValid(days: 3)])
        #expect(concerns(13 * day) == [.endsSoon(days: 13)])
        #expect(concerns(TLSCertificate.renewDays * day) == [])
    }

    @Test func ourOwnCertificateIsOfNoConcern() throws {
        let made = try TestCertificate()
        let certificate = try made.serverContext().certificate()
        #expect(certificate.isSelfSigned && certificate.concerns.isEmpty)
        #expect(certificate.fingerprint == made.certificate.fingerprint)
        #expect(certificate.secondsLeft > 800 * Self.day)
        #expect(try made.serverContext().withFreshTicketKeys().certificate() == certificate)
    }

    @Test func aFileOutOfOrderIsNoticed() throws {
        let one = try TestCertificate()
        let other = try TestCertificate()
        let both = try read(one.certificate.certificatePath) + read(other.certificate.certificatePath)
        let path = one.folder + "/both.pem"
        try write(both, path)
        let context = try TLSContext.server(certificatePath: path, keyPath: one.certificate.keyPath)
        #expect(try context.certificate().concerns == [.chainDisordered])
    }

    private func read(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let got = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(got), as: UTF8.self)
    }

    private func write(_ text: String, _ path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fputs(text, file) >= 0)
    }
}
