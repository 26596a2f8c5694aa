import Foundation
public import SessionModel

/// Counts wrong codes by address, so that nobody finds a class by trying.
///
/// Failures are counted, not visitors: a whole school sits behind one address and may come in at once. Each
/// address has a bucket of failures that fills again with time; what fails beyond it is owed, so that trying
/// in parallel wins nothing.
public actor AttemptLimiter {
    /// A school of 600 where one in ten mistypes.
    public static let failuresCountMaximum: Int64 = 60
    /// One more failure each ten seconds: 8,640 a day. With 1,000 running classes somebody who tries day and
    /// night needs 104 days for one hit, and each hit is in the log of the class.
    public static let refillMilliseconds: Int64 = 10_000
    /// What can be owed at most: a day.
    public static let debtCountMaximum: Int64 = 8_640
    /// Addresses remembered; about 2 MiB. Beyond it the one that failed longest ago is forgotten.
    public static let addressesCountMaximum = 16_384

    private struct Bucket {
        /// When the bucket is full again; the later, the more has failed.
        var fullAt: Int64
    }

    private var buckets: [String: Bucket] = [:]

    /// A limiter that knows nobody.
    public init() {}

    /// Whether this address has failed too often.
    public func isBlocked(_ address: String, now: WallTime) -> Bool {
        guard let bucket = buckets[Self.network(of: address)] else { return false }
        return bucket.fullAt - now.milliseconds > (Self.failuresCountMaximum - 1) * Self.refillMilliseconds
    }

    /// Remembers a failure.
    public func fail(_ address: String, now: WallTime) {
        let network = Self.network(of: address)
        let latest =
            now.milliseconds + (Self.failuresCountMaximum + Self.debtCountMaximum) * Self.refillMilliseconds
        let fullAt = max(buckets[network]?.fullAt ?? 0, now.milliseconds) + Self.refillMilliseconds
        buckets[network] = Bucket(fullAt: min(fullAt, latest))
        if buckets.count > Self.addressesCountMaximum { forget(now: now) }
    }

    /// How many networks are remembered.
    var networksCount: Int { buckets.count }

    /// Forgets whoever has nothing held against him; where that is nobody, the quarter with the least.
    private func forget(now: WallTime) {
        buckets = buckets.filter { $0.value.fullAt > now.milliseconds }
        guard buckets.count > Self.addressesCountMaximum else { return }
        let kept = buckets.sorted { ($0.value.fullAt, $0.key) > ($1.value.fullAt, $1.key) }
            .prefix(Self.addressesCountMaximum * 3 / 4)
        buckets = Dictionary(kept.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// What counts as one: an IPv4 address, or the /64 of an IPv6 address, since a home has that many.
    static func network(of address: String) -> String {
        let plain = address.prefix { $0 != "%" }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, String(plain), &bytes) == 1 else { return String(plain.prefix(64)) }
        let isMapped = bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        guard !isMapped else { return bytes[12...].map(String.init).joined(separator: ".") }
        return bytes[0..<8].map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }
}
