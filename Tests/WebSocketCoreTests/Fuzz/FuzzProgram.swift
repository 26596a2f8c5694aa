import Glibc

/// The entry points that libFuzzer calls; its library brings the `main` of this program.
enum FuzzProgram {
    /// Chosen by `LIVERELAY_FUZZ_TARGET`, since the arguments are libFuzzer's.
    static let target: FuzzTarget = {
        guard let target = setting("LIVERELAY_FUZZ_TARGET").flatMap(FuzzTarget.init) else {
            stop("LIVERELAY_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue))")
        }
        return target
    }()

    static func setting(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    static func stop(_ sentence: String) -> Never {
        write(sentence + "\n", to: STDERR_FILENO)
        exit(2)
    }

    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { exit(1) }
            rest = rest.dropFirst(count)
        }
    }
}

/// Called once. With `LIVERELAY_FUZZ_VERDICTS` the program judges standard input instead of fuzzing.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzerInitialize(_ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutableRawPointer)
    -> Int32
{
    if let name = FuzzProgram.setting("LIVERELAY_FUZZ_VERDICTS") {
        guard let kind = FuzzVerdicts(rawValue: name) else {
            FuzzProgram.stop("LIVERELAY_FUZZ_VERDICTS is one of \(FuzzVerdicts.allCases.map(\.rawValue))")
        }
        kind.judgeStandardInput()
        exit(0)
    }
    _ = FuzzProgram.target
    return 0
}

/// Called with every input; a trap is how a finding is told.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzerTestOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    do throws(FuzzFault) {
        try FuzzProgram.target.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
        fatalError(error.description)
    }
    return 0
}
