import Logging
import Recorder
import SessionModel

/// The stores and keys of a data folder, opened in order; what is missing is made.
struct Parts {
    let files: FilePool
    let authorizer: Authorizer
    let signer: HeadSigner
    let catalogue: Catalogue

    /// Opens everything below a data folder whose subfolders exist.
    init(folder: String, storage: FileStorage, logger: Logger) async throws(ServerFailure) {
        files = FilePool()
        authorizer = try await Self.authorizer(folder, storage, logger)
        do {
            signer = try HeadSigner.open(in: storage)
        } catch {
            throw .store(name: "keys", reason: "\(error)")
        }
        do {
            catalogue = try Self.withRoom(in: storage) {
                let catalogue = try Catalogue(path: folder + "/index.sqlite")
                if catalogue.isNew { _ = try catalogue.rebuild(from: storage) }
                return catalogue
            }
        } catch {
            throw .store(name: "index.sqlite", reason: "\(error)")
        }
    }

    /// How often the reserve makes room for a store that found none; eight times leave half of it.
    private static let roomAttemptsMaximum = 8

    /// Opens a store. On a full disk another program may take what the reserve gave before the store had it:
    /// then there is more.
    private static func withRoom<Store>(
        in storage: FileStorage, _ open: () throws -> Store
    ) throws -> Store {
        for _ in 0..<roomAttemptsMaximum {
            do {
                return try open()
            } catch {
                guard try storage.freeBytes() < DiskLimits.startNeedsBytes else { throw error }
                try ReserveFile.makeRoom(of: DiskLimits.startNeedsBytes, in: storage)
            }
        }
        return try open()
    }

    private static func authorizer(
        _ folder: String, _ storage: FileStorage, _ logger: Logger
    ) async throws(ServerFailure) -> Authorizer {
        let identity: Identity
        do {
            identity = try withRoom(in: storage) {
                try Identity(path: folder + "/identity.sqlite") { bytesCount in
                    ReserveFile.givePiece(of: bytesCount, in: storage)
                }
            }
        } catch {
            throw .store(name: "identity.sqlite", reason: "\(error)")
        }
        do throws(SecretFailure) {
            let limiter = AttemptLimiter { network, refusals in
                logger.warning(
                    "wrong codes from one address",
                    metadata: ["address": "\(network)", "refused": "\(refusals)"])
            }
            return try await Authorizer.load(
                keysFolder: folder + "/keys", identity: identity, limiter: limiter)
        } catch {
            throw .store(name: "keys", reason: "\(error)")
        }
    }
}
