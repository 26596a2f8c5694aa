/// The synthetic speech of the demo, a part of the program.
public enum DemoSpeech {
    /// The Chinese lecture: Ogg Opus, mono, 20 ms packets.
    public static var chinese: [UInt8] { bytes("demo/lecture.zh.opus") }
    /// The English one.
    public static var english: [UInt8] { bytes("demo/lecture.en.opus") }

    private static func bytes(_ path: String) -> [UInt8] {
        EmbeddedAssets.all.first { $0.path == path }?.bytes ?? []
    }
}
