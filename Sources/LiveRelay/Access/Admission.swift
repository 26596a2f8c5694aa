public import SessionModel

/// Whom the door lets into which class, as what.
public struct Admission: Hashable, Sendable {
    /// The class.
    public let session: SessionID
    /// The person.
    public let person: PersonID
    /// As what the person comes in.
    public let role: Role
    /// 姓名, as the roster, the token or the person wrote it.
    public let name: String
    /// 工号; empty where there is none.
    public let number: String
    /// 单位; empty where it is unknown.
    public let affiliation: String
    /// Whether a roster or a token vouches for the name; otherwise the person is 待核对.
    public let isVerified: Bool

    /// An admission of all its parts.
    public init(
        session: SessionID, person: PersonID, role: Role, name: String, number: String, affiliation: String,
        isVerified: Bool
    ) {
        self.session = session
        self.person = person
        self.role = role
        self.name = name
        self.number = number
        self.affiliation = affiliation
        self.isVerified = isVerified
    }
}

/// Who comes back to which seat.
public struct ResumeAdmission: Hashable, Sendable {
    /// The class.
    public let session: SessionID
    /// The seat that was held.
    public let seat: SeatID
    /// The person in it.
    public let person: PersonID
    /// As what.
    public let role: Role

    /// An admission of all its parts.
    public init(session: SessionID, seat: SeatID, person: PersonID, role: Role) {
        self.session = session
        self.seat = seat
        self.person = person
        self.role = role
    }
}
