import ArgumentParser
import Foundation
import LiveRelay
import LiveRelayClient
import SessionModel
import WebSocketCore

/// Starts a server with a class that runs by itself.
struct Demo: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "启动演示课堂 · Start a server with a class that runs by itself.",
        discussion: """
            A made-up lecturer speaks, twelve made-up participants chat, raise hands, vote and take a break. Replay and
            report are there when it ends; the server goes on until Ctrl-C.
            """)

    /// The links as people need them: a supervisor begins at the wall, from where the class can be heard.
    private func shown(_ links: [String: String]) -> [String: String] {
        var shown = links
        if let link = shown.removeValue(forKey: "supervisor"), let door = link.range(of: "/j/"),
            let token = link.range(of: "#t=")
        {
            shown["wall"] = link[..<door.lowerBound] + "/wall" + link[token.lowerBound...]
        }
        return shown
    }

    /// After the end the report is there at once; more than this means that it never will be.
    private static let reportSecondsMaximum = 10

    @OptionGroup var place: PlaceOptions

    @Option(name: .long, help: "脚本倍速 · How much faster than life the script goes.")
    var speed = 1.0

    @Flag(name: .long, help: "下课后退出 · Stop the server when the class is over.")
    var exitWhenDone = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0.1...100).contains(speed) else { throw ValidationError("--speed: 0.1 … 100") }
    }

    func perform(_ console: Console) async throws {
        ignoreBrokenPipes()
        let stop = StopSignal()
        let server = try await start(place.configuration(), logger: place.logger(console))
        do {
            try await run(server, stop, console)
        } catch {
            await server.stop()
            throw error
        }
        console.note(console.words("serve.stopping"))
        await server.stop()
    }

    private func run(_ server: Server, _ stop: StopSignal, _ console: Console) async throws {
        let api = try administration(server)
        let created = try await createClass(api, console)
        let token = created.links["lecturer"].flatMap { ClassLink($0)?.token }
        guard let code = created.class.code, let token else {
            throw CommandFailure(.failed, "failure.answer")
        }
        try ready(server.address, created, console)
        let lecture = try Self.packets(DemoSpeech.chinese)
        let answer = try Self.packets(DemoSpeech.english)
        let plan = DemoClass.Plan(
            server: api.server, tls: api.tls, code: code, lecturerToken: token, lecture: lecture,
            answer: answer, speed: speed)
        let loop = try EventLoop.forCommand()
        let stopping = Task {
            await stop.wait()
            loop.execute { $0.attached(DemoClass.self)?.abandon() }
        }
        let outcome: DemoClass.Outcome = try await loop.run { core, finish in
            let demo = DemoClass(on: core, plan, finish)
            core.attach(demo)
            demo.begin()
        }
        await loop.shutdown()
        guard !outcome.isAbandoned else { return }
        try await conclude(outcome, created, api, console)
        if exitWhenDone { stopping.cancel() } else { await stopping.value }
    }

    private func administration(_ server: Server) throws -> Administration {
        let isSecure = server.address.fingerprint != nil || place.tlsCert != nil
        let host = place.host == "0.0.0.0" ? nil : place.host
        let address = ServerAddress(
            host: host ?? "127.0.0.1", port: server.address.port, isSecure: isSecure)
        var tls: TLSContext?
        if isSecure {
            do throws(TLSError) {
                // The server is this very process.
                tls = try TLSContext.client(verification: .none)
            } catch {
                throw CommandFailure(.failed, "failure.tls", "\(error)")
            }
        }
        let path = server.address.administratorKeyPath
        guard let key = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure(.refused, "failure.keyUnreadable", path)
        }
        return Administration(
            server: address, tls: tls, key: key.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private func createClass(_ api: Administration, _ console: Console) async throws -> CreatedAnswer {
        var body = CreateBody(
            title: console.words("demo.title"), kind: .smallInteractive,
            plannedStart: Int64(Date().timeIntervalSince1970 * 1_000), plannedMinutes: 45,
            timeZone: "Asia/Shanghai")
        body.organisation = [NamedPart(id: "demo", name: "演示教师发展中心")]
        body.lesson = Lesson(id: "lesson-1", number: 1, name: "第一讲")
        body.lecturerName = "张华"
        let created = try await api.post("/classes", body, as: CreatedAnswer.self)
        _ = try await api.bytes(
            .put, "/classes/\(created.class.id)/roster", body: DemoPerson.roster, type: "text/csv")
        return created
    }

    private func ready(_ address: Server.Address, _ created: CreatedAnswer, _ console: Console) throws {
        if console.isJSON {
            try console.json(ReadyLine(address))
            return try console.json(created)
        }
        console.say("LiveRelay \(LiveRelayCommand.version) · \(both("demo.ready"))")
        console.say("")
        for line in ClassText.links(shown(created.links), console) { console.say("  \(line)") }
        for line in place.networkLines(address, console.words) { console.say("  \(line)") }
        console.say("")
        if let fingerprint = address.fingerprint {
            console.say("  \(console.words("serve.fingerprint", fingerprint))")
        }
        console.say("  \(console.words("serve.data", place.data, address.administratorKeyPath))")
    }

    private func conclude(
        _ outcome: DemoClass.Outcome, _ created: CreatedAnswer, _ api: Administration, _ console: Console
    ) async throws {
        let path = "/classes/\(created.class.id)"
        var report: [UInt8]?
        for _ in 0..<Self.reportSecondsMaximum * 5 where report == nil {
            report = try? await api.bytes(.get, path + "/report")
            if report == nil { try await Task.sleep(for: .milliseconds(200)) }
        }
        _ = try await api.bytes(.get, path + "/replay")
        let faults = outcome.faults + (report == nil ? ["report"] : [])
        try tell(outcome, faults, created, console)
        if exitWhenDone, let first = faults.first { throw CommandFailure(.failed, "demo.failed", first) }
    }

    private func tell(
        _ outcome: DemoClass.Outcome, _ faults: [String], _ created: CreatedAnswer, _ console: Console
    ) throws {
        if console.isJSON {
            struct Over: Encodable {
                let event = "over"
                let chats, hands, packetsHeard: Int
                let faults: [String]
                let links: [String: String]
            }
            return try console.json(
                Over(
                    chats: outcome.chats, hands: outcome.hands, packetsHeard: outcome.packetsHeard,
                    faults: faults, links: created.links))
        }
        console.say("")
        console.say("LiveRelay \(LiveRelayCommand.version) · \(both("demo.over"))")
        console.say("")
        let links = created.links.filter { $0.key == "replay" || $0.key == "report" }
        for line in ClassText.links(links, console) { console.say("  \(line)") }
        for fault in faults { console.note(console.words("demo.failed", SafeText.line(fault))) }
        if !exitWhenDone { console.say("  \(console.words("demo.keep"))") }
    }

    /// The packets of a clip.
    private static func packets(_ bytes: [UInt8]) throws -> [SourcePacket] {
        let source = try OggPackets(ByteInput(bytes: bytes, name: "demo"))
        var packets: [SourcePacket] = []
        while let packet = try source.next() { packets.append(packet) }
        return packets
    }
}
