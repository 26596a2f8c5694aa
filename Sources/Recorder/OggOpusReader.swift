import COgg

/// What comes out of an Ogg Opus stream.
public enum OggOpusItem: Hashable, Sendable {
    /// A stream begins; a file may hold several, one after the other.
    case head(OpusHead)
    /// Its tags.
    case tags(OpusTags)
    /// An Opus packet and how many samples at 48 kHz it lasts.
    case packet([UInt8], samples: Int)
    /// The stream is over; `samplesCount` is its length without what is skipped at the beginning and cut at
    /// the end.
    case end(samplesCount: Int)
}

/// Takes any Ogg Opus file apart (RFC 7845), from any pieces of its bytes. Streams that are not Opus and lie
/// in the same file are passed over. Memory is bounded by the longest packet.
///
/// Owns libogg's stream and frees it.
public final class OggOpusReader {
    /// Tags with a cover picture; RFC 7845 §5.2 lets a reader refuse more than 120 MB.
    static let headerBytesMaximum = 16 * 1_024 * 1_024

    private enum State {
        /// Before the first page of a stream.
        case searching
        /// The page of the first header was seen.
        case head
        /// The tags come next.
        case tags(OpusHead)
        /// Packets of sound.
        case packets(OpusHead)
    }

    private let pages = OggPageReader()
    /// On the heap: libogg keeps pointers.
    private let stream = UnsafeMutablePointer<ogg_stream_state>.allocate(capacity: 1)
    private var state = State.searching
    private var serial: Int32 = 0
    private var hasFoundOpus = false
    private var unfinishedBytes = 0
    private var lastGranule: Int64 = 0

    /// A reader at the beginning of a file.
    public init() {
        stream.initialize(to: ogg_stream_state())
        // Fails only for want of memory, after which nothing could go on.
        precondition(ogg_stream_init(stream, 0) == 0, "no memory for an Ogg stream")
    }

    deinit {
        ogg_stream_clear(stream)
        stream.deallocate()
    }

    /// Takes the next bytes.
    public func feed(_ bytes: [UInt8]) throws(OggOpusFailure) -> [OggOpusItem] {
        pages.feed(bytes)
        var items: [OggOpusItem] = []
        while let page = try pages.next() { try take(page, into: &items) }
        return items
    }

    /// Call at the end of the file: one in which no Opus stream began is none. A missing end is forgiven,
    /// since a recording that still runs has none.
    public func finish() throws(OggOpusFailure) {
        guard hasFoundOpus else { throw .notOpus }
    }

    private func take(_ page: OggPage, into items: inout [OggOpusItem]) throws(OggOpusFailure) {
        if case .searching = state {
            guard page.isFirst else {
                if hasFoundOpus { return }
                throw .notOpus
            }
            guard page.body.starts(with: OpusHead.magic) else { return }
            serial = page.serial
            ogg_stream_reset_serialno(stream, serial)
            state = .head
            lastGranule = 0
            hasFoundOpus = true
        }
        guard page.serial == serial else { return }
        var copy = pages.page
        guard ogg_stream_pagein(stream, &copy) == 0 else { throw .pageInvalid(byteOffset: pages.validBytes) }
        unfinishedBytes += page.body.count
        try takePackets(into: &items)
        if page.granule >= 0 { lastGranule = page.granule }
        if page.isLast {
            if case .packets(let head) = state {
                let samples = lastGranule.subtractingReportingOverflow(Int64(head.preSkip))
                items.append(.end(samplesCount: max(0, Int(samples.partialValue))))
            }
            state = .searching
            unfinishedBytes = 0
        }
    }

    private func takePackets(into items: inout [OggOpusItem]) throws(OggOpusFailure) {
        var packet = ogg_packet()
        while true {
            let result = ogg_stream_packetout(stream, &packet)
            if result < 0 { throw .pageMissing }
            guard result > 0 else { break }
            guard packet.bytes <= Self.headerBytesMaximum else { throw .packetTooLong }
            unfinishedBytes = 0
            items.append(try item(Array(UnsafeBufferPointer(start: packet.packet, count: packet.bytes))))
        }
        guard unfinishedBytes <= unfinishedBytesMaximum else { throw .packetTooLong }
    }

    private func item(_ packet: [UInt8]) throws(OggOpusFailure) -> OggOpusItem {
        switch state {
        case .searching: throw .notOpus
        case .head:
            guard let head = OpusHead(packet: packet) else { throw .headerInvalid }
            state = .tags(head)
            return .head(head)
        case .tags(let head):
            guard let tags = OpusTags(packet: packet) else { throw .headerInvalid }
            state = .packets(head)
            return .tags(tags)
        case .packets:
            guard let samples = OpusPacket.samples(packet) else { throw .packetInvalid }
            return .packet(packet, samples: samples)
        }
    }

    private var unfinishedBytesMaximum: Int {
        switch state {
        case .searching, .head, .tags: Self.headerBytesMaximum
        case .packets: OpusPacket.bytesMaximum
        }
    }
}
