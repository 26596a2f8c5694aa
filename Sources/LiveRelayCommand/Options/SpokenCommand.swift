import ArgumentParser
import Foundation

/// A command that speaks: failures become one sentence and an exit status.
protocol SpokenCommand: AsyncParsableCommand {
    /// How it speaks.
    var output: OutputOptions { get }
    /// What it does.
    func perform(_ console: Console) async throws
}

extension SpokenCommand {
    func run() async throws {
        let console = output.console
        do {
            try await perform(console)
        } catch let failure as CommandFailure {
            console.tell(failure)
            throw failure.status.code
        }
    }
}
