import ArgumentParser
import Foundation
import Recorder

/// Makes the index of classes anew from the class folders.
struct Reindex: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "重建课堂索引 · Make index.sqlite anew from the class folders.",
        discussion: "Stop the server first: the index is an index, the class folders are the truth.")

    @Argument(help: "数据文件夹 · The data folder.")
    var folder = "data"

    @OptionGroup var output: OutputOptions

    func perform(_ console: Console) async throws {
        let storage = FileStorage(root: folder)
        guard FileManager.default.fileExists(atPath: folder + "/" + ClassPaths.classes) else {
            throw CommandFailure(.gone, "verify.none", folder)
        }
        do {
            let total = try ClassFolder.list(in: storage).count
            let failures = try Catalogue(path: folder + "/index.sqlite").rebuild(from: storage)
            for (id, failure) in failures.sorted(by: { $0.key < $1.key }) {
                console.note("  ✗ \(id)  \(failure)")
            }
            let done = ["rebuilt": total - failures.count, "leftOut": failures.count]
            if console.isJSON { return try console.json(done) }
            console.say(
                console.words("reindex.done", "\(total - failures.count)", "\(failures.count)"))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.failed, "failure.store", "index.sqlite", "\(error)")
        }
    }
}
