import Foundation
public import SessionModel

/// What the members of a class were sent: bytes of WebSocket frames, header and payload as they left, without
/// TLS and TCP.
///
///     {"other":48210,"sound":9120044,"v":1}
///
/// Neither truth nor index: a bill. It is written down from time to time, so that a crash costs what was
/// counted since.
public struct ClassTraffic: Hashable, Sendable, Codable {
    /// Sound.
    public private(set) var sound: Int
    /// Everything else: greetings, events, answers, digests, and what keeps a WebSocket going.
    public private(set) var other: Int

    /// So many bytes; by default none.
    public init(sound: Int = 0, other: Int = 0) {
        self.sound = sound
        self.other = other
    }

    /// So many more.
    public mutating func add(sound: Int, other: Int) {
        self.sound &+= sound
        self.other &+= other
    }
}

extension ClassTraffic {
    private struct Coded: Codable {
        var v = 1
        let sound: Int
        let other: Int
    }

    /// The name of the file in a class folder.
    static let fileName = "traffic.json"
    /// Two numbers.
    private static let fileBytesMaximum = 1_024

    /// The whole file.
    public func fileBytes() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Numbers always have a JSON form.
        guard let data = try? encoder.encode(Coded(sound: sound, other: other)) else {
            preconditionFailure("two numbers are plain JSON")
        }
        return [UInt8](data) + [LineFeed.byte]
    }

    /// Reads a whole file; nil where it is none of ours.
    public init?(fileBytes: [UInt8]) {
        guard let coded = try? JSONDecoder().decode(Coded.self, from: Foundation.Data(fileBytes)),
            coded.v == 1, coded.sound >= 0, coded.other >= 0
        else { return nil }
        self.init(sound: coded.sound, other: coded.other)
    }

    /// What was written down of a class; nothing where there is nothing that can be read. Blocks.
    public static func read(_ session: SessionID, in storage: any Storage) -> ClassTraffic {
        let bytes = try? storage.readWhole(ClassPaths(session).traffic, bytesMaximum: fileBytesMaximum)
        return bytes.flatMap { ClassTraffic(fileBytes: $0) } ?? ClassTraffic()
    }
}
