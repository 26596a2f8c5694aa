import ArgumentParser
import LiveRelay
import WebSocketCore

/// The program.
@main
struct LiveRelayCommand: AsyncParsableCommand {
    /// The version of this program.
    static let version = LiveRelayVersion.text

    /// Begins, while there is only one thread: each that is there already may have an arena.
    static func main() async {
        MemoryArenas.useOne()
        await main(nil)
    }

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
