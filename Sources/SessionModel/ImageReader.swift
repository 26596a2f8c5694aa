/// That an image is not one of this form. Nothing is lost by it: the log is the truth.
public struct ImageFailure: Error, Hashable, Sendable {
    /// The failure; there is only one.
    public init() {}
}

/// Reads what `ImageWriter` wrote. Any bytes may be handed to it: what does not fit is a failure.
public struct ImageReader: Sendable {
    private let bytes: [UInt8]
    private var place: Int

    /// A reader at the beginning of some bytes, or behind a part that was read already.
    public init(_ bytes: [UInt8], from place: Int = 0) {
        self.bytes = bytes
        self.place = max(0, place)
    }

    /// Whether everything was read.
    public var isAtEnd: Bool { place >= bytes.count }

    private mutating func byte() throws(ImageFailure) -> UInt8 {
        guard place < bytes.count else { throw ImageFailure() }
        defer { place += 1 }
        return bytes[place]
    }

    /// Reads a number.
    public mutating func number() throws(ImageFailure) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            // Ten bytes hold 64 bits; the tenth has room for one.
            guard shift < 63 || next <= 1 else { throw ImageFailure() }
            number |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return number }
            shift += 7
        }
    }

    /// Reads a number of either sign.
    public mutating func signed() throws(ImageFailure) -> Int64 {
        let folded = try number()
        return Int64(bitPattern: (folded >> 1) ^ (~(folded & 1) &+ 1))
    }

    /// Reads a number of either sign.
    public mutating func integer() throws(ImageFailure) -> Int { Int(try signed()) }

    /// Reads one of two.
    public mutating func flag() throws(ImageFailure) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        case _: throw ImageFailure()
        }
    }

    /// Reads a count of things that take at least a byte each, so that no count asks for more memory than
    /// the image has bytes.
    public mutating func count() throws(ImageFailure) -> Int {
        let count = try number()
        guard count <= UInt64(bytes.count - place) else { throw ImageFailure() }
        return Int(count)
    }

    /// Reads bytes with their count.
    public mutating func some() throws(ImageFailure) -> ArraySlice<UInt8> {
        let count = try count()
        defer { place += count }
        return bytes[place..<place + count]
    }

    /// Reads a text.
    public mutating func text() throws(ImageFailure) -> String { String(decoding: try some(), as: UTF8.self) }

    /// Reads a moment.
    public mutating func time() throws(ImageFailure) -> SessionTime {
        SessionTime(milliseconds: try signed())
    }

    /// Reads a word of a vocabulary.
    public mutating func word<Word: RawRepresentable>(_: Word.Type = Word.self) throws(ImageFailure) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: try text()) else { throw ImageFailure() }
        return word
    }

    /// Reads an identifier.
    public mutating func identifier<Name: Identifier>(_: Name.Type = Name.self) throws(ImageFailure) -> Name {
        guard let name = Name(try text()) else { throw ImageFailure() }
        return name
    }

    /// Reads what may be missing.
    public mutating func optional<Value>(
        _ each: (inout ImageReader) throws(ImageFailure) -> Value
    ) throws(ImageFailure) -> Value? {
        guard try flag() else { return nil }
        return try each(&self)
    }

    /// Reads a list.
    public mutating func list<Value>(
        _ each: (inout ImageReader) throws(ImageFailure) -> Value
    ) throws(ImageFailure) -> [Value] {
        let count = try count()
        var values: [Value] = []
        values.reserveCapacity(min(count, Self.reservedCountMaximum))
        for _ in 0..<count { values.append(try each(&self)) }
        return values
    }

    /// An element in memory is larger than one on disk; beyond this a list grows as it is read.
    private static let reservedCountMaximum = 100_000
}
