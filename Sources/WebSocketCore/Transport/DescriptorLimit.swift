import CNet

/// How many descriptors the process may have.
public enum DescriptorLimit {
    /// Lifts the soft limit to the hard one; the number that holds now, nil when the system does not say.
    @discardableResult
    public static func raise() -> Int? {
        let maximum = cnet_descriptors_maximum(1)
        return maximum < 0 ? nil : maximum
    }
}
