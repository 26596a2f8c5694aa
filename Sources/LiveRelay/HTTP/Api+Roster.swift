import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

// 名册: who should come.
extension Api {
    func importRoster(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Answer: Encodable {
            let imported: Int
            let problems: [RosterProblem]
        }
        let entry = try await entry(question)
        guard entry.card.phase != .ended else { throw ApiFailure(.sessionEnded as ClassDirectoryFailure) }
        let declared = try Self.declaredEncoding(question.request)
        let bytes = question.request.body
        let file = await aside { RosterFile(bytes, declared: declared) }
        let rows: [RosterRow]
        do throws(IdentityFailure) {
            rows = try await authorizer.identity.importRoster(file.people, into: entry.card.id)
        } catch {
            throw ApiFailure(error)
        }
        let people = rows.compactMap {
            PersonEntry(
                person: $0.person, name: $0.name, number: $0.number, affiliation: $0.affiliation,
                source: .roster)
        }
        do throws(ClassDirectoryFailure) {
            if !people.isEmpty { try await directory.expect(people, in: entry.card.id) }
        } catch {
            throw ApiFailure(error)
        }
        return .json(200, Answer(imported: rows.count, problems: file.problems))
    }

    /// `text/csv`, with the coding in `charset` or left to the bytes (RFC 7111 §5.1).
    private static func declaredEncoding(_ request: HTTPRequest) throws(ApiFailure) -> TextEncoding? {
        let parts = (request.headers["content-type"] ?? "").lowercased().split(separator: ";")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.first == "text/csv" else { throw ApiFailure(415, "mediaTypeUnsupported") }
        guard let charset = parts.dropFirst().first(where: { $0.hasPrefix("charset=") }) else { return nil }
        let name = charset.dropFirst("charset=".count).trimmingCharacters(
            in: CharacterSet(charactersIn: "\""))
        guard let encoding = TextEncoding(name: name) else { throw ApiFailure(415, "mediaTypeUnsupported") }
        return encoding
    }

    func showRoster(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Person: Encodable {
            let person: PersonID
            let name: String
            let number: String
            let affiliation: String
        }
        struct Answer: Encodable {
            let total: Int
            let rows: [Person]
        }
        let entry = try await entry(question)
        let offset = try question.request.number("offset", default: 0, in: 0...1_000_000_000)
        let limit = try question.request.number(
            "limit", default: Identity.rosterPageCountMaximum, in: 1...Identity.rosterPageCountMaximum)
        do throws(IdentityFailure) {
            let page = try await authorizer.identity.roster(of: entry.card.id, offset: offset, limit: limit)
            let rows = page.rows.map {
                Person(person: $0.person, name: $0.name, number: $0.number, affiliation: $0.affiliation)
            }
            return .json(200, Answer(total: page.total, rows: rows))
        } catch {
            throw ApiFailure(error)
        }
    }
}
