/// How the echo listens, and for how long. It must be told when to end: nobody leaves an open echo behind.
struct EchoSettings {
    /// Long enough for every case of a conformance suite, with a judge that takes its time.
    static let secondsMaximum = 7_200

    /// TCP port; 0 lets the system choose.
    let port: UInt16
    /// Where the certificate lies or is made; nil speaks plainly.
    let certificateFolder: String?
    let compression: EchoCompression
    let seconds: Int

    static let usage = """
        usage: load-tests echo --port PORT|0 --plain|--tls FOLDER --seconds N [--compression off|fresh|kept]
        Sends every message of a WebSocket back; listens on this machine only, prints its address as JSON, and
        makes its certificate in FOLDER where it has none. `?close=CODE&reason=TEXT` in the target closes at
        the first message instead.
        """

    init(_ arguments: [String]) throws {
        let options = try Options(arguments, flags: ["--plain"], usage: Self.usage)
        port = UInt16(try options.number("--port", 0...Int(UInt16.max)))
        certificateFolder = options["--tls"]
        guard options.has("--plain") != (certificateFolder != nil),
            let compression = EchoCompression(said: options["--compression"])
        else { throw options.misuse }
        self.compression = compression
        seconds = try options.number("--seconds", 1...Self.secondsMaximum)
    }
}
