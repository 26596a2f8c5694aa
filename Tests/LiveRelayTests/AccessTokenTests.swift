import Foundation
import SessionModel
import Testing

@testable import LiveRelay

@Suite("Access tokens")
struct AccessTokenTests {
    private let now = WallTime(milliseconds: 1_795_395_600_000)
    private let key = Array(UInt8(0)..<32)

    private func claims(_ role: Role = .participant, minutes: Int64 = 60) -> AccessClaims {
        AccessClaims(
            person: PersonID(unchecked: "wang"), role: role, session: SessionID(unchecked: "k1"),
            name: "王𬭎·买买提", number: "0012", notBefore: now,
            expires: WallTime(milliseconds: now.milliseconds + minutes * 60_000))
    }

    @Test func whatIsIssuedIsReadBack() async throws {
        let tokens = await AccessTokens(key: key)
        var guest = claims()
        guest.isVerified = false
        let scoped = AccessClaims(
            person: PersonID(unchecked: "li"), role: .supervisor, scope: try #require(AccessScope("gd/gz")),
            name: "李华", notBefore: now, expires: WallTime(milliseconds: now.milliseconds + 1_000))
        for claims in [claims(), guest, scoped] {
            let token = try await tokens.issue(claims)
            #expect(await tokens.verify(token, now: now) == .success(claims))
        }
    }

    @Test func timeDecides() async throws {
        let tokens = await AccessTokens(key: key)
        let token = try await tokens.issue(claims(minutes: 10))
        let end = now.milliseconds + 600_000
        #expect(try await tokens.verify(token, now: WallTime(milliseconds: end - 1)).get().name == "王𬭎·买买提")
        #expect(await tokens.verify(token, now: WallTime(milliseconds: end)) == .failure(.tokenExpired))
        let early = WallTime(milliseconds: now.milliseconds - AccessTokens.clockSkewMilliseconds)
        #expect(try await tokens.verify(token, now: early).get().number == "0012")
        let tooEarly = WallTime(milliseconds: early.milliseconds - 1_000)
        #expect(await tokens.verify(token, now: tooEarly) == .failure(.tokenInvalid))
    }

    @Test func aForeignKeyOpensNothing() async throws {
        let tokens = await AccessTokens(key: key)
        let foreign = await AccessTokens(key: [UInt8](repeating: 7, count: 32))
        let token = try await foreign.issue(claims(.lecturer))
        #expect(await tokens.verify(token, now: now) == .failure(.tokenInvalid))
    }

