import ArgumentParser
import Foundation
import Recorder
import SessionModel

/// Checks the classes of a data folder against themselves and what was signed.
struct Verify: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "检查数据文件夹 · Check the logs, texts, ballots and sound of a data folder.",
        discussion: "Changes nothing. Exit status 1 means that something is broken.")

    @Argument(help: "数据文件夹 · The data folder.")
    var folder = "data"

    @Option(name: .customLong("class"), help: "只查这个课堂 · Only this class.")
    var session: String?

    @Option(
        name: .customLong("head"),
        help: ArgumentHelp(
            "另存的末条 · The end of the log as kept elsewhere: N:SHA256 of a report, or a copy of heads.jsonl.",
            valueName: "N:SHA256|FILE"))
    var heads: [String] = []

    @OptionGroup var output: OutputOptions

    /// One class on one line, for scripts.
    private struct Line: Encodable {
        struct Finding: Encodable {
            let weight: String
            let code: String
            let file: String
            let line: Int?
            let detail: String?
        }
        let `class`: String
        let isSound: Bool
        let firstBroken: Finding?
        let events: Int
        let signedHeads: Int
        let findings: [Finding]
    }

    func perform(_ console: Console) async throws {
        let storage = FileStorage(root: folder)
        var brokenCount = 0
        var sessions: [SessionID] = []
        let known = try knownHeads()
        do throws(StorageFailure) {
            let keys = try HeadSigner.publicKeys(in: storage)
            sessions = try ClassFolder.list(in: storage).filter { session == nil || $0.text == session }
            for id in sessions {
                let check = try ClassVerification(
                    id, in: storage, publicKeys: keys,
                    knownHeads: known.everywhere + (known.byClass[id] ?? []))
                if !check.isSound { brokenCount += 1 }
                tell(id, check, console)
            }
        } catch {
            throw CommandFailure(.failed, "failure.dataFolder", folder, error.description)
        }
        for id in known.byClass.keys.sorted() where !sessions.contains(id) && (session ?? id.text) == id.text
        {
            brokenCount += 1
            console.note(console.words("verify.headMissing", id.text))
        }
        guard !sessions.isEmpty || brokenCount > 0 else { throw CommandFailure(.gone, "verify.none", folder) }
        console.note(console.words("verify.total", "\(sessions.count)", "\(brokenCount)"))
        if brokenCount > 0 { throw ExitStatus.failed.code }
    }

    /// What was kept elsewhere: for the one class that is asked for, and by class where a file says it.
    private func knownHeads() throws -> (everywhere: [KnownHead], byClass: [SessionID: [KnownHead]]) {
        var everywhere: [KnownHead] = []
        var byClass: [SessionID: [KnownHead]] = [:]
        for text in heads {
            if let head = KnownHead(text) {
                guard session != nil else { throw CommandFailure(.usage, "verify.headClass") }
                everywhere.append(head)
            } else if let file = FileManager.default.contents(atPath: text),
                let signed = KnownHead.heads(inFile: [UInt8](file))
            {
                for head in signed { byClass[head.session, default: []].append(KnownHead(head)) }
            } else {
                throw CommandFailure(.usage, "verify.headInvalid", text)
            }
        }
        return (everywhere, byClass)
    }

    private static func line(_ finding: VerificationFinding) -> Line.Finding {
        Line.Finding(
            weight: finding.weight.rawValue, code: finding.code.rawValue, file: finding.file,
            line: finding.line, detail: finding.detail)
    }

    private func tell(_ id: SessionID, _ check: ClassVerification, _ console: Console) {
        if console.isJSON {
            try? console.json(
                Line(
                    class: id.text, isSound: check.isSound, firstBroken: check.firstBroken.map(Self.line),
                    events: check.eventsCount, signedHeads: check.signedHeads.count,
                    findings: check.findings.map(Self.line)))
            return
        }
        let words = console.words
        let state = check.isSound ? words("verify.good") : console.terminal.bold(words("verify.broken"))
        let counts = words("verify.class", id.text, "\(check.eventsCount)", "\(check.signedHeads.count)")
        console.say("\(counts) · \(state)")
        for finding in check.findings {
            let place = finding.line.map { "\(finding.file):\($0)" } ?? finding.file
            let mark = finding.weight == .broken ? "✗" : "·"
            let detail = SafeText.line(finding.detail ?? "")
            console.say("  \(mark) \(place)  \(finding.code.rawValue)  \(detail)")
        }
    }
}
