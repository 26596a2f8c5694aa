/// Writes a state as few bytes that read back fast: the image of a class beside its log.
///
/// Numbers take seven bits a byte, the lowest first (LEB128); numbers that may be negative are folded first,
/// so that small ones of either sign stay short; texts and lists begin with their count. An image says
/// nothing of its own form: whoever keeps one keeps the number of the form beside it.
public struct ImageWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// A writer that has written nothing.
    public init() {}

    /// Writes a number.
    public mutating func put(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes a number of either sign.
    public mutating func put(_ number: Int64) {
        put(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
    }

    /// Writes a number of either sign.
    public mutating func put(_ number: Int) { put(Int64(number)) }

    /// Writes one of two.
    public mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    /// Writes a text.
    public mutating func put(_ text: String) {
        put(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes bytes with their count.
    public mutating func put(_ some: [UInt8]) {
        put(UInt64(some.count))
        bytes.append(contentsOf: some)
    }

    /// Writes a moment.
    public mutating func put(_ time: SessionTime) { put(time.milliseconds) }

    /// Writes a word of a vocabulary as it stands in logs.
    public mutating func put<Word: RawRepresentable>(word: Word) where Word.RawValue == String {
        put(word.rawValue)
    }

    /// Writes an identifier.
    public mutating func put(_ identifier: some Identifier) { put(identifier.text) }

    /// Writes what may be missing.
    public mutating func put<Value>(_ value: Value?, _ each: (inout ImageWriter, Value) -> Void) {
        put(value != nil)
        if let value { each(&self, value) }
    }

    /// Writes a list.
    public mutating func put<Value>(list: [Value], _ each: (inout ImageWriter, Value) -> Void) {
        put(UInt64(list.count))
        for value in list { each(&self, value) }
    }
}
