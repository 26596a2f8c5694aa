import ArgumentParser

/// What the program says to scripts; 64 for wrong usage comes from the argument parser.
enum ExitStatus: Int32, CaseIterable, Sendable {
    /// It did not work.
    case failed = 1
    /// The network or the server cannot be reached.
    case network = 2
    /// The server refused: key, token, ban, full class.
    case refused = 3
    /// The class is over, or does not exist.
    case gone = 4
    /// The command line is wrong.
    case usage = 64

    /// As the argument parser throws it.
    var code: ExitCode { ExitCode(rawValue) }
}
