import Foundation
import Testing

/// The pages in `docs/` against the code: what is not written down is not done.
@Suite("Tidy pages")
struct TidyPagesTests {
    private let tree = SourceTree.repository

    private func page(_ path: String) throws -> String {
        try #require(tree.file(path), "\(path) is missing").text
    }

    @Test func everyWireMessageIsInTheProtocol() throws {
        let wire = try page("docs/protocol.md")
        let files = tree.files("Sources/LiveRelayWire", ".swift")
        try #require(!files.isEmpty)
        let types = try strings(
            in: files, #""type":\s*(?:\.string\()?"(\w+)""#, #"case (?:\w+ = )?"([a-z]\w*)""#)
        #expect(types.count > 20, "the reader of message types no longer understands LiveRelayWire")
        for type in types.sorted() where !wire.contains("`\(type)`") && !wire.contains("\"\(type)\"") {
            Issue.record("docs/protocol.md does not describe the message `\(type)`; add its row or example")
        }
    }

    @Test func everyEventIsInTheProtocolAndInTheLogsPage() throws {
        let wire = try page("docs/protocol.md")
        let log = try page("docs/event-log.md")
        let coding = try #require(tree.file("Sources/SessionModel/Event+Coding.swift"))
        let events = try strings(in: [coding], #"EventFields\("(\w+)""#)
        #expect(events.count > 20, "the reader of event names no longer understands Event+Coding.swift")
        for event in events.sorted() {
            for (page, text) in [("protocol", wire), ("event-log", log)] where !text.contains("`\(event)`") {
                Issue.record("docs/\(page).md does not describe the event `\(event)`")
            }
        }
    }

    @Test func everyLimitIsInTheOperatorsPage() throws {
        let operating = try page("docs/operating.md")
        for path in ["SessionModel/SessionLimits.swift", "WebSocketCore/Transport/TransportLimits.swift"] {
            let source = try #require(tree.file("Sources/" + path), "\(path) moved; tell this test")
            let names = try strings(in: [source], #"(?:let|var) (\w*(?:Maximum|Max[A-Z])\w*|\w*Max)\b"#)
            #expect(!names.isEmpty)
            for name in names.sorted() where !operating.contains("`\(name)`") {
                Issue.record("docs/operating.md lacks the limit `\(name)` of \(path); add it to the table")
            }
        }
    }

    @Test func everyRefusalHasWordsInBothLanguages() throws {
        let source = try #require(tree.file("Sources/SessionModel/Rejection.swift"))
        let codes = try strings(in: [source], #"^\s*case (\w+)"#)
        #expect(codes.count > 20, "the reader of codes no longer understands Rejection.swift")
        for language in ["zh-CN", "en"] {
            let words = try page("Sources/LiveRelay/Web/js/i18n/\(language).js")
            for code in codes.sorted() where !words.contains("rejection.\(code)") {
                Issue.record("\(language).js has no words for `rejection.\(code)`")
            }
        }
    }

    @Test func everyCloseCodeIsInTheProtocol() throws {
        let wire = try page("docs/protocol.md")
        let path = try #require(tree.paths(endingIn: "DisconnectCode.swift").first)
        let source = try #require(tree.file(path))
        let codes = try strings(in: [source], #"= (4\d{3})\b"#)
        #expect(codes.count > 10, "the reader of codes no longer understands DisconnectCode.swift")
        for code in codes.sorted() where !wire.contains("| \(code) |") {
            Issue.record("docs/protocol.md §4 does not list the close code \(code)")
        }
    }

    /// `docs/architecture.md` follows a chat line, a packet and a join from hop to hop. A row names
    /// files (`Session/SessionHost.swift`) and functions (`submit(…)`); both must exist.
    @Test func theHopsOfTheArchitectureExist() throws {
        let quoted = try Regex("`([^`]+)`")
        var hops = 0
        let lines = try page("docs/architecture.md").components(separatedBy: "\n")
        for (index, line) in lines.enumerated() where line.hasPrefix("|") {
            let place = "docs/architecture.md:\(index + 1)"
            let names = line.matches(of: quoted).compactMap { $0[1].substring.map(String.init) }
            let files = names.filter { $0.hasSuffix(".swift") || $0.hasSuffix(".js") || $0.hasSuffix(".c") }
            let functions = names.filter { $0.contains("(") && !$0.contains(" ") }
            var texts: [String] = []
            for file in files {
                let found = tree.paths(endingIn: file)
                if found.isEmpty {
                    Issue.record("\(place): \(file) does not exist; follow the code")
                }
                texts += found.compactMap { tree.file($0)?.text }
            }
            for function in functions where !files.isEmpty {
                hops += 1
                let name = function.prefix { $0 != "(" }.split(separator: ".").last ?? ""
                if !texts.contains(where: { $0.contains(name + "(") || $0.contains("func " + name) }) {
                    Issue.record("\(place): \(files.joined(separator: ", ")) has no \(name)()")
                }
            }
        }
        #expect(hops >= 12, "name file and function of each hop of a chat line, a packet and a join")
    }

    /// A link between pages leads somewhere.
    @Test func linksBetweenPagesLeadSomewhere() throws {
        let link = try Regex(#"\]\(([^)#:\s]+)(?:#[^)]*)?\)"#)
        for source in tree.files("", ".md") {
            let folder = tree.root.appending(path: source.path).deletingLastPathComponent()
            for (index, line) in source.lines.enumerated() {
                for match in line.matches(of: link) {
                    guard let target = match[1].substring else { continue }
                    let url = folder.appending(path: String(target)).standardizedFileURL
                    guard !FileManager.default.fileExists(atPath: url.path) else { continue }
                    Issue.record("\(source.place(index)): \(target) does not exist")
                }
            }
        }
    }

    /// The first group of every pattern wherever it matches, each name once.
    private func strings(in files: [SourceText], _ patterns: String...) throws -> Set<String> {
        var found: Set<String> = []
        for pattern in patterns {
            let regex = try Regex(pattern).anchorsMatchLineEndings()
            for file in files {
                for match in file.text.matches(of: regex) {
                    for index in 1..<match.count {
                        if let name = match[index].substring { found.insert(String(name)) }
                    }
                }
            }
        }
        return found
    }
}
