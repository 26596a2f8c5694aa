import Foundation
public import SessionModel

/// `manifest.json` of a class: every segment of sound, where it lies in the time of the session, and its
/// digest once it is closed. Truth; put in place whole. A segment stands here before its file exists.
public struct Manifest: Hashable, Sendable {
    /// The class.
    public let session: SessionID
    /// The segments by the time they begin, then by track.
    public private(set) var segments: [AudioSegment]

    /// A manifest; segments in any order.
    public init(session: SessionID, segments: [AudioSegment] = []) {
        self.session = session
        self.segments = segments.sorted(by: AudioSegment.isBefore)
    }

    /// Puts a segment in, in the place of one with the same file.
    public mutating func put(_ segment: AudioSegment) {
        remove(file: segment.file)
        segments.insert(segment, at: segments.partitioningIndex { AudioSegment.isBefore(segment, $0) })
    }

    /// Takes a segment out.
    public mutating func remove(file: String) {
        segments.removeAll { $0.file == file }
    }

    /// The whole file: one object with a line for each segment, so that a person can read it.
    public func fileBytes() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = segments.map { segment in
            // Identifiers, numbers and digits always have a JSON form.
            guard let data = try? encoder.encode(segment) else {
                preconditionFailure("a segment is plain JSON")
            }
            return String(decoding: data, as: UTF8.self)
        }
        let list = lines.isEmpty ? "[]" : "[\n" + lines.joined(separator: ",\n") + "\n]"
        return Array("{\"v\":1,\"session\":\"\(session)\",\"segments\":\(list)}\n".utf8)
    }

    /// Reads a whole file; nil where it is no manifest.
    public init?(fileBytes: [UInt8]) {
        guard let coded = try? JSONDecoder().decode(Coded.self, from: Foundation.Data(fileBytes)),
            coded.v == 1,
            coded.segments.allSatisfy(\.isPlausible)
        else { return nil }
        self.init(session: coded.session, segments: coded.segments)
    }

    /// A segment for every turn of a day-long class is far below it.
    static let fileBytesMaximum = 64 * 1_024 * 1_024

    private struct Coded: Decodable {
        let v: Int
        let session: SessionID
        let segments: [AudioSegment]
    }
}

/// One file of sound: an unbroken stretch of one track.
public struct AudioSegment: Hashable, Sendable, Codable {
    /// The name in the folder of sound.
    public let file: String
    /// The track.
    public let track: TrackID
    /// Who is heard.
    public let seat: SeatID
    /// The start of the relay in which it was recorded.
    public let run: UInt32
    /// 1 or 2.
    public let channels: Int
    /// The sequence number of the first packet.
    public let firstSequence: UInt32
    /// The sequence number of the last packet; nil while open, and where recovery closed the file.
    public var lastSequence: UInt32?
    /// The capture time of the first packet, in samples at 48 kHz of the publisher's clock.
    public let firstCapture: UInt64
    /// Samples at 48 kHz in the file, those to skip among them; 0 while open.
    public var samples: Int
    /// Samples to skip at the beginning.
    public let preSkip: Int
    /// Where the time of the file stands in the time of the session; at least one, the first at file time 0.
    public var anchors: [AudioAnchor]
    /// What has become of the file.
    public var state: AudioSegmentState
    /// SHA-256 of the file once it is closed, in hexadecimal digits; it stays when the file is erased.
    public var sha256: String?

    /// When the segment begins.
    public var start: SessionTime { anchors.first?.session ?? .zero }

    /// How long it plays, in milliseconds.
    public var durationMilliseconds: Int64 { Int64(max(0, samples - preSkip) / 48) }

    /// When the segment ends.
    public var end: SessionTime { sessionTime(atFileMilliseconds: durationMilliseconds) }

    /// The moment of the session that is heard at a moment of the file.
    public func sessionTime(atFileMilliseconds file: Int64) -> SessionTime {
        let anchor = anchors.last { $0.fileMilliseconds <= file } ?? anchors.first
        guard let anchor else { return SessionTime(milliseconds: file) }
        return anchor.session.advanced(byMilliseconds: file &- anchor.fileMilliseconds)
    }

    /// The moment of the file at which a moment of the session is heard; it may lie outside the file.
    public func fileMilliseconds(at time: SessionTime) -> Int64 {
        let anchor = anchors.last { $0.session <= time } ?? anchors.first
        guard let anchor else { return time.milliseconds }
        return anchor.fileMilliseconds &+ anchor.session.milliseconds(to: time)
    }

    /// Whether the numbers may be reckoned with and the name stays in its folder.
    var isPlausible: Bool {
        let farthest: Int64 = 1 << 48
        return StorageNames.isValid(file) && !file.isEmpty && !file.contains("/")
            && (1...2).contains(channels)
            && (0...Int(farthest)).contains(samples) && (0...65_535).contains(preSkip) && !anchors.isEmpty
            && anchors.allSatisfy {
                (-farthest...farthest).contains($0.fileMilliseconds)
                    && (-farthest...farthest).contains($0.session.milliseconds)
            }
    }

    static func isBefore(_ left: AudioSegment, _ right: AudioSegment) -> Bool {
        (left.start, left.track, left.file) < (right.start, right.track, right.file)
    }
}

/// A moment of a file and the moment of the session that is heard there.
public struct AudioAnchor: Hashable, Sendable, Codable {
    /// Milliseconds from the beginning of what a player plays.
    public let fileMilliseconds: Int64
    /// The moment of the session.
    public let session: SessionTime

    /// A pair of moments.
    public init(fileMilliseconds: Int64, session: SessionTime) {
        self.fileMilliseconds = fileMilliseconds
        self.session = session
    }

    /// Reads a pair of numbers: file, session.
    public init(from decoder: any Decoder) throws {
        var pair = try decoder.unkeyedContainer()
        fileMilliseconds = try pair.decode(Int64.self)
        session = try pair.decode(SessionTime.self)
    }

    /// Writes a pair of numbers: file, session.
    public func encode(to encoder: any Encoder) throws {
        var pair = encoder.unkeyedContainer()
        try pair.encode(fileMilliseconds)
        try pair.encode(session)
    }
}

/// What has become of a file of sound. Raw values stand in manifests for ever.
public enum AudioSegmentState: String, CaseIterable, Hashable, Sendable, Codable {
    /// Being written.
    case open
    /// Complete, with its digest.
    case closed
    /// Gone; the digest still says what it was.
    case erased
}
