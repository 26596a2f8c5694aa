import TestSupport
import Testing
import WebSocketCore

@testable import LiveRelay

@Suite("Codes by the network that asks") struct AttemptTableTests {
    private let school = PeerNetwork(of: "192.0.2.1")
    private let refill = AttemptTable.refillMilliseconds
    private let lesson = JoinCode("482915603")

    private func guess(_ number: Int) throws -> JoinCode { try #require(JoinCode("\(100_000_000 + number)")) }

    /// A table in which a network has used up its guesses at the moment 0.
    private func spent(patience: Int64 = 8_000) throws -> AttemptTable {
        var table = AttemptTable(patienceMilliseconds: patience)
        for number in 0..<Int(AttemptTable.guessesCountMaximum) {
            holds(table.ask(try guess(number), from: school, waiter: 0, now: 0) == .lookUp)
            holds(table.settle(try guess(number), of: school, .wrong, now: 0).isEmpty)
        }
        holds(table.isSpent(school, now: 0))
        return table
    }

    @Test func aSchoolCostsNothingHoweverManyCome() throws {
        let lesson = try #require(lesson)
        var table = AttemptTable(patienceMilliseconds: 8_000)
        holds(table.ask(lesson, from: school, waiter: 1, now: 0) == .lookUp)
        for waiter in UInt64(2)...2_000 {
            holds(table.ask(lesson, from: school, waiter: waiter, now: 0) == .wait, "it is being looked up")
        }
        holds(table.settle(lesson, of: school, .right, now: 1).count == 1_999)
        holds(!table.isWaitedFor)
        for number in 0..<Int(AttemptTable.guessesCountMaximum) {
            holds(table.ask(try guess(number), from: school, waiter: 0, now: 2) == .lookUp)
            _ = table.settle(try guess(number), of: school, .wrong, now: 2)
        }
        holds(table.isSpent(school, now: 2))
        holds(table.ask(lesson, from: school, waiter: 3, now: 3) == .lookUp, "known here")
    }

    @Test func theCodeThatMostAskForIsLookedUpFirst() throws {
        let lesson = try #require(lesson)
        var table = try spent()
        for number in 0..<200 {
            holds(
                table.ask(try guess(1_000 + number), from: school, waiter: UInt64(number), now: 10) == .wait)
        }
        holds(table.ask(lesson, from: school, waiter: 1_001, now: 10) == .wait)
        holds(table.ask(lesson, from: school, waiter: 1_002, now: 20) == .wait)
        holds(table.turn(now: refill - 1).lookUps.isEmpty)
        let turn = table.turn(now: refill)
        holds(turn.lookUps.map(\.0) == [lesson] && turn.refused.isEmpty)
        holds(table.turn(now: refill).lookUps.isEmpty, "one guess was left")
        holds(table.settle(lesson, of: school, .right, now: refill) == [1_001, 1_002])
        // The right code gave its guess back, and a guesser gets it.
        let next = try #require(table.turn(now: refill).lookUps.first)
        holds(table.settle(next.0, of: school, .wrong, now: refill).count == 1)
        holds(table.turn(now: 8_010).refused.count == 199)
        holds(!table.isWaitedFor)
    }

    @Test func whoTriesAgainIsToldFromAGuesser() throws {
        let lesson = try #require(lesson)
        var table = try spent(patience: 1_000)
        holds(table.ask(lesson, from: school, waiter: 1, now: 0) == .wait)
        holds(table.turn(now: 1_000).refused == [1])
        for number in 0..<100 {
            _ = table.ask(
                try guess(1_000 + number), from: school, waiter: UInt64(10 + number), now: refill - 10)
        }
        holds(table.ask(lesson, from: school, waiter: 2, now: refill - 20) == .wait)
        holds(table.turn(now: refill).lookUps.map(\.0) == [lesson])
    }

    @Test func aGuessThatWasNotAnsweredIsGivenBack() throws {
        let lesson = try #require(lesson)
        var table = AttemptTable(patienceMilliseconds: 0)
        for number in 0..<1_000 {
            holds(table.ask(try guess(number), from: school, waiter: 0, now: 0) == .lookUp)
            _ = table.settle(try guess(number), of: school, .failed, now: 0)
        }
        holds(table.ask(lesson, from: school, waiter: 0, now: 0) == .lookUp)
    }

    /// Whatever is asked in whatever order: no more than the bound is ever looked up in vain.
    @Test func noOrderOfQuestionsWinsMoreGuesses() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        var table = AttemptTable(patienceMilliseconds: 8_000)
        var open: [JoinCode] = []
        var wrong = 0
        var now: Int64 = 0
        while now < 600_000 {
            now += Int64.random(in: 0...40, using: &generator)
            let code = try guess(Int.random(in: 0..<5_000, using: &generator))
            if table.ask(code, from: school, waiter: UInt64(now), now: now) == .lookUp { open.append(code) }
            if Bool.random(using: &generator) { open += table.turn(now: now).lookUps.map(\.0) }
            if Int.random(in: 0..<3, using: &generator) == 0 {
                for code in open { _ = table.settle(code, of: school, .wrong, now: now) }
                wrong += open.count
                open = []
            }
        }
        holds(
            Int64(wrong) <= AttemptTable.guessesCountMaximum + now / refill + 1,
            "\(wrong) in \(now) ms; seed \(seed)")
    }

    @Test func nothingGrowsWithoutBound() throws {
        var table = AttemptTable(patienceMilliseconds: 8_000)
        let many = PeerNetwork(of: "192.0.2.7")
        for number in 0..<100 {
            if table.ask(try guess(number), from: many, waiter: 0, now: 0) == .lookUp {
                _ = table.settle(try guess(number), of: many, .wrong, now: 0)
            }
        }
        for number in 0..<AttemptTable.networksCountMaximum + 10 {
            let network = PeerNetwork(of: "10.\(number >> 16).\(number >> 8 & 255).\(number & 255)")
            holds(table.ask(try guess(0), from: network, waiter: 0, now: 1) == .lookUp)
            _ = table.settle(try guess(0), of: network, .wrong, now: 1)
        }
        holds(table.networksCount <= AttemptTable.networksCountMaximum)
        holds(table.isSpent(many, now: 1), "whoever failed most is remembered longest")
        var refused = 0
        for number in 0..<20_000 {
            let verdict = table.ask(try guess(number), from: many, waiter: UInt64(number), now: 2)
            if verdict == .refused { refused += 1 }
        }
        holds(refused == 20_000 - AttemptTable.askedCountMaximum)
    }

    @Test func aClockThatWasSetBackBlocksNobodyForLong() throws {
        var table = try spent(patience: 0)
        let before = -3_600_000 as Int64
        holds(table.isSpent(school, now: before))
        holds(table.ask(try guess(0), from: school, waiter: 0, now: before) == .refused)
        holds(!table.isSpent(school, now: before + refill))
    }

    /// `#expect` cannot hold a call that changes a value.
    private func holds(
        _ condition: Bool, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(condition, comment, sourceLocation: sourceLocation)
    }
}
