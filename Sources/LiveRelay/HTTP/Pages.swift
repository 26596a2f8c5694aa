import LiveRelayWire
import SessionModel
import WebSocketCore

/// The shells of the pages: the title and a few attributes are filled in here, everything else is done in the
/// browser.
struct Pages: Sendable {
    let assets: AssetStore
    let directory: any ClassDirectory
    let authorizer: Authorizer
    let clock: @Sendable () -> WallTime

    /// A page and what its path says of the class.
    enum Page: Hashable, Sendable {
        case home
        case door(code: String)
        case classroom(String)
        case replay(String)
        case report(String)
        case wall

        init?(path: [Substring]) {
            switch path.map(String.init) {
            case []: self = .home
            case ["wall"]: self = .wall
            case let pieces where pieces.count == 2 && pieces[0] == "j": self = .door(code: pieces[1])
            case let pieces where pieces.count == 2 && pieces[0] == "c": self = .classroom(pieces[1])
            case let pieces where pieces.count == 3 && pieces[0] == "c" && pieces[2] == "replay":
                self = .replay(pieces[1])
            case let pieces where pieces.count == 3 && pieces[0] == "c" && pieces[2] == "report":
                self = .report(pieces[1])
            default: return nil
            }
        }

        var shell: String {
            switch self {
            case .home: "index.html"
            case .door, .classroom: "classroom.html"
            case .replay: "replay.html"
            case .report: "report.html"
            case .wall: "wall.html"
            }
        }
    }

    /// The shell, with what is known of the class. A class that is not known leaves the attributes empty: the
    /// page asks again and says what is wrong in its own words.
    func answer(_ page: Page, _ request: HTTPRequest) async -> HTTPResponse {
        guard let shell = assets.page(page.shell) else { return ApiFailure.notFound.response }
        let (status, code, entry) = await subject(of: page, request)
        let bytes = Array(Self.fill(shell, Self.values(page, code, entry, request)).utf8)
        var response = HTTPResponse(
            status: status,
            headers: ["content-type": "text/html; charset=utf-8", "vary": "accept-language"],
            body: .bytes(bytes))
        guard status == 200 else {
            response.headers.add("cache-control", "no-store")
            return response
        }
        // Asked for each time, since a class changes; sent again only when it did.
        response.headers.add("cache-control", "private, no-cache")
        response.headers.add("etag", EntityTag(strong: AssetStore.tag(of: bytes)).text)
        return response
    }

    private func subject(of page: Page, _ request: HTTPRequest) async -> (Int, JoinCode?, ClassEntry?) {
        switch page {
        case .home, .wall: return (200, nil, nil)
        case .door(let typed):
            let found = await authorizer.session(code: typed, from: request.peerAddress, now: clock())
            guard case .success(let session) = found, let entry = try? await directory.entry(session) else {
                return (found == .failure(.tooManyAttempts) ? 429 : 404, nil, nil)
            }
            return (200, JoinCode(typed), entry)
        case .classroom(let text), .replay(let text), .report(let text):
            guard let session = SessionID(text), let entry = try? await directory.entry(session) else {
                return (404, nil, nil)
            }
            return (200, nil, entry)
        }
    }

    private static func values(
        _ page: Page, _ code: JoinCode?, _ entry: ClassEntry?, _ request: HTTPRequest
    ) -> [String: String] {
        let card = entry?.card
        return [
            "title": card?.title ?? title(page, request),
            "class": card?.id.text ?? "",
            "code": code?.digits ?? "",
            "phase": card?.phase.rawValue ?? "",
            "start": card.map { String($0.plannedStart.milliseconds) } ?? "",
            "minutes": card.map { String($0.plannedMinutes) } ?? "",
            "zone": card?.timeZone ?? "",
            "kind": card?.kind.rawValue ?? "",
            "recorded": card.map { String($0.isRecorded) } ?? "",
            "lecturer": entry?.lecturerName ?? "",
        ]
    }

    /// The title of a page without a class, until its script sets its own.
    private static func title(_ page: Page, _ request: HTTPRequest) -> String {
        let isEnglish = request.headers["accept-language"]?.lowercased().hasPrefix("en") ?? false
        return switch page {
        case .wall: isEnglish ? "Wall of classes" : "巡课墙"
        case .home, .door, .classroom, .replay, .report: isEnglish ? "Class" : "课堂"
        }
    }

    /// Puts values in the place of `{{key}}`; a key without a value becomes nothing.
    static func fill(_ shell: String, _ values: [String: String]) -> String {
        var filled = ""
        var rest = shell[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}")
        {
            filled += rest[..<open.lowerBound]
            filled += escaped(values[String(rest[open.upperBound..<close.lowerBound])] ?? "")
            rest = rest[close.upperBound...]
        }
        return filled + rest
    }

    /// Text as it may stand between tags and in quoted attributes (HTML §13.1.2).
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
