/// Lets so many WebSockets of a loop be on their way to one address at a time; the others wait for their turn
/// (RFC 6455 §4.1 item 2: a program that opens many at once would be a weapon against a server that has not
/// agreed to anything yet).
struct OpeningGate {
    private struct Place {
        var openCount = 0
        /// Calls that begin; false when the connection has gone meanwhile.
        var waiting: [() -> Bool] = []
        var head = 0
    }

    private var places: [[UInt8]: Place] = [:]

    /// Whether a connection to this address may begin now; else `begin` is called when its turn has come.
    mutating func enter(_ address: HostAddress, maximum: Int, _ begin: @escaping () -> Bool) -> Bool {
        var place = places.removeValue(forKey: address.bytes) ?? Place()
        defer { places[address.bytes] = place }
        guard place.openCount < maximum else {
            place.waiting.append(begin)
            return false
        }
        place.openCount += 1
        return true
    }

    /// A connection is open, or has failed: the next that waits takes over its place. Nil gives the place
    /// back.
    mutating func next(_ address: HostAddress) -> (() -> Bool)? {
        guard var place = places.removeValue(forKey: address.bytes) else { return nil }
        guard place.head < place.waiting.count else {
            place.openCount -= 1
            place.waiting = []
            place.head = 0
            if place.openCount > 0 { places[address.bytes] = place }
            return nil
        }
        let begin = place.waiting[place.head]
        place.head += 1
        places[address.bytes] = place
        return begin
    }
}
