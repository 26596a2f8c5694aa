public import SessionModel

/// Reads a log from any pieces of its bytes, checks every link of its chain, and finds a torn end.
///
/// Rules. A line is complete with its LF. The chain, the numbers and the form of every complete line must be
/// right. The last line may be torn: without LF, or not JSON; then it is cut off, and with it the lines of
/// its batch that came before it (those with `more`). Of the last write a disk may also have taken the end
/// and not the beginning: zeros stand in its place, which JSON never holds, and every whole line behind them
/// says that it was written together with the one before it. Then all is cut off from the zeros on: nothing
/// of that write was acknowledged. Anything else that is wrong is corruption.
public struct EventLogReader {
    /// What the first line says; nil until it was read.
    public private(set) var header: LogHeader?
    /// The digest of the last complete line of a complete batch.
    private(set) var tailDigest: [UInt8] = []
    private var tailLineBytesCount = 0
    private var chainLineBytesCount = 0
    /// How far complete batches reach in the file.
    public private(set) var validBytes = 0
    /// The number of the last event of a complete batch.
    public private(set) var lastNumber: UInt64 = 0

    /// Numbers of events whose lines' digests are wanted; 0 is the header.
    var wantedNumbers: Set<UInt64> = []
    /// The digests that were wanted, of lines that were read.
    private(set) var wantedDigests: [UInt64: [UInt8]] = [:]

    private enum State {
        /// The next line is the header.
        case header
        /// The next line is an event.
        case events
        /// The line before could not be read; if anything follows it, the log is corrupt.
        case suspect(LogCorruption)
        /// Zeros stand in the line where the torn end began; if a line follows that was not written together
        /// with it, the log is corrupt.
        case hole(LogCorruption)
    }

    private var state = State.header
    private var partial: [UInt8] = []
    private var offset = 0
    private var lineNumber = 0
    private var chainDigest: [UInt8] = []
    private var chainNumber: UInt64 = 0
    private var batch: [RecordedEvent] = []
    private let decoder = EventLineDecoder()

    /// Far above the longest line: 500 expected people with identifiers of 64 characters make 34 KiB. Zeros
    /// in the place of a write have no line ends and count as one line; no write is as long as this.
    static let lineBytesMaximum = 4_194_304
    /// What stands where a disk took a later part of a write and not this one.
    private static let zero: UInt8 = 0

    /// A reader at the beginning of a log.
    public init() {}

    /// A reader that goes on behind a line of which number, end and digest are known.
    init(_ header: LogHeader, after place: LogPlace) {
        self.header = header
        state = .events
        tailDigest = place.digest
        tailLineBytesCount = place.lineBytesCount
        chainLineBytesCount = place.lineBytesCount
        validBytes = place.byteOffset
        lastNumber = place.n
        offset = place.byteOffset
        lineNumber = Int(clamping: place.n) + 1
        chainDigest = place.digest
        chainNumber = place.n
    }

    /// Takes the next bytes and returns the events of the batches they complete.
    public mutating func feed(_ bytes: some Collection<UInt8>) throws(LogCorruption) -> [RecordedEvent] {
        var events: [RecordedEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if case .suspect(let corruption) = state { throw corruption }
            guard let end = rest.firstIndex(of: LineFeed.byte) else {
                partial += rest
                try checkLength()
                break
            }
            partial += rest[..<end]
            rest = rest[rest.index(after: end)...]
            try checkLength()
            let line = partial
            partial.removeAll(keepingCapacity: true)
            try take(line, into: &events)
        }
        return events
    }

    /// Says how the log ends. A log without a complete header is corrupt: its file is put in place whole.
    public func finish() throws(LogCorruption) -> LogEnd {
        guard let header else { throw LogCorruption(line: 1, byteOffset: 0, reason: .headerInvalid) }
        let total = offset + partial.count
        return LogEnd(
            header: header, position: LogPosition(epoch: header.epoch, n: lastNumber), validBytes: validBytes,
            tornBytes: total - validBytes, tailDigest: tailDigest, tailLineBytesCount: tailLineBytesCount)
    }

