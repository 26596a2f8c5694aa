import Recorder
import SessionModel

/// The stores and keys of a data folder, opened in order; what is missing is made.
struct Parts {
    let files: FilePool
    let authorizer: Authorizer
    let signer: HeadSigner
    let catalogue: Catalogue

    /// Opens everything below a data folder whose subfolders exist.
    init(folder: String, storage: FileStorage) async throws(ServerFailure) {
        files = FilePool()
        authorizer = try await Self.authorizer(folder, storage)
        do {
            signer = try HeadSigner.open(in: storage)
        } catch {
            throw .store(name: "keys", reason: "\(error)")
        }
        do {
            catalogue = try Catalogue(path: folder + "/index.sqlite")
            if catalogue.isNew { _ = try catalogue.rebuild(from: storage) }
        } catch {
            throw .store(name: "index.sqlite", reason: "\(error)")
        }
    }

    private static func authorizer(
        _ folder: String, _ storage: FileStorage
    ) async throws(ServerFailure) -> Authorizer {
        let identity: Identity
        do throws(IdentityFailure) {
            identity = try Identity(path: folder + "/identity.sqlite") { bytesCount in
                ReserveFile.givePiece(of: bytesCount, in: storage)
            }
        } catch {
            throw .store(name: "identity.sqlite", reason: "\(error)")
        }
        do throws(SecretFailure) {
            return try await Authorizer.load(keysFolder: folder + "/keys", identity: identity)
        } catch {
            throw .store(name: "keys", reason: "\(error)")
        }
    }
}
