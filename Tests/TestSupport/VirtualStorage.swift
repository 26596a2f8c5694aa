public import Recorder

/// A disk in memory that keeps apart what was synced and what was not, and fails when and how a test wants.
///
/// A power cut leaves of every file what was synced, and of what was appended after it a prefix chosen by the
/// seed, sometimes with zeros behind it, as file systems do, or any sectors of it with zeros in the place of
/// the others; of every folder the renames, creations and
/// removals that were synced, and of the later ones a first part. After a failed sync the unsynced bytes
/// never reach the disk, however often they are synced again: they must be written again.
///
/// `@unchecked Sendable`: a simulation is one thread; nothing else may use it.
public final class VirtualStorage: Storage, @unchecked Sendable {
    /// Kinds of calls that can be counted and made to fail.
    public enum Call: Hashable, Sendable {
        case open, append, overwrite, sync, truncate, read, size, rename, remove, makeFolder, syncFolder, list
    }

    /// How many calls were made so far; a plan speaks of them by number, from 0.
    public private(set) var callsCount = 0
    /// How many calls of each kind were made.
    public private(set) var counts: [Call: Int] = [:]
    /// How many bytes of each file were read.
    public var bytesRead: [String: Int] = [:]
    /// The power goes off before the call of this number, and every call from then on fails.
    public var powerCutAtCall: Int?
    /// Calls that fail, by number.
    public var failures: [Int: StorageFailure] = [:]
    /// All calls of a kind fail so until it is taken away.
    public var failuresByKind: [Call: StorageFailure] = [:]
    /// How many bytes the disk holds; an append beyond it leaves a part and fails.
    public var capacityBytes = Int.max

    /// Smaller than any real one, so that the short writes of a test span several.
    private static let sectorBytes = 64

    private struct Inode {
        var durable: [UInt8] = []
        var current: [UInt8] = []
        var lost: [Range<Int>] = []
        /// What was written over itself and not synced since.
        var rewritten: [Range<Int>] = []
    }

    private enum FolderChange {
        case link(String, Int)
        case unlink(String)
        case folder(String)
    }

    private var inodes: [Int: Inode] = [:]
    private var nextInode = 1
    private var names: [String: Int] = [:]
    private var folders: Set<String> = [""]
    private var durableNames: [String: Int] = [:]
    private var durableFolders: Set<String> = [""]
    private var pendingChanges: [String: [FolderChange]] = [:]
    private var handles: [Int32: Int] = [:]
    private var nextHandle: Int32 = 3
    private var isPowered = true
    private var lots: SeededGenerator

    /// An empty disk; the seed says what power cuts leave.
    public init(seed: UInt64 = 1) { lots = SeededGenerator(seed: seed) }

    // MARK: - What tests do to it

    /// Whether the planned power cut has come.
    public var hasLostPower: Bool { !isPowered }

    /// The power goes off and comes back: what was not synced is lost in part or whole, by the seed.
    public func crash() {
        for path in Set(pendingChanges.keys).sorted() {
            let changes = pendingChanges[path] ?? []
            for change in changes.prefix(lots.below(changes.count + 1)) { apply(change) }
        }
        pendingChanges = [:]
        names = durableNames.filter { durableFolders.contains(StorageNames.folder(of: $0.key)) }
        folders = durableFolders
        durableNames = names
        for key in inodes.keys.sorted() { inodes[key] = afterCrash(inodes[key] ?? Inode()) }
        handles = [:]
        isPowered = true
        powerCutAtCall = nil
    }

    /// The process dies and the machine goes on: open files are closed, and what was not synced is still to
    /// be read.
    public func killProcess() {
        handles = [:]
        isPowered = true
        powerCutAtCall = nil
    }

    /// The bytes of a file as a reader sees them, or nil.
    public func contents(_ path: String) -> [UInt8]? { names[path].flatMap { inodes[$0]?.current } }

    /// Puts bytes into a file behind everybody's back, durable at once.
    public func corrupt(_ path: String, _ change: (inout [UInt8]) -> Void) {
        guard let inode = names[path], var bytes = inodes[inode]?.current else { return }
        change(&bytes)
        inodes[inode] = Inode(durable: bytes, current: bytes)
    }

    /// Looks at the disk, or does something to it, whatever should fail now, and without being counted.
    public func undisturbed<Answer>(_ work: () -> Answer) -> Answer {
        let kept = (callsCount, counts, powerCutAtCall, failures, failuresByKind, capacityBytes, isPowered)
        (powerCutAtCall, failures, failuresByKind, capacityBytes) = (nil, [:], [:], .max)
        isPowered = true
        defer {
            (callsCount, counts, powerCutAtCall, failures, failuresByKind, capacityBytes, isPowered) = kept
        }
        return work()
    }

