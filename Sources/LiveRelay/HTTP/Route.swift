import SessionModel
import WebSocketCore

/// One address of the HTTP interface: method, path, and who may ask. `openapi.json` lists the same; a test
/// compares.
struct Route: Sendable {
    /// One piece of a path between slashes.
    enum Segment: Hashable, Sendable {
        /// Stands there as written.
        case literal(String)
        /// Stands for anything, and is handed over under this name.
        case parameter(String)
    }

    /// Who may ask.
    enum Access: Hashable, Sendable {
        /// Everybody.
        case open
        /// Whoever has a key or a token with one of these roles.
        case roles(Set<Role>)
    }

    let method: HTTPMethod
    let pattern: String
    let segments: [Segment]
    let access: Access
    let endpoint: Endpoint

    init(_ method: HTTPMethod, _ pattern: String, _ access: Access, _ endpoint: Endpoint) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.endpoint = endpoint
        segments = pattern.split(separator: "/").map { piece in
            piece.hasPrefix("{") ? .parameter(String(piece.dropFirst().dropLast())) : .literal(String(piece))
        }
    }

    /// The parameters in a path of this shape; nil for any other path.
    func parameters(in path: [Substring]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, piece) in zip(segments, path) {
            switch segment {
            case .literal(let text): guard text == piece else { return nil }
            case .parameter(let name): parameters[name] = String(piece)
            }
        }
        return parameters
    }
}

/// What can be asked over HTTP, apart from pages and assets.
enum Endpoint: CaseIterable, Hashable, Sendable {
    case healthz, readyz, version, openapi
    case showCode, joinByCode, visit
    case listClasses, createClass, showClass, endClass
    case importRoster, showRoster, createLink
    case recordings, segment, replay
    case report, reportTable, wall
}

extension Route {
    /// Who runs a class or watches over it.
    private static let staff: Set<Role> = [.lecturer, .assistant, .supervisor, .administrator]
    /// Who may watch a replay.
    private static let audience: Set<Role> = staff.union([.participant, .viewer])

    /// The whole interface.
    static let all: [Route] = [
        Route(.get, "/healthz", .open, .healthz),
        Route(.get, "/readyz", .open, .readyz),
        Route(.get, "/version", .open, .version),
        Route(.get, "/openapi.json", .open, .openapi),
        Route(.get, "/api/v1/codes/{code}", .open, .showCode),
        Route(.post, "/api/v1/codes/{code}/join", .open, .joinByCode),
        Route(.post, "/api/v1/visit", .open, .visit),
        Route(.get, "/api/v1/classes", .roles([.administrator, .supervisor]), .listClasses),
        Route(.post, "/api/v1/classes", .roles([.administrator]), .createClass),
        Route(.get, "/api/v1/classes/{id}", .roles(Set(Role.allCases)), .showClass),
        Route(.post, "/api/v1/classes/{id}/end", .roles([.administrator]), .endClass),
        Route(.put, "/api/v1/classes/{id}/roster", .roles([.administrator]), .importRoster),
        Route(.get, "/api/v1/classes/{id}/roster", .roles(staff), .showRoster),
        Route(.post, "/api/v1/classes/{id}/links", .roles([.administrator, .supervisor]), .createLink),
        Route(.get, "/api/v1/classes/{id}/recordings", .roles(audience), .recordings),
        Route(.get, "/api/v1/classes/{id}/segments/{file}", .roles(audience), .segment),
        Route(.get, "/api/v1/classes/{id}/replay", .roles(audience), .replay),
        Route(.get, "/api/v1/classes/{id}/report", .roles(staff.union([.participant])), .report),
        Route(.get, "/api/v1/classes/{id}/report.csv", .roles(staff.union([.participant])), .reportTable),
        Route(.get, "/api/v1/wall", .roles([.administrator, .supervisor]), .wall),
    ]
}
