import CNet

/// The processors of this machine.
public enum Processors {
    /// How many this process may run on, at least one: fewer than there are where a container or an operator
    /// says so.
    public static var allowedCount: Int {
        Int(cnet_processors_allowed())
    }
}
