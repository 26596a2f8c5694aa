import Foundation
public import SessionModel

/// The answers to one anonymous poll: who voted, sorted, and what was voted, sorted, and nothing that joins
/// the two.
///
/// The same votes make the same bytes in whatever order they came. Every commit puts a new file in the place
/// of the old one, so no file system order betrays an order either. When the poll is closed its sums stand in
/// the log, and the box forgets the answers and keeps only who voted: below the least number of ballots there
/// are no sums at all.
public struct BallotBox: Hashable, Sendable {
    /// The poll.
    public let poll: PollID
    /// Who voted, sorted.
    public private(set) var seats: [SeatID]
    /// The chosen options, sorted; empty once the box is sealed.
    public private(set) var options: [Int]
    /// Whether the poll is closed and the answers are forgotten.
    public private(set) var isSealed: Bool

    /// An empty box.
    public init(poll: PollID) {
        self.poll = poll
        seats = []
        options = []
        isSealed = false
    }

    /// Takes a ballot. A second one of the same seat, and any into a sealed box, changes nothing.
    public mutating func cast(_ ballot: Ballot) {
        guard !isSealed, ballot.poll == poll else { return }
        let place = seats.partitioningIndex { $0 >= ballot.seat }
        guard place == seats.count || seats[place] != ballot.seat else { return }
        seats.insert(ballot.seat, at: place)
        options.insert(ballot.option, at: options.partitioningIndex { $0 >= ballot.option })
    }

    /// Forgets the answers.
    public mutating func seal() {
        options = []
        isSealed = true
    }
}

extension BallotBox {
    private struct Coded: Codable {
        var v = 1
        let poll: PollID
        let seats: [SeatID]
        let ballots: [Int]?
    }

    /// The folder of boxes in a class folder.
    static let folderName = "ballots"

    /// The name of the file.
    var fileName: String { "\(poll).json" }

    /// The whole file.
    public func fileBytes() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let coded = Coded(poll: poll, seats: seats, ballots: isSealed ? nil : options)
        // Identifiers and numbers always have a JSON form.
        guard let data = try? encoder.encode(coded) else { preconditionFailure("a box is plain JSON") }
        return [UInt8](data) + [LineFeed.byte]
    }

    /// Reads a whole file; nil where it is no box.
    public init?(fileBytes: [UInt8]) {
        guard let coded = try? JSONDecoder().decode(Coded.self, from: Foundation.Data(fileBytes)),
            coded.v == 1, coded.seats == coded.seats.sorted(), Set(coded.seats).count == coded.seats.count
        else { return nil }
        if let ballots = coded.ballots {
            guard ballots.count == coded.seats.count, ballots == ballots.sorted() else { return nil }
        }
        poll = coded.poll
        seats = coded.seats
        options = coded.ballots ?? []
        isSealed = coded.ballots == nil
    }
}

extension Array {
    /// The first index whose element belongs to the second part, in an array whose first part does not.
    func partitioningIndex(where belongsToSecondPart: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if belongsToSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
