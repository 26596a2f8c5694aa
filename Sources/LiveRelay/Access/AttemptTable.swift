import SessionModel
import WebSocketCore

/// Which codes may be looked up, by the network that asks: the whole of what keeps guessers out and schools
/// in.
///
///     ask ──known here, or a guess is left──▶ look up ──▶ settle
///      └──no guess is left──▶ wait ──it is the code most asked for──▶ look up ──▶ settle
///                              └──too long──▶ refused
///
/// Guesses are counted, not visitors. A right code costs nothing and is known to its network from then on. A
/// network that has used up its guesses gets a new one every few seconds; what is looked up with it is the
/// code that most people there ask for, so that a class comes in while somebody beside it guesses. However
/// many ask for whatever, no more than that is ever looked up: guessing in parallel wins nothing.
///
/// Synchronous and without a clock; `AttemptLimiter` drives it.
struct AttemptTable {
    /// Somebody who waits for a verdict.
    typealias Waiter = UInt64

    /// What a question leads to.
    enum Verdict: Equatable {
        /// Look the code up and `settle` it.
        case lookUp
        /// A verdict comes with `settle` or `turn`.
        case wait
        /// Wrong codes have used up what this network may try.
        case refused
    }

    /// What became of a code that was looked up.
    enum Finding: Equatable {
        case right
        case wrong
        /// Nobody knows; it costs nothing.
        case failed
    }

    /// A school of 600 where one in ten mistypes.
    static let guessesCountMaximum: Int64 = 60
    /// One more guess every five seconds, 17,280 a day: `docs/decisions/006-limits-by-address.md` has the
    /// arithmetic.
    static let refillMilliseconds: Int64 = 5_000
    /// Networks remembered; about 4 MiB. Beyond it those with the fewest failures are forgotten.
    static let networksCountMaximum = 16_384
    /// Codes that a network is known to have: more than a school has classes at once.
    static let knownCountMaximum = 64
    /// A timetable of one day.
    static let knownMilliseconds: Int64 = 86_400_000
    /// Codes whose askers are counted, in one network and in all.
    static let askedCountMaximum = 1_024
    static let askedEverywhereCountMaximum = 65_536
    /// So long a code that was asked for in vain is counted: whoever tries again is told from a guesser.
    static let askedMilliseconds: Int64 = 60_000
    /// People who wait, in one network and in all; each holds a connection.
    static let waitersCountMaximum = 4_096
    static let waitersEverywhereCountMaximum = 16_384

    private struct Asking {
        var count = 0
        var lastAt: Int64 = 0
        var waiters: [(id: Waiter, until: Int64)] = []
    }

    private struct Network {
        /// When all guesses are there again; the later, the more were wrong.
        var fullAt: Int64 = 0
        var usedAt: Int64 = 0
        var known: [JoinCode: Int64] = [:]
        var asked: [JoinCode: Asking] = [:]
        /// Being looked up, and whether that cost a guess.
        var open: [JoinCode: Bool] = [:]
        var waitersCount = 0
    }

    private let patienceMilliseconds: Int64
    private var networks: [PeerNetwork: Network] = [:]
    private var busy: Set<PeerNetwork> = []
    private var askedCount = 0
    private var waitersCount = 0
    private var forgotAt: Int64 = 0

    /// A table that knows nobody. `patienceMilliseconds`: so long somebody waits at most.
    init(patienceMilliseconds: Int64) {
        self.patienceMilliseconds = patienceMilliseconds
    }

    /// How many networks are remembered.
    var networksCount: Int { networks.count }
    /// Whether anybody waits.
    var isWaitedFor: Bool { !busy.isEmpty }

    /// Whether a network has no guess left.
    func isSpent(_ place: PeerNetwork, now: Int64) -> Bool {
        guard let network = networks[place] else { return false }
        return Self.guessesLeft(network, now) == 0
    }

    // MARK: Questions

