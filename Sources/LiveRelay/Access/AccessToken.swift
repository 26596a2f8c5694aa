import Foundation
import JWTKit
public import SessionModel

/// Issues and reads access tokens: JWT (RFC 7519) with HS256 by the key in `keys/token.key`.
///
/// Whoever holds the key, an administration system for instance, can issue tokens too. The key itself never
/// leaves this type except for `ResumeTokens`, which derives its own from it.
public struct AccessTokens: Sendable {
    /// What `iss` says.
    public static let issuer = "liverelay"
    /// Beyond any token of ours, and short enough for one header field.
    public static let tokenBytesMaximum = 4_096
    /// Clocks of other systems that issue tokens may be ahead of ours by so much.
    public static let clockSkewMilliseconds: Int64 = 60_000

    private let keys: JWTKeyCollection
    /// The key of resume tokens.
    let resumeKey: [UInt8]

    /// Tokens by a key of 32 bytes.
    public init(key: [UInt8]) async {
        keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: Data(key)), digestAlgorithm: .sha256)
        resumeKey = Secret.authenticationCode(key: key, Array("liverelay resume token 1".utf8))
    }

    /// Tokens by the key of a data folder, made where there is none yet. `folder` is the folder of keys.
    public static func load(folder: String) async throws(SecretFailure) -> AccessTokens {
        let path = folder + "/token.key"
        let text = try Secret.text(file: path) { Secret.text() }
        guard let key = Secret.bytes(base64URL: text), key.count == Secret.keyBytesCount else {
            throw .malformed(path: path)
        }
        return await AccessTokens(key: key)
    }

    /// Three pieces of base64url (RFC 7515 §7.1) and nothing else, so that a token is safe wherever it is
    /// written.
    private static func isCompact(_ token: String) -> Bool {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 && parts.allSatisfy { Secret.bytes(base64URL: String($0))?.isEmpty == false }
    }

    /// Signs claims. Throws only where they cannot be written as JSON.
    public func issue(_ claims: AccessClaims) async throws -> String {
        try await keys.sign(CodedClaims(claims))
    }

    /// Reads a token and checks signature, issuer, time and form.
    public func verify(_ token: String, now: WallTime) async -> Result<AccessClaims, AccessTokenFailure> {
        guard token.utf8.count <= Self.tokenBytesMaximum, Self.isCompact(token),
            let coded = try? await keys.verify(token, as: CodedClaims.self),
            let claims = coded.claims
        else { return .failure(.tokenInvalid) }
        guard claims.notBefore.milliseconds <= now.milliseconds + Self.clockSkewMilliseconds else {
            return .failure(.tokenInvalid)
        }
        guard now < claims.expires else { return .failure(.tokenExpired) }
        return .success(claims)
    }
}

/// The claims as they stand in a token. Times are seconds (RFC 7519 §2, NumericDate).
private struct CodedClaims: JWTPayload {
    var iss: String
    var sub: String
    var `class`: String?
    var scope: String?
    var role: String
    var name: String?
    var number: String?
    /// Absent where the name is verified.
    var isVerified: Bool?
    var exp: Double
    var nbf: Double?
    var jti: String?

    init(_ claims: AccessClaims) {
        iss = AccessTokens.issuer
        sub = claims.person.text
        self.class = claims.session?.text
        scope = claims.scope?.description
        role = claims.role.rawValue
        name = claims.name
        number = claims.number.isEmpty ? nil : claims.number
        isVerified = claims.isVerified ? nil : false
        exp = Self.seconds(claims.expires)
        nbf = Self.seconds(claims.notBefore)
        jti = claims.identifier
    }

    /// Time is checked by the caller, who says what time it is.
    func verify(using algorithm: some JWTAlgorithm) throws {}

    /// What the token says; nil where it lacks something or says what no token may.
    var claims: AccessClaims? {
        guard iss == AccessTokens.issuer, let person = PersonID(sub), let role = Role(rawValue: role),
            let expires = Self.wall(exp), let notBefore = Self.wall(nbf ?? 0)
        else { return nil }
        let name = name ?? ""
        guard name.isEmpty || PersonName.isValid(name), StaffNumber.isValid(number ?? "") else { return nil }
        let identifier = String((jti ?? "").prefix(identifierBytesMaximum))
        if let text = self.class {
            guard let session = SessionID(text), scope == nil else { return nil }
            var claims = AccessClaims(
                person: person, role: role, session: session, name: name, number: number ?? "",
                notBefore: notBefore, expires: expires, identifier: identifier)
            claims.isVerified = isVerified ?? true
            return claims
        }
        guard role == .supervisor || role == .administrator, let text = scope, let scope = AccessScope(text)
        else { return nil }
        return AccessClaims(
            person: person, role: role, scope: scope, name: name, notBefore: notBefore, expires: expires,
            identifier: identifier)
    }

    private static func seconds(_ wall: WallTime) -> Double { Double(wall.milliseconds / 1_000) }

    private static func wall(_ seconds: Double) -> WallTime? {
        // The year 9999; what lies beyond is a mistake, such as milliseconds instead of seconds.
        guard seconds >= 0, seconds < 253_402_300_800 else { return nil }
        return WallTime(milliseconds: Int64(seconds * 1_000))
    }
}
