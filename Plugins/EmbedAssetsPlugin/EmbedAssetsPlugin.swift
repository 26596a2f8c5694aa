import Foundation
import PackagePlugin

/// Runs `EmbedAssets` before a target is compiled, so that the pages and the demo's speech become a
/// part of the program.
///
/// Roots: the target's `Web` folder (every file) and the package's `demo` folder (`.opus` only).
@main
struct EmbedAssetsPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let web = target.directoryURL.appending(path: "Web")
        let demo = context.package.directoryURL.appending(path: "demo")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedAssets.swift")
        let pages = files(under: web)
        let speech = files(under: demo).filter { $0.pathExtension == "opus" }
        return [
            .buildCommand(
                displayName: "Embedding \(pages.count + speech.count) assets",
                executable: try context.tool(named: "EmbedAssets").url,
                arguments: [output.path, web.path, demo.path],
                inputFiles: pages + speech,
                outputFiles: [output])
        ]
    }

    /// Every regular file below a folder that is not hidden, in the order of its path.
    private func files(under folder: URL) -> [URL] {
        let walk = FileManager.default.enumerator(
            at: folder, includingPropertiesForKeys: [.isRegularFileKey], options: [.skipsHiddenFiles])
        let found = walk?.compactMap { $0 as? URL } ?? []
        return found.filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true }
            .sorted { $0.path < $1.path }
    }
}
