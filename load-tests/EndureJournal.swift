import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel

/// Every command that was asked and how it was answered.
final class EndureJournal {
    private(set) var commands: [EndureCommand] = []
    private var open: [CommandID: Int] = [:]
    private(set) var answers: [String: Int] = [:]

    /// Commands without an answer so far.
    var openCount: Int { open.count }

    func asked(_ id: CommandID, _ command: EndureCommand) {
        open[id] = commands.count
        commands.append(command)
    }

    /// Takes an answer; returns the command, or nil where it was not noted.
    func answered(_ id: CommandID, _ answer: CommandAnswer, at now: UInt64) -> EndureCommand? {
        guard let index = open.removeValue(forKey: id) else { return nil }
        commands[index].answeredAt = now
        switch answer {
        case .accepted(let accepted):
            commands[index].answer = "accepted"
            commands[index].n = accepted.n
        case .rejected(let code): commands[index].answer = code.rawValue
        case .unanswered: commands[index].answer = "unanswered"
        }
        answers["\(commands[index].kind) \(commands[index].answer ?? "")", default: 0] += 1
        return commands[index]
    }

    /// Writes one line for each command.
    func write(to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var bytes = Data()
        for command in commands {
            bytes.append(try encoder.encode(command))
            bytes.append(0x0A)
        }
        try bytes.write(to: URL(fileURLWithPath: file))
    }
}
