import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

// What is left of a class: sound, replay, report; and the wall of classes that run.
extension Api {
    private func recording(_ entry: ClassEntry) async throws(ApiFailure) -> ClassRecording {
        do throws(ClassDirectoryFailure) {
            return try await directory.recording(of: entry.card.id)
        } catch {
            throw ApiFailure(error)
        }
    }

    func recordings(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Answer: Encodable {
            let wall: WallTime
            let segments: [ReplaySegment]
        }
        let entry = try await entry(question)
        let recording = try await recording(entry)
        let replay = await aside { ReplayDocument(recording, card: entry.card) }
        return .json(200, Answer(wall: replay.wall, segments: replay.segments))
    }

    func segment(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        let session = try question.session()
        // Players ask for many pieces: whoever has a token for this very class is not looked up each time.
        if try question.someone().session != session { _ = try await entry(question) }
        // Only what the manifest lists is served, so no path that anybody types reaches the disk.
        let name = question.parameters["file"] ?? ""
        let manifest = manifest
        let listed = await aside { manifest(session)?.segments.first { $0.file == name } }
        guard let segment = listed, StorageNames.isValid(name),
            let path = filePath(ClassPaths(session).audioFile(name))
        else { throw ApiFailure(404, "segmentUnknown") }
        guard segment.state != .erased else { throw ApiFailure(410, "segmentErased") }
        return HTTPResponse(
            status: 200,
            headers: [
                "content-type": "audio/ogg; codecs=opus", "accept-ranges": "bytes",
                "cache-control": segment.state == .closed ? "private, max-age=3600" : "no-store",
            ], body: .file(path: path, range: .asRequested))
    }

    func replay(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        let entry = try await entry(question)
        let recording = try await recording(entry)
        return await aside { .json(200, ReplayDocument(recording, card: entry.card)) }
    }

    private func document(_ question: Question) async throws(ApiFailure) -> (ClassEntry, ReportDocument) {
        let visitor = try question.someone()
        let entry = try await entry(question)
        let audience = try Self.audience(of: visitor)
        let recording = try await recording(entry)
        return (entry, await aside { ReportDocument(recording, card: entry.card, audience: audience) })
    }

    /// Who may see what of a report: visits of supervisors are not for lecturers, and a participant sees his
    /// own row.
    private static func audience(of visitor: Visitor) throws(ApiFailure) -> ReportAudience {
        switch visitor.role {
        case .administrator, .supervisor: return .supervision
        case .lecturer, .assistant: return .classroom
        case .participant, .expert, .viewer:
            guard let person = visitor.person else { throw .notPermitted }
            return .person(person)
        }
    }

    func report(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        let document = try await document(question).1
        return await aside { .json(200, document) }
    }

    /// What a table is about.
    private enum ReportSubject: String {
        case people, cost
    }

    func reportTable(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        let wanted = question.request.queryValue("encoding") ?? TextEncoding.utf8.rawValue
        guard let encoding = TextEncoding(name: wanted) else { throw .fieldInvalid("encoding") }
        let tongue = question.request.queryValue("lang") ?? ReportLanguage.chinese.rawValue
        guard let language = ReportLanguage(rawValue: tongue) else { throw .fieldInvalid("lang") }
        let subject = question.request.queryValue("table") ?? ReportSubject.people.rawValue
        guard let subject = ReportSubject(rawValue: subject) else { throw .fieldInvalid("table") }
        let (entry, document) = try await document(question)
        let table: ReportTable
        switch subject {
        case .people: table = await aside { ReportTable(document, language: language) }
        case .cost:
            guard let cost = document.cost else { throw .notPermitted }
            table = ReportTable(cost, language: language)
        }
        guard let bytes = await aside({ table.fileBytes(encoding) }) else {
            throw ApiFailure(503, "encodingUnavailable")
        }
        let allowed = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\0"..."\u{7E}"))
        let title = (entry.card.title + ".csv").addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        return HTTPResponse(
            status: 200,
            headers: [
                "content-type": "text/csv; charset=\(encoding.rawValue); header=present",
                "content-disposition":
                    "attachment; filename=\"report-\(entry.card.id).csv\"; filename*=UTF-8''\(title)",
                "cache-control": "no-store",
            ], body: .bytes(bytes))
    }

    func wall(_ question: Question) async throws(ApiFailure) -> HTTPResponse {
        struct Answer: Encodable {
            let t: WallTime
            let classes: [InspectionRow]
        }
        let visitor = try question.someone()
        do throws(ClassDirectoryFailure) {
            let rows = try await directory.inspections(visitor.scope)
            let seen = visitor.session.map { own in rows.filter { $0.id == own } } ?? rows
            return .json(200, Answer(t: question.now, classes: seen))
        } catch {
            throw ApiFailure(error)
        }
    }
}
