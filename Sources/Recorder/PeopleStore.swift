import Foundation
public import SessionModel

/// What is known of one person in one class; the only place of the class folder that holds names.
public struct PersonEntry: Hashable, Sendable {
    /// The person.
    public let person: PersonID
    /// 姓名, as the roster or the person wrote it.
    public let name: String
    /// 工号; text, since leading zeros and eighteen digits count.
    public let number: String?
    /// 单位.
    public let affiliation: String?
    /// Where the name comes from.
    public let source: PersonSource

    /// An entry; nil where a field holds NUL.
    public init?(person: PersonID, name: String, number: String?, affiliation: String?, source: PersonSource)
    {
        let fields = [name, number ?? "", affiliation ?? ""]
        guard fields.allSatisfy({ !$0.utf8.contains(0) }) else { return nil }
        self.person = person
        self.name = name
        self.number = number
        self.affiliation = affiliation
        self.source = source
    }
}

/// Where a name comes from. Raw values stand in files for ever.
public enum PersonSource: String, CaseIterable, Hashable, Sendable, Codable {
    /// A roster that was imported.
    case roster
    /// What an access token says.
    case token
    /// What somebody typed at the door and nobody checked: 待核对.
    case guest
}

extension PersonEntry: JSONLine {
    private struct Coded: Codable {
        var v = 1
        let person: PersonID
        let name: String
        let number: String?
        let affiliation: String?
        let source: PersonSource
    }

    init?(line: [UInt8], decoder: JSONDecoder) {
        guard let coded = try? decoder.decode(Coded.self, from: Foundation.Data(line)) else { return nil }
        self.init(
            person: coded.person, name: coded.name, number: coded.number, affiliation: coded.affiliation,
            source: coded.source)
    }

    func line(encoder: JSONEncoder) throws -> [UInt8] {
        let coded = Coded(
            person: person, name: name, number: number, affiliation: affiliation, source: source)
        return [UInt8](try encoder.encode(coded))
    }
}

/// `people.jsonl` of a class: who the people in its events are. Truth, erasable. A later line wins over an
/// earlier.
enum PeopleStore {
    static let fileName = "people.jsonl"
}
