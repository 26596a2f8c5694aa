import WebSocketCore

/// On which loops a class has members, or people who are about to be: where its deliveries go.
struct MemberLoops {
    private var connections: [Set<ConnectionID>]

    init(loopsCount: Int) { connections = Array(repeating: [], count: loopsCount) }

    /// The loops with somebody on them.
    var occupied: [Int] { connections.indices.filter { !connections[$0].isEmpty } }

    /// Somebody comes or comes back.
    mutating func arrived(_ connection: ConnectionID) { connections[connection.loopIndex].insert(connection) }

    /// A socket is gone.
    mutating func gone(_ connection: ConnectionID) { connections[connection.loopIndex].remove(connection) }

    /// What each loop has to carry out; whoever is dismissed is gone then.
    mutating func split(_ deliveries: [Delivery]) -> [(loop: Int, deliveries: [Delivery])] {
        let parts = occupied.compactMap { loop in
            let mine = deliveries.filter { $0.concerns(loop: loop) }
            return mine.isEmpty ? nil : (loop: loop, deliveries: mine)
        }
        for delivery in deliveries {
            if case .dismiss(let connection, _) = delivery { gone(connection) }
        }
        return parts
    }
}

extension Delivery {
    /// Whether a loop has anything to do with it.
    fileprivate func concerns(loop index: Int) -> Bool {
        switch self {
        case .broadcast, .digest: true
        case .send(_, let connection), .panels(let connection, _), .dismiss(let connection, _):
            connection.loopIndex == index
        case .admit(let member, _): member.connection.loopIndex == index
        case .settle, .conclude: false
        }
    }
}
