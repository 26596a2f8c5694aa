import SessionModel
import WebSocketCore

/// Judges codes by the network that asks, so that nobody finds a class by trying and no class stays out
/// because somebody tries: drives an `AttemptTable` with the clock, the store, and those who wait.
public actor AttemptLimiter {
    /// So long somebody waits at the door of a network whose guesses are used up: less than clients wait for
    /// an answer.
    public static let patienceMilliseconds: Int64 = 8_000
    /// How often those who wait are looked after.
    private static let turnMilliseconds: Int64 = 250
    /// At most one line of the log for each network in this time.
    private static let logMilliseconds: Int64 = 60_000
    /// Networks whose last line is remembered.
    private static let loggedCountMaximum = 4_096

    /// What came of a code.
    enum Answer: Sendable {
        case found(SessionID)
        case unknown
        case tooMany
        case storageFailed
    }

    typealias LookUp = @Sendable (JoinCode) async throws -> SessionID?

    private let report: @Sendable (String, Int) -> Void
    private let patience: Int64
    private var table: AttemptTable
    private var lastWaiter: AttemptTable.Waiter = 0
    private var waiting: [AttemptTable.Waiter: CheckedContinuation<Answer, Never>] = [:]
    private var isTurning = false
    private var refusedSince: [PeerNetwork: (at: Int64, count: Int)] = [:]

    /// A limiter that knows nobody. Without patience nobody waits; what is beyond the bound is refused at
    /// once. `report` hears of a network that is being refused, and how often, at most once a minute for
    /// each.
    public init(
        patienceMilliseconds: Int64 = AttemptLimiter.patienceMilliseconds,
        report: @escaping @Sendable (_ network: String, _ refusals: Int) -> Void = { _, _ in }
    ) {
        self.report = report
        patience = patienceMilliseconds
        table = AttemptTable(patienceMilliseconds: patienceMilliseconds)
    }

    /// The class with a code, or why it is not told.
    func session(
        _ code: JoinCode, from address: String, now: WallTime, lookUp: @escaping LookUp
    ) async -> Answer {
        let network = PeerNetwork(of: address)
        lastWaiter += 1
        let waiter = lastWaiter
        switch table.ask(code, from: network, waiter: waiter, now: now.milliseconds) {
        case .lookUp: return await settle(code, network, now, lookUp)
        case .refused:
            refuse(network, now.milliseconds)
            return .tooMany
        case .wait:
            return await withCheckedContinuation { continuation in
                waiting[waiter] = continuation
                beginTurns(lookUp)
            }
        }
    }

    /// How many networks are remembered.
    var networksCount: Int { table.networksCount }

    private func settle(
        _ code: JoinCode, _ network: PeerNetwork, _ now: WallTime, _ lookUp: LookUp
    ) async -> Answer {
        let answer: Answer
        let finding: AttemptTable.Finding
        do {
            if let session = try await lookUp(code) {
                (answer, finding) = (.found(session), .right)
            } else {
                (answer, finding) = (.unknown, .wrong)
            }
        } catch {
            (answer, finding) = (.storageFailed, .failed)
        }
        for waiter in table.settle(code, of: network, finding, now: now.milliseconds) {
            waiting.removeValue(forKey: waiter)?.resume(returning: answer)
        }
        return answer
    }

    /// While somebody waits, time is looked at.
    private func beginTurns(_ lookUp: @escaping LookUp) {
        guard !isTurning else { return }
        isTurning = true
        Task {
            while table.isWaitedFor {
                try? await Task.sleep(for: .milliseconds(Self.turnMilliseconds))
                await turn(lookUp)
            }
            isTurning = false
        }
    }

    private func turn(_ lookUp: LookUp) async {
        let now = Clock.wall()
        let (lookUps, refused) = table.turn(now: now.milliseconds)
        for waiter in refused { waiting.removeValue(forKey: waiter)?.resume(returning: .tooMany) }
        for (code, network) in lookUps {
            if await settle(code, network, now, lookUp).isUnknown { refuse(network, now.milliseconds) }
        }
    }

    /// Says once in a while who is being refused.
    private func refuse(_ network: PeerNetwork, _ now: Int64) {
        let last = refusedSince[network] ?? (at: now - Self.logMilliseconds, count: 0)
        guard now - last.at >= Self.logMilliseconds else {
            refusedSince[network] = (last.at, last.count + 1)
            return
        }
        report(network.description, last.count + 1)
        if refusedSince.count >= Self.loggedCountMaximum { refusedSince.removeAll() }
        refusedSince[network] = (now, 0)
    }
}

extension AttemptLimiter.Answer {
    fileprivate var isUnknown: Bool {
        switch self {
        case .unknown: true
        case .found, .tooMany, .storageFailed: false
        }
    }
}
