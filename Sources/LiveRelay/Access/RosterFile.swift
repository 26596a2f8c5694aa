import Foundation
import SessionModel

/// A roster as a spreadsheet program saves it: CSV in UTF-8 or GB18030 with the columns 姓名, 工号, 单位, 手机 (or
/// name, number, affiliation, phone) in any order. Lines that are wrong are reported, the others are kept.
public struct RosterFile: Hashable, Sendable {
    /// Who stands in it, in order.
    public private(set) var people: [RosterPerson] = []
    /// What was left out, in order of lines.
    public private(set) var problems: [RosterProblem] = []
    /// In what it was written.
    public let encoding: TextEncoding

    /// A line as `name,number,affiliation,phone` of 100 bytes for each person that a class may expect.
    public static let bytesMaximum = 8 * 1_024 * 1_024
    /// As long as any school's full name.
    public static let affiliationCharactersMaximum = 100

    private enum Column: CaseIterable {
        case name, number, affiliation, phone

        var titles: Set<String> {
            switch self {
            case .name: ["姓名", "名字", "name"]
            case .number: ["工号", "教工号", "职工号", "员工号", "number", "staff number", "staff id"]
            case .affiliation: ["单位", "工作单位", "学校", "affiliation", "organisation", "organization", "school"]
            case .phone: ["手机", "手机号", "手机号码", "电话", "phone", "mobile"]
            }
        }
    }

    /// Who was seen so far, to find duplicates.
    private struct Seen {
        var numbersByName: Set<[String]> = []
        var numbersByAffiliation: Set<[String]> = []
        var withoutNumber: Set<[String]> = []
    }

    /// Reads a file. `declared` is the coding that the sender names; without it the bytes tell.
    public init(_ bytes: [UInt8], declared: TextEncoding? = nil) {
        encoding = declared ?? Self.recognise(bytes)
        var reader = DelimitedText(bytes)
        guard let header = reader.next(), let columns = Self.columns(header, encoding) else {
            problems.append(RosterProblem(line: 1, code: .columnsMissing))
            return
        }
        var seen = Seen()
        var rowsCount = 0
        while let record = reader.next() {
            rowsCount += 1
            guard rowsCount <= SessionLimits.expectedCountMaximum else {
                problems.append(RosterProblem(line: record.line, code: .tooManyRows))
                return
            }
            switch Self.person(record, columns, encoding, &seen) {
            case .success(nil): break
            case .success(let person?): people.append(person)
            case .failure(let failure):
                problems.append(RosterProblem(line: record.line, code: failure.code))
            }
        }
    }

    private struct RowFailure: Error {
        let code: RosterProblemCode
    }

    private static func person(
        _ record: DelimitedText.Record, _ columns: [Column: Int], _ encoding: TextEncoding, _ seen: inout Seen
    ) -> Result<RosterPerson?, RowFailure> {
        func failure(_ code: RosterProblemCode) -> Result<RosterPerson?, RowFailure> {
            .failure(RowFailure(code: code))
        }
        guard let fields = record.fields else { return failure(.quoteInvalid) }
        var cells: [Column: String] = [:]
        for (column, index) in columns where index < fields.count {
            guard let cell = encoding.decode(fields[index]) else { return failure(.encodingInvalid) }
            cells[column] = unwrapped(cell.trimmingCharacters(in: .whitespaces))
        }
        guard cells.values.contains(where: { !$0.isEmpty }) else { return .success(nil) }
        let typed = cells[.name] ?? ""
        guard !typed.isEmpty else { return failure(.nameMissing) }
        guard let name = PersonName.kept(typed) else { return failure(.nameInvalid) }
        guard let number = StaffNumber.kept(cells[.number] ?? ""), !isRounded(number) else {
            return failure(.numberInvalid)
        }
        guard
            let affiliation = PlainText.kept(
                cells[.affiliation] ?? "", charactersMaximum: affiliationCharactersMaximum)
        else { return failure(.affiliationInvalid) }
        if let code = duplicate(name, number, affiliation, &seen) { return failure(code) }
        return .success(
            RosterPerson(
                name: name, number: number, affiliation: affiliation,
                phoneEnding: phoneEnding(cells[.phone] ?? "")))
    }

    private static func duplicate(
        _ name: String, _ number: String, _ affiliation: String, _ seen: inout Seen
    ) -> RosterProblemCode? {
        let name = PersonName.comparable(name)
        let number = StaffNumber.comparable(number)
        let affiliation = PersonName.comparable(affiliation)
        guard !number.isEmpty else {
            return seen.withoutNumber.insert([name, affiliation]).inserted ? nil : .personDuplicate
        }
        guard !seen.numbersByName.contains([number, name]),
            !seen.numbersByAffiliation.contains([number, affiliation])
        else { return .numberDuplicate }
        seen.numbersByName.insert([number, name])
        seen.numbersByAffiliation.insert([number, affiliation])
        return nil
    }

    /// `="0012"` is how spreadsheets are made to keep zeros; what is meant is 0012.
    private static func unwrapped(_ cell: String) -> String {
        guard cell.hasPrefix("=\""), cell.hasSuffix("\""), cell.count >= 3 else { return cell }
        return String(cell.dropFirst(2).dropLast())
    }

    /// Eighteen digits that went through a spreadsheet as a number have lost their end for good.
    private static func isRounded(_ number: String) -> Bool {
        number.utf8.contains(UInt8(ascii: "+")) && number.wholeMatch(of: #/\d(\.\d+)?[Ee]\+\d+/#) != nil
    }

    private static func phoneEnding(_ phone: String) -> String? {
        let digits = FullWidth.narrowed(phone).filter(\.isASCII).filter(\.isNumber)
        return digits.count >= 4 ? String(digits.suffix(4)) : nil
    }

    private static func columns(_ header: DelimitedText.Record, _ encoding: TextEncoding) -> [Column: Int]? {
        guard let fields = header.fields else { return nil }
        var columns: [Column: Int] = [:]
        for (index, field) in fields.enumerated() {
            guard let title = encoding.decode(field)?.trimmingCharacters(in: .whitespaces).lowercased(),
                let column = Column.allCases.first(where: { $0.titles.contains(title) }),
                columns[column] == nil
            else { continue }
            columns[column] = index
        }
        return columns[.name] == nil ? nil : columns
    }

    /// The coding in which the header makes sense; where it does in both, the one with fewer broken lines.
    private static func recognise(_ bytes: [UInt8]) -> TextEncoding {
        guard String(validating: bytes, as: UTF8.self) == nil else { return .utf8 }
        var reader = DelimitedText(bytes)
        guard let header = reader.next() else { return .utf8 }
        let fitting = TextEncoding.allCases.filter { columns(header, $0) != nil }
        guard fitting.count == 2 else { return fitting.first ?? .utf8 }
        var broken: [TextEncoding: Int] = [:]
        while let record = reader.next() {
            for encoding in TextEncoding.allCases
            where record.fields?.contains(where: { encoding.decode($0) == nil }) == true {
                broken[encoding, default: 0] += 1
            }
        }
        return broken[.gb18030, default: 0] < broken[.utf8, default: 0] ? .gb18030 : .utf8
    }
}
