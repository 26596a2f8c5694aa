public import LiveRelayWire
public import SessionModel

/// The door: turns what somebody presents into who that is and what he may enter as. Asks no class: whether
/// there is one, whether it is open and who was put out is known where it lives.
public struct Authorizer: Sendable {
    /// Access tokens.
    public let tokens: AccessTokens
    /// Resume tokens.
    public let resumeTokens: ResumeTokens
    /// Rosters, codes and guests.
    public let identity: Identity
    /// The key of the administrator.
    public let administratorKey: AdministratorKey
    /// Wrong codes by address.
    public let limiter: AttemptLimiter

    /// 16 to 64 characters: less could be guessed (`docs/protocol.md` §1).
    private static let deviceCharactersMinimum = 16

    /// A door.
    public init(
        tokens: AccessTokens, identity: Identity, administratorKey: AdministratorKey,
        limiter: AttemptLimiter = AttemptLimiter()
    ) {
        self.tokens = tokens
        resumeTokens = ResumeTokens(tokens)
        self.identity = identity
        self.administratorKey = administratorKey
        self.limiter = limiter
    }

    /// A door over a data folder: keys in `keys/`, made on the first run; `keysFolder` must exist.
    public static func load(
        keysFolder: String, identity: Identity, limiter: AttemptLimiter = AttemptLimiter()
    ) async throws(SecretFailure) -> Authorizer {
        Authorizer(
            tokens: try await AccessTokens.load(folder: keysFolder), identity: identity,
            administratorKey: try AdministratorKey.load(folder: keysFolder), limiter: limiter)
    }

    // MARK: Into a class

    /// Judges a request to join.
    public func authorize(
        _ credential: JoinCredential, from address: String, now: WallTime
    ) async -> Result<Admission, DisconnectCode> {
        switch credential {
        case .token(let token):
            return await admission(token: token, now: now)
        case .code(let code, let name, let number, let device):
            switch await session(code: code, from: address, now: now) {
            case .failure(let code): return .failure(code)
            case .success(let session):
                return await admission(name: name, number: number, device: device, in: session)
            }
        }
    }

    /// Judges a request to come back.
    public func authorize(_ request: ResumeRequest, now: WallTime) -> Result<ResumeAdmission, DisconnectCode>
    {
        resumeTokens.verify(request.token, now: now).mapError(DisconnectCode.init)
    }

    /// A token with which a seat may come back.
    public func resumeToken(
        session: SessionID, seat: SeatID, person: PersonID, role: Role, now: WallTime
    ) -> String {
        resumeTokens.issue(
            ResumeAdmission(session: session, seat: seat, person: person, role: role), now: now)
    }

    /// The class with a code; counts a wrong one against the address. Where an address has used up its wrong
    /// codes the answer may take some seconds.
    public func session(
        code: String, from address: String, now: WallTime
    ) async -> Result<SessionID, DisconnectCode> {
        // What cannot be a code tells nobody anything, and costs a mistyping class nothing.
        guard let code = JoinCode(code) else { return .failure(.codeUnknown) }
        let identity = identity
        switch await limiter.session(
            code, from: address, now: now, lookUp: { code in try await identity.session(with: code) })
        {
        case .found(let session): return .success(session)
        case .unknown: return .failure(.codeUnknown)
        case .tooMany: return .failure(.tooManyAttempts)
        case .storageFailed: return .failure(.storageFailed)
        }
    }

    /// Lets somebody with a right code in, as who the roster or the device says.
    public func admission(
        name: String, number: String, device: String, in session: SessionID
    ) async -> Result<Admission, DisconnectCode> {
        guard let name = PersonName.kept(name), let number = StaffNumber.kept(number) else {
            return .failure(.nameInvalid)
        }
        guard PersonID.isValid(device), device.utf8.count >= Self.deviceCharactersMinimum else {
            return .failure(.joinExpected)
        }
        do {
            switch try await identity.recognise(name: name, number: number, device: device, in: session) {
            case .listed(let row):
                return .success(
                    Admission(
                        session: session, person: row.person, role: .participant, name: row.name,
                        number: row.number, affiliation: row.affiliation, isVerified: true))
            case .guest(let person):
                return .success(
                    Admission(
                        session: session, person: person, role: .participant, name: name, number: number,
                        affiliation: "", isVerified: false))
            }
        } catch {
            return .failure(error == .tooManyPeople ? .classFull : .storageFailed)
        }
    }

    private func admission(token: String, now: WallTime) async -> Result<Admission, DisconnectCode> {
        let claims: AccessClaims
        switch await tokens.verify(token, now: now) {
        case .failure(let failure): return .failure(DisconnectCode(failure))
        case .success(let verified): claims = verified
        }
        guard let session = claims.session else { return .failure(.classUnknown) }
        guard claims.role.takesSeat else { return .failure(.roleCannotJoin) }
        do {
            let row = try await identity.rosterRow(of: claims.person, in: session)
            return .success(
                Admission(
                    session: session, person: claims.person, role: claims.role,
                    name: claims.name.isEmpty ? row?.name ?? "" : claims.name,
                    number: claims.number.isEmpty ? row?.number ?? "" : claims.number,
                    affiliation: row?.affiliation ?? "", isVerified: claims.isVerified))
        } catch {
            return .failure(.storageFailed)
        }
    }

    // MARK: Over HTTP

    /// Judges what stands in `Authorization` or in the cookie of a replay page: the administrator key or a
    /// token. Neither is counted against an address: 256 bits cannot be found by trying, and whoever mistypes
    /// codes must not lock out an administrator in the same house.
    public func authorize(bearer: String, now: WallTime) async -> Result<Visitor, DisconnectCode> {
        guard bearer.hasPrefix(AdministratorKey.prefix) else {
            return await tokens.verify(bearer, now: now).map(Visitor.init).mapError(DisconnectCode.init)
        }
        return administratorKey.matches(bearer) ? .success(.administrator) : .failure(.tokenInvalid)
    }
}

extension DisconnectCode {
    /// The close code for a token that gives no access.
    init(_ failure: AccessTokenFailure) {
        switch failure {
        case .tokenInvalid: self = .tokenInvalid
        case .tokenExpired: self = .tokenExpired
        }
    }
}
