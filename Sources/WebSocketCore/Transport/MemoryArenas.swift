import CNet

/// Where the memory of a process comes from.
public enum MemoryArenas {
    /// One arena for all threads, from now on. A thread of a queue takes what another gives back; with an
    /// arena for each thread, half of what thousands of connections hold is such gaps. Small pieces come from
    /// a cache of the thread all the same.
    public static func useOne() {
        cnet_limit_arenas(1)
    }
}