    /// Somebody asks for a code.
    mutating func ask(_ code: JoinCode, from place: PeerNetwork, waiter: Waiter, now: Int64) -> Verdict {
        var network = networks.removeValue(forKey: place) ?? Network()
        network.usedAt = now
        Self.mendClock(&network, now)
        defer {
            networks[place] = network
            if networks.count > Self.networksCountMaximum { forget() }
        }
        if let at = network.known[code], now - at < Self.knownMilliseconds {
            network.open[code] = network.open[code] ?? false
            return .lookUp
        }
        if network.open[code] != nil { return wait(code, place, &network, waiter, now) }
        guard Self.guessesLeft(network, now) > 0, mayBeNext(code, network) else {
            return wait(code, place, &network, waiter, now)
        }
        spend(code, &network, now)
        return .lookUp
    }

    /// A code was looked up; those who hear of it with whoever asked.
    mutating func settle(_ code: JoinCode, of place: PeerNetwork, _ finding: Finding, now: Int64) -> [Waiter]
    {
        guard var network = networks.removeValue(forKey: place) else { return [] }
        defer { networks[place] = network }
        let wasCharged = network.open.removeValue(forKey: code) ?? false
        switch finding {
        case .right:
            if wasCharged { network.fullAt -= Self.refillMilliseconds }
            network.known[code] = now
            if network.known.count > Self.knownCountMaximum { Self.forgetOldest(&network.known) }
        case .wrong:
            // A class may be gone whose code was known.
            if network.known.removeValue(forKey: code) != nil, !wasCharged {
                network.fullAt = max(network.fullAt, now) + Self.refillMilliseconds
            }
        case .failed:
            if wasCharged { network.fullAt -= Self.refillMilliseconds }
        }
        return release(code, place, &network)
    }

    /// Time has passed: which codes of which networks are to be looked up now, and who has waited for too
    /// long.
    mutating func turn(now: Int64) -> (lookUps: [(JoinCode, PeerNetwork)], refused: [Waiter]) {
        var lookUps: [(JoinCode, PeerNetwork)] = []
        var refused: [Waiter] = []
        for place in busy.sorted(by: { $0.description < $1.description }) {
            guard var network = networks.removeValue(forKey: place) else { continue }
            Self.mendClock(&network, now)
            refused += expire(place, &network, now)
            if Self.guessesLeft(network, now) > 0, let code = Self.mostWanted(network) {
                spend(code, &network, now)
                lookUps.append((code, place))
            }
            networks[place] = network
        }
        return (lookUps, refused)
    }

    // MARK: Parts

    private mutating func wait(
        _ code: JoinCode, _ place: PeerNetwork, _ network: inout Network, _ waiter: Waiter, _ now: Int64
    ) -> Verdict {
        if network.asked[code] == nil {
            if network.asked.count >= Self.askedCountMaximum { forgetLeastAsked(&network, now) }
            if askedCount >= Self.askedEverywhereCountMaximum { forgetLongAsked(now) }
            guard network.asked.count < Self.askedCountMaximum, askedCount < Self.askedEverywhereCountMaximum
            else { return .refused }
            askedCount += 1
        }
        network.asked[code, default: Asking()].count += 1
        network.asked[code]?.lastAt = now
        // What is being looked up already is known in a moment.
        guard patienceMilliseconds > 0 || network.open[code] != nil,
            network.waitersCount < Self.waitersCountMaximum,
            waitersCount < Self.waitersEverywhereCountMaximum
        else { return .refused }
        network.asked[code]?.waiters.append((waiter, now + patienceMilliseconds))
        network.waitersCount += 1
        waitersCount += 1
        busy.insert(place)
        return .wait
    }

    /// Whether nobody waits for a code that more have asked for.
    private func mayBeNext(_ code: JoinCode, _ network: Network) -> Bool {
        guard let wanted = Self.mostWanted(network) else { return true }
        let count = network.asked[code]?.count ?? 0
        return wanted == code || count + 1 >= network.asked[wanted]?.count ?? 0
    }

    private mutating func spend(_ code: JoinCode, _ network: inout Network, _ now: Int64) {
        network.fullAt = max(network.fullAt, now) + Self.refillMilliseconds
        network.open[code] = true
    }

