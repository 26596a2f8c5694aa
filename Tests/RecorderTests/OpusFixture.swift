import Foundation
import SessionModel
import Testing

@testable import Recorder

/// Opus packets made by hand, and the judge of files that others wrote.
enum OpusFixture {
    /// 20 ms of silence, mono, as every encoder makes it.
    static let silence: [UInt8] = [0xF8, 0xFF, 0xFE]

    /// 20 ms, mono, told apart by a number.
    static func packet(_ number: Int) -> [UInt8] {
        [0xF8, 0xFF, 0xFE, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }

    static let head = OpusHead(channels: 1)
    static let tags = OpusTags(comments: ["TITLE=大单元·\u{2CB4E}", "LIVERELAY_CLASS=a"])

    /// A stream of packets of 20 ms with a page each second.
    static func stream(packets: Int, isEnded: Bool = true) -> [UInt8] {
        let writer = OggOpusWriter(serial: 7, head: head, tags: tags)
        var bytes = writer.headerPages()
        for number in 0..<packets {
            writer.append(packet(number), samples: 960)
            if writer.pendingSamplesCount >= 48_000 { bytes += writer.flush() }
        }
        return bytes + (isEnded ? writer.end() : writer.flush())
    }

    /// What a file holds by our own reader.
    static func items(_ bytes: [UInt8]) throws -> [OggOpusItem] {
        let reader = OggOpusReader()
        let items = try reader.feed(bytes)
        try reader.finish()
        return items
    }

    /// The exit code and the words of `opusinfo`, which nobody here wrote.
    static func opusinfo(_ path: String) throws -> (code: Int32, words: String) {
        try run("/usr/bin/opusinfo", [path])
    }

    /// Runs a program to its end.
    static func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, words: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, words)
    }

    static func opusinfo(of bytes: [UInt8], in folder: TemporaryFolder) throws -> (code: Int32, words: String)
    {
        let storage = FileStorage(root: folder.path)
        try storage.replace("judged.opus", with: bytes)
        return try opusinfo(folder.path + "/judged.opus")
    }
}
