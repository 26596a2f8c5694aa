import Foundation
public import SessionModel

/// Lets a seat come back after its connection was lost, on any node and without memory of the server: a
/// signed `r1.CLAIMS.CODE`, where CODE is an HMAC-SHA-256. Synchronous, so that a loop can use it.
public struct ResumeTokens: Sendable {
    /// A class may last a day, and somebody may come back until it is over; the class itself refuses later.
    public static let validMilliseconds: Int64 = 24 * 3_600_000
    /// Ours have about 300 bytes.
    private static let tokenBytesMaximum = 1_024
    private static let version = "r1"

    private let key: [UInt8]

    /// Resume tokens beside the access tokens of the same server.
    public init(_ tokens: AccessTokens) { key = tokens.resumeKey }

    /// A token for a seat.
    public func issue(_ admission: ResumeAdmission, now: WallTime) -> String {
        let claims = [
            admission.session.text, admission.seat.text, admission.person.text, admission.role.rawValue,
            String(now.milliseconds + Self.validMilliseconds),
        ]
        let signed = Self.version + "." + Secret.base64URL(Array(claims.joined(separator: ".").utf8))
        return signed + "." + Secret.base64URL(Secret.authenticationCode(key: key, Array(signed.utf8)))
    }

    /// Reads a token and checks code, form and time.
    public func verify(_ token: String, now: WallTime) -> Result<ResumeAdmission, AccessTokenFailure> {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard token.utf8.count <= Self.tokenBytesMaximum, parts.count == 3, parts[0] == Self.version,
            let code = Secret.bytes(base64URL: parts[2]), let claims = Secret.bytes(base64URL: parts[1])
        else { return .failure(.tokenInvalid) }
        let signed = Array((parts[0] + "." + parts[1]).utf8)
        guard Secret.isEqual(code, Secret.authenticationCode(key: key, signed)) else {
            return .failure(.tokenInvalid)
        }
        let fields = String(decoding: claims, as: UTF8.self).split(
            separator: ".", omittingEmptySubsequences: false)
        guard fields.count == 5, let session = SessionID(fields[0]), let seat = SeatID(fields[1]),
            let person = PersonID(fields[2]), let role = Role(rawValue: String(fields[3])),
            let expires = Int64(fields[4])
        else { return .failure(.tokenInvalid) }
        guard now.milliseconds < expires else { return .failure(.tokenExpired) }
        return .success(ResumeAdmission(session: session, seat: seat, person: person, role: role))
    }
}
