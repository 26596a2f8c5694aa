import Testing

/// Runs a reader over bytes whole, byte by byte, and cut at seeded places; all runs must give the same.
/// Returns that.
func sameHoweverCut<Outcome: Equatable>(
    _ bytes: [UInt8], seeds: ClosedRange<UInt64> = 1...25, location: SourceLocation = #_sourceLocation,
    _ run: ([[UInt8]]) -> Outcome
) -> Outcome {
    let whole = run([bytes])
    #expect(run(bytes.map { [$0] }) == whole, "byte by byte", sourceLocation: location)
    for seed in seeds {
        var generator = SeededGenerator(seed: seed)
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...min(rest.count, 40), using: &generator)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        #expect(run(pieces) == whole, "cut with seed \(seed)", sourceLocation: location)
    }
    return whole
}