    @Test func everyChangedCharacterIsNoticed() async throws {
        let tokens = await AccessTokens(key: key)
        let token = Array(try await tokens.issue(claims()).utf8)
        for position in token.indices {
            var altered = token
            altered[position] = altered[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let text = String(decoding: altered, as: UTF8.self)
            #expect(await tokens.verify(text, now: now) == .failure(.tokenInvalid), "position \(position)")
        }
        for length in [0, 1, 20, token.count - 1] {
            let cut = String(decoding: token.prefix(length), as: UTF8.self)
            #expect(await tokens.verify(cut, now: now) == .failure(.tokenInvalid))
        }
    }

    @Test(arguments: ["none", "None", "HS384", "RS256"])
    func anotherAlgorithmInTheHeaderHelpsNobody(_ algorithm: String) async throws {
        let tokens = await AccessTokens(key: key)
        let payload = try await tokens.issue(claims()).split(separator: ".")[1]
        let header = Secret.base64URL(Array(#"{"alg":"\#(algorithm)","typ":"JWT"}"#.utf8))
        for signature in ["", "AAAA"] {
            let forged = "\(header).\(payload).\(signature)"
            #expect(await tokens.verify(forged, now: now) == .failure(.tokenInvalid))
        }
    }

    /// Claims that a holder of the key could sign, and that still give nothing.
    @Test(
        arguments: [
            #""iss":"other","sub":"wang","class":"k1","role":"participant""#,
            #""iss":"liverelay","sub":"../x","class":"k1","role":"participant""#,
            #""iss":"liverelay","sub":"wang","class":"k 1","role":"participant""#,
            #""iss":"liverelay","sub":"wang","class":"k1","role":"emperor""#,
            #""iss":"liverelay","sub":"wang","role":"participant""#,
            #""iss":"liverelay","sub":"wang","role":"supervisor""#,
            #""iss":"liverelay","sub":"wang","role":"participant","scope":"gd""#,
            #""iss":"liverelay","sub":"wang","role":"supervisor","scope":"gd//gz""#,
            #""iss":"liverelay","sub":"wang","class":"k1","scope":"gd","role":"supervisor""#,
            #""iss":"liverelay","sub":"wang","class":"k1","role":"participant","name":"a\u0007b""#,
        ])
    func signedNonsenseGivesNothing(_ fields: String) async throws {
        let tokens = await AccessTokens(key: key)
        for expiry in ["1895395600", "1.8e30", "-1"]
        where expiry == "1895395600" || fields.contains("emperor") {
            let token = signed("{\(fields),\"exp\":\(expiry)}")
            #expect(await tokens.verify(token, now: now) == .failure(.tokenInvalid))
        }
    }

    @Test func anotherSystemWithTheKeyMayIssueTokens() async throws {
        let tokens = await AccessTokens(key: key)
        let token = signed(
            #"{"iss":"liverelay","sub":"t-1","class":"k1","role":"lecturer","name":"张华","exp":1795395700.5}"#)
        let claims = try await tokens.verify(token, now: now).get()
        #expect(claims.role == .lecturer && claims.isVerified && claims.notBefore.milliseconds == 0)
        #expect(claims.expires.milliseconds == 1_795_395_700_500)
    }

    private func signed(_ payload: String) -> String {
        let head = Secret.base64URL(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
        let text = head + "." + Secret.base64URL(Array(payload.utf8))
        return text + "." + Secret.base64URL(Secret.authenticationCode(key: key, Array(text.utf8)))
    }

    @Test func resumeTokensComeBackOnlyWhole() async throws {
        let tokens = ResumeTokens(await AccessTokens(key: key))
        let admission = ResumeAdmission(
            session: SessionID(unchecked: "k1"), seat: SeatID(unchecked: "s7"),
            person: PersonID(unchecked: "wang"), role: .participant)
        let token = tokens.issue(admission, now: now)
        #expect(tokens.verify(token, now: now) == .success(admission))
        let late = WallTime(milliseconds: now.milliseconds + ResumeTokens.validMilliseconds)
        #expect(tokens.verify(token, now: late) == .failure(.tokenExpired))
        let foreign = ResumeTokens(await AccessTokens(key: [UInt8](repeating: 1, count: 32)))
        #expect(foreign.verify(token, now: now) == .failure(.tokenInvalid))
        for position in token.utf8.indices {
            let scalar = token.utf8[position] == UInt8(ascii: "x") ? "y" : "x"
            var altered = token
            altered.replaceSubrange(position...position, with: scalar)
            #expect(tokens.verify(altered, now: now) == .failure(.tokenInvalid))
        }
        #expect(tokens.verify("", now: now) == .failure(.tokenInvalid))
    }

    @Test func keysAreMadeOnceAndKeptSecret() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/liverelay-keys-" + Secret.text(bytes: 9)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try AdministratorKey.load(folder: folder)
        #expect(try AdministratorKey.load(folder: folder).text == first.text)
        #expect(first.text.hasPrefix("lrk_") && first.text.count == 47)
        #expect(first.matches(first.text) && !first.matches(first.text + "A") && !first.matches(""))
        let token = try await AccessTokens.load(folder: folder).issue(claims())
        let again = try await AccessTokens.load(folder: folder).verify(token, now: now)
        #expect(try again.get().name == "王𬭎·买买提")
        for name in ["administrator.key", "token.key"] {
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[
                .posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600)
        }
        try Data("short\n".utf8).write(to: URL(fileURLWithPath: folder + "/administrator.key"))
        #expect(throws: SecretFailure.malformed(path: folder + "/administrator.key")) {
            try AdministratorKey.load(folder: folder)
        }
        #expect(FileManager.default.contents(atPath: folder + "/token.key")?.count == 44)
        #expect(throws: SecretFailure.notWritable(path: folder + "/none/administrator.key")) {
            try AdministratorKey.load(folder: folder + "/none")
        }
    }
}
