import Foundation
import LiveRelayClient
import WebSocketCore

/// The client's half of a conformance suite: asks for the cases, lives through each, wants the reports.
struct EchoClientScenario {
    /// More cases than any suite has; what a server says is not believed beyond it.
    private static let casesMaximum = 10_000

    /// The suite did not say how many cases it has.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct Ended: Encodable {
        let cases: Int
        /// How the last connection ended.
        let code: UInt16?
        let reason: String
        let failure: String?
    }

    private let settings: EchoClientSettings

    init(_ settings: EchoClientSettings) { self.settings = settings }

    func run() async throws {
        let settings = settings
        let tls = try settings.server.trust(pin: settings.fingerprint)
        let loop = try EventLoop(index: 0, label: "echo-client")
        // A suite that falls silent must not hold the program for ever.
        let deadline = Task {
            try await Task.sleep(for: .seconds(settings.seconds))
            FileHandle.standardError.write(Data("not done within \(settings.seconds) s\n".utf8))
            exit(1)
        }
        defer { deadline.cancel() }
        Orders.say(try await Self.call(settings, tls, loop))
        await loop.shutdown()
    }

    private static func call(
        _ settings: EchoClientSettings, _ tls: TLSContext?, _ loop: EventLoop
    ) async throws -> Ended {
        if let target = settings.target {
            return told(1, await call(target, settings, tls, loop).outcome)
        }
        let said = await call("/getCaseCount", echoes: false, settings, tls, loop).first
        guard let count = Int(String(decoding: said, as: UTF8.self)), (1...casesMaximum).contains(count)
        else { throw Failure(description: "no count of cases") }
        for number in 1...count {
            _ = await call("/runCase?case=\(number)&agent=\(settings.agent)", settings, tls, loop)
        }
        let reports = "/updateReports?agent=\(settings.agent)"
        return told(count, await call(reports, echoes: false, settings, tls, loop).outcome)
    }

    private static func told(_ cases: Int, _ outcome: CloseOutcome) -> Ended {
        switch outcome {
        case .closed(let code, let reason, _):
            Ended(cases: cases, code: code.rawValue, reason: reason, failure: nil)
        case .failed(let failure):
            Ended(cases: cases, code: nil, reason: "", failure: failure.description)
        }
    }

    /// Calls once and stays to the end; the first message, and how it ended.
    private static func call(
        _ target: String, echoes: Bool = true, _ settings: EchoClientSettings, _ tls: TLSContext?,
        _ loop: EventLoop
    ) async -> (first: [UInt8], outcome: CloseOutcome) {
        await withCheckedContinuation { continuation in
            loop.execute { core in
                let call = EchoCall(echoes: echoes) { continuation.resume(returning: ($0, $1)) }
                ClientConnector.connect(
                    to: settings.server.host, port: settings.server.port, tls: tls, path: target, on: core,
                    limits: .echo(settings.compression), delegate: call)
            }
        }
    }
}
