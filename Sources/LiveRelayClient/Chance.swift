/// Evenly spread numbers from a seed, so that a run of a client repeats exactly (SplitMix64).
struct Chance: Hashable, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The next number, from 0 to 1 without 1.
    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Double(mixed >> 11) / Double(UInt64(1) << 53)
    }

    /// A number of milliseconds between two bounds.
    mutating func milliseconds(_ low: UInt64, _ high: UInt64) -> UInt64 {
        low + UInt64(next() * Double(high - low))
    }
}
