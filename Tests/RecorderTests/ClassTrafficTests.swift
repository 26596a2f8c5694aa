import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("What a class was sent")
struct ClassTrafficTests {
    @Test func theFileSaysWhatItWasTold() throws {
        let traffic = ClassTraffic(sound: 9_120_044, other: 48_210)
        let file = String(decoding: traffic.fileBytes(), as: UTF8.self)
        #expect(file == #"{"other":48210,"sound":9120044,"v":1}"# + "\n")
        #expect(ClassTraffic(fileBytes: traffic.fileBytes()) == traffic)
        let negative = #"{"other":-1,"sound":1,"v":1}"#
        for damaged in ["", "{}", negative, #"{"other":1,"sound":1,"v":2}"#, "\0\0\0"] {
            #expect(ClassTraffic(fileBytes: Array(damaged.utf8)) == nil)
        }
    }

    @Test func whatCannotBeReadBeginsAnew() throws {
        let storage = VirtualStorage()
        _ = try ClassFolder.create(Fixture.header, in: storage)
        #expect(ClassTraffic.read(Fixture.session, in: storage) == ClassTraffic())
        try storage.replace(ClassPaths(Fixture.session).traffic, with: Array("zeros".utf8))
        #expect(ClassTraffic.read(Fixture.session, in: storage) == ClassTraffic())
        let traffic = ClassTraffic(sound: 1, other: 2)
        try storage.replace(ClassPaths(Fixture.session).traffic, with: traffic.fileBytes())
        #expect(ClassTraffic.read(Fixture.session, in: storage) == traffic)
    }

    @Test func theDiskIsCountedByWhatItHolds() throws {
        let storage = VirtualStorage()
        let files = try ClassFolder.create(Fixture.header, in: storage)
        files.close(storage)
        let paths = ClassPaths(Fixture.session)
        try storage.replace(paths.texts, with: [1, 2, 3])
        try storage.replace(paths.audioFile("00001-t1-r1.opus"), with: Array(repeating: 0, count: 40))
        try storage.replace(paths.audioFile("00002-t1-r1.opus"), with: Array(repeating: 0, count: 2))
        let log = Fixture.header.line().count + 1
        #expect(ClassDiskUse(Fixture.session, in: storage) == ClassDiskUse(log: log, texts: 3, recording: 42))
    }
}
