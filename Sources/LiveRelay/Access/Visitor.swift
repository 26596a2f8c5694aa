public import SessionModel

/// Somebody who asks over HTTP, as far as a key or a token says.
public struct Visitor: Hashable, Sendable {
    /// As what.
    public let role: Role
    /// Who; nil for the holder of the administrator key.
    public let person: PersonID?
    /// The one class the token is for; nil where `scope` says which.
    public let session: SessionID?
    /// The part of the organisation tree the token is for; everything where `session` is set.
    public let scope: AccessScope
    /// 姓名; empty for the holder of the administrator key.
    public let name: String

    /// The holder of the administrator key.
    public static let administrator = Visitor(
        role: .administrator, person: nil, session: nil, scope: .everything, name: "")

    /// The bearer of a token.
    public init(_ claims: AccessClaims) {
        self.init(
            role: claims.role, person: claims.person, session: claims.session,
            scope: claims.scope ?? .everything, name: claims.name)
    }

    private init(role: Role, person: PersonID?, session: SessionID?, scope: AccessScope, name: String) {
        self.role = role
        self.person = person
        self.session = session
        self.scope = scope
        self.name = name
    }

    /// Whether the token is for this class, or for a part of the tree that holds it.
    public func mayEnter(_ session: SessionID, organisation: [NamedPart]) -> Bool {
        self.session.map { $0 == session } ?? scope.covers(organisation)
    }
}
