import Foundation

/// The nine digits by which people find a class: easy to say, easy to type on a phone, hard to hit by chance.
public struct JoinCode: Hashable, Sendable, CustomStringConvertible {
    /// Nine digits, the first not 0, so that no spreadsheet shortens it.
    public let digits: String

    /// 9 × 10⁸ codes: with 1,000 running classes a guess in 900,000 is right.
    public static let digitsCount = 9

    /// Reads what a person typed: blanks and hyphens between groups and full-width digits are forgiven.
    public init?(_ typed: String) {
        guard typed.utf8.count <= 64 else { return nil }
        let digits = FullWidth.narrowed(typed).filter { $0 != " " && $0 != "-" }
        guard digits.utf8.count == Self.digitsCount, digits.utf8.first != UInt8(ascii: "0"),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        self.digits = digits
    }

    private init(digits: String) { self.digits = digits }

    /// A code drawn by a generator of random numbers.
    public static func draw(using generator: inout some RandomNumberGenerator) -> JoinCode {
        JoinCode(digits: String(Int.random(in: 100_000_000...999_999_999, using: &generator)))
    }

    /// A code drawn by the system's generator, which cannot be foreseen.
    public static func draw() -> JoinCode {
        var generator = SystemRandomNumberGenerator()
        return draw(using: &generator)
    }

    /// The nine digits without blanks.
    public var description: String { digits }
}
