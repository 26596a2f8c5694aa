import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

// Classes: planned, listed, shown, ended; and the links that lead into them.
extension Api {
    /// Rows of one page where nobody says how many.
    static let pageCountDefault = 50
    /// Rows of one page at most.
    static let pageCountMaximum = 200
    /// Links of a class last until its recording may be deleted: half a year after the class.
    static let linkGraceMilliseconds: Int64 = 180 * 86_400_000
    /// A link lasts a year at most; who needs more asks again.
    static let linkMinutesMaximum = 366 * 1_440
    /// Where nobody says how long a link lasts: a day.
    static let linkMinutesDefault = 1_440

    func listClasses(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Answer: Encodable {
            let total: Int
            let classes: [ClassSummary]
        }
        let visitor = try question.someone()
        var filter = ClassFilter(scope: visitor.scope)
        if let text = question.request.queryValue("phase") {
            guard let phase = Phase(rawValue: text) else { throw .fieldInvalid("phase") }
            filter.phase = phase
        }
        let offset = try question.request.number("offset", default: 0, in: 0...1_000_000_000)
        let limit = try question.request.number(
            "limit", default: Self.pageCountDefault, in: 1...Self.pageCountMaximum)
        if let own = visitor.session {
            let entry = try await known(own)
            let rows = filter.admits(entry.card) && offset == 0 ? [entry] : []
            return .json(200, Answer(total: rows.count, classes: try await summaries(rows)))
        }
        let page: ClassPage
        do throws(ClassDirectoryFailure) {
            page = try await directory.list(filter, offset: offset, limit: limit)
        } catch {
            throw ApiFailure(error)
        }
        return .json(200, Answer(total: page.total, classes: try await summaries(page.rows)))
    }

    private func summaries(_ rows: [ClassEntry]) async throws(ApiFailure) -> [ClassSummary] {
        do throws(IdentityFailure) {
            let codes = try await authorizer.identity.codes(of: rows.map(\.card.id))
            return rows.map { ClassSummary($0, code: codes[$0.card.id]) }
        } catch {
            throw ApiFailure(error)
        }
    }

    private struct ClassAnswer: Encodable {
        let `class`: ClassSummary
        var role: Role?
        var links: [String: String]?
    }

    func createClass(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        let visitor = try question.someone()
        let body = try question.request.decoded(ClassRequest.self)
        let lecturer = PersonID(unchecked: Secret.text(bytes: 12))
        let lecturerName = try body.checkedLecturerName()
        let plan = try body.plan(lecturer: lecturer)
        guard visitor.session == nil, visitor.scope.covers(plan.organisation) else { throw .notPermitted }
        let people = lecturerName.flatMap {
            PersonEntry(person: lecturer, name: $0, number: nil, affiliation: nil, source: .token)
        }
        let entry: ClassEntry
        do throws(ClassDirectoryFailure) {
            entry = try await directory.create(plan, people: [people].compactMap { $0 })
        } catch {
            throw ApiFailure(error)
        }
        let code: JoinCode
        do throws(IdentityFailure) {
            code = try await authorizer.identity.assignCode(to: entry.card.id)
        } catch {
            throw ApiFailure(error)
        }
        let links = try await links(entry, code, lecturer, lecturerName, question)
        var response = HTTPResponse.json(
            201, ClassAnswer(class: ClassSummary(entry, code: code), links: links))
        response.headers.add("location", "/api/v1/classes/\(entry.card.id)")
        return response
    }

    /// A link for each role. The names say the role where nobody gave a name: links are passed on.
    private func links(
        _ entry: ClassEntry, _ code: JoinCode, _ lecturer: PersonID, _ lecturerName: String?,
        _ question: Question
    ) async throws(ApiFailure) -> [String: String] {
        let session = entry.card.id
        let expires = Self.end(of: entry, now: question.now, graceMilliseconds: Self.linkGraceMilliseconds)
        let base = publicURL.base(for: question.request)
        let door = "\(base)/j/\(code)"
        func token(_ role: Role, _ person: PersonID, _ name: String) async throws(ApiFailure) -> String {
            try await issue(
                AccessClaims(
                    person: person, role: role, session: session, name: name, notBefore: question.now,
                    expires: expires))
        }
        func anyone() -> PersonID { PersonID(unchecked: Secret.text(bytes: 12)) }
        let lecturerToken = try await token(.lecturer, lecturer, lecturerName ?? "主讲")
        return [
            "lecturer": "\(door)#t=\(lecturerToken)",
            "assistant": "\(door)#t=\(try await token(.assistant, anyone(), "助教"))",
            "participant": door,
            "supervisor": "\(door)#t=\(try await token(.supervisor, anyone(), "巡课"))",
            "replay": "\(base)/c/\(session)/replay#t=\(try await token(.viewer, anyone(), "回看"))",
            "report": "\(base)/c/\(session)/report#t=\(lecturerToken)",
        ]
    }

