import Foundation

/// Loads a running server with a class and counts what arrives; see README.md.
@main
struct LoadTests {
    static func main() async {
        do {
            let settings = try Settings(Array(CommandLine.arguments.dropFirst()))
            let result = try await Scenario(settings).run()
            result.print(isJSON: settings.isJSON)
            exit(result.isGood ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(error is Settings.Failure ? 64 : 1)
        }
    }
}
