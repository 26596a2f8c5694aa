import LiveRelayClient

/// How many listen to how many lecturers, and how.
struct LectureSettings {
    /// What is listened to.
    enum Source {
        /// A class on a relay, made with an administrator's key.
        case relay(keyFile: String, kind: String)
        /// `load-tests/floor`, which greets nobody and publishes by itself.
        case floor
    }

    /// More than a machine's file numbers allow.
    static let listenersMaximum = 60_000
    /// A class grows over seconds.
    static let joinsPerSecondMaximum = 5_000
    /// Long enough to see memory grow.
    static let secondsMaximum = 3_600
    /// As large as a packet may be (RFC 6716 §3.2.1).
    static let packetBytesMaximum = 1_275
    /// As many as one loop of lecturers can speak for.
    static let classesMaximum = 400
    /// 20 ms each.
    static let packetsPerSecond = 50

    let server: ServerAddress
    let fingerprint: String?
    let source: Source
    /// Among which the listeners are spread evenly; of the floor there is one.
    let classes: Int
    let listeners: Int
    let joinsPerSecond: Int
    let seconds: Int
    let packetBytes: Int
    /// How many speak in each class at once.
    let speakers: Int
    /// What goes on beside the lecture, evenly over it.
    let waves: [Wave]
    /// So many read nothing once the lecture begins.
    let stopped: Int
    /// So many more read only for a moment each second.
    let slow: Int

    /// Those who read as they should.
    var ordinary: Int { listeners - stopped - slow }

    static let usage = """
               load-tests lecture --server URL [--pin SHA256] (--key-file FILE --kind KIND --classes N | --floor)
                          --listeners N --joins-per-second N --seconds N --packet-bytes N [--speakers 1|2]
                          [--stopped N] [--slow N] [--waves KIND:COUNT:SECONDS,…]   (poll, chat, hands, join)
        """

    init(_ arguments: [String]) throws {
        let options = try Options(arguments, flags: ["--floor"], usage: Self.usage)
        guard let server = options["--server"].flatMap({ ServerAddress($0) }),
            ["127.0.0.1", "localhost", "::1"].contains(server.host)
        else { throw options.misuse }
        self.server = server
        fingerprint = options["--pin"]
        if options.has("--floor") {
            source = .floor
            classes = 1
        } else {
            guard let key = options["--key-file"], let kind = options["--kind"] else { throw options.misuse }
            source = .relay(keyFile: key, kind: kind)
            classes = try options.number("--classes", 1...Self.classesMaximum)
        }
        listeners = try options.number("--listeners", 1...Self.listenersMaximum)
        joinsPerSecond = try options.number("--joins-per-second", 1...Self.joinsPerSecondMaximum)
        seconds = try options.number("--seconds", 1...Self.secondsMaximum)
        packetBytes = try options.number(
            "--packet-bytes", StampedPacket.bytesMinimum...Self.packetBytesMaximum)
        speakers = options["--speakers"] == nil ? 1 : try options.number("--speakers", 1...2)
        stopped = options["--stopped"] == nil ? 0 : try options.number("--stopped", 0...listeners - 1)
        slow = options["--slow"] == nil ? 0 : try options.number("--slow", 0...listeners - 1 - stopped)
        if let text = options["--waves"] {
            // Their polls and their seats are those of one class.
            guard classes == 1, case .relay = source, let waves = Wave.list(text) else {
                throw options.misuse
            }
            self.waves = waves
        } else {
            waves = []
        }
        let asking = waves.filter { $0.kind != .join }.map(\.count).max() ?? 0
        guard asking <= ordinary else { throw options.misuse }
    }
}
