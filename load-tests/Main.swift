import Foundation

/// Loads a running server with a class and counts what arrives, or lives through its deaths; see README.md.
@main
struct LoadTests {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.contains("--help") {
            let usages = [
                Settings.usage, EndureSettings.usage, RecoverySettings.usage, StormSettings.usage,
                CommitSettings.usage, LectureSettings.usage, EchoSettings.usage, EchoClientSettings.usage, "",
            ]
            FileHandle.standardOutput.write(Data(usages.joined(separator: "\n").utf8))
            return
        }
        do {
            if arguments.first == "endure" {
                return try await EndureScenario(EndureSettings(Array(arguments.dropFirst()))).run()
            }
            if arguments.first == "recovery" {
                return try RecoveryScenario(settings: RecoverySettings(Array(arguments.dropFirst()))).run()
            }
            if arguments.first == "storm" {
                return try await StormScenario(StormSettings(Array(arguments.dropFirst()))).run()
            }
            if arguments.first == "commit" {
                return try CommitScenario(settings: CommitSettings(Array(arguments.dropFirst()))).run()
            }
            if arguments.first == "lecture" {
                return try await LectureScenario(LectureSettings(Array(arguments.dropFirst()))).run()
            }
            if arguments.first == "echo" {
                return try await EchoScenario(EchoSettings(Array(arguments.dropFirst()))).run()
            }
            if arguments.first == "echo-client" {
                return try await EchoClientScenario(EchoClientSettings(Array(arguments.dropFirst()))).run()
            }
            let settings = try Settings(Array(arguments))
            let result = try await Scenario(settings).run()
            result.print(isJSON: settings.isJSON)
            exit(result.isGood ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(isUsage(error) ? 64 : 1)
        }
    }

    /// Whether the command line is wrong, not the server.
    private static func isUsage(_ error: any Error) -> Bool {
        error is Options.Failure
    }
}
