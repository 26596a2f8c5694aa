import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import Testing
import WebSocketCore

@testable import LiveRelay

@Suite("HTTP interface")
struct ApiTests {
    private let device = "a-random-secret-0"

    @Test func aClassIsPlannedListedShownAndEnded() async throws {
        try await ApiServer.with { server in
            let made = try await server.plan(
                [
                    "lecturerName": #""张华""#,
                    "organisation": #"[{"id":"gd","name":"广东省"},{"id":"gz","name":"广州市"}]"#,
                ])
            #expect(made.status == 201)
            let session = try #require(made.session)
            let code = try #require(made.string("class", "code"))
            #expect(made.headers["location"] == "/api/v1/classes/\(session)")
            #expect(made.string("links", "participant") == "https://class.example/j/\(code)")
            #expect(
                made.string("links", "replay")?.hasPrefix("https://class.example/c/\(session)/replay#t=")
                    == true)
            let list = try await server.ask(
                .get, "/api/v1/classes?phase=scheduled", token: server.administrator)
            #expect(list.number("total") == 1 && list.string("classes", 0, "code") == code)
            #expect(list.string("classes", 0, "lecturerName") == "张华")
            #expect(
                try await server.ask(.get, "/api/v1/classes?phase=ended", token: server.administrator).number(
                    "total") == 0)
            let token = try #require(made.string("links", "lecturer")?.split(separator: "=").last)
            let shown = try await server.ask(.get, "/api/v1/classes/\(session)", token: String(token))
            #expect(shown.status == 200 && shown.string("role") == "lecturer")
            #expect(shown.string("class", "organisation", 1, "id") == "gz")
            let ended = try await server.ask(
                .post, "/api/v1/classes/\(session)/end", token: server.administrator)
            #expect(ended.status == 200 && ended.string("class", "phase") == "ended")
            let again = try await server.ask(
                .post, "/api/v1/classes/\(session)/end", token: server.administrator)
            #expect(again.status == 409 && again.code == "sessionEnded")
        }
    }

    @Test(
        arguments: [
            (["title": #""""#], "title"), (["kind": #""huge""#], "kind"),
            (["plannedMinutes": #"0"#], "plannedMinutes"),
            (["plannedMinutes": #""45""#], "plannedMinutes"), (["plannedStart": #"-1"#], "plannedStart"),
            (["plannedStart": #"1e17"#], "plannedStart"), (["timeZone": #""Mars/Olympus""#], "timeZone"),
            (["organisation": #"[{"id":"a b","name":"甲"}]"#], "organisation"),
            (["lecturerName": #""\u0000""#], "lecturerName"),
            (["attendance": #"{"presentShareMinimumPercent":101}"#], "attendance"),
            (["lesson": #"{"id":"l","number":0,"name":"一"}"#], "lesson"),
        ])
    func aPlanThatMayNotBeNamesItsField(_ fields: [String: String], _ field: String) async throws {
        try await ApiServer.with { server in
            let answer = try await server.plan(fields)
            #expect(answer.status == 400 && answer.code == "fieldInvalid" && answer.string("field") == field)
        }
    }

    @Test func bodiesThatAreNoneAreRefused() async throws {
        try await ApiServer.with { server in
            let key = server.administrator
            let path = "/api/v1/classes"
            #expect(try await server.ask(.post, path, token: key, json: "{").code == "malformed")
            #expect(try await server.ask(.post, path, token: key, json: "[]").status == 400)
            let missing = try await server.ask(.post, path, token: key, json: #"{"title":"甲"}"#)
            #expect(missing.code == "fieldMissing" && missing.string("field") == "kind")
            let form = try await server.ask(
                .post, path, token: key, body: Array("{}".utf8),
                headers: [("content-type", "application/x-www-form-urlencoded")])
            #expect(form.status == 415)
            let large = try await server.ask(
                .post, path, token: key, json: String(repeating: " ", count: 70_000))
            #expect(large.status == 413)
        }
    }

    @Test func everyRouteAsksForTheRightRole() async throws {
        try await ApiServer.with { server in
            let session = try #require(try await server.plan().session)
            for route in Route.all {
                guard case .roles(let roles) = route.access else { continue }
                let path = route.pattern.replacing("{id}", with: session.text).replacing(
                    "{file}", with: "t1.opus")
                #expect(try await server.ask(route.method, path).status == 401, "\(path) without a token")
                let forged = try await server.ask(route.method, path, token: "x.y.z")
                #expect(forged.status == 401 && forged.code == "tokenInvalid", "\(path)")
                #expect(try await server.ask(route.method, path, token: "lrk_" + Secret.text()).status == 401)
                for role in Role.allCases where role != .administrator {
                    let answer = try await server.ask(
                        route.method, path, token: try await server.token(role, session))
                    let isRefused = answer.status == 403 && answer.code == "notPermitted"
                    #expect(roles.contains(role) || isRefused, "\(role) at \(route.method) \(path)")
                }
            }
        }
    }

    @Test func aTokenForOneClassOpensNoOther() async throws {
        try await ApiServer.with { server in
            let mine = try #require(try await server.plan().session)
            let other = try #require(
                try await server.plan(["organisation": #"[{"id":"gd","name":"广东省"}]"#]).session)
            let token = try await server.token(.lecturer, mine)
            for path in [
                "", "/roster", "/recordings", "/replay", "/report", "/report.csv", "/segments/t.opus",
            ] {
                let answer = try await server.ask(.get, "/api/v1/classes/\(other)\(path)", token: token)
                #expect(answer.status == 403, "\(path)")
            }
            let supervisor = try await server.authorizer.tokens.issue(
                AccessClaims(
                    person: PersonID(unchecked: "li"), role: .supervisor,
                    scope: try #require(AccessScope("gd")),
                    name: "李华", notBefore: server.now,
                    expires: WallTime(milliseconds: server.now.milliseconds + 60_000)))
            #expect(try await server.ask(.get, "/api/v1/classes/\(other)", token: supervisor).status == 200)
            #expect(try await server.ask(.get, "/api/v1/classes/\(mine)", token: supervisor).status == 403)
            #expect(try await server.ask(.get, "/api/v1/classes", token: supervisor).number("total") == 1)
            let wall = try await server.ask(.get, "/api/v1/wall", token: supervisor)
            #expect(
                wall.list("classes")?.count == 1
                    && wall.string("classes", 0, "alarms", 0) == "lecturerMissing")
            let link = try await server.ask(
                .post, "/api/v1/classes/\(other)/links", token: supervisor, json: #"{"role":"supervisor"}"#)
            #expect(link.status == 201)
            let greedy = try await server.ask(
                .post, "/api/v1/classes/\(other)/links", token: supervisor, json: #"{"role":"lecturer"}"#)
            #expect(greedy.status == 403)
            server.wait(milliseconds: 3_600_001)
            let late = try await server.ask(.get, "/api/v1/classes/\(mine)", token: token)
            #expect(late.status == 401 && late.code == "tokenExpired")
        }
    }

    @Test func aPersonComesInByCode() async throws {
        try await ApiServer.with { server in
            let made = try await server.plan()
            let session = try #require(made.session)
            let code = try #require(made.string("class", "code"))
            let roster = try await server.ask(
                .put, "/api/v1/classes/\(session)/roster", token: server.administrator,
                body: Array("姓名,工号,单位\n王𬭎,0012,一中\n,2,\n".utf8), headers: [("content-type", "text/csv")])
            #expect(roster.number("imported") == 1)
            #expect(
                roster.number("problems", 0, "line") == 3
                    && roster.string("problems", 0, "code") == "nameMissing")
            let shown = try await server.ask(.get, "/api/v1/codes/\(code)")
            #expect(shown.string("class", "id") == session.text && shown.string("class", "title") == "线上互动设计")
            #expect(shown.string("class", "code") == nil)
            let joined = try await server.ask(
                .post, "/api/v1/codes/\(code)/join",
                json: #"{"name":"王𬭎","number":"0012","device":"\#(device)"}"#)
            #expect(joined.status == 200 && joined.string("role") == "participant")
            #expect(joined.flag("isVerified") == true)
            let guest = try await server.ask(
                .post, "/api/v1/codes/\(code)/join", json: #"{"name":"路人","number":"","device":"\#(device)"}"#
            )
            #expect(guest.flag("isVerified") == false)
            let admitted = try await server.authorizer.authorize(
                .token(try #require(guest.string("token"))), from: "::1", now: server.now
            ).get()
            #expect(admitted.name == "路人" && !admitted.isVerified, "the token says who nobody vouches for")
            _ = try await server.directory.end(session)
            let late = try await server.ask(
                .post, "/api/v1/codes/\(code)/join", json: #"{"name":"路人","device":"\#(device)"}"#)
            #expect(late.status == 403 && late.code == "ended")
            let again = try await server.ask(
                .post, "/api/v1/codes/\(code)/join",
                json: #"{"name":"王𬭎","number":"0012","device":"\#(device)"}"#)
            #expect(again.status == 200, "whoever was on the roster may come back to the replay")
        }
    }

    @Test func wrongCodesAreCountedAndRightOnesAreNot() async throws {
        try await ApiServer.with { server in
            let code = try #require(try await server.plan().string("class", "code"))
            for _ in 0..<100 { #expect(try await server.ask(.get, "/api/v1/codes/\(code)").status == 200) }
            var statuses: [Int: Int] = [:]
            for guess in 0..<100 {
                statuses[
                    try await server.ask(.get, "/api/v1/codes/\(100_000_000 + guess)").status, default: 0] +=
                    1
            }
            #expect(statuses == [404: 60, 429: 40])
            #expect(
                try await server.ask(.get, "/api/v1/codes/\(code)").status == 200,
                "the address is known to have it")
            let other = try #require(try await server.plan().string("class", "code"))
            let refused = try await server.ask(.get, "/api/v1/codes/\(other)")
            #expect(
                refused.status == 429 && refused.code == "tooManyAttempts"
                    && refused.headers["retry-after"] != nil)
            server.wait(milliseconds: 10_000)
            #expect(try await server.ask(.get, "/api/v1/codes/\(other)").status == 200)
        }
    }

    @Test func wrongAddressesAndMethodsHaveTheirAnswers() async throws {
        try await ApiServer.with { server in
            for path in [
                "/api/v1/nothing", "/nothing", "/api/v1/classes/a/b/c", "/assets/nothing.js", "/c/a/b", "//",
            ] {
                let answer = try await server.ask(.get, path)
                #expect(answer.status == 404 && answer.code == "notFound", "\(path)")
            }
            let wrong = try await server.ask(.delete, "/api/v1/classes")
            #expect(wrong.status == 405 && wrong.headers["allow"] == "GET, HEAD, POST, OPTIONS")
            #expect(try await server.ask(.post, "/").status == 405)
            #expect(try await server.ask(.put, "/assets/css/tokens.css").status == 405)
            let unknown = try await server.ask(.get, "/api/v1/classes/k1", token: server.administrator)
            #expect(unknown.status == 404 && unknown.code == "classUnknown")
            for path in ["/healthz", "/readyz", "/version"] {
                #expect(try await server.ask(.get, path).status == 200)
            }
            #expect(try await server.ask(.head, "/version").body.isEmpty)
        }
    }
}