    func showClass(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        let visitor = try question.someone()
        let entry = try await entry(question)
        var summary = ClassSummary(entry, code: try await code(of: entry.card.id, for: visitor))
        // A class whose log cannot be read is shown all the same.
        if visitor.role.isStaff, let recording = try? await directory.recording(of: entry.card.id) {
            summary.cost = await aside { ClassCost(recording) }
        }
        return .json(200, ClassAnswer(class: summary, role: visitor.role))
    }

    func endClass(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        let before = try await entry(question)
        let entry: ClassEntry
        do throws(ClassDirectoryFailure) {
            entry = try await directory.end(before.card.id)
        } catch {
            throw ApiFailure(error)
        }
        let code = try await code(of: entry.card.id, for: try question.someone())
        return .json(200, ClassAnswer(class: ClassSummary(entry, code: code)))
    }

    func createLink(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Body: Decodable {
            let role: Role
            let name: String?
            let number: String?
            let validMinutes: Int?
        }
        struct Answer: Encodable {
            let url: String
            let token: String
            let expires: WallTime
        }
        let visitor = try question.someone()
        let entry = try await entry(question)
        let body = try question.request.decoded(Body.self)
        let minutes = body.validMinutes ?? Self.linkMinutesDefault
        guard (1...Self.linkMinutesMaximum).contains(minutes) else { throw .fieldInvalid("validMinutes") }
        guard let number = StaffNumber.kept(body.number ?? "") else { throw .fieldInvalid("number") }
        let name = body.name ?? visitor.name
        guard let name = PersonName.kept(name) else { throw .fieldInvalid("name") }
        // A supervisor may look into the classes of his scope, as himself and as nothing else.
        let isOwn = visitor.role != .administrator
        guard !isOwn || (body.role == .supervisor && name == visitor.name) else { throw .notPermitted }
        let session = entry.card.id
        let person =
            try await person(body.role, name, number, own: isOwn ? visitor.person : nil, entry)
        let expires = WallTime(milliseconds: question.now.milliseconds + Int64(minutes) * 60_000)
        let token = try await issue(
            AccessClaims(
                person: person, role: body.role, session: session, name: name, number: number,
                notBefore: question.now, expires: expires))
        let code = try await code(of: session, for: visitor)
        let url = address(body.role, session, code, publicURL.base(for: question.request)) + "#t=\(token)"
        return .json(201, Answer(url: url, token: token, expires: expires))
    }

    /// The identity a link is for: one's own, the lecturer of the plan, somebody of the roster, or somebody
    /// new.
    private func person(
        _ role: Role, _ name: String, _ number: String, own: PersonID?, _ entry: ClassEntry
    ) async throws(ApiFailure) -> PersonID {
        if let own { return own }
        if role == .lecturer, let lecturer = entry.lecturer,
            entry.lecturerName.map({ PersonName.comparable($0) == PersonName.comparable(name) }) ?? true
        {
            return lecturer
        }
        do throws(IdentityFailure) {
            let row = try await authorizer.identity.listed(name: name, number: number, in: entry.card.id)
            return row?.person ?? PersonID(unchecked: Secret.text(bytes: 12))
        } catch {
            throw ApiFailure(error)
        }
    }

    private func address(_ role: Role, _ session: SessionID, _ code: JoinCode?, _ base: String) -> String {
        switch role {
        case .viewer, .expert: "\(base)/c/\(session)/replay"
        case .administrator: "\(base)/c/\(session)/report"
        case .lecturer, .assistant, .participant, .supervisor:
            code.map { "\(base)/j/\($0)" } ?? "\(base)/c/\(session)"
        }
    }
}
