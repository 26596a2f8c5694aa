import Foundation
import SessionModel

/// One line of a log: an event, whether its batch goes on in the next line, and the digest of the line
/// before.
///
/// Keys stand in a fixed order: `v`, then those of the event sorted, then `more` where it is true, then
/// `prev`. What was written is what is hashed; a reader never writes a line again to check it.
struct EventLine {
    let recorded: RecordedEvent
    let isContinued: Bool
    /// Whether the line was written in one call with the line before it: nothing tells in which order a disk
    /// takes what one call writes.
    var isTogether = false
    let previous: String

    /// The form this code writes and the newest it reads.
    static let version = 1
}

/// Why a complete line is no event.
enum EventLineFailure: Error {
    /// Not JSON at all: what a torn write leaves.
    case notJSON
    /// JSON, but not of a form this code knows.
    case unknownForm
}

/// Writes lines; keeps the encoder, which is costly to make.
struct EventLineEncoder {
    private let encoder: JSONEncoder

    init() {
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// The line without its LF. Fails only for values JSON cannot hold, which events do not have.
    func encode(_ line: EventLine) throws -> [UInt8] {
        let fields = [UInt8](try encoder.encode(line.recorded)).dropFirst().dropLast()
        var bytes = Array("{\"v\":\(EventLine.version),".utf8)
        bytes.reserveCapacity(fields.count + 112)
        bytes += fields
        if line.isContinued { bytes += Array(",\"more\":true".utf8) }
        if line.isTogether { bytes += Array(",\"together\":true".utf8) }
        bytes += Array(",\"prev\":\"\(line.previous)\"}".utf8)
        return bytes
    }
}

/// Reads lines; keeps the decoder, which is costly to make.
struct EventLineDecoder {
    private let decoder = JSONDecoder()

    /// Reads a line without its LF.
    func decode(_ bytes: [UInt8]) throws(EventLineFailure) -> EventLine {
        let data = Foundation.Data(bytes)
        do {
            let coded = try decoder.decode(Coded.self, from: data)
            guard coded.v == EventLine.version else { throw EventLineFailure.unknownForm }
            return EventLine(
                recorded: coded.recorded, isContinued: coded.more ?? false,
                isTogether: coded.together ?? false, previous: coded.prev)
        } catch let failure as EventLineFailure {
            throw failure
        } catch {
            throw (try? JSONSerialization.jsonObject(with: data)) == nil ? .notJSON : .unknownForm
        }
    }

    private struct Coded: Decodable {
        let v: Int
        let more: Bool?
        let together: Bool?
        let prev: String
        let recorded: RecordedEvent

        enum Key: String, CodingKey {
            case v, more, together, prev
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            v = try container.decode(Int.self, forKey: .v)
            more = try container.decodeIfPresent(Bool.self, forKey: .more)
            together = try container.decodeIfPresent(Bool.self, forKey: .together)
            prev = try container.decode(String.self, forKey: .prev)
            recorded = try RecordedEvent(from: decoder)
        }
    }
}
