public import SessionModel

/// What an access token says: who may come in as what, where, and until when (`docs/protocol.md` §6).
public struct AccessClaims: Hashable, Sendable {
    /// The person.
    public var person: PersonID
    /// As what.
    public var role: Role
    /// The one class it is for; nil where `scope` says which classes.
    public var session: SessionID?
    /// The part of the organisation tree of a supervisor or an administrator; nil where `session` is set.
    public var scope: AccessScope?
    /// 姓名.
    public var name: String
    /// 工号; empty where there is none.
    public var number: String
    /// Whether whoever issued the token vouches for the name; a guest at the door is 待核对.
    public var isVerified = true
    /// From when on it counts.
    public var notBefore: WallTime
    /// Until when it counts.
    public var expires: WallTime
    /// Names this token, for logs.
    public var identifier: String

    /// Claims for one class.
    public init(
        person: PersonID, role: Role, session: SessionID, name: String, number: String = "",
        notBefore: WallTime, expires: WallTime, identifier: String = Secret.text(bytes: 12)
    ) {
        self.person = person
        self.role = role
        self.session = session
        scope = nil
        self.name = name
        self.number = number
        self.notBefore = notBefore
        self.expires = expires
        self.identifier = identifier
    }

    /// Claims for a part of the organisation tree.
    public init(
        person: PersonID, role: Role, scope: AccessScope, name: String, notBefore: WallTime,
        expires: WallTime, identifier: String = Secret.text(bytes: 12)
    ) {
        self.person = person
        self.role = role
        session = nil
        self.scope = scope
        self.name = name
        number = ""
        self.notBefore = notBefore
        self.expires = expires
        self.identifier = identifier
    }
}

/// Why a token gives no access.
public enum AccessTokenFailure: Error, Hashable, Sendable {
    /// Not ours, altered, not yet valid, or without what a token must say.
    case tokenInvalid
    /// Its time is over.
    case tokenExpired
}
