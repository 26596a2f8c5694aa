import COpenSSL
public import SessionModel

/// Signs heads of logs with a key that lies outside the class folders.
///
///     keys/heads.key           the private key, 32 bytes as hexadecimal digits, 0600
///     keys/heads-<keyID>.pub   its public half; older ones stay, so that old heads can be checked
public struct HeadSigner: Sendable {
    /// Which key: the first sixteen hexadecimal digits of SHA-256 of the public key.
    public let keyID: String
    /// The public half, 32 bytes.
    public let publicKey: [UInt8]
    private let privateKey: [UInt8]

    static let keyBytesCount = 32
    static let signatureBytesCount = 64
    static let folder = "keys"
    private static let privatePath = folder + "/heads.key"
    /// Two hexadecimal digits for each byte, and a line feed.
    private static let keyFileBytesMaximum = 1_024

    /// A signer with a private key of 32 bytes; nil where it is none.
    public init?(privateKey: [UInt8]) {
        guard privateKey.count == Self.keyBytesCount else { return nil }
        var publicKey = [UInt8](repeating: 0, count: Self.keyBytesCount)
        guard lr_ed25519_public_key(privateKey, &publicKey) == 1 else { return nil }
        self.privateKey = privateKey
        self.publicKey = publicKey
        keyID = Self.keyID(of: publicKey)
    }

    /// The signer of a data folder; makes the key on first use. Blocks.
    public static func open(in storage: any Storage) throws(HeadSignerFailure) -> HeadSigner {
        do throws(StorageFailure) {
            try storage.makeFolder(folder)
            let isNew = try !storage.exists(privatePath)
            if isNew {
                var made = [UInt8](repeating: 0, count: keyBytesCount)
                guard lr_ed25519_make_key(&made) == 1 else { throw .io(errno: StorageErrno.inputOutput) }
                try storage.replace(privatePath, with: Array(Digest.hex(made).utf8) + [LineFeed.byte])
            }
            guard let key = try key(at: privatePath, in: storage), let signer = HeadSigner(privateKey: key)
            else {
                throw .io(errno: StorageErrno.fileTooLarge)
            }
            let publicPath = folder + "/heads-\(signer.keyID).pub"
            if try !storage.exists(publicPath) {
                try storage.replace(
                    publicPath, with: Array(Digest.hex(signer.publicKey).utf8) + [LineFeed.byte])
            }
            return signer
        } catch {
            throw error == .io(errno: StorageErrno.fileTooLarge) ? .keyInvalid : .storage(error)
        }
    }

    /// The public keys of a data folder by their identifiers. Blocks.
    public static func publicKeys(in storage: any Storage) throws(StorageFailure) -> [String: [UInt8]] {
        var keys: [String: [UInt8]] = [:]
        let names: [String]
        do {
            names = try storage.list(folder)
        } catch .missing {
            return [:]
        } catch {
            throw error
        }
        for name in names where name.hasPrefix("heads-") && name.hasSuffix(".pub") {
            guard let key = try key(at: folder + "/" + name, in: storage) else { continue }
            keys[keyID(of: key)] = key
        }
        return keys
    }

    /// Signs the end of a log.
    public func sign(_ end: LogEnd, at wall: WallTime) -> SignedHead {
        sign(end.header.session, epoch: end.position.epoch, end.place, at: wall)
    }

    private func sign(
        _ session: SessionID, epoch: String, _ place: LogPlace, at wall: WallTime
    ) -> SignedHead {
        let digest = Digest.hex(place.digest)
        let bytes = SignedHead.signedBytes(session, epoch: epoch, n: place.n, digest: digest, at: wall)
        var signature = [UInt8](repeating: 0, count: Self.signatureBytesCount)
        let done = bytes.withUnsafeBytes {
            lr_ed25519_sign(privateKey, $0.baseAddress, $0.count, &signature)
        }
        // Fails only for want of memory: the key was tried when it was read.
        precondition(done == 1, "no memory for a signature")
        return SignedHead(
            session: session, epoch: epoch, n: place.n, digest: digest, at: wall, keyID: keyID,
            signature: Digest.hex(signature))
    }

    /// Reads a log to its end, signs it and puts the head into `heads.jsonl` of the class, durable when it
    /// returns. A head of the same place by the same key is not written twice. Blocks.
    @discardableResult
    public func signHead(
        of session: SessionID, in storage: any Storage, at wall: WallTime
    ) throws(ClassFolderFailure) -> SignedHead {
        let end = try ClassFolder.end(session, in: storage)
        do throws(StorageFailure) {
            return try put(sign(end, at: wall), after: try heads(of: session, in: storage), in: storage)
        } catch {
            throw .storage(error)
        }
    }

    /// Signs a durable place of a running log, unless one was signed less than a day before. Blocks.
    func signDaily(
        _ session: SessionID, epoch: String, _ place: LogPlace, in storage: any Storage, at wall: WallTime
    ) throws(StorageFailure) {
        let heads = try heads(of: session, in: storage)
        let isDue = heads.allSatisfy {
            let age = wall.milliseconds.subtractingReportingOverflow($0.at.milliseconds)
            return age.overflow || age.partialValue >= Self.periodMilliseconds
        }
        guard isDue, place.n > 0 else { return }
        try put(sign(session, epoch: epoch, place, at: wall), after: heads, in: storage)
    }

    /// A head covers what was said until then even against whoever has the folder and the rest of the day.
    static let periodMilliseconds: Int64 = 24 * 60 * 60 * 1_000

    private func heads(
        of session: SessionID, in storage: any Storage
    ) throws(StorageFailure) -> [SignedHead] {
        let path = ClassPaths(session).heads
        guard try storage.exists(path) else { return [] }
        return JSONLines(try storage.readWhole(path, bytesMaximum: Self.headsBytesMaximum)).entries
    }

    @discardableResult
    private func put(
        _ head: SignedHead, after heads: [SignedHead], in storage: any Storage
    ) throws(StorageFailure) -> SignedHead {
        let same = heads.first { ($0.n, $0.keyID, $0.digest) == (head.n, head.keyID, head.digest) }
        if let same { return same }
        guard let bytes = try? JSONLines.bytes(of: heads + [head]) else {
            throw .io(errno: StorageErrno.inputOutput)
        }
        try ReserveFile.withRoom(of: bytes.count, in: storage) { () throws(StorageFailure) in
            try storage.replace(ClassPaths(head.session).heads, with: bytes)
        }
        return head
    }

    /// A head a day for a hundred years.
    static let headsBytesMaximum = 16 * 1_024 * 1_024

    /// The identifier of a public key.
    static func keyID(of publicKey: [UInt8]) -> String {
        String(Digest.hex(Digest.sha256(publicKey)).prefix(16))
    }

    private static func key(at path: String, in storage: any Storage) throws(StorageFailure) -> [UInt8]? {
        let bytes = try storage.readWhole(path, bytesMaximum: keyFileBytesMaximum)
        let digits = String(decoding: bytes.prefix { $0 != LineFeed.byte }, as: UTF8.self)
        guard let key = Digest.bytes(hex: digits), key.count == keyBytesCount else { return nil }
        return key
    }
}

/// Why there is no signer.
public enum HeadSignerFailure: Error, Hashable, Sendable {
    /// The disk refused.
    case storage(StorageFailure)
    /// The file of the key holds none.
    case keyInvalid
}