    /// Everybody who waits for a code hears of it now.
    private mutating func release(
        _ code: JoinCode, _ place: PeerNetwork, _ network: inout Network
    ) -> [Waiter] {
        guard let asking = network.asked.removeValue(forKey: code) else { return [] }
        askedCount -= 1
        forgetWaiters(asking.waiters.count, place, &network)
        return asking.waiters.map(\.id)
    }

    private mutating func expire(
        _ place: PeerNetwork, _ network: inout Network, _ now: Int64
    ) -> [Waiter] {
        var refused: [Waiter] = []
        for (code, asking) in network.asked where network.open[code] == nil {
            let late = asking.waiters.prefix { $0.until <= now }
            guard !late.isEmpty else { continue }
            refused += late.map(\.id)
            network.asked[code]?.waiters.removeFirst(late.count)
        }
        forgetWaiters(refused.count, place, &network)
        return refused.sorted()
    }

    private mutating func forgetWaiters(_ count: Int, _ place: PeerNetwork, _ network: inout Network) {
        network.waitersCount -= count
        waitersCount -= count
        if network.waitersCount == 0 { busy.remove(place) }
    }

    /// Codes that were asked for least, or long ago, give room; never one that somebody waits for.
    private mutating func forgetLeastAsked(_ network: inout Network, _ now: Int64) {
        let before = network.asked.count
        network.asked = network.asked.filter {
            !$0.value.waiters.isEmpty || $0.value.count > 1 && now - $0.value.lastAt < Self.askedMilliseconds
        }
        askedCount -= before - network.asked.count
    }

    /// The counts of all networks are full: those that nobody added to for a while go. At most once a second,
    /// since it looks at all.
    private mutating func forgetLongAsked(_ now: Int64) {
        guard now - forgotAt >= 1_000 || now < forgotAt else { return }
        forgotAt = now
        for place in Array(networks.keys) {
            guard let asked = networks[place]?.asked, !asked.isEmpty else { continue }
            let kept = asked.filter {
                !$0.value.waiters.isEmpty || now - $0.value.lastAt < Self.askedMilliseconds
            }
            askedCount -= asked.count - kept.count
            networks[place]?.asked = kept
        }
    }

    /// Of the codes that somebody waits for the one that most have asked for; of several the one that was
    /// asked for last, since guesses do not come again.
    private static func mostWanted(_ network: Network) -> JoinCode? {
        network.asked.lazy.filter { !$0.value.waiters.isEmpty && network.open[$0.key] == nil }
            .max {
                ($0.value.count, $0.value.lastAt, $0.key.digits) < (
                    $1.value.count, $1.value.lastAt, $1.key.digits
                )
            }?.key
    }

    private static func guessesLeft(_ network: Network, _ now: Int64) -> Int64 {
        let owed = min(max(0, network.fullAt - now), guessesCountMaximum * refillMilliseconds)
        return guessesCountMaximum - (owed + refillMilliseconds - 1) / refillMilliseconds
    }

    /// A clock that was set back must not block anybody for longer than an empty bucket does.
    private static func mendClock(_ network: inout Network, _ now: Int64) {
        network.fullAt = min(network.fullAt, now + guessesCountMaximum * refillMilliseconds)
    }

    private static func forgetOldest(_ known: inout [JoinCode: Int64]) {
        guard let oldest = known.min(by: { ($0.value, $0.key.digits) < ($1.value, $1.key.digits) }) else {
            return
        }
        known[oldest.key] = nil
    }

    /// Forgets the quarter that has least held against it and was here longest ago; nobody who waits.
    private mutating func forget() {
        let kept = networks.sorted {
            ($0.value.fullAt, $0.value.usedAt, $0.key.description)
                > ($1.value.fullAt, $1.value.usedAt, $1.key.description)
        }
        for (place, network) in kept.dropFirst(Self.networksCountMaximum * 3 / 4)
        where network.waitersCount == 0 && network.open.isEmpty {
            askedCount -= network.asked.count
            networks[place] = nil
        }
    }
}
