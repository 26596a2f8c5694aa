/// Which LiveRelay this is.
public enum LiveRelayVersion {
    /// Major, minor, patch; `CHANGES.md` says what came with each.
    public static let text = "0.1.0"
}
