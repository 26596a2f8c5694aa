import LiveRelayWire
import Logging
import Recorder
import SessionModel

extension Relay {
    /// Tells the index how a class stands. The log is the truth: what fails here is found again by `reindex`.
    func index(_ row: CatalogueRow) {
        Task { await put(row) }
    }

    private func put(_ row: CatalogueRow) async {
        do {
            try await catalogue.put(row)
        } catch {
            logger.error("index not written", metadata: ["class": "\(row.session)", "why": "\(error)"])
        }
    }

    /// Tells the index how a class stands and waits for it, so that whoever made a class finds it in the
    /// list.
    func indexNow(_ session: SessionID) async {
        let row: CatalogueRow? = await ask(session, otherwise: nil) { shard, answer in
            answer(shard.sessions[session]?.catalogueRow)
        }
        if let row { await put(row) }
    }

    /// A class is over and everything of it is on disk: its log is signed, and the index gets its last word.
    /// Blocks.
    func conclude(_ session: SessionID) {
        do {
            try signer.signHead(of: session, in: storage, at: Clock.wall())
            if let row = CatalogueRow(try ClassFolder.read(session, in: storage)) { index(row) }
            let manifest = try AudioRecovery.read(session, in: storage)
            let catalogue = catalogue
            Task { try? await catalogue.put(manifest) }
        } catch {
            logger.error("class not concluded", metadata: ["class": "\(session)", "why": "\(error)"])
        }
    }
}
