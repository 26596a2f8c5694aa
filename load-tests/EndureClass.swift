import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// A class that endures the deaths of its server: everybody's client, what they do, and what they noted.
/// Lives on one loop.
final class EndureClass {
    /// A door through which a hundred a second come in.
    private static let joinSpacingMilliseconds: UInt64 = 10
    private static let turnMilliseconds: UInt64 = 10
    private static let outageTurnMilliseconds: UInt64 = 50
    /// A command is kept 20 s by its client; after that everything has an answer.
    private static let answersMillisecondsMaximum: UInt64 = 60_000
    /// Two digests later everybody has seen everything.
    private static let settleMilliseconds: UInt64 = 3_000

    private unowned let core: LoopCore
    private let settings: EndureSettings
    private let tls: TLSContext?
    /// Writes one line for whoever holds the other end.
    private let say: (any Encodable) -> Void
    private let finished: (EndureResult) -> Void
    let journal = EndureJournal()
    private var random: UInt64
    private var lecturer: EndureLecturer?
    private var seats: [EndureSeat] = []
    private var startedCount = 0
    private var isDoorOpen = false
    private var isReady = false
    private(set) var isActing = false
    private var outages: [EndureOutage] = []
    private var gaveUp: [String: String] = [:]
    private var startedAt: UInt64
    private var acted: UInt64 = 0
    private var actingSince: UInt64 = 0

    init(
        on core: LoopCore, _ settings: EndureSettings, tls: TLSContext?,
        say: @escaping (any Encodable) -> Void, finished: @escaping (EndureResult) -> Void
    ) {
        self.core = core
        self.settings = settings
        self.tls = tls
        self.say = say
        self.finished = finished
        random = settings.seed
        startedAt = core.now
    }

    var now: UInt64 { core.now }
    /// Nobody leaves while an outage is measured.
    var mayLeave: Bool { outages.isEmpty }

    func after(_ milliseconds: UInt64, _ call: @escaping () -> Void) {
        core.schedule(afterMilliseconds: milliseconds, call)
    }

    /// From 0 to 1 without 1 (splitmix64).
    func dice() -> Double {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Double(mixed >> 11) / Double(UInt64(1) << 53)
    }

    func milliseconds(_ bounds: ClosedRange<UInt64>) -> UInt64 {
        bounds.lowerBound + UInt64(dice() * Double(bounds.upperBound - bounds.lowerBound))
    }

    // MARK: Coming in

    func begin() {
        let lecturer = EndureLecturer(self)
        self.lecturer = lecturer
        lecturer.start()
        measure()
    }

    func lecturerClient(_ hears: @escaping (ClassroomNotice) -> Void) -> ClassroomClient {
        client(.token(settings.lecturer.token ?? ""), seed: settings.seed &* 1_000_003, hears)
    }

    func client(
        for index: Int, life: Int, _ hears: @escaping (ClassroomNotice) -> Void
    ) -> ClassroomClient {
        let credential = JoinCredential.code(
            settings.code, name: "学员\(index + 1)", number: "",
            device: "endure-device-\(settings.seed)-\(index)")
        return client(
            credential, seed: settings.seed &* 1_000_003 &+ UInt64(index + 1) &* 10_007 &+ UInt64(life), hears
        )
    }

    private func client(
        _ credential: JoinCredential, seed: UInt64, _ hears: @escaping (ClassroomNotice) -> Void
    ) -> ClassroomClient {
        ClassroomClient(
            on: core, server: settings.server, tls: tls, credential: credential, seed: seed, limits: .crowd
        ) { hears($1) }
    }

    func doorIsOpen() {
        guard !isDoorOpen, let phase = lecturer?.classroom?.phase, phase != .scheduled else { return }
        isDoorOpen = true
        seats = (0..<settings.seats).map { EndureSeat($0, self) }
        for seat in seats {
            after(UInt64(seat.index) * Self.joinSpacingMilliseconds) { seat.start() }
        }
    }

    private func becomeReady() {
        guard isDoorOpen, !isReady, seats.allSatisfy({ $0.hearing.lastAt != nil }) else { return }
        isReady = true
        isActing = true
        actingSince = now
        say(["ready": settings.seats])
        act()
    }

    func lost(_ index: Int, _ why: String) {
        gaveUp["\(index)"] = why
        FileHandle.standardError.write(Data("seat \(index) gave up: \(why)\n".utf8))
    }

    // MARK: Load

    private func act() {
        after(Self.turnMilliseconds) { [weak self] in
            guard let self, self.isActing else { return }
            self.act()
            let due = (self.now - self.actingSince) * UInt64(self.settings.commandsPerSecond) / 1_000
            // Who had nothing to ask for lets the turn pass; nothing is caught up with.
            while self.acted < due {
                self.acted += 1
                _ = self.seats[min(Int(self.dice() * Double(self.seats.count)), self.seats.count - 1)].act()
            }
        }
    }

    // MARK: Outages

    func measure(_ outage: EndureOutage) { outages.append(outage) }

    private func measure() {
        after(Self.outageTurnMilliseconds) { [weak self] in
            guard let self else { return }
            self.becomeReady()
            self.outages.removeAll { outage in
                guard
                    let result = outage.result(
                        seats: self.seats, lecturerBackAt: self.lecturer?.joinedAt, at: self.now)
                else { return false }
                self.say(result)
                return true
            }
            self.measure()
        }
    }

    // MARK: The end

    func finish() {
        isActing = false
        waitForAnswers(until: now + Self.answersMillisecondsMaximum)
    }

    private func waitForAnswers(until deadline: UInt64) {
        let isBack = seats.allSatisfy { $0.isInClass && !$0.isAway } && lecturer?.isInClass == true
        let isDone = isBack && journal.openCount == 0 && lecturer?.isRecordSent == true
        guard !isDone, now < deadline else {
            return after(Self.settleMilliseconds) { [weak self] in self?.conclude() }
        }
        after(Self.outageTurnMilliseconds) { [weak self] in self?.waitForAnswers(until: deadline) }
    }

    private func conclude() {
        let all = seats.reduce(into: Set<ChatID>()) { $0.formUnion($1.chatsSeen) }
        var different: [String: String] = [:]
        var missed: [String: Int] = [:]
        for seat in seats {
            if let classroom = lecturer?.classroom, let why = seat.difference(from: classroom) {
                different["\(seat.index)"] = why
            }
            let count = all.count - seat.chatsSeen.count
            if seat.sawEverything, count > 0 { missed["\(seat.index)"] = count }
        }
        if lecturer?.isInClass != true { different["-1"] = "not in class" }
        let result = EndureResult(
            answers: journal.answers, open: journal.openCount, gaveUp: gaveUp, different: different,
            chats: all.map(\.text).sorted(), chatsMissed: missed,
            chatsTwice: seats.reduce(0) { $0 + $1.chatsTwice },
            interruptions: seats.reduce(lecturer?.interruptions ?? 0) { $0 + $1.interruptions },
            snapshots: seats.reduce(0) { $0 + $1.snapshots },
            packetsSent: lecturer?.sentPackets ?? 0, packetsUnrecorded: lecturer?.unrecordedCount ?? 0,
            milliseconds: now - startedAt)
        lecturer?.stop()
        for seat in seats { seat.stop() }
        finished(result)
    }
}
