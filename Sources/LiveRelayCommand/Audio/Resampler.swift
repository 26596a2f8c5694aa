import Foundation

/// Turns sound of any rate into 48 kHz by a windowed sinc, piece by piece.
struct Resampler {
    /// Zero crossings on either side: more than speech at 24 kbit/s can show.
    private static let crossingsCount = 16
    /// Points of the table for each crossing; between them lines are drawn.
    private static let pointsPerCrossing = 512

    private static let table: [Float] = {
        let count = crossingsCount * pointsPerCrossing
        return (0...count + 1).map { index in
            let x = Double(index) / Double(pointsPerCrossing)
            guard x < Double(crossingsCount) else { return 0 }
            let sinc = index == 0 ? 1 : sin(.pi * x) / (.pi * x)
            // Hann: nothing beyond the last crossing, and no ringing that one hears.
            return Float(sinc * (0.5 + 0.5 * cos(.pi * x / Double(crossingsCount))))
        }
    }()

    private let inputRate: Int
    private let outputRate: Int
    /// Below 1 where frequencies must be cut off because the output is slower.
    private let scale: Double
    private let reach: Int
    private var history: [Float]
    /// The place of the next output sample in `history`: whole samples, and a remainder of `outputRate`.
    private var whole: Int
    private var remainder = 0

    init(from inputRate: Int, to outputRate: Int = 48_000) {
        self.inputRate = inputRate
        self.outputRate = outputRate
        scale = min(1, Double(outputRate) / Double(inputRate))
        reach = Int((Double(Self.crossingsCount) / scale).rounded(.up))
        history = Array(repeating: 0, count: reach)
        whole = reach
    }

    /// The output that the next input makes possible; at the end give `flush` its turn.
    mutating func process(_ input: [Float]) -> [Float] {
        if inputRate == outputRate { return input }
        history += input
        var output: [Float] = []
        output.reserveCapacity(input.count * outputRate / inputRate + 1)
        while whole + reach < history.count {
            output.append(sample())
            remainder += inputRate
            whole += remainder / outputRate
            remainder %= outputRate
        }
        let used = max(0, min(whole - reach, history.count))
        history.removeFirst(used)
        whole -= used
        return output
    }

    /// What is still inside.
    mutating func flush() -> [Float] {
        inputRate == outputRate ? [] : process(Array(repeating: 0, count: reach))
    }

    private func sample() -> Float {
        let fraction = Double(remainder) / Double(outputRate)
        var sum: Float = 0
        for index in (whole - reach + 1)...(whole + reach) {
            let distance = abs(Double(index - whole) - fraction) * scale * Double(Self.pointsPerCrossing)
            let point = Int(distance)
            guard point + 1 < Self.table.count else { continue }
            let between = Float(distance - Double(point))
            let weight = Self.table[point] * (1 - between) + Self.table[point + 1] * between
            sum += history[index] * weight
        }
        return sum * Float(scale)
    }
}
