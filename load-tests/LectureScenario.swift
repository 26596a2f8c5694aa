import Foundation
import LiveRelayClient
import LiveRelayWire
import WebSocketCore

/// A lecture before thousands: everybody comes in, `ready` is said, and after the order `begin` everybody
/// listens for so many seconds. The pause between is for whoever measures the server.
struct LectureScenario {
    /// What is still under way may take so long.
    private static let settleSeconds = 5.0

    private let settings: LectureSettings

    init(_ settings: LectureSettings) { self.settings = settings }

    func run() async throws {
        DescriptorLimit.raise()
        let tls = try settings.server.trust(pin: settings.fingerprint)
        let desk = try EventLoop(index: 0, label: "lecturer")
        let seats = try EventLoop(index: 1, label: "listeners")
        let (notices, notice) = AsyncStream.makeStream(of: Notice.self)
        let created = try await make(on: desk, tls)
        var waiting = notices.makeAsyncIterator()
        if !created.isEmpty {
            enter(desk, tls, try created.map { try $0.lecturerToken() }, notice)
            try await Self.expect(.lecturersReady, &waiting)
        }
        let (settings, codes) = (settings, created.map(\.class.code))
        seats.execute { core in
            let crowd = ListenerCrowd(on: core, settings, tls: tls, codes: codes) {
                notice.yield(.everybodyIn)
            }
            core.attach(crowd)
            crowd.begin()
        }
        try await Self.expect(.everybodyIn, &waiting)
        Orders.say(["event": "ready"])
        while let line = readLine(), line != "begin" {}
        let sent: Int?
        if !created.isEmpty {
            desk.execute { $0.attached(LecturerDesk.self)?.speak(seconds: settings.seconds) }
            sent = try await Self.expectDone(&waiting)
        } else {
            sent = nil
            try await Task.sleep(for: .seconds(settings.seconds))
        }
        try await Task.sleep(for: .seconds(Self.settleSeconds))
        let result = await withCheckedContinuation { continuation in
            seats.execute { core in
                continuation.resume(returning: core.attached(ListenerCrowd.self)?.conclude(sent: sent))
            }
        }
        if let result { Orders.say(result) }
        desk.execute { $0.attached(LecturerDesk.self)?.end() }
        await seats.shutdown()
        await desk.shutdown()
    }

    private func make(on loop: EventLoop, _ tls: TLSContext?) async throws -> [ClassMaker.Created] {
        guard case .relay(let keyFile, let kind) = settings.source else { return [] }
        let maker = ClassMaker(server: settings.server, keyFile: keyFile, tls: tls, kind: kind)
        var made: [ClassMaker.Created] = []
        for _ in 0..<settings.classes { made.append(try await maker.make(on: loop)) }
        return made
    }

    private enum Notice: Sendable, Equatable {
        case lecturersReady
        case lecturersDone(Int)
        case everybodyIn
        case failed(String)
    }

    private func enter(
        _ loop: EventLoop, _ tls: TLSContext?, _ tokens: [String], _ notice: AsyncStream<Notice>.Continuation
    ) {
        let settings = settings
        loop.execute { core in
            let desk = LecturerDesk()
            core.attach(desk)
            let lecturers = tokens.map { _ in
                Lecturer(
                    on: core, packetBytes: settings.packetBytes,
                    isReady: { [weak desk] in
                        if desk?.isLastReady() == true { notice.yield(.lecturersReady) }
                    },
                    isDone: { [weak desk] sent in
                        if desk?.isLastDone() == true { notice.yield(.lecturersDone(sent)) }
                    }, failed: { notice.yield(.failed($0)) })
            }
            desk.enter(lecturers)
            for (lecturer, token) in zip(lecturers, tokens) {
                lecturer.enter(settings.server, tls: tls, token: token)
            }
        }
    }

    private static func expect(
        _ wanted: Notice, _ notices: inout AsyncStream<Notice>.Iterator
    ) async throws {
        let found = await notices.next()
        guard found == wanted else { throw ClassMaker.Failure(description: "\(String(describing: found))") }
    }

    private static func expectDone(_ notices: inout AsyncStream<Notice>.Iterator) async throws -> Int {
        let found = await notices.next()
        guard case .lecturersDone(let sent) = found else {
            throw ClassMaker.Failure(description: "\(String(describing: found))")
        }
        return sent
    }
}
