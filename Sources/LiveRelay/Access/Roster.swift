public import SessionModel

/// 名册: one line of the list of people who should come to a class.
public struct RosterRow: Hashable, Sendable {
    /// The person, known by this identity in other classes too.
    public let person: PersonID
    /// 姓名, as it was written.
    public let name: String
    /// 工号, as it was written; empty where there is none.
    public let number: String
    /// 单位, as it was written; empty where it is unknown.
    public let affiliation: String

    /// A line of a roster.
    public init(person: PersonID, name: String, number: String, affiliation: String) {
        self.person = person
        self.name = name
        self.number = number
        self.affiliation = affiliation
    }
}

/// One person of a roster file, before an identity was found for him.
public struct RosterPerson: Hashable, Sendable {
    /// 姓名.
    public let name: String
    /// 工号; empty where there is none.
    public let number: String
    /// 单位; empty where it is unknown.
    public let affiliation: String
    /// The last four digits of 手机, kept to tell people apart by telephone and shown to nobody; nil where
    /// unknown.
    public let phoneEnding: String?

    /// One person of a roster file.
    public init(name: String, number: String, affiliation: String, phoneEnding: String?) {
        self.name = name
        self.number = number
        self.affiliation = affiliation
        self.phoneEnding = phoneEnding
    }
}

/// Something in a roster file that was not imported.
public struct RosterProblem: Hashable, Sendable, Codable {
    /// The line of the file, from 1, the header being the first.
    public let line: Int
    /// What is wrong.
    public let code: RosterProblemCode

    /// Something that was not imported.
    public init(line: Int, code: RosterProblemCode) {
        self.line = line
        self.code = code
    }
}

/// What can be wrong in a roster file. Raw values are codes of the HTTP interface.
public enum RosterProblemCode: String, CaseIterable, Hashable, Sendable, Codable {
    /// There is no column of names; nothing was imported.
    case columnsMissing
    /// More lines than one class may expect people; what follows was not imported.
    case tooManyRows
    /// The line is neither UTF-8 nor GB18030.
    case encodingInvalid
    /// The quotes of the line are wrong.
    case quoteInvalid
    /// No name.
    case nameMissing
    /// The name is too long or holds what no name may.
    case nameInvalid
    /// The 工号 is too long, holds what it may not, or was rounded by a spreadsheet (`1.23457E+17`).
    case numberInvalid
    /// An earlier line has this 工号 for the same name or the same 单位.
    case numberDuplicate
    /// An earlier line has this name and 单位, and neither has a 工号.
    case personDuplicate
    /// The 单位 is too long or holds what it may not.
    case affiliationInvalid
}
