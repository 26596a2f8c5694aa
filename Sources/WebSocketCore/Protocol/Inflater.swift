import CZlib

/// Inflates messages a piece at a time (RFC 7692 §7.2.2). A pure calculation; owned by one loop.
final class Inflater {
    /// zlib keeps the address of the stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether a byte of the message has come.
    private var hasBegun = false
    /// Whether the last byte so far ended a block that called itself the last.
    private var isAtFinalEnd = false
    /// Whether something came that is no DEFLATE data. What stood before it is put out all the same, so that
    /// it is judged first, however the input is cut.
    private(set) var isBroken = false

    /// Nil where there is no memory.
    init?(windowBits: Int) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // A negative number asks for raw DEFLATE, without a wrapper.
        guard lr_inflate_init(stream, -Int32(windowBits)) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets every message so far.
    func forget() {
        inflateReset(stream)
        hasBegun = false
        isAtFinalEnd = false
        isBroken = false
    }

    /// Takes input from `position` on until it is used up or the output is full; how much was put out. Nil
    /// when it is no DEFLATE data.
    func inflate(_ input: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ output: inout [UInt8]) -> Int?
    {
        let capacity = output.count
        var count = 0
        while position < input.count || count == 0, count < capacity {
            let before = position
            guard !isBroken else { return count > 0 ? count : nil }
            guard let more = step(input, &position, &output, from: count) else { return nil }
            count += more
            guard position > before || more > 0 else { break }
        }
        return count
    }

    /// The message is complete. False when its data is not: it stops inside a block.
    func endMessage() -> Bool {
        defer {
            hasBegun = false
            isAtFinalEnd = false
        }
        // Without a byte there is nothing that the tail below could end: an empty message, as some write it
        // who keep a context, though §7.2.3.6 wants one byte.
        guard hasBegun, !isAtFinalEnd else { return true }
        // §7.2.1: the last byte holds the head of a stored block, whose length, 00 00 FF FF, was not sent.
        guard inflateSyncPoint(stream) == 1 else { return false }
        let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
        var nothing: [UInt8] = [0]
        var position = 0
        let count = tail.withUnsafeBufferPointer { step($0, &position, &nothing, from: 0) }
        return count == 0 && position == tail.count && !isBroken
    }

    private func step(
        _ input: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ output: inout [UInt8], from start: Int
    ) -> Int? {
        let room = output.count - start
        let status = output.withUnsafeMutableBufferPointer { target in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + position })
            stream.pointee.avail_in = UInt32(input.count - position)
            stream.pointee.next_out = target.baseAddress.map { $0 + start }
            stream.pointee.avail_out = UInt32(room)
            return CZlib.inflate(stream, Z_SYNC_FLUSH)
        }
        let taken = input.count - position - Int(stream.pointee.avail_in)
        let made = room - Int(stream.pointee.avail_out)
        position += taken
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        hasBegun = hasBegun || taken > 0
        switch status {
        case Z_OK, Z_BUF_ERROR:
            if taken > 0 { isAtFinalEnd = false }
        case Z_STREAM_END:
            // §7.2.3.4: a final block ends the stream but not the message; what follows is a new stream that
            // may refer to what came before.
            guard inflateResetKeep(stream) == Z_OK else { return nil }
            isAtFinalEnd = true
        default:
            isBroken = true
        }
        return made
    }
}
