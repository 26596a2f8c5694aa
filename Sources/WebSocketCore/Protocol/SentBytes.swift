/// Bytes of frames that went to a socket, header and payload as they were sent; what TLS and TCP add is not
/// in it.
public struct SentBytes: Hashable, Sendable {
    /// Frames that might have been dropped: sound.
    public private(set) var media: Int
    /// All other frames.
    public private(set) var control: Int

    /// So many bytes.
    public init(media: Int = 0, control: Int = 0) {
        self.media = media
        self.control = control
    }

    /// Both together.
    public static func += (sum: inout SentBytes, more: SentBytes) {
        sum.media &+= more.media
        sum.control &+= more.control
    }

    mutating func add(_ count: Int, _ dropClass: DropClass) {
        switch dropClass {
        case .control, .reply: control &+= count
        case .media: media &+= count
        }
    }
}
