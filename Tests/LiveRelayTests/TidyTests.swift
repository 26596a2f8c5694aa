import Foundation
import Testing

/// `docs/style.md` as a test. Every finding says what to write instead.
@Suite("Tidy")
struct TidyTests {
    private let tree = SourceTree.repository

    private var swift: [SourceText] {
        ["Sources", "Tests", "Plugins", "load-tests"].flatMap { tree.files($0, ".swift") }
    }

    private var web: [SourceText] {
        ["Sources/LiveRelay/Web", "Tests/web"].flatMap { tree.files($0, ".js", ".css") }
    }

    /// Fails once per finding, so that all of them are seen in one run.
    private func report(_ findings: [String]) {
        for finding in findings { Issue.record(Comment(rawValue: finding)) }
    }

    // MARK: - Who may know whom

    /// The longest matching folder decides.
    private static let importsAllowed: [(folder: String, modules: Set<String>)] = [
        ("Sources/SessionModel", []),
        ("Sources/WebSocketCore", ["CNet", "COpenSSL", "CZlib", "Dispatch", "Glibc", "Synchronization"]),
        // Atomics hold a frame's compressed forms, which are made once for all loops.
        ("Sources/WebSocketCore/Protocol", ["COpenSSL", "CZlib", "Synchronization"]),
        (
            "Sources/Recorder",
            [
                "SessionModel", "GRDB", "CDisk", "COgg", "COpus", "COpenSSL", "Foundation", "Dispatch",
                "Glibc", "Synchronization",
            ]
        ),
        ("Sources/LiveRelayWire", ["SessionModel", "Foundation"]),
        (
            "Sources/LiveRelayClient",
            ["LiveRelayWire", "SessionModel", "WebSocketCore", "Foundation", "Dispatch", "Glibc"]
        ),
        (
            "Sources/LiveRelay",
            [
                "SessionModel", "WebSocketCore", "Recorder", "LiveRelayWire", "COpenSSL", "GRDB", "Logging",
                "Foundation", "Dispatch", "Glibc", "Synchronization",
            ]
        ),
        (
            "Sources/LiveRelay/Access",
            [
                "SessionModel", "Recorder", "LiveRelayWire", "WebSocketCore", "COpenSSL", "JWTKit", "GRDB",
                "Foundation",
            ]
        ),
        (
            "Sources/LiveRelayCommand",
            [
                "LiveRelay", "LiveRelayClient", "LiveRelayWire", "SessionModel", "Recorder", "WebSocketCore",
                "ArgumentParser", "Logging", "COpus", "COgg", "Foundation", "Dispatch", "Glibc",
                "Synchronization",
            ]
        ),
        ("Sources/EmbedAssets", ["Foundation"]),
        ("Plugins", ["Foundation", "PackagePlugin"]),
        (
            "load-tests",
            [
                "LiveRelayClient", "LiveRelayWire", "Recorder", "SessionModel", "WebSocketCore",
                "ArgumentParser", "Foundation", "Dispatch", "Glibc", "Histogram", "Synchronization",
            ]
        ),
    ]

