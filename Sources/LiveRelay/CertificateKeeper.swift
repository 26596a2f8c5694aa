import Logging
import WebSocketCore

/// Keeps the certificate and the keys of session tickets fresh while people are connected. Nobody is cut off
/// by either: connections keep what they began with.
actor CertificateKeeper {
    /// A certificate that can be served.
    struct Reading: Sendable {
        let context: TLSContext
        let certificate: TLSCertificate
    }

    private let configuration: Configuration
    private let http: HTTPServer
    private let logger: Logger
    private var context: TLSContext
    private var rotation: Task<Void, Never>?

    /// The keeper of what a server serves with.
    init(_ reading: Reading, _ configuration: Configuration, http: HTTPServer, logger: Logger) {
        context = reading.context
        self.configuration = configuration
        self.http = http
        self.logger = logger
        for concern in reading.certificate.concerns { Self.warn(concern, logger) }
    }

    /// Makes new keys for tickets from now on, as often as tickets live.
    func begin() {
        rotation = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(TLSContext.ticketSeconds))
                guard !Task.isCancelled else { return }
                await self?.rotate()
            }
        }
    }

    /// No more new keys.
    func end() { rotation?.cancel() }

    /// Reads certificate and key again. What is wrong with them leaves the old ones serving. Tickets of
    /// before open nothing any more, so that everybody sees the new certificate.
    func readAgain() throws(ServerFailure) -> TLSCertificate? {
        guard let reading = try Self.read(configuration) else { return nil }
        context = reading.context
        http.use(reading.context)
        for concern in reading.certificate.concerns { Self.warn(concern, logger) }
        return reading.certificate
    }

    private func rotate() {
        do throws(TLSError) {
            context = try context.withFreshTicketKeys()
            http.use(context)
        } catch {
            // The old keys are good for longer than they should be; the next time may go better.
            logger.error("no new keys for session tickets", metadata: ["why": "\(error)"])
        }
    }

    private static func warn(_ concern: TLSCertificate.Concern, _ logger: Logger) {
        logger.warning("certificate", metadata: ["concern": "\(concern)"])
    }

    /// The certificate that the configuration names, made where it is to be our own; nil without TLS.
    static func read(_ configuration: Configuration) throws(ServerFailure) -> Reading? {
        do throws(TLSError) {
            let context: TLSContext
            switch configuration.tls {
            case .off: return nil
            case .files(let certificate, let key):
                context = try .server(certificatePath: certificate, keyPath: key)
            case .selfSigned(let names):
                let made = try SelfSignedCertificate.loadOrCreate(
                    folder: configuration.dataFolder + "/keys", hostNames: names, addresses: [])
                context = try .server(certificatePath: made.certificatePath, keyPath: made.keyPath)
            }
            return Reading(context: context, certificate: try context.certificate())
        } catch {
            throw .tls(error)
        }
    }
}
