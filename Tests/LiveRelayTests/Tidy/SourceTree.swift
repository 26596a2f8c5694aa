import Foundation

/// The repository as this test sees it: its own files, without what builds and runs leave behind.
struct SourceTree: Sendable, CustomStringConvertible {
    let root: URL
    private let paths: [String]
    var description: String { "the repository" }

    /// The tree this very file lies in.
    static let repository = SourceTree(
        root: URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent())

    private static let folders = [
        "Sources", "Tests", "Plugins", "load-tests", "docs", "demo", "scripts", ".ci",
    ]

    init(root: URL) {
        self.root = root
        let skipped: Set<String> = ["__pycache__", "node_modules"]
        var found: [String] = []
        for folder in Self.folders {
            let names = FileManager.default.enumerator(atPath: root.path + "/" + folder)
            for case let name as String in names ?? .init() {
                guard !name.split(separator: "/").contains(where: { skipped.contains(String($0)) }) else {
                    continue
                }
                found.append(folder + "/" + name)
            }
        }
        let top = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        paths = (found + top.filter { $0 == "run" || $0.contains(".") && !$0.hasPrefix(".") }).sorted()
    }

    /// The text files below a folder (or a single file) whose names end in one of the endings.
    func files(_ folder: String, _ endings: String...) -> [SourceText] {
        paths.filter { path in
            (path == folder || path.hasPrefix(folder + "/") || folder.isEmpty)
                && endings.contains { path.hasSuffix($0) }
        }.compactMap(file)
    }

    /// One file; nil where it does not exist or is no UTF-8.
    func file(_ path: String) -> SourceText? {
        guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else {
            return nil
        }
        return SourceText(path: path, text: text)
    }

    /// The files whose path ends so, for a page that names a file by its last part.
    func paths(endingIn suffix: String) -> [String] {
        paths.filter { $0 == suffix || $0.hasSuffix("/" + suffix) }
    }
}