    @Test func everyFolderImportsOnlyWhatItMay() throws {
        let pattern = try Regex(
            #"^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|func|var)\s+)?(\w+)"#)
        for source in swift where !source.path.hasPrefix("Tests/") {
            let rule = Self.importsAllowed.filter { source.path.hasPrefix($0.folder + "/") }
                .max { $0.folder.count < $1.folder.count }
            guard let rule else {
                report(["\(source.path): no import rule for its folder; add one to importsAllowed"])
                continue
            }
            for (index, line) in source.code.enumerated() where line.contains("import ") {
                guard let name = try pattern.firstMatch(in: line)?[1].substring,
                    !rule.modules.contains(String(name))
                else { continue }
                report([
                    "\(source.place(index)): \(rule.folder) may not import \(name); move the code to the "
                        + "layer that may (docs/architecture.md), or pass the value in"
                ])
            }
        }
    }

    // MARK: - Size

    @Test func filesFitInAHead() {
        report(
            (swift + web).filter { $0.lines.count > 600 }.map {
                "\($0.path) has \($0.lines.count) lines; cut it into parts of one purpose, at most 600 each"
            })
    }

    /// Lines of text inside a literal are as long as the text is.
    @Test func linesFitOnAScreen() {
        for (sources, columns) in [(swift, 110), (web, 120)] {
            for source in sources {
                for (index, line) in source.lines.enumerated() where line.count > columns {
                    let isText = source.code[index].allSatisfy { $0 == " " } && !line.contains("//")
                    guard !isText else { continue }
                    report(["\(source.place(index)) has \(line.count) columns; break it at \(columns)"])
                }
            }
        }
    }

    @Test func functionsFitOnAScreen() throws {
        for source in swift {
            for function in try FunctionSpan.all(in: source) where function.lineCount > 70 {
                report([
                    "\(source.place(function.first)): \(function.lineCount) lines in one function; "
                        + "let the parent decide and move the leaves out, at most 70"
                ])
            }
        }
    }

    // MARK: - The core knows no time, no chance, no world

    @Test func pureFoldersReadNoClockAndDrawNoLots() throws {
        let forbidden = [
            #"\bDate\("#: "take the time as an argument",
            #"\.now\b"#: "take the time as an argument",
            #"\b(?:Continuous|Suspending)Clock\b"#: "take the time as an argument",
            #"\brandom\w*\("#: "take the value or a generator as an argument",
            #"\bSystemRandomNumberGenerator\b"#: "take a generator as an argument",
            #"\bUUID\("#: "let the caller make the identifier",
            #"\bTask\s*[.{(]"#: "let the driver do it; return an effect",
            #"\b(?:DispatchQueue|FileManager|ProcessInfo)\b"#: "let the driver do it; return an effect",
            #"\bgetenv\("#: "take the setting as an argument",
        ]
        for folder in ["SessionModel", "WebSocketCore/Protocol"] {
            for source in tree.files("Sources/" + folder, ".swift") {
                try search(source, forbidden)
            }
        }
    }

    @Test func librariesNeverPrint() throws {
        let programs = ["Sources/LiveRelayCommand/", "Sources/EmbedAssets/"]
        for source in tree.files("Sources", ".swift")
        where !programs.contains(where: { source.path.hasPrefix($0) }) {
            try search(
                source,
                [
                    #"(?:^|[^\w.])(?:print|debugPrint|dump|NSLog)\("#:
                        "give the text to the Logger, or return it to the caller"
                ])
        }
    }

    @Test func modelSwitchesNameEveryCase() throws {
        for source in tree.files("Sources/SessionModel", ".swift") {
            for index in SwitchStatement.defaultsOverEnums(in: source) {
                report([
                    "\(source.place(index)): `default:` hides the case that is added next year; name the cases"
                ])
            }
        }
    }

    @Test func promisesToTheCompilerAreExplained() {
        let promises = ["@unchecked " + "Sendable", "nonisolated" + "(unsafe)"]
        for source in swift {
            for (index, line) in source.code.enumerated()
            where promises.contains(where: { line.contains($0) }) {
                let near = source.lines[max(0, index - 3)...index]
                guard !near.contains(where: { $0.contains("//") }) else { continue }
                report(["\(source.place(index)): say in a comment above why no two threads can meet here"])
            }
        }
    }

    private func search(_ source: SourceText, _ forbidden: [String: String]) throws {
        for (pattern, instead) in forbidden.sorted(by: { $0.key < $1.key }) {
            let regex = try Regex(pattern)
            for (index, line) in source.code.enumerated() where line.contains(regex) {
                let found = source.lines[index].trimmingCharacters(in: .whitespaces)
                report(["\(source.place(index)): `\(found)`: \(instead)"])
            }
        }
    }

    // MARK: - Words

    @Test func nothingIsLeftForLater() throws {
        let words = ["FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK"]
        let regex = try Regex(#"\b(?:"# + words.joined(separator: "|") + #")\b"#)
        for source in tree.files("", ".swift", ".js", ".css", ".html", ".py", ".c", ".h", "run") {
            for (index, line) in source.lines.enumerated() where line.contains(regex) {
                report(["\(source.place(index)): finish it now, or write an issue and remove the note"])
            }
        }
    }

    @Test func typesAreNamedForWhatTheyAre() throws {
        let regex = try Regex(
            #"\b(?:class|struct|enum|actor|protocol)\s+\w*(?:Manager|Helper|Utils?|Handler)\b"#)
        for source in tree.files("Sources", ".swift") {
            for (index, line) in source.code.enumerated() where line.contains(regex) {
                report(["\(source.place(index)): name the type for what it is (docs/style.md, glossary)"])
            }
        }
    }

    /// The repository runs anywhere: it names no folder of one machine and no registry.
    @Test func nothingPointsAtOneMachine() {
        let words = [
            "/work" + "/", "/ro" + "ot/", "/home" + "/", "deb.debian" + ".org", "pypi" + ".org",
            "python" + "hosted", "npm" + "js", "swift-pack" + "ages/",
        ]
        let endings = [".swift", ".js", ".css", ".html", ".py", ".md", ".json", ".yaml", ".txt", "run"]
        for source in endings.flatMap({ tree.files("", $0) }) {
            for (index, line) in source.lines.enumerated() {
                guard let word = words.first(where: { line.contains($0) }) else { continue }
                report(["\(source.place(index)): `\(word)` exists on one machine only; use a relative path"])
            }
        }
    }

    // MARK: - The web client

    @Test func pureWebModulesNeverTouchThePage() throws {
        let pure = ["js/protocol/", "js/model/", "js/i18n/", "js/audio/jitter-buffer.js"]
        let regex = try Regex(#"\b(?:document|window)\b"#)
        for source in tree.files("Sources/LiveRelay/Web", ".js")
        where pure.contains(where: { source.path.contains("Web/" + $0) }) {
            for (index, line) in source.code.enumerated() where line.contains(regex) {
                report(["\(source.place(index)): pass the value in; only ui/ and pages/ know the page"])
            }
        }
    }

    @Test func bothLanguagesHaveTheSameKeys() throws {
        let folder = "Sources/LiveRelay/Web/js/i18n/"
        for part in ["", "report-"] {
            let chinese = try keys(try #require(tree.file("\(folder)\(part)zh-CN.js")))
            let english = try keys(try #require(tree.file("\(folder)\(part)en.js")))
            #expect(chinese.count > 50, "the reader of keys no longer understands \(part)zh-CN.js")
            report(chinese.subtracting(english).sorted().map { "\(part)en.js lacks \($0)" })
            report(english.subtracting(chinese).sorted().map { "\(part)zh-CN.js lacks \($0)" })
        }
    }

    private func keys(_ source: SourceText) throws -> Set<String> {
        let regex = try Regex(#"^\s*["']?([A-Za-z][\w.-]*)["']?\s*:"#)
        return Set(
            try source.lines.compactMap { try regex.firstMatch(in: $0)?[1].substring.map(String.init) })
    }
}
