import Recorder

/// A disk whose syncs do nothing: what a line would cost if nobody minded a power cut.
struct UnsyncedStorage: Storage {
    let disk: FileStorage

    func open(_ path: String, _ mode: StorageOpenMode) throws(StorageFailure) -> StorageFile {
        try disk.open(path, mode)
    }
    func append(_ bytes: [UInt8], to file: StorageFile) throws(StorageFailure) {
        try disk.append(bytes, to: file)
    }
    func overwrite(_ bytes: [UInt8], at offset: Int, in file: StorageFile) throws(StorageFailure) {
        try disk.overwrite(bytes, at: offset, in: file)
    }
    func sync(_ file: StorageFile) {}
    func truncate(_ file: StorageFile, to bytes: Int) throws(StorageFailure) {
        try disk.truncate(file, to: bytes)
    }
    func close(_ file: StorageFile) { disk.close(file) }
    func read(_ path: String, from offset: Int, count: Int) throws(StorageFailure) -> [UInt8] {
        try disk.read(path, from: offset, count: count)
    }
    func size(_ path: String) throws(StorageFailure) -> Int { try disk.size(path) }
    func rename(_ path: String, to newPath: String) throws(StorageFailure) {
        try disk.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(StorageFailure) { try disk.remove(path) }
    func makeFolder(_ path: String) throws(StorageFailure) { try disk.makeFolder(path) }
    func syncFolder(_ path: String) {}
    func list(_ folder: String) throws(StorageFailure) -> [String] { try disk.list(folder) }
    func freeBytes() throws(StorageFailure) -> Int { try disk.freeBytes() }
}
