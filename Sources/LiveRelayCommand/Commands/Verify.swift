import ArgumentParser
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
        let events: Int
        let signedHeads: Int
        let findings: [Finding]
    }

    func perform(_ console: Console) async throws {
        let storage = FileStorage(root: folder)
        var brokenCount = 0
        var sessions: [SessionID] = []
        do throws(StorageFailure) {
            let keys = try HeadSigner.publicKeys(in: storage)
            sessions = try ClassFolder.list(in: storage).filter { session == nil || $0.text == session }
            for id in sessions {
                let check = try ClassVerification(id, in: storage, publicKeys: keys)
                if !check.isSound { brokenCount += 1 }
                tell(id, check, console)
            }
        } catch {
            throw CommandFailure(.failed, "failure.dataFolder", folder, error.description)
        }
        guard !sessions.isEmpty else { throw CommandFailure(.gone, "verify.none", folder) }
        console.note(console.words("verify.total", "\(sessions.count)", "\(brokenCount)"))
        if brokenCount > 0 { throw ExitStatus.failed.code }
    }

    private func tell(_ id: SessionID, _ check: ClassVerification, _ console: Console) {
        if console.isJSON {
            let findings = check.findings.map {
                Line.Finding(
                    weight: $0.weight.rawValue, code: $0.code.rawValue, file: $0.file, line: $0.line,
                    detail: $0.detail)
            }
            try? console.json(
                Line(
                    class: id.text, isSound: check.isSound, events: check.eventsCount,
                    signedHeads: check.signedHeads.count, findings: findings))
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
