import Recorder

/// Which disk is measured, with how many classes, and for how long.
struct CommitSettings {
    /// As many classes as two cores carry at once.
    static let classesMaximum = 200
    /// Long enough for any disk to show what it does when its own memory is full.
    static let secondsMaximum = 60
    /// More than any disk answers at once.
    static let threadsMaximum = 64
    /// Medians of more tell nothing new.
    static let roundsMaximum = 9

    let folder: String
    let classes: [Int]
    let seconds: Int
    let rounds: Int
    /// File threads; as many as the server has, where nothing else is said.
    let threads: Int

    static let usage = """
               load-tests commit --folder EMPTY-FOLDER --classes 1,16,200 --seconds N --rounds N [--threads N]
        """

    init(_ arguments: [String]) throws {
        let options = try Options(arguments, usage: Self.usage)
        guard let folder = options["--folder"] else { throw options.misuse }
        self.folder = folder
        classes = try options.numbers("--classes", Self.classesMaximum)
        seconds = try options.numbers("--seconds", Self.secondsMaximum)[0]
        rounds = try options.numbers("--rounds", Self.roundsMaximum)[0]
        threads =
            options["--threads"] == nil
            ? FilePool.threadsCountDefault : try options.numbers("--threads", Self.threadsMaximum)[0]
    }
}
