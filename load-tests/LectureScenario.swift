import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel
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
            enter(desk, tls, try created.map { try $0.speakerTokens(self.settings.speakers) }, notice)
            try await Self.expect(.lecturersReady, &waiting)
        }
        let (settings, codes) = (settings, created.map(\.class.code))
        seats.execute { core in
            let crowd = ListenerCrowd(
                on: core, settings, tls: tls, codes: codes, everybodyIsIn: { notice.yield(.everybodyIn) },
                notEverybody: { notice.yield(.failed($0)) })
            core.attach(crowd)
            crowd.begin()
        }
        try await Self.expect(.everybodyIn, &waiting)
        Orders.say(["event": "ready"])
        while let line = readLine(), line != "begin" {}
        seats.execute { $0.attached(ListenerCrowd.self)?.hold() }
        let sent: Int?
        if !created.isEmpty {
            desk.execute { $0.attached(LecturerDesk.self)?.speak(seconds: settings.seconds) }
            try await carryOutWaves(desk, seats)
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

    /// One wave after the other, evenly over the lecture.
    private func carryOutWaves(_ desk: EventLoop, _ seats: EventLoop) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        for (index, wave) in settings.waves.enumerated() {
            let at = Double(settings.seconds) * Double(index + 1) / Double(settings.waves.count + 1)
            try await clock.sleep(until: start.advanced(by: .seconds(at)))
            let poll = wave.kind == .poll ? await openPoll(desk) : nil
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                seats.execute { core in
                    core.attached(ListenerCrowd.self)?.carryOut(wave, poll: poll) { continuation.resume() }
                }
            }
            if let poll { desk.execute { $0.attached(LecturerDesk.self)?.closePoll(poll) } }
        }
    }

    private func openPoll(_ desk: EventLoop) async -> PollID {
        await withCheckedContinuation { continuation in
            desk.execute { core in
                core.attached(LecturerDesk.self)?.openPoll { continuation.resume(returning: $0) }
            }
        }
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
        _ loop: EventLoop, _ tls: TLSContext?, _ tokens: [[String]],
        _ notice: AsyncStream<Notice>.Continuation
    ) {
        let settings = settings
        loop.execute { core in
            let desk = LecturerDesk()
            core.attach(desk)
            let speakers = tokens.flatMap { of in of.enumerated().map { (isLead: $0 == 0, token: $1) } }
            let lecturers = speakers.map { speaker in
                Lecturer(
                    on: core, packetBytes: settings.packetBytes, isLead: speaker.isLead,
                    isReady: { [weak desk] in
                        if desk?.isLastReady() == true { notice.yield(.lecturersReady) }
                    },
                    isDone: { [weak desk] sent in
                        if desk?.isLastDone() == true { notice.yield(.lecturersDone(sent)) }
                    }, failed: { notice.yield(.failed($0)) })
            }
            desk.enter(lecturers)
            for (lecturer, speaker) in zip(lecturers, speakers) {
                lecturer.enter(settings.server, tls: tls, token: speaker.token)
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
