import COgg

/// One page of an Ogg stream (RFC 3533 §6), checked for its checksum.
struct OggPage {
    let serial: Int32
    let sequence: Int
    /// Minus one where no packet ends in the page.
    let granule: Int64
    let isFirst: Bool
    let isLast: Bool
    let body: [UInt8]
    /// Header and body together.
    let bytesCount: Int

    /// A page without a packet that ends a stream; its granule position is minus one, as no packet ends in
    /// it.
    static func end(serial: Int32, sequence: Int) -> [UInt8] {
        var header: [UInt8] =
            Array("OggS".utf8) + [0, 4] + [UInt8](repeating: 0xFF, count: 8)
            + LittleEndian.bytes32(Int(UInt32(bitPattern: serial))) + LittleEndian.bytes32(sequence)
            + LittleEndian.bytes32(0) + [0]
        var body: [UInt8] = [0]
        header.withUnsafeMutableBufferPointer { headerBuffer in
            body.withUnsafeMutableBufferPointer { bodyBuffer in
                var page = ogg_page(
                    header: headerBuffer.baseAddress, header_len: headerBuffer.count,
                    body: bodyBuffer.baseAddress, body_len: 0)
                ogg_page_checksum_set(&page)
            }
        }
        return header
    }
}

/// Cuts bytes that come in any pieces into pages; strict: bytes that belong to no page are an error.
///
/// Owns libogg's buffer and frees it.
final class OggPageReader {
    private var sync = ogg_sync_state()
    private(set) var page = ogg_page()
    /// Bytes of the pages that came out so far.
    private(set) var validBytes = 0

    init() { ogg_sync_init(&sync) }

    deinit { ogg_sync_clear(&sync) }

    func feed(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        guard let buffer = ogg_sync_buffer(&sync, bytes.count) else {
            preconditionFailure("no memory for a page")
        }
        bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(start: buffer, count: bytes.count).copyMemory(from: source)
        }
        ogg_sync_wrote(&sync, bytes.count)
    }

    /// The next page, or nil until more bytes come. `body` is copied, since libogg's own buffer moves.
    func next() throws(OggOpusFailure) -> OggPage? {
        let count = ogg_sync_pageseek(&sync, &page)
        if count < 0 { throw .pageInvalid(byteOffset: validBytes) }
        guard count > 0 else { return nil }
        validBytes += count
        return OggPage(
            serial: ogg_page_serialno(&page), sequence: Int(ogg_page_pageno(&page)),
            granule: ogg_page_granulepos(&page), isFirst: ogg_page_bos(&page) != 0,
            isLast: ogg_page_eos(&page) != 0,
            body: Array(UnsafeBufferPointer(start: page.body, count: page.body_len)), bytesCount: count)
    }
}

/// Why bytes are no Ogg Opus stream.
public enum OggOpusFailure: Error, Hashable, Sendable {
    /// Bytes that are no page, or a page whose checksum is wrong.
    case pageInvalid(byteOffset: Int)
    /// A page is missing in the middle.
    case pageMissing
    /// The stream does not begin with the headers of Opus.
    case notOpus
    /// A header packet is malformed.
    case headerInvalid
    /// A packet is longer than any Opus packet, or a header longer than any header.
    case packetTooLong
    /// A packet is no Opus packet.
    case packetInvalid
}
