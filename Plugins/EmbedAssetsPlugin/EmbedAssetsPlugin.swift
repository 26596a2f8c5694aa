import Foundation
import PackagePlugin

/// Runs `EmbedAssets` before a target is compiled, so that the pages, the demo's speech and the description
/// of the HTTP interface become a part of the program.
@main
struct EmbedAssetsPlugin: BuildToolPlugin {
    /// A file, and the name it has inside the program.
    private struct Asset {
        let name: String
        let file: URL
    }

    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let package = context.package.directoryURL
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedAssets.swift")
        let assets =
            assets(below: target.directoryURL.appending(path: "Web"), prefix: "") { _ in true }
            + assets(below: package.appending(path: "demo"), prefix: "demo/") { $0.hasSuffix(".opus") }
            + assets(below: package.appending(path: "docs"), prefix: "docs/") { $0 == "openapi.json" }
        return [
            .buildCommand(
                displayName: "Embedding \(assets.count) assets",
                executable: try context.tool(named: "EmbedAssets").url,
                arguments: [output.path] + assets.flatMap { [$0.name, $0.file.path] },
                inputFiles: assets.map(\.file), outputFiles: [output])
        ]
    }

    /// The wanted files below a folder in the order of their names; hidden ones never, none without the
    /// folder.
    private func assets(below folder: URL, prefix: String, where isWanted: (String) -> Bool) -> [Asset] {
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.sorted().filter { isWanted($0) && isVisibleFile(folder, $0) }.map {
            Asset(name: prefix + $0, file: folder.appending(path: $0))
        }
    }

    private func isVisibleFile(_ folder: URL, _ name: String) -> Bool {
        let kind = try? folder.appending(path: name).resourceValues(forKeys: [.isRegularFileKey])
        return kind?.isRegularFile == true && !name.split(separator: "/").contains { $0.hasPrefix(".") }
    }
}
