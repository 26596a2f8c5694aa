import Foundation
import Testing

@Suite("Client: the program", .serialized)
struct ClientProgramTests {
    /// A WAV of a tone, 22,050 Hz, 16 bits, one channel.
    private func tone(seconds: Int, to url: URL) throws {
        let rate = 22_050
        var sound = Data()
        for index in 0..<rate * seconds {
            let value = Int16(sin(Double(index) * 2 * .pi * 440 / Double(rate)) * 12_000)
            withUnsafeBytes(of: value.littleEndian) { sound.append(contentsOf: $0) }
        }
        func number(_ value: Int, _ count: Int) -> Data {
            Data((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
        }
        let format =
            number(1, 2) + number(1, 2) + number(rate, 4) + number(rate * 2, 4) + number(2, 2) + number(16, 2)
        let head = Data("RIFF".utf8) + number(36 + sound.count, 4) + Data("WAVEfmt ".utf8) + number(16, 4)
        try (head + format + Data("data".utf8) + number(sound.count, 4) + sound).write(to: url)
    }

    private struct Created: Decodable {
        struct Card: Decodable {
            let id: String
            let code: String
        }
        let `class`: Card
        let links: [String: String]

        /// A link that leads to the loopback address, whatever the certificate is called.
        func link(_ role: String) -> String {
            (links[role] ?? "").replacingOccurrences(of: "localhost", with: "127.0.0.1")
        }
    }

    private func create(_ program: ClientProgram) async throws -> Created {
        let made = try await program.run("class", "create", "第一讲", "--lecturer", "张华", "--json")
        #expect(made.status == 0, "\(made.err)")
        return try JSONDecoder().decode(Created.self, from: Data(made.out.utf8))
    }

    @Test func exitStatusesAreAsThePageSays() async throws {
        let program = try ClientProgram()
        #expect(try await program.run("class", "list", "--server", "https://127.0.0.1:1").status == 3)
        let server = try await program.serve()
        let key = program.folder.path + "/data/keys/administrator.key"
        let cases: [([String], Int32, String)] = [
            (["class", "show", "nobody"], 4, "class list"),
            (["class", "list", "--server", "https://127.0.0.1:1", "--key-file", key], 2, "liverelay serve"),
            (["class", "list", "--key-file", "/nowhere"], 3, "permissions"),
            (["class", "lis"], 64, "Usage"),
            (["serve", "--port", program.port, "--data", program.folder.path + "/other"], 1, "--port"),
            (["serve", "--data", "/proc/liverelay", "--port", "0"], 1, "permissions"),
            (["talk", "nothing.wav", "--to", "123456789", "--name", "林"], 1, "Check path"),
            (["join", "123456789", "--name", "林", "--silent"], 4, "code"),
            (["join", "123456789", "--silent"], 64, "--name"),
            (["join", "not a link"], 64, "invitation"),
            (
                ["join", "https://127.0.0.1:\(program.port)/j/123456789#t=a.b.c", "--silent"], 3,
                "ask for a new"
            ),
            (["verify", program.folder.path + "/nowhere"], 4, "data folder"),
            (["listen", "123456789"], 64, "--ogg"),
        ]
        for (arguments, status, words) in cases {
            let name = arguments.joined(separator: " ")
            let process = try program.start(arguments, name: "case")
            let ended = try await program.end(process, name: "case")
            #expect(ended.status == status, "\(name): \(ended.err)")
            #expect(ended.err.contains(words), "\(name): \(ended.err)")
        }
        server.terminate()
        #expect(try await program.end(server, name: "serve").status == 0)
    }

    @Test func aLectureGoesThroughTheTerminalAndSurvivesTheServersDeath() async throws {
        let program = try ClientProgram()
        var server = try await program.serve()
        let created = try await create(program)
        let wave = program.folder.appending(path: "tone.wav")
        try tone(seconds: 4, to: wave)
        let talk = try program.start(
            ["talk", wave.path, "--to", created.link("lecturer"), "--start", "--loop"], name: "talk")
        try await program.until("the lecturer's voice") { program.text("talk.err").contains("track 1") }
        let listen = try program.start(
            ["listen", created.class.code, "--name", "王芳", "--pcm", "heard.pcm", "--seconds", "3"],
            name: "listen")
        let join = try await program.run(
            "join", created.class.code, "--name", "李\u{2CB4E}", "--number", "000137", "--device",
            "another-device-of-li", "--silent", "--plain", "--seconds", "2", input: "老师好\n/hand\n/people\n")
        #expect(join.status == 0, "\(join.err)")
        #expect(join.out.contains("李\u{2CB4E}：老师好"))
        #expect(join.out.contains("number 1 of 1"))
        #expect(try await program.end(listen, name: "listen").status == 0)
        #expect(try loudness(program.folder.appending(path: "heard.pcm")) > 0.1)

        let port = program.port
        kill(server.processIdentifier, SIGKILL)
        _ = try await program.end(server, name: "serve")
        server = try await program.serve(name: "again", port: port)
        let after = try program.start(
            ["listen", created.class.code, "--name", "王芳", "--pcm", "after.pcm", "--seconds", "2"],
            name: "after")
        #expect(try await program.end(after, name: "after").status == 0)
        #expect(try loudness(program.folder.appending(path: "after.pcm")) > 0.1)
        kill(talk.processIdentifier, SIGINT)
        #expect(try await program.end(talk, name: "talk").status == 0)

        #expect(try await program.run("class", "end", created.class.id).status == 0)
        let over = try await program.run("join", created.class.code, "--name", "林", "--silent")
        #expect(over.status == 4, "\(over.err)")
        let report = try await program.run("report", created.class.id, "--csv")
        #expect(report.out.contains("李\u{2CB4E},000137"))
        let verified = try await program.run("verify", program.folder.path + "/data", "--json")
        #expect(verified.status == 0, "\(verified.out)")
        server.terminate()
        _ = try await program.end(server, name: "again")
    }

    @Test func theDemoGoesByItsScript() async throws {
        let program = try ClientProgram()
        let demo = try await program.run("demo", "--port", "0", "--speed", "16", "--exit-when-done", "--json")
        #expect(demo.status == 0, "\(demo.err)")
        let last = try #require(demo.out.split(separator: "\n").last)
        #expect(last.contains(#""faults":[]"#), "\(last)")
        #expect(last.contains(#""chats":16"#))
    }

    @Test func completionsAreForRealShells() async throws {
        let program = try ClientProgram()
        let script = try await program.run("--generate-completion-script", "bash")
        let file = program.folder.appending(path: "completion.bash")
        try Data(script.out.utf8).write(to: file)
        let bash = Process()
        bash.executableURL = URL(fileURLWithPath: "/bin/bash")
        bash.arguments = ["-n", file.path]
        try bash.run()
        bash.waitUntilExit()
        #expect(bash.terminationStatus == 0)
        #expect(script.out.count > 1_000)
    }

    /// The root of the mean square of s16le.
    private func loudness(_ url: URL) throws -> Double {
        let bytes = try Data(contentsOf: url)
        var sum = 0.0
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            let value =
                Double(Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)) / 32_768
            sum += value * value
        }
        return bytes.count < 2 ? 0 : (sum / Double(bytes.count / 2)).squareRoot()
    }
}