    private mutating func take(_ line: [UInt8], into events: inout [RecordedEvent]) throws(LogCorruption) {
        lineNumber += 1
        let lineOffset = offset
        offset += line.count + 1
        switch state {
        case .header:
            guard let header = LogHeader(line: line) else {
                throw LogCorruption(line: lineNumber, byteOffset: lineOffset, reason: .headerInvalid)
            }
            self.header = header
            chainDigest = Digest.sha256(line)
            chainLineBytesCount = line.count
            if wantedNumbers.contains(0) { wantedDigests[0] = chainDigest }
            state = .events
            completeBatch(into: &events)
        case .events:
            try takeEvent(line, at: lineOffset, into: &events)
        case .suspect(let corruption):
            throw corruption
        case .hole(let corruption):
            guard line.contains(Self.zero) || (try? decoder.decode(line))?.isTogether == true else {
                throw corruption
            }
        }
    }

    private mutating func takeEvent(
        _ line: [UInt8], at lineOffset: Int, into events: inout [RecordedEvent]
    ) throws(LogCorruption) {
        func corruption(_ reason: LogCorruption.Reason) -> LogCorruption {
            LogCorruption(line: lineNumber, byteOffset: lineOffset, reason: reason)
        }
        let decoded: EventLine
        do {
            decoded = try decoder.decode(line)
        } catch {
            switch error {
            case .notJSON:
                let found = corruption(.notJSON)
                state = line.contains(Self.zero) ? .hole(found) : .suspect(found)
                return
            case .unknownForm:
                throw corruption(.unknownForm)
            }
        }
        guard decoded.previous == Digest.hex(chainDigest) else { throw corruption(.chainBroken) }
        let (expected, overflow) = chainNumber.addingReportingOverflow(1)
        guard !overflow, decoded.recorded.n == expected else { throw corruption(.numberWrong) }
        chainDigest = Digest.sha256(line)
        chainLineBytesCount = line.count
        chainNumber = expected
        if wantedNumbers.contains(expected) { wantedDigests[expected] = chainDigest }
        batch.append(decoded.recorded)
        if !decoded.isContinued { completeBatch(into: &events) }
    }

    private mutating func completeBatch(into events: inout [RecordedEvent]) {
        events += batch
        batch.removeAll(keepingCapacity: true)
        tailDigest = chainDigest
        tailLineBytesCount = chainLineBytesCount
        validBytes = offset
        lastNumber = chainNumber
    }

    private func checkLength() throws(LogCorruption) {
        guard partial.count <= Self.lineBytesMaximum else {
            throw LogCorruption(line: lineNumber + 1, byteOffset: offset, reason: .lineTooLong)
        }
    }
}

/// The end of one line of a log, from which the chain can be taken up.
struct LogPlace: Hashable, Sendable {
    /// The number of its event; 0 is the header.
    let n: UInt64
    /// Where the next line begins.
    let byteOffset: Int
    /// SHA-256 of the line.
    let digest: [UInt8]
    /// How long the line is, without its LF.
    let lineBytesCount: Int
}

/// How a log ends.
public struct LogEnd: Hashable, Sendable {
    /// Its first line.
    public let header: LogHeader
    /// The place of the last event of the last complete batch.
    public let position: LogPosition
    /// How long the file is without a torn end.
    public let validBytes: Int
    /// How many bytes of a torn end follow; 0 for a log that was closed in order.
    public let tornBytes: Int
    /// The digest of the last complete line: what the next line's `prev` will be.
    public let tailDigest: [UInt8]
    /// How long that line is, without its LF.
    let tailLineBytesCount: Int

    /// The place behind the last complete batch.
    var place: LogPlace {
        LogPlace(
            n: position.n, byteOffset: validBytes, digest: tailDigest, lineBytesCount: tailLineBytesCount)
    }
}
