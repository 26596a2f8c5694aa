import Foundation
import Testing

/// The program as a person at a terminal has it: started, fed, waited for. Each test has a folder of its own.
final class ClientProgram {
    /// How a run ended.
    struct Ended {
        let status: Int32
        let out: String
        let err: String
    }

    /// No run of a test takes longer, even on a busy machine.
    static let secondsMaximum: TimeInterval = 120

    /// The folder of the test, removed at its end.
    let folder: URL
    private let file: URL
    private var environment: [String: String]
    private var running: [Process] = []

    init() throws {
        let own = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        file = own.deletingLastPathComponent().appending(path: "liverelay")
        try #require(FileManager.default.isExecutableFile(atPath: file.path), "build the product liverelay")
        folder = FileManager.default.temporaryDirectory.appending(path: "client-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "LANG": "en_GB.UTF-8",
            "XDG_STATE_HOME": folder.path, "LIVERELAY_DATA": folder.path + "/data",
        ]
    }

    deinit {
        for process in running where process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts a run whose output goes to files.
    func start(_ arguments: [String], name: String, input: String = "") throws -> Process {
        let process = Process()
        process.executableURL = file
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = folder
        let paths = [name + ".in", name + ".out", name + ".err"].map { folder.appending(path: $0) }
        try Data(input.utf8).write(to: paths[0])
        for path in paths.dropFirst() { try Data().write(to: path) }
        process.standardInput = try FileHandle(forReadingFrom: paths[0])
        process.standardOutput = try FileHandle(forWritingTo: paths[1])
        process.standardError = try FileHandle(forWritingTo: paths[2])
        try process.run()
        running.append(process)
        return process
    }

    /// Waits for the end of a run.
    func end(_ process: Process, name: String) async throws -> Ended {
        try await until("the end of \(name)") { !process.isRunning }
        return Ended(status: process.terminationStatus, out: text(name + ".out"), err: text(name + ".err"))
    }

    /// One run from beginning to end.
    func run(_ arguments: String..., input: String = "") async throws -> Ended {
        let name = "run-\(running.count)"
        return try await end(start(arguments, name: name, input: input), name: name)
    }

    /// Starts a server at a free port; the commands that follow ask it.
    func serve(name: String = "serve", port: String = "0") async throws -> Process {
        let process = try start(
            ["serve", "--data", folder.path + "/data", "--port", port, "--json"], name: name)
        try await until("the server") { self.text(name + ".out").contains("\n") || !process.isRunning }
        let ready = try #require(
            try JSONSerialization.jsonObject(with: Data(text(name + ".out").utf8)) as? [String: Any])
        let bound = try #require(ready["port"] as? Int)
        environment["LIVERELAY_SERVER"] = "https://127.0.0.1:\(bound)"
        return process
    }

    /// Waits until something is so, looking now and then; fails after the deadline.
    func until(_ what: String, _ isSo: () throws -> Bool) async throws {
        let deadline = Date().addingTimeInterval(Self.secondsMaximum)
        while try !isSo() {
            try #require(Date() < deadline, "waited too long for \(what)")
            await Task.yield()
            usleep(20_000)
        }
    }

    /// What a run has written so far.
    func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    /// The port of the server.
    var port: String { environment["LIVERELAY_SERVER"]?.split(separator: ":").last.map(String.init) ?? "" }
}
