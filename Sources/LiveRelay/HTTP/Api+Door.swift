import Foundation
import LiveRelayWire
import SessionModel
import WebSocketCore

// The door: what a code leads to, who somebody is, and the cookie of the replay page.
extension Api {
    /// A token from the door lasts until the class should be over and half a day more: classes run late.
    static let doorTokenGraceMilliseconds: Int64 = 12 * 3_600_000
    /// The cookie of a replay page outlives an evening of watching.
    static let cookieSecondsMaximum: Int64 = 86_400

    func showCode(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Answer: Encodable {
            let `class`: ClassSummary
        }
        let session = try await session(question)
        return .json(200, Answer(class: ClassSummary(open: try await known(session))))
    }

    private func session(_ question: Question) async throws(ApiFailure) -> SessionID {
        let found = await authorizer.session(
            code: question.parameters["code"] ?? "", from: question.request.peerAddress, now: question.now)
        switch found {
        case .failure(let code): throw ApiFailure(code)
        case .success(let session): return session
        }
    }

    func joinByCode(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Body: Decodable {
            let name: String
            let number: String?
            let device: String
        }
        struct Answer: Encodable {
            let token: String
            let `class`: ClassSummary
            let role: Role
            let isVerified: Bool
        }
        let body = try question.request.decoded(Body.self)
        let session = try await session(question)
        let admission: Admission
        switch await authorizer.admission(
            name: body.name, number: body.number ?? "", device: body.device, in: session)
        {
        case .failure(.joinExpected): throw .fieldInvalid("device")
        case .failure(let code): throw ApiFailure(code)
        case .success(let admitted): admission = admitted
        }
        let entry = try await known(session)
        // Whoever stands on the roster comes back to the replay this way; for a guest a class that is over is
        // over.
        guard entry.card.phase != .ended || admission.isVerified else {
            throw ApiFailure(DisconnectCode.ended)
        }
        var claims = AccessClaims(
            person: admission.person, role: admission.role, session: session, name: admission.name,
            number: admission.number, notBefore: question.now,
            expires: Self.end(
                of: entry, now: question.now, graceMilliseconds: Self.doorTokenGraceMilliseconds))
        claims.isVerified = admission.isVerified
        let token = try await issue(claims)
        return .json(
            200,
            Answer(
                token: token, class: ClassSummary(open: entry), role: admission.role,
                isVerified: admission.isVerified))
    }

    /// So long after the planned end of a class, or after now where that is later.
    static func end(of entry: ClassEntry, now: WallTime, graceMilliseconds: Int64) -> WallTime {
        // A plan read from disk may say anything; what is beyond all bounds counts as the bound.
        let start = min(entry.card.plannedStart.milliseconds, ClassRequest.wallMillisecondsMaximum)
        let minutes = min(max(entry.card.plannedMinutes, 0), ClassRequest.plannedMinutesMaximum)
        let end = max(start, 0) + Int64(minutes) * 60_000
        return WallTime(milliseconds: max(end, now.milliseconds) + graceMilliseconds)
    }

    /// Signs claims of our own making.
    func issue(_ claims: AccessClaims) async throws(ApiFailure) -> String {
        do {
            return try await authorizer.tokens.issue(claims)
        } catch {
            throw ApiFailure(503, "storageFailed")
        }
    }

    func visit(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Body: Decodable {
            let token: String
            /// Which class, where the token is for a part of the organisation tree.
            let `class`: SessionID?
        }
        let body = try question.request.decoded(Body.self)
        let claims: AccessClaims
        switch await authorizer.tokens.verify(body.token, now: question.now) {
        case .failure(let failure): throw ApiFailure(DisconnectCode(failure))
        case .success(let verified): claims = verified
        }
        guard let session = claims.session ?? body.class else {
            throw ApiFailure(400, "fieldMissing", field: "class")
        }
        guard body.class == nil || body.class == session else { throw .notPermitted }
        let entry = try await known(session)
        guard Visitor(claims).mayEnter(session, organisation: entry.card.organisation) else {
            throw .notPermitted
        }
        let left = (claims.expires.milliseconds - question.now.milliseconds) / 1_000
        let isSecure =
            question.request.isSecure || publicURL.base(for: question.request).hasPrefix("https://")
        let seconds = min(left, Self.cookieSecondsMaximum)
        var response = HTTPResponse(status: 204, headers: ["cache-control": "no-store"])
        for path in ["/api/v1/classes/\(session)/", "/c/\(session)/"] {
            response.headers.add(
                "set-cookie",
                "\(Self.cookieName)=\(body.token); Path=\(path); Max-Age=\(seconds); "
                    + "HttpOnly; SameSite=Strict" + (isSecure ? "; Secure" : ""))
        }
        return response
    }
}
