import Foundation

/// Where the program lies that this process was started from: the path as it was called and not what it led
/// to then, so that a new version behind the same name or link is found.
enum ExecutablePath {
    /// The path for a call by this name from this folder. A name without a slash is looked up in `PATH`.
    static func path(
        calledAs name: String, from folder: String, searching path: String,
        isExecutable: (String) -> Bool = FileManager.default.isExecutableFile
    ) -> String? {
        if name.hasPrefix("/") { return name }
        if name.contains("/") { return folder + "/" + name }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: isExecutable)
    }

    /// That of this process.
    static var current: String? {
        path(
            calledAs: CommandLine.arguments.first ?? "", from: FileManager.default.currentDirectoryPath,
            searching: ProcessInfo.processInfo.environment["PATH"] ?? "")
    }
}
