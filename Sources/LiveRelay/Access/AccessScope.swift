public import SessionModel

/// The part of the organisation tree that a supervisor or an administrator sees: a path from the root down,
/// and all that lies below it.
public struct AccessScope: Hashable, Sendable, CustomStringConvertible {
    /// Identifiers from the root down; empty means everything.
    public let path: [String]

    /// As deep as any organisation is ordered: country, province, prefecture, county, school and three to
    /// spare.
    public static let depthMaximum = 8

    /// No bound at all.
    public static let everything = AccessScope(unchecked: [])

    private init(unchecked path: [String]) { self.path = path }

    /// Reads `gd/gz`; the empty text means everything. Nil where a part is no identifier or there are too
    /// many.
    public init?(_ text: String) {
        guard !text.isEmpty else {
            self = .everything
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= Self.depthMaximum, parts.allSatisfy({ SeatID.isValid($0) }) else { return nil }
        path = parts
    }

    /// Whether a class of this organisation path lies in the scope.
    public func covers(_ organisation: [NamedPart]) -> Bool {
        organisation.count >= path.count && zip(path, organisation).allSatisfy { $0 == $1.id }
    }

    /// `gd/gz`, as it stands in a token.
    public var description: String { path.joined(separator: "/") }
}
