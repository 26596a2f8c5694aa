import ArgumentParser
import LiveRelay

/// The program.
@main
struct LiveRelayCommand: AsyncParsableCommand {
    /// The version of this program.
    static let version = LiveRelayVersion.text

    static let configuration = CommandConfiguration(
        commandName: "liverelay", abstract: "网络直播课堂 · Live classes for online teacher training.",
        discussion: """
            liverelay serve --data ./data          start a server
            liverelay class create "第一讲"          make a class, print its links
            liverelay join https://…/j/…            take part from the terminal
            """,
        version: version,
        subcommands: [
            Serve.self, Demo.self, ClassCommand.self, RosterCommand.self, Token.self, Join.self, Talk.self,
            Listen.self, Replay.self, Report.self, Verify.self, Reindex.self,
        ])
}
