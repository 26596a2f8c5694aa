/// Checks UTF-8 as it arrives and fails at the first byte that no continuation can mend (RFC 3629 §4, RFC
/// 6455 §8.1).
struct UTF8Validator {
    private enum State {
        /// Between characters.
        case between
        /// `count` more bytes belong to the character; the next lies in this range, the others are 80–BF.
        case inside(count: Int, next: ClosedRange<UInt8>)
    }

    private var state = State.between

    /// Whether the bytes so far end between characters.
    var isComplete: Bool {
        if case .between = state { return true }
        return false
    }

    /// Takes more bytes; false at the first bad one.
    mutating func accept(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            var position = 0
            while position < buffer.count {
                if isComplete {
                    position = Self.skipASCII(buffer, from: position)
                    guard position < buffer.count else { return true }
                }
                guard accept(buffer[position]) else { return false }
                position += 1
            }
            return true
        }
    }

    /// Takes one byte; false when it is bad.
    mutating func accept(_ byte: UInt8) -> Bool {
        switch state {
        case .inside(let count, let next):
            guard next.contains(byte) else { return false }
            state = count == 1 ? .between : .inside(count: count - 1, next: 0x80...0xBF)
            return true
        case .between:
            // RFC 3629 §4: the first byte fixes the length and, against overlong forms, surrogates and values
            // beyond U+10FFFF, the range of the second.
            switch byte {
            case 0x00...0x7F: break
            case 0xC2...0xDF: state = .inside(count: 1, next: 0x80...0xBF)
            case 0xE0: state = .inside(count: 2, next: 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: state = .inside(count: 2, next: 0x80...0xBF)
            case 0xED: state = .inside(count: 2, next: 0x80...0x9F)
            case 0xF0: state = .inside(count: 3, next: 0x90...0xBF)
            case 0xF1...0xF3: state = .inside(count: 3, next: 0x80...0xBF)
            case 0xF4: state = .inside(count: 3, next: 0x80...0x8F)
            default: return false
            }
            return true
        }
    }

    /// Whether these bytes are whole, valid UTF-8.
    static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        var validator = UTF8Validator()
        return validator.accept(bytes) && validator.isComplete
    }

    private static func skipASCII(_ buffer: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(buffer)
        var position = start
        while position + 8 <= raw.count,
            raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            position += 8
        }
        while position < raw.count, raw[position] < 0x80 {
            position += 1
        }
        return position
    }
}
