import LiveRelayWire
import Recorder
import TestSupport

@testable import LiveRelay
@testable import LiveRelayClient

/// What goes wrong.
extension World {
    /// Something goes wrong now and then, until the faults end.
    func nextFault() {
        agenda.after(lots.milliseconds(300...7_000)) { [self] in
            guard isFaulty else { return }
            fault()
            nextFault()
        }
    }

    private func fault() {
        switch lots.below(100) {
        case 0..<38: disturbLine()
        case 38..<50: disturbDevice()
        case 50..<56: disturbEverybody()
        case 56..<78: disturbDisk()
        case 78..<84: crash(.kill)
        case 84..<89: crash(.powerCut)
        case 89..<92: crash(.stop)
        default: crashInTheMiddleOfACall()
        }
    }

    private func disturbLine() {
        guard let device = lots.one(of: devices), let link = device.link else { return }
        let now = agenda.now
        switch lots.below(6) {
        case 0:
            journal.note(link.name, "is cut")
            link.cut()
        case 1:
            journal.note(link.name, "is half open")
            link.makeHole(towards: lots.one(of: [[.device], [.server], [.device, .server]]) ?? [])
        case 2:
            journal.note(link.name, "is read slowly")
            link.stall(towards: .device, until: now + lots.milliseconds(1_000...20_000))
        default:
            journal.note(link.name, "stalls")
            for end in [VirtualLink.End.device, .server] {
                link.stall(towards: end, until: now + lots.milliseconds(200...9_000))
            }
        }
    }

    private func disturbDevice() {
        guard let device = lots.one(of: devices) else { return }
        if lots.percent(40) {
            device.sleep(until: agenda.now + lots.milliseconds(500...40_000))
        } else if lots.percent(50) {
            // In a tunnel, or switched off: the far end hears of it, the device nothing for a while.
            device.link?.cut()
            device.sleep(until: agenda.now + lots.milliseconds(5_000...75_000))
        } else if !device.machine.isFinished, device.asleepUntil <= agenda.now {
            device.reload()
        }
    }

    /// The network in front of the server.
    private func disturbEverybody() {
        let isCut = lots.percent(30)
        journal.note("network", isCut ? "is cut" : "stands still")
        let until = agenda.now + lots.milliseconds(300...10_000)
        for link in links {
            if isCut {
                link.cut()
            } else {
                for end in [VirtualLink.End.device, .server] { link.stall(towards: end, until: until) }
            }
        }
    }

    private func disturbDisk() {
        switch lots.below(10) {
        case 0..<5:
            // One of the next calls fails.
            let failure: StorageFailure = lots.one(of: [.io(errno: 5), .noSpace, .readOnly]) ?? .noSpace
            storage.failures[storage.callsCount + lots.below(8)] = failure
            journal.note("disk", "will fail: \(failure)")
        case 5:
            let calls: [VirtualStorage.Call] = [
                .append, .sync, .open, .rename, .read, .truncate, .syncFolder, .remove,
            ]
            guard let call = lots.one(of: calls) else { return }
            journal.note("disk", "fails at \(call)")
            storage.failuresByKind[call] = .io(errno: 5)
            agenda.after(lots.milliseconds(100...6_000)) { [self] in storage.failuresByKind[call] = nil }
        case 6: fillDisk()
        case 7:
            diskLevel = lots.one(of: DiskLevel.allCases) ?? .plenty
            journal.note("disk", "level \(diskLevel)")
            tellLevel()
            agenda.after(lots.milliseconds(500...15_000)) { [self] in
                diskLevel = .plenty
                tellLevel()
            }
        default:
            diskStallsUntil = agenda.now + lots.milliseconds(100...10_000)
            journal.note("disk", "answers nothing")
        }
    }

    private func fillDisk() {
        journal.note("disk", "is full")
        storage.capacityBytes = storage.usedBytes + lots.below(3_000)
        agenda.after(lots.milliseconds(1_000...20_000)) { [self] in
            journal.note("disk", "has room")
            storage.capacityBytes = .max
        }
    }

    private func tellLevel() {
        guard let server else { return }
        server.home.execute { [self] in server.hosted?.disk(diskLevel) }
    }

    /// The next writes end in a crash, wherever they stand then.
    private func crashInTheMiddleOfACall() {
        guard server != nil, crashInTheMiddle == nil else { return }
        crashInTheMiddle = lots.percent(50) ? .kill : .powerCut
        storage.powerCutAtCall = storage.callsCount + lots.below(12)
        journal.note("server", "will die in the middle of a call: \(crashInTheMiddle?.rawValue ?? "")")
    }

    /// Also when nothing else fails a line may break just when something was asked for; the answer comes on
    /// the next one.
    func cutWhileAsking(_ device: SimulatedDevice) {
        guard device.machine.isInClass else { return }
        device.ask(.raiseHand)
        journal.note(device.name, "is cut off while it asks")
        device.link?.cut()
    }

    /// Everything works from now on.
    func heal() {
        journal.note("world", "heals")
        storage.failures = [:]
        storage.failuresByKind = [:]
        storage.capacityBytes = .max
        storage.powerCutAtCall = nil
        crashInTheMiddle = nil
        diskStallsUntil = 0
        diskLevel = .plenty
        tellLevel()
        for device in devices { device.wake() }
        for link in links { link.flow() }
    }
}
