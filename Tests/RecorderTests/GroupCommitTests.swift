import Testing

@testable import Recorder

@Suite("Group commit")
struct GroupCommitTests {
    private typealias Group = GroupCommit<String>

    /// Effects in words, so that a transcript reads well.
    private func words(_ effects: [Group.Effect]) -> [String] {
        effects.map { effect in
            switch effect {
            case .write(let entries): "write \(entries.joined())"
            case .acknowledge(let tickets): "acknowledge \(tickets)"
            case .refuse(let tickets, .unknownOutcome): "refuse \(tickets) unknown"
            case .refuse(let tickets, .conflict): "refuse \(tickets) conflict"
            case .refuse(let tickets, .unavailable(.storage)): "refuse \(tickets) disk"
            case .refuse(let tickets, .unavailable(.poisoned)): "refuse \(tickets) poisoned"
            case .refuse(let tickets, .unavailable(.closed)): "refuse \(tickets) closed"
            case .refuse(let tickets, .unavailable(.overloaded)): "refuse \(tickets) overloaded"
            case .refuse(let tickets, .unavailable(.corrupt)): "refuse \(tickets) corrupt"
            }
        }
    }

    @Test func gathersWhileAWriteIsInFlight() {
        var group = Group()
        #expect(words(group.append("a", ticket: 1)) == ["write a"])
        #expect(words(group.append("b", ticket: 2)) == [])
        #expect(words(group.append("c", ticket: 3)) == [])
        #expect(words(group.completed()) == ["acknowledge [1]", "write bc"])
        #expect(words(group.append("d", ticket: 4)) == [])
        #expect(words(group.completed()) == ["acknowledge [2, 3]", "write d"])
        #expect(words(group.completed()) == ["acknowledge [4]"])
        #expect(words(group.completed()) == [])
        #expect(group.isIdle)
    }

    @Test func refusesWhatBuildsOnAFailedWrite() {
        var group = Group()
        _ = group.append("a", ticket: 1)
        _ = group.append("b", ticket: 2)
        let failed = group.failed(.unavailable(.storage(.noSpace)))
        #expect(words(failed) == ["refuse [1] disk", "refuse [2] conflict"])
        #expect(words(group.append("c", ticket: 3)) == ["write c"], "the log is as it was and goes on")
    }

    @Test func takesNothingAfterAnUnknownOutcomeUntilItWasReadBack() {
        var group = Group()
        _ = group.append("a", ticket: 1)
        #expect(words(group.failed(.unknownOutcome(.io(errno: 5)))) == ["refuse [1] unknown"])
        #expect(words(group.append("b", ticket: 2)) == ["refuse [2] poisoned"])
        group.readBack()
        #expect(words(group.append("c", ticket: 3)) == ["write c"])
    }

    @Test func isBoundedBehindASlowDisk() {
        var group = Group()
        for ticket in 0...GroupCommitLimits.waitingCountMaximum { _ = group.append("a", ticket: ticket) }
        #expect(words(group.append("z", ticket: -1)) == ["refuse [-1] overloaded"])
    }

    @Test func takesNothingAfterClosing() {
        var group = Group()
        group.close()
        #expect(words(group.append("a", ticket: 1)) == ["refuse [1] closed"])
    }
}
