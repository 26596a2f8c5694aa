import Glibc
import Testing

@testable import Recorder

@Suite("Files of the operating system")
struct FileStorageTests {
    @Test func keepsWhatItWasGiven() throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        try storage.makeFolder("a/b")
        try storage.makeFolder("a/b")
        let file = try storage.open("a/b/c.txt", .create)
        try storage.append(Array("你好".utf8), to: file)
        try storage.sync(file)
        #expect(try storage.size("a/b/c.txt") == 6)
        #expect(try storage.read("a/b/c.txt", from: 3, count: 100) == Array("好".utf8))
        try storage.truncate(file, to: 3)
        storage.close(file)
        #expect(try storage.readWhole("a/b/c.txt", bytesMaximum: 3) == Array("你".utf8))
        try storage.replace("a/b/c.txt", with: [1, 2])
        #expect(try storage.list("a/b") == ["c.txt"])
        #expect(try storage.readWhole("a/b/c.txt", bytesMaximum: 9) == [1, 2])
        try storage.removeIfPresent("a/b/c.txt")
        try storage.removeIfPresent("a/b/c.txt")
        #expect(try !storage.exists("a/b/c.txt"))
    }

    @Test func isForTheOwnerAlone() throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        try storage.makeFolder("keys")
        storage.close(try storage.open("keys/k", .create))
        var status = stat()
        #expect(lstat(folder.path + "/keys", &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(lstat(folder.path + "/keys/k", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func failsInOurWords() throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        storage.close(try storage.open("here", .create))
        #expect(throws: StorageFailure.exists) { try storage.open("here", .create) }
        #expect(throws: StorageFailure.missing) { try storage.open("there", .appendExisting) }
        #expect(throws: StorageFailure.missing) { try storage.read("there", from: 0, count: 1) }
        #expect(throws: StorageFailure.io(errno: EFBIG)) {
            try storage.replace("here", with: [1, 2, 3])
            _ = try storage.readWhole("here", bytesMaximum: 2)
        }
    }

    @Test(arguments: ["../x", "a/../../x", "/etc/passwd", "a//b", ".", "a/.", "a/..", "a\u{0}b", "a b", "ä"])
    func neverLeavesItsRoot(path: String) throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        #expect(throws: StorageFailure.outside) { try storage.open(path, .append) }
        #expect(throws: StorageFailure.outside) { try storage.read(path, from: 0, count: 1) }
        #expect(throws: StorageFailure.outside) { try storage.rename("x", to: path) }
    }

    @Test func doesNotFollowALinkOutOfItsRoot() throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        #expect(symlink("/etc/passwd", folder.path + "/link") == 0)
        #expect(throws: StorageFailure.outside) { try storage.read("link", from: 0, count: 1) }
        #expect(throws: StorageFailure.outside) { try storage.open("link", .append) }
    }

    /// `/dev/full` takes nothing: the failure that a full disk gives.
    @Test func saysWhenTheDiskIsFull() throws {
        let storage = FileStorage(root: "/dev")
        let file = try storage.open("full", .appendExisting)
        defer { storage.close(file) }
        #expect(throws: StorageFailure.noSpace) { try storage.append([1], to: file) }
    }
}
