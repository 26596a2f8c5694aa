/// Frames waiting for a full socket, in order: bounded, media dropped by age, what has been offered never
/// dropped.
struct OutboundQueue {
    /// Small frames gathered for one write; one TLS record holds this much.
    static let batchBytesMaximum = 16_384
    /// Spent entries tolerated at the front before they are removed.
    private static let spentCountMaximum = 64

    /// Bytes to offer to the socket now.
    struct Batch {
        /// The bytes.
        let frame: SharedFrame
        /// Where in them to begin.
        let offset: Int
        /// Entries gathered; 0 when the batch was offered before.
        fileprivate let entryCount: Int
        /// Whether it is one reply. What was gathered counts as none: it is small.
        fileprivate let isReply: Bool

        /// Bytes left to offer.
        var count: Int {
            frame.count - offset
        }

        /// Lends these bytes.
        func withUnsafeBytes<Result>(_ use: (UnsafeRawBufferPointer) -> Result) -> Result {
            frame.bytes.withUnsafeBytes { use(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
        }
    }

    private enum Kind: Equatable {
        case control
        case reply
        case pong
        case media(staleAt: UInt64)
    }

    private struct Entry {
        /// Nil when dropped.
        var frame: SharedFrame?
        var kind: Kind
    }

    private let mediaBytesMaximum: Int
    private var entries: ContiguousArray<Entry> = []
    private var head = 0
    /// No media stands before this entry.
    private var mediaHead = 0
    /// Where a pong waits, if one does.
    private var pongPosition: Int?
    private var offered: (frame: SharedFrame, offset: Int, isReply: Bool)?

    /// Control bytes waiting, replies and those already offered included.
    private(set) var controlBytes = 0
    /// Those of them that the peer itself has asked for.
    private(set) var replyBytes = 0
    /// Media bytes waiting.
    private(set) var mediaBytes = 0
    /// Media frames dropped since the beginning.
    private(set) var droppedMediaCount = 0
    /// What the socket was given since the last `takeSent()`: a frame of which it took the first byte counts
    /// whole.
    private var sent = SentBytes()

    init(mediaBytesMaximum: Int) {
        self.mediaBytesMaximum = mediaBytesMaximum
    }

    /// Whether nothing waits.
    var isEmpty: Bool {
        offered == nil && head == entries.count
    }

    /// All bytes waiting.
    var bytes: Int {
        controlBytes + mediaBytes
    }

    /// Adds a frame at the end. Media that has become stale is dropped first, then media beyond its bytes.
    mutating func add(_ frame: SharedFrame, _ dropClass: DropClass, now: UInt64) {
        switch dropClass {
        case .control:
            entries.append(Entry(frame: frame, kind: .control))
            controlBytes += frame.count
        case .reply:
            entries.append(Entry(frame: frame, kind: .reply))
            controlBytes += frame.count
            replyBytes += frame.count
        case .media(let ageLimit):
            let (staleAt, overflow) = now.addingReportingOverflow(ageLimit)
            entries.append(Entry(frame: frame, kind: .media(staleAt: overflow ? .max : staleAt)))
            mediaBytes += frame.count
            dropMedia(now: now)
        }
    }

    /// Adds a pong, in place of one that still waits: only the latest ping needs its answer (RFC 6455
    /// §5.5.3).
    mutating func addPong(_ frame: SharedFrame) {
        if let position = pongPosition, let earlier = entries[position].frame {
            controlBytes += frame.count - earlier.count
            replyBytes += frame.count - earlier.count
            entries[position].frame = frame
            return
        }
        pongPosition = entries.count
        entries.append(Entry(frame: frame, kind: .pong))
        controlBytes += frame.count
        replyBytes += frame.count
    }

    /// Bytes that a socket has taken in part, or that TLS insists on: first in line and never dropped.
    mutating func pin(_ frame: SharedFrame, offset: Int, isReply: Bool = false) {
        offered = (frame, offset, isReply)
        controlBytes += frame.count - offset
        if isReply { replyBytes += frame.count - offset }
    }

    /// What to offer next; nil when nothing waits. The queue is unchanged until `took` or `pin` says what
    /// became of it, except that stale media is dropped.
    mutating func nextBatch(now: UInt64) -> Batch? {
        if let offered {
            return Batch(
                frame: offered.frame, offset: offered.offset, entryCount: 0, isReply: offered.isReply)
        }
        dropMedia(now: now)
        skipSpent()
        var gathered: [SharedFrame] = []
        var size = 0
        var end = head
        while end < entries.count {
            if let frame = entries[end].frame {
                guard gathered.isEmpty || size + frame.count <= Self.batchBytesMaximum else { break }
                gathered.append(frame)
                size += frame.count
            }
            end += 1
        }
        guard let first = gathered.first else { return nil }
        guard gathered.count > 1 else {
            // Spent entries were skipped, so the one frame is that of the first entry.
            let isReply = entries[head].kind == .reply || entries[head].kind == .pong
            return Batch(frame: first, offset: 0, entryCount: end - head, isReply: isReply)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        for frame in gathered {
            bytes.append(contentsOf: frame.bytes)
        }
        return Batch(frame: SharedFrame(raw: bytes), offset: 0, entryCount: end - head, isReply: false)
    }

    /// The socket took this much of the batch.
    mutating func took(_ batch: Batch, _ count: Int) {
        removeEntries(of: batch)
        let offset = batch.offset + count
        if batch.entryCount == 0 {
            controlBytes -= count
            if batch.isReply { replyBytes -= count }
        }
        if offset < batch.frame.count {
            if batch.entryCount == 0 {
                offered = (batch.frame, offset, batch.isReply)
            } else {
                pin(batch.frame, offset: offset, isReply: batch.isReply)
            }
        } else {
            offered = nil
        }
    }

    /// TLS refused the batch but holds a record of it: the same bytes must be offered again.
    mutating func refused(_ batch: Batch) {
        guard batch.entryCount > 0 else { return }
        removeEntries(of: batch)
        pin(batch.frame, offset: batch.offset, isReply: batch.isReply)
    }

    /// A frame went to the socket past the queue.
    mutating func passed(_ frame: SharedFrame, _ dropClass: DropClass) {
        sent.add(frame.count, dropClass)
    }

    /// What the socket was given since this was last asked.
    mutating func takeSent() -> SentBytes {
        defer { sent = SentBytes() }
        return sent
    }

    /// The connection is gone: forgets what waits and keeps the counts.
    mutating func close() {
        let counts = (droppedMediaCount, sent)
        self = OutboundQueue(mediaBytesMaximum: 0)
        (droppedMediaCount, sent) = counts
    }

    /// Forgets everything that was not offered.
    mutating func forgetUnoffered() {
        for position in head..<entries.count {
            forget(position)
        }
        head = entries.count
        compact()
    }

    private mutating func removeEntries(of batch: Batch) {
        for position in head..<head + batch.entryCount {
            count(position)
            forget(position)
        }
        head += batch.entryCount
        mediaHead = max(mediaHead, head)
        compact()
    }

    private mutating func count(_ position: Int) {
        guard let frame = entries[position].frame else { return }
        switch entries[position].kind {
        case .control, .reply, .pong: sent.add(frame.count, .control)
        case .media: sent.add(frame.count, .media(ageLimitMilliseconds: 0))
        }
    }

    private mutating func forget(_ position: Int) {
        guard let frame = entries[position].frame else { return }
        switch entries[position].kind {
        case .control:
            controlBytes -= frame.count
        case .reply:
            controlBytes -= frame.count
            replyBytes -= frame.count
        case .pong:
            controlBytes -= frame.count
            replyBytes -= frame.count
            pongPosition = nil
        case .media:
            mediaBytes -= frame.count
        }
        entries[position].frame = nil
    }

    private mutating func dropMedia(now: UInt64) {
        while mediaHead < entries.count {
            if case .media(let staleAt) = entries[mediaHead].kind, entries[mediaHead].frame != nil {
                guard staleAt <= now || mediaBytes > mediaBytesMaximum else { return }
                forget(mediaHead)
                droppedMediaCount += 1
            }
            mediaHead += 1
        }
    }

    private mutating func skipSpent() {
        while head < entries.count, entries[head].frame == nil {
            head += 1
        }
        mediaHead = max(mediaHead, head)
        compact()
    }

    private mutating func compact() {
        if head == entries.count {
            // An idle connection keeps nothing: there are thousands of them.
            entries = []
            head = 0
            mediaHead = 0
        } else if head > Self.spentCountMaximum, head * 2 > entries.count {
            entries.removeFirst(head)
            mediaHead -= head
            pongPosition = pongPosition.map { $0 - head }
            head = 0
        }
    }
}
