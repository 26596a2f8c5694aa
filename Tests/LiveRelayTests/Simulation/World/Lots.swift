import TestSupport

/// All chance of one world, from its seed.
final class Lots {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    func next() -> UInt64 { generator.next() }

    func below(_ bound: Int) -> Int { generator.below(bound) }

    /// A number of milliseconds.
    func milliseconds(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound + UInt64(generator.below(Int(range.upperBound - range.lowerBound + 1)))
    }

    /// Whether something happens that happens so many times in a hundred.
    func percent(_ share: Int) -> Bool { generator.below(100) < share }

    func one<Element>(of elements: [Element]) -> Element? { generator.one(of: elements) }
}
