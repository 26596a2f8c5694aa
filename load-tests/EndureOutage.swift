import Foundation

/// One death of the server, and how long everybody took to hear again.
struct EndureOutage {
    /// Longer than any reconnect may take.
    static let patienceMilliseconds: UInt64 = 90_000

    /// Who takes longer is explained.
    private static let slowMilliseconds: UInt64 = 3_000
    /// Some explain all.
    private static let slowCountMaximum = 5

    /// What is told of it, as one line of JSON.
    struct Result: Encodable {
        let outage: String
        let seats: Int
        let back: Int
        /// From the server's first accept to hearing again, in milliseconds.
        let p50: UInt64
        let p99: UInt64
        let max: UInt64
        /// From the server's first accept until the lecturer was in class again.
        let lecturer: UInt64?
        /// Seats that do not hear, by their number.
        let silent: [Int]
        /// The turns of the line, in milliseconds since the first accept, of some who took long.
        let slow: [String: [String]]
    }

    let id: String
    let killedAt: UInt64
    let acceptedAt: UInt64

    /// The result once everybody hears or patience is over; nil before.
    func result(seats: [EndureSeat], lecturerBackAt: UInt64?, at now: UInt64) -> Result? {
        let concerned = seats.filter { !$0.isAway && $0.hearing.startedAt < killedAt }
        let heard = concerned.map { $0.hearing.heardAgain(after: acceptedAt) }
        guard heard.allSatisfy({ $0 != nil }) || now > acceptedAt + Self.patienceMilliseconds else {
            return nil
        }
        let waits = heard.compactMap { $0 }.map { $0 - acceptedAt }.sorted()
        func percentile(_ part: Double) -> UInt64 {
            waits.isEmpty
                ? 0 : waits[min(waits.count - 1, Int((part * Double(waits.count)).rounded(.up)) - 1)]
        }
        return Result(
            outage: id, seats: concerned.count, back: waits.count, p50: percentile(0.5),
            p99: percentile(0.99), max: waits.last ?? 0,
            lecturer: lecturerBackAt.map { $0 > acceptedAt ? $0 - acceptedAt : 0 },
            silent: zip(concerned, heard).filter { $1 == nil }.map { $0.0.index },
            slow: slow(concerned, heard))
    }

    private func slow(_ seats: [EndureSeat], _ heard: [UInt64?]) -> [String: [String]] {
        let late = zip(seats, heard).filter { ($1 ?? .max) > acceptedAt + Self.slowMilliseconds }
        return late.prefix(Self.slowCountMaximum).reduce(into: [:]) { told, pair in
            told["\(pair.0.index)"] = pair.0.turns.map { turn in
                "\(Int64(turn.at) - Int64(acceptedAt)) \(turn.what)"
            }
        }
    }
}
