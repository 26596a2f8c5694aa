/// A command line of `--name value` pairs and flags.
struct Options {
    /// Why the command line is wrong.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let values: [String: String]
    private let flags: Set<String>
    /// What is told where something is missing or wrong.
    let usage: String

    /// Reads a command line; of two values for one name the later counts.
    init(_ arguments: [String], flags known: Set<String> = [], usage: String) throws(Failure) {
        var values: [String: String] = [:]
        var flags: Set<String> = []
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if known.contains(name) {
                flags.insert(name)
            } else if name.hasPrefix("--"), let value = rest.popFirst() {
                values[name] = value
            } else {
                throw Failure(description: usage)
            }
        }
        self.values = values
        self.flags = flags
        self.usage = usage
    }

    /// What was said under a name.
    subscript(_ name: String) -> String? { values[name] }

    /// Whether a flag was given.
    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// The failure that tells the usage.
    var misuse: Failure { Failure(description: usage) }

    /// A number that has to be said, within bounds.
    func number(_ name: String, _ bounds: ClosedRange<Int>) throws(Failure) -> Int {
        guard let value = values[name].flatMap({ Int($0) }), bounds.contains(value) else {
            let range = "\(bounds.lowerBound)…\(bounds.upperBound)"
            throw Failure(description: "\(name): \(range)\n\(usage)")
        }
        return value
    }

    /// Numbers from 1 on with commas between them; at least one has to be said.
    func numbers(_ name: String, _ maximum: Int) throws(Failure) -> [Int] {
        let numbers = (values[name] ?? "").split(separator: ",").map { Int($0) ?? 0 }
        guard !numbers.isEmpty, numbers.allSatisfy((1...maximum).contains) else {
            throw Failure(description: "\(name): 1…\(maximum)\n\(usage)")
        }
        return numbers
    }
}
