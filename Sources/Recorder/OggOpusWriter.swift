import COgg

/// Turns Opus packets into an Ogg Opus stream (RFC 7845), page by page, with granule positions at 48 kHz.
///
/// Owns libogg's stream and frees it. What comes back is to be appended to the file in order.
public final class OggOpusWriter {
    /// On the heap: pages point into it.
    private let stream = UnsafeMutablePointer<ogg_stream_state>.allocate(capacity: 1)
    private let head: OpusHead
    private let tags: OpusTags
    private let serial: Int32
    private var packetNumber: Int64 = 2
    /// Samples of all packets so far, those to skip among them: the granule position of the next page.
    public private(set) var samplesCount = 0
    /// Samples of packets that have not been given out yet.
    public private(set) var pendingSamplesCount = 0
    /// What many packets at once, as after a hole was filled, come in: players and checkers take longer pages
    /// for a fault.
    private static let pageSamplesMaximum = 48_000
    private var samplesInPage = 0
    /// Whole pages that have not been given out yet.
    private var pages: [UInt8] = []

    /// A stream with a number of its own; nothing is written yet.
    public init(serial: UInt32, head: OpusHead, tags: OpusTags) {
        self.serial = Int32(bitPattern: serial)
        self.head = head
        self.tags = tags
        stream.initialize(to: ogg_stream_state())
        // Fails only for want of memory, after which nothing could go on.
        precondition(ogg_stream_init(stream, self.serial) == 0, "no memory for an Ogg stream")
    }

    deinit {
        ogg_stream_clear(stream)
        stream.deallocate()
    }

    /// The two header packets, each in a page of its own.
    public func headerPages() -> [UInt8] {
        put(head.packet, number: 0, granule: 0, isFirst: true)
        let first = flush()
        put(tags.packet, number: 1, granule: 0)
        return first + flush()
    }

    /// Takes a packet that lasts so many samples at 48 kHz.
    public func append(_ packet: [UInt8], samples: Int) {
        samplesCount += samples
        pendingSamplesCount += samples
        put(packet, number: packetNumber, granule: Int64(samplesCount))
        packetNumber += 1
        samplesInPage += samples
        if samplesInPage >= Self.pageSamplesMaximum { endPage() }
    }

    /// Pages with everything that was taken since the last, at most a second in each; empty where there is
    /// nothing.
    public func flush() -> [UInt8] {
        endPage()
        pendingSamplesCount = 0
        defer { pages = [] }
        return pages
    }

    private func endPage() {
        samplesInPage = 0
        var page = ogg_page()
        while ogg_stream_flush(stream, &page) != 0 {
            pages += UnsafeBufferPointer(start: page.header, count: page.header_len)
            pages += UnsafeBufferPointer(start: page.body, count: page.body_len)
        }
    }

    /// The last pages: what is left, and a page that says the stream is over.
    public func end() -> [UInt8] {
        let left = flush()
        return left + OggPage.end(serial: serial, sequence: Int(stream.pointee.pageno))
    }

    private func put(_ packet: [UInt8], number: Int64, granule: Int64, isFirst: Bool = false) {
        var copy = packet
        let result = copy.withUnsafeMutableBufferPointer { buffer in
            var packet = ogg_packet(
                packet: buffer.baseAddress, bytes: buffer.count, b_o_s: isFirst ? 1 : 0, e_o_s: 0,
                granulepos: granule, packetno: number)
            return ogg_stream_packetin(stream, &packet)
        }
        precondition(result == 0, "no memory for an Ogg packet")
    }
}
