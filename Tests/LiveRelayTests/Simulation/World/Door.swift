import LiveRelayWire
import SessionModel

@testable import LiveRelay

/// Who may come in, in place of tokens and rosters: a token is what it says.
struct Door: Sendable {
    let session: SessionID

    /// A token that lets a person in.
    static func token(_ person: PersonID, _ role: Role, _ name: String) -> JoinCredential {
        .token("\(person)|\(role.rawValue)|\(name)")
    }

    func admission(_ credential: JoinCredential) -> Result<Admission, DisconnectCode> {
        guard case .token(let token) = credential else { return .failure(.codeUnknown) }
        let parts = token.split(separator: "|").map(String.init)
        guard parts.count == 3, let role = Role(rawValue: parts[1]) else { return .failure(.tokenInvalid) }
        return .success(
            Admission(
                session: session, person: PersonID(unchecked: parts[0]), role: role, name: parts[2],
                number: "", affiliation: "", isVerified: true))
    }

    func resumeToken(_ seat: Seat) -> String { "\(seat.id)|\(seat.person)|\(seat.role.rawValue)" }

    func admission(_ request: ResumeRequest) -> Result<ResumeAdmission, DisconnectCode> {
        let parts = request.token.split(separator: "|").map(String.init)
        guard parts.count == 3, let role = Role(rawValue: parts[2]) else { return .failure(.tokenInvalid) }
        return .success(
            ResumeAdmission(
                session: session, seat: SeatID(unchecked: parts[0]), person: PersonID(unchecked: parts[1]),
                role: role))
    }
}
