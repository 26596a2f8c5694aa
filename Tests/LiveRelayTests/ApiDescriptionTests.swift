import Foundation
import LiveRelayWire
import SessionModel
import Testing
import WebSocketCore

@testable import LiveRelay

/// `docs/openapi.json`, `docs/asyncapi.json` and `docs/schemas/` against the code that they describe.
@Suite("Descriptions for machines")
struct ApiDescriptionTests {
    private typealias Object = [String: Any]

    private func document(_ path: String) throws -> [String: Any] {
        let text = try #require(SourceTree.repository.file(path)?.text)
        return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? Object)
    }

    /// What lies at a path of keys, as words.
    private func words(_ document: [String: Any], _ path: String...) -> Set<String> {
        var value: Any? = document
        for key in path { value = (value as? Object)?[key] }
        return Set(value as? [String] ?? (value as? Object).map { Array($0.keys) } ?? [])
    }

    @Test func everyRouteIsDescribedAndNothingElse() throws {
        let document = try document("docs/openapi.json")
        let paths = try #require(document["paths"] as? [String: Object])
        var described: Set<String> = []
        for (path, methods) in paths {
            for (method, operation) in methods {
                let operation = try #require(operation as? Object)
                let identifier = try #require(operation["operationId"] as? String)
                let isOpen = (operation["security"] as? [Any])?.isEmpty ?? false
                described.insert("\(method.uppercased()) \(path) \(identifier) \(isOpen)")
            }
        }
        let routes = Route.all.map {
            "\($0.method.rawValue) \($0.pattern) \($0.endpoint) \($0.access == .open)"
        }
        #expect(described == Set(routes))
        #expect(Set(Route.all.map(\.endpoint)) == Set(Endpoint.allCases))
    }

    @Test func everyOperationNamesItsRoles() throws {
        let paths = try #require(try document("docs/openapi.json")["paths"] as? [String: [String: Object]])
        for route in Route.all {
            guard case .roles(let roles) = route.access, roles.count < Role.allCases.count else { continue }
            let operation = paths[route.pattern]?[route.method.rawValue.lowercased()]
            let text = try #require(operation?["description"] as? String)
            let named = try #require(text.split(separator: "For: ").last?.split(separator: ".").first)
            #expect(
                Set(named.split(separator: ", ").map(String.init)) == Set(roles.map(\.rawValue)),
                "\(route.pattern)")
        }
    }

    @Test func theDescriptionIsServedAsItIs() async throws {
        let text = try #require(SourceTree.repository.file("docs/openapi.json")?.text)
        try await ApiServer.with { server in
            let answer = try await server.ask(.get, "/openapi.json")
            #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
            #expect(answer.text == text)
        }
    }

    @Test func vocabulariesAgree() throws {
        let api = try document("docs/openapi.json")
        let wire = try document("docs/schemas/server-message.json")
        let log = try document("docs/schemas/event.json")
        #expect(words(wire, "$defs", "rejection", "enum") == Set(Rejection.allCases.map(\.rawValue)))
        for document in [
            words(log, "$defs", "role", "enum"), words(api, "components", "schemas", "role", "enum"),
        ] {
            #expect(document == Set(Role.allCases.map(\.rawValue)))
        }
        #expect(words(api, "components", "schemas", "phase", "enum") == Set(Phase.allCases.map(\.rawValue)))
        #expect(
            words(api, "components", "schemas", "rosterProblem", "properties", "code", "enum")
                == Set(RosterProblemCode.allCases.map(\.rawValue)))
        #expect(
            words(api, "components", "schemas", "inspection", "properties", "alarms", "items", "enum")
                == Set(InspectionAlarm.allCases.map(\.rawValue)))
        #expect(
            words(log, "$defs", "interrupted", "properties", "reason", "enum")
                == Set(InterruptionCause.allCases.map(\.rawValue)))
        #expect(
            words(log, "$defs", "trackClosed", "properties", "reason", "enum")
                == Set(TrackCloseCause.allCases.map(\.rawValue)))
        #expect(
            words(log, "$defs", "handLowered", "properties", "reason", "enum")
                == Set(HandLowerCause.allCases.map(\.rawValue)))
        #expect(
            words(log, "$defs", "turnEnded", "properties", "reason", "enum")
                == Set(TurnEndCause.allCases.map(\.rawValue)))
    }

    /// The names in `case "…":` of a file that reads messages or events.
    private func cases(_ path: String) throws -> Set<String> {
        let text = try #require(SourceTree.repository.file(path)?.text)
        return Set(text.matches(of: #/case "(\w+)":/#).map { String($0.output.1) })
    }

    @Test func typesOfEventsAndMessagesAgree() throws {
        let events = try cases("Sources/SessionModel/Event+Coding.swift")
        let fromClients = try cases("Sources/LiveRelayWire/ClientMessage+Coding.swift")
        let fromRelay = try cases("Sources/LiveRelayWire/ServerMessage+Coding.swift")
        #expect(events.count >= 30 && fromClients.count >= 25 && fromRelay.count == 13)
        let log = try document("docs/schemas/event.json")
        let client = try document("docs/schemas/client-message.json")
        let server = try document("docs/schemas/server-message.json")
        #expect(words(log, "properties", "type", "enum") == events)
        #expect(words(server, "$defs", "wireEvent", "properties", "type", "enum") == events)
        #expect(words(client, "properties", "type", "enum") == fromClients)
        #expect(words(server, "properties", "type", "enum") == fromRelay)
        let messages = words(try document("docs/asyncapi.json"), "channels", "class", "messages")
        let described = fromClients.map { "to.\($0)" } + fromRelay.map { "from.\($0)" }
        #expect(messages == Set(described + ["to.audio", "from.audio"]))
        for schema in [log, client, server] {
            let types = words(schema, "properties", "type", "enum")
            let defined = try #require(schema["$defs"] as? [String: Object])
            for type in types {
                let properties = defined[type]?["properties"] as? Object
                #expect((properties?["type"] as? Object)?["const"] as? String == type)
            }
        }
    }
}