    /// How many files are open.
    public var openFilesCount: Int { handles.count }

    private func afterCrash(_ inode: Inode) -> Inode {
        var bytes = inode.durable
        if inode.current.starts(with: inode.durable) {
            let tail = Array(inode.current.dropFirst(inode.durable.count))
            bytes += lots.below(4) == 0 ? sectors(of: tail, at: bytes.count) : firstPart(of: tail)
        } else if lots.below(2) == 0 {
            bytes = inode.current
        }
        var lost = inode.lost
        for range in inode.rewritten where lots.below(2) == 0 { lost = Self.subtract(range, from: lost) }
        for range in lost {
            for index in range.clamped(to: 0..<bytes.count) { bytes[index] = 0 }
        }
        return Inode(durable: bytes, current: bytes)
    }

    /// The disk took a first part of what was appended, sometimes with zeros behind it.
    private func firstPart(of tail: [UInt8]) -> [UInt8] {
        let kept = lots.below(tail.count + 1)
        guard kept < tail.count, lots.below(4) == 0 else { return Array(tail.prefix(kept)) }
        return tail.prefix(kept) + [UInt8](repeating: 0, count: lots.below(tail.count - kept) + 1)
    }

    /// The disk took some sectors of what was appended, in no order, and zeros stand in the others.
    private func sectors(of tail: [UInt8], at offset: Int) -> [UInt8] {
        var bytes = firstPart(of: tail)
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Self.sectorBytes - (offset + start) % Self.sectorBytes)
            if lots.below(2) == 0 { for index in start..<end { bytes[index] = 0 } }
            start = end
        }
        return bytes
    }

    private static func subtract(_ hole: Range<Int>, from ranges: [Range<Int>]) -> [Range<Int>] {
        ranges.flatMap { range in
            let cut = hole.clamped(to: range)
            return [range.lowerBound..<cut.lowerBound, cut.upperBound..<range.upperBound].filter {
                !$0.isEmpty
            }
        }
    }

    private func apply(_ change: FolderChange) {
        switch change {
        case .link(let path, let inode): durableNames[path] = inode
        case .unlink(let path): durableNames[path] = nil
        case .folder(let path): durableFolders.insert(path)
        }
    }

    private func note(_ change: FolderChange, in folder: String) {
        pendingChanges[folder, default: []].append(change)
    }

    private func begin(_ call: Call) throws(StorageFailure) {
        let number = callsCount
        callsCount += 1
        counts[call, default: 0] += 1
        if number == powerCutAtCall { isPowered = false }
        guard isPowered else { throw .io(errno: 5) }
        if let failure = failures[number] ?? failuresByKind[call] { throw failure }
    }

    private func inode(_ path: String) throws(StorageFailure) -> Int {
        guard StorageNames.isValid(path) else { throw .outside }
        guard let inode = names[path] else { throw .missing }
        return inode
    }

    private func inode(of file: StorageFile) throws(StorageFailure) -> Int {
        guard let inode = handles[file.descriptor] else { throw .io(errno: 9) }
        return inode
    }

    // MARK: - Storage

    /// Opens a file for appending.
    public func open(_ path: String, _ mode: StorageOpenMode) throws(StorageFailure) -> StorageFile {
        try begin(.open)
        guard StorageNames.isValid(path), !path.isEmpty else { throw .outside }
        let folder = StorageNames.folder(of: path)
        guard folders.contains(folder) else { throw .missing }
        let found = names[path]
        if mode == .create, found != nil { throw .exists }
        if mode == .appendExisting || mode == .overwriteExisting, found == nil { throw .missing }
        let inode: Int
        if let found {
            inode = found
            if mode == .replace { inodes[found]?.current = [] }
        } else {
            inode = nextInode
            nextInode += 1
            inodes[inode] = Inode()
            names[path] = inode
            note(.link(path, inode), in: folder)
        }
        let handle = nextHandle
        nextHandle += 1
        handles[handle] = inode
        return StorageFile(descriptor: handle)
    }

    /// Appends bytes; beyond the capacity a part of them.
    public func append(_ bytes: [UInt8], to file: StorageFile) throws(StorageFailure) {
        let inode = try inode(of: file)
        do {
            try begin(.append)
        } catch {
            if isPowered { inodes[inode]?.current += bytes.prefix(lots.below(bytes.count + 1)) }
            throw error
        }
        let room = max(0, capacityBytes - usedBytes)
        inodes[inode]?.current += bytes.prefix(room)
        if room < bytes.count { throw .noSpace }
    }

    /// Writes bytes over those that stand at an offset; beyond the end it is a mistake of the caller.
    public func overwrite(
        _ bytes: [UInt8], at offset: Int, in file: StorageFile
    ) throws(StorageFailure) {
        let key = try inode(of: file)
        try begin(.overwrite)
        guard var found = inodes[key] else { return }
        let range = offset..<offset + bytes.count
        guard range.upperBound <= found.current.count else { throw .io(errno: 22) }
        found.current.replaceSubrange(range, with: bytes)
        found.rewritten.append(range)
        inodes[key] = found
    }

    /// Makes durable what was appended.
    public func sync(_ file: StorageFile) throws(StorageFailure) {
        let key = try inode(of: file)
        do {
            try begin(.sync)
        } catch {
            if isPowered, let found = inodes[key], found.durable.count < found.current.count {
                inodes[key]?.lost.append(found.durable.count..<found.current.count)
            }
            if isPowered { inodes[key]?.rewritten = [] }
            throw error
        }
        guard var synced = inodes[key] else { return }
        synced.durable = synced.current
        for range in synced.rewritten { synced.lost = Self.subtract(range, from: synced.lost) }
        synced.rewritten = []
        inodes[key] = synced
    }

    /// Cuts a file down.
    public func truncate(_ file: StorageFile, to bytes: Int) throws(StorageFailure) {
        try begin(.truncate)
        let inode = try inode(of: file)
        guard let current = inodes[inode]?.current else { return }
        inodes[inode]?.current = Array(current.prefix(bytes))
    }

    /// Forgets an open file.
    public func close(_ file: StorageFile) { handles[file.descriptor] = nil }

    /// Reads what a reader sees, durable or not.
    public func read(_ path: String, from offset: Int, count: Int) throws(StorageFailure) -> [UInt8] {
        try begin(.read)
        let bytes = inodes[try inode(path)]?.current ?? []
        guard offset < bytes.count else { return [] }
        let end = min(bytes.count, offset + count)
        bytesRead[path, default: 0] += end - offset
        return Array(bytes[offset..<end])
    }

    /// The size that a reader sees.
    public func size(_ path: String) throws(StorageFailure) -> Int {
        try begin(.size)
        return inodes[try inode(path)]?.current.count ?? 0
    }

    /// Puts one file in the place of another; durable after `syncFolder`.
    public func rename(_ path: String, to newPath: String) throws(StorageFailure) {
        try begin(.rename)
        let inode = try inode(path)
        guard StorageNames.isValid(newPath) else { throw .outside }
        names[path] = nil
        names[newPath] = inode
        note(.link(newPath, inode), in: StorageNames.folder(of: newPath))
        note(.unlink(path), in: StorageNames.folder(of: path))
    }

    /// Removes a file; durable after `syncFolder`.
    public func remove(_ path: String) throws(StorageFailure) {
        try begin(.remove)
        _ = try inode(path)
        names[path] = nil
        note(.unlink(path), in: StorageNames.folder(of: path))
    }

    /// Makes a folder and those above it.
    public func makeFolder(_ path: String) throws(StorageFailure) {
        try begin(.makeFolder)
        guard StorageNames.isValid(path) else { throw .outside }
        var made = ""
        for part in path.split(separator: "/") {
            let above = made
            made += made.isEmpty ? String(part) : "/" + part
            if folders.insert(made).inserted { note(.folder(made), in: above) }
        }
    }

    /// Makes durable what changed in a folder.
    public func syncFolder(_ path: String) throws(StorageFailure) {
        try begin(.syncFolder)
        for change in pendingChanges[path] ?? [] { apply(change) }
        pendingChanges[path] = nil
    }

    /// The names in a folder, sorted.
    public func list(_ folder: String) throws(StorageFailure) -> [String] {
        try begin(.list)
        guard folders.contains(folder) else { throw .missing }
        let all = Array(names.keys) + folders.filter { !$0.isEmpty && $0 != folder }
        return all.filter { StorageNames.folder(of: $0) == folder }
            .map { $0.split(separator: "/").last.map(String.init) ?? $0 }.sorted()
    }

    /// The room that is left.
    public func freeBytes() throws(StorageFailure) -> Int { max(0, capacityBytes - usedBytes) }

    /// How many bytes the disk holds now.
    public var usedBytes: Int { Set(names.values).reduce(0) { $0 + (inodes[$1]?.current.count ?? 0) } }
}
