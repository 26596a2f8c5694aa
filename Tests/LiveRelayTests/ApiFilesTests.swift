import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import Testing
import WebSocketCore

@testable import LiveRelay

@Suite("Files over HTTP")
struct ApiFilesTests {
    /// A class with one recorded file of 1,000 bytes.
    private func recorded(_ server: ApiServer, state: AudioSegmentState = .closed) async throws -> SessionID {
        let session = try #require(try await server.plan().session)
        let lecturer = try #require(
            PersonEntry(
                person: PersonID(unchecked: "zhang"), name: "张华", number: nil, affiliation: "一中",
                source: .token))
        let seat = try #require(try await server.directory.join(lecturer, as: .lecturer, in: session))
        let line = """
            {"v":1,"session":"\(session)","segments":[{"file":"t1-r1.opus","track":1,"seat":"\(seat)",\
            "run":1,"channels":1,"firstSequence":0,"firstCapture":0,"samples":96312,"preSkip":312,\
            "anchors":[[0,1500]],"state":"\(state.rawValue)"}]}
            """
        for segment in try #require(Manifest(fileBytes: Array(line.utf8))).segments {
            await server.directory.add(segment, to: session)
        }
        let folder = server.folder + "/" + ClassPaths(session).audio
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data((0..<1_000).map { UInt8($0 % 251) }).write(to: URL(fileURLWithPath: folder + "/t1-r1.opus"))
        let manifest = URL(fileURLWithPath: server.folder + "/" + ClassPaths(session).manifest)
        try Data(line.utf8).write(to: manifest)
        try Data("secret".utf8).write(to: URL(fileURLWithPath: folder + "/unlisted.opus"))
        return session
    }

    @Test func soundComesWholeAndInPieces() async throws {
        try await ApiServer.with { server in
            let session = try await recorded(server)
            let token = try await server.token(.viewer, session)
            let list = try await server.ask(.get, "/api/v1/classes/\(session)/recordings", token: token)
            #expect(
                list.string("segments", 0, "name") == "张华" && list.number("segments", 0, "startedAt") == 1_500
            )
            #expect(list.number("segments", 0, "milliseconds") == 2_000)
            let url = try #require(list.string("segments", 0, "url"))
            let whole = try await server.ask(.get, url, token: token)
            #expect(whole.status == 200 && whole.body.count == 1_000)
            #expect(whole.headers["content-type"] == "audio/ogg; codecs=opus")
            let part = try await server.ask(.get, url, token: token, headers: [("range", "bytes=100-199")])
            #expect(part.status == 206 && part.headers["content-range"] == "bytes 100-199/1000")
            #expect(part.body == Array(whole.body[100..<200]))
            let tail = try await server.ask(.get, url, token: token, headers: [("range", "bytes=-10")])
            #expect(tail.status == 206 && tail.body == Array(whole.body.suffix(10)))
            let beyond = try await server.ask(.get, url, token: token, headers: [("range", "bytes=1000-")])
            #expect(beyond.status == 416)
        }
    }

    @Test func aCookieFetchesSoundAndNothingElse() async throws {
        try await ApiServer.with { server in
            let session = try await recorded(server)
            let token = try await server.token(.viewer, session)
            let visit = try await server.ask(.post, "/api/v1/visit", json: #"{"token":"\#(token)"}"#)
            #expect(visit.status == 204)
            let cookies = visit.headers.values("set-cookie")
            #expect(cookies.count == 2)
            for (cookie, path) in zip(cookies, ["/api/v1/classes/\(session)/", "/c/\(session)/"]) {
                #expect(cookie.hasPrefix("liverelay=\(token); Path=\(path); Max-Age=3600; "))
                #expect(cookie.hasSuffix("HttpOnly; SameSite=Strict; Secure"))
            }
            let jar = [("cookie", "other=1; liverelay=\(token)")]
            let url = "/api/v1/classes/\(session)/segments/t1-r1.opus"
            #expect(try await server.ask(.get, url, headers: jar).status == 200)
            #expect(try await server.ask(.get, url, headers: [("cookie", "liverelay=x")]).status == 401)
            #expect(try await server.ask(.post, "/api/v1/classes/\(session)/end", headers: jar).status == 401)
            let foreign = try await server.ask(
                .post, "/api/v1/visit", json: #"{"token":"\#(token)"}"#,
                headers: [("origin", "https://evil.example")])
            #expect(foreign.status == 403)
            let altered = #"{"token":"\#(token)\r\nset-cookie: a=b"}"#
            #expect(try await server.ask(.post, "/api/v1/visit", json: altered).status == 401)
        }
    }

    @Test(
        arguments: [
            "unlisted.opus", "..%2f..%2fevents.jsonl", "%2e%2e/events.jsonl", "../events.jsonl",
            "t1-r1.opus%00",
            "%2fetc%2fpasswd", "t1-r1.opus/", "",
        ])
    func noPathLeavesTheListOfSegments(_ name: String) async throws {
        try await ApiServer.with { server in
            let session = try await recorded(server)
            let answer = try await server.ask(
                .get, "/api/v1/classes/\(session)/segments/\(name)",
                token: try await server.token(.viewer, session))
            #expect(answer.status == 404 || answer.status == 400)
        }
    }

    @Test func anErasedSegmentIsGone() async throws {
        try await ApiServer.with { server in
            let session = try await recorded(server, state: .erased)
            let answer = try await server.ask(
                .get, "/api/v1/classes/\(session)/segments/t1-r1.opus",
                token: try await server.token(.lecturer, session))
            #expect(answer.status == 410 && answer.code == "segmentErased")
        }
    }

    @Test func assetsComePackedAndTagged() async throws {
        try await ApiServer.with { server in
            let path = "/assets/css/tokens.css"
            let plain = try await server.ask(.get, path)
            #expect(plain.status == 200 && plain.headers["content-type"] == "text/css; charset=utf-8")
            #expect(
                plain.headers["cache-control"] == "no-cache" && plain.headers["vary"] == "accept-encoding")
            let packed = try await server.ask(.get, path, headers: [("accept-encoding", "br, gzip;q=0.8")])
            #expect(packed.headers["content-encoding"] == "gzip" && packed.body.count < plain.body.count)
            #expect(Array(packed.body.prefix(2)) == [0x1F, 0x8B])
            let tag = try #require(plain.headers["etag"])
            #expect(tag != packed.headers["etag"])
            let known = try await server.ask(.get, path, headers: [("if-none-match", "\"x\", W/\(tag)")])
            #expect(known.status == 304 && known.body.isEmpty && known.headers["etag"] == tag)
            let never = try await server.ask(.get, path, headers: [("accept-encoding", "gzip;q=0")])
            #expect(never.headers["content-encoding"] == nil)
            for hidden in [
                "/assets/docs/openapi.json", "/assets/demo/lecture.zh.opus", "/assets/classroom.html",
            ] {
                #expect(try await server.ask(.get, hidden).status == 404)
            }
        }
    }

    @Test func assetsOfThisVersionAreKeptForEver() async throws {
        try await ApiServer.with { server in
            let page = try await server.ask(.get, "/")
            let paths = page.text.matches(of: /"(\/assets\/[^"]+)"/).map { String($0.1) }
            #expect(paths.count > 5)
            for path in paths {
                let asset = try await server.ask(.get, path)
                #expect(
                    asset.status == 200 && asset.headers["cache-control"]?.contains("immutable") == true,
                    "\(path)")
            }
            let other = try await server.ask(.get, "/assets/0123456789abcdef/css/tokens.css")
            #expect(other.status == 200 && other.headers["cache-control"] == "no-cache")
            #expect(try await server.ask(.get, "/assets/0123456789abcdeg/css/tokens.css").status == 404)
        }
    }

    @Test func pagesAreAskedForAgainAndSentOnlyWhenTheyChanged() async throws {
        try await ApiServer.with { server in
            let page = try await server.ask(.get, "/")
            let tag = try #require(page.headers["etag"])
            #expect(page.headers["cache-control"] == "private, no-cache")
            let known = try await server.ask(.get, "/", headers: [("if-none-match", tag)])
            #expect(known.status == 304 && known.body.isEmpty && known.headers["content-type"] == nil)
            #expect(try await server.ask(.get, "/", headers: [("if-match", "\"x\"")]).status == 412)
            #expect(try await server.ask(.get, "/c/unknown").headers["cache-control"] == "no-store")
            let personal = try await server.ask(.get, "/api/v1/classes", token: server.administrator)
            #expect(personal.headers["cache-control"] == "no-store")
        }
    }

    @Test func otherSitesChangeNothing() async throws {
        try await ApiServer.with { server in
            for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
                let answer = try await server.ask(
                    .post, "/api/v1/classes", token: server.administrator, json: "{}",
                    headers: [("origin", origin)])
                #expect(answer.status == 403 && answer.code == "crossOrigin", "\(origin)")
                #expect(try await server.ask(.get, "/", headers: [("origin", origin)]).status == 200)
            }
        }
    }

    @Test func conditionsOnWhatHasNoTagFail() async throws {
        try await ApiServer.with { server in
            for condition in [("if-match", "\"x\""), ("if-none-match", "*")] {
                let answer = try await server.ask(
                    .post, "/api/v1/classes", token: server.administrator, json: "{}", headers: [condition])
                #expect(answer.status == 412 && answer.code == "preconditionFailed", "\(condition)")
            }
        }
    }

    @Test func optionsListsTheMethods() async throws {
        try await ApiServer.with { server in
            for (path, methods) in [
                ("/api/v1/classes", "GET, HEAD, POST, OPTIONS"), ("/", "GET, HEAD, OPTIONS"),
                ("/assets/css/base.css", "GET, HEAD, OPTIONS"),
            ] {
                let answer = try await server.ask(.options, path)
                #expect(answer.status == 204 && answer.headers["allow"] == methods, "\(path)")
            }
        }
    }

    @Test func browsersGetWords() async throws {
        try await ApiServer.with { server in
            let page = try await server.ask(.get, "/nothing", headers: [("accept", "text/html,*/*;q=0.8")])
            #expect(page.status == 404 && page.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(page.text.hasPrefix("这里没有"))
            let call = try await server.ask(.get, "/api/v1/x", headers: [("accept", "text/html")])
            #expect(call.code == "notFound")
        }
    }

    @Test func everyAnswerIsGuarded() async throws {
        try await ApiServer.with { server in
            for path in ["/", "/assets/css/tokens.css", "/api/v1/nothing", "/version", "/wall"] {
                let headers = try await server.ask(.get, path).headers
                #expect(headers["content-security-policy"]?.contains("default-src 'self'") == true, "\(path)")
                #expect(headers["content-security-policy"]?.contains("unsafe") == false)
                #expect(headers["x-content-type-options"] == "nosniff")
                #expect(headers["referrer-policy"] == "no-referrer")
                #expect(headers["permissions-policy"]?.contains("microphone=(self)") == true)
            }
        }
    }

    @Test func shellsCarryTheClassEscaped() async throws {
        try await ApiServer.with { server in
            let made = try await server.plan(["title": #""<b>\"王𬭎\" & 'x'</b>{{code}}""#])
            let session = try #require(made.session)
            let code = try #require(made.string("class", "code"))
            for path in ["/j/\(code)", "/c/\(session)", "/c/\(session)/replay", "/c/\(session)/report"] {
                let page = try await server.ask(.get, path)
                #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(
                    page.text.contains("&lt;b&gt;&quot;王𬭎&quot; &amp; &#39;x&#39;&lt;/b&gt;{{code}}"),
                    "\(path)")
                #expect(page.text.contains("data-class=\"\(session)\""))
                #expect(!page.text.contains("<b>"))
            }
            #expect(try await server.ask(.get, "/j/\(code)").text.contains("data-code=\"\(code)\""))
            for path in ["/j/100000000", "/c/unknown", "/c/%3Cb%3E"] {
                let page = try await server.ask(.get, path)
                #expect(page.status == 404 && page.text.contains("data-class=\"\""), "\(path)")
            }
            #expect(try await server.ask(.get, "/").status == 200)
            #expect(try await server.ask(.get, "/wall").status == 200)
        }
    }
}
