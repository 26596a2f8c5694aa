/// Every bound and deadline of sockets, TLS, HTTP and WebSocket. Servers and clients share the type; tests
/// shrink it.
public struct TransportLimits: Sendable, Equatable {
    /// The values below.
    public init() {}

    // MARK: Deadlines

    /// Reaching the far end, for clients; three SYN retries fit.
    public var connectMilliseconds: UInt64 = 10_000
    /// From the first byte to a finished TLS handshake; slow phones need 2–3 s, an attacker gets no more than
    /// this.
    public var tlsHandshakeMilliseconds: UInt64 = 15_000
    /// From the first byte of a head (or the accept) to its end.
    public var headMilliseconds: UInt64 = 15_000
    /// From the head to the end of the body.
    public var bodyMilliseconds: UInt64 = 15_000
    /// Between requests on a kept connection; browsers reuse within seconds.
    public var idleMilliseconds: UInt64 = 30_000
    /// Between two pings, below the shortest usual NAT and proxy timeout of 30 s. Sent whether or not the
    /// peer talks (RFC 6455 §5.5.2 allows it at any time): beside sound they cost no radio that is not
    /// awake, each measures the round trip, and a listener, who never talks, needs every one.
    public var pingIntervalMilliseconds: UInt64 = 20_000
    /// From a ping to any sign of life; a half-open peer is gone after at most 40 s in all.
    public var pongMilliseconds: UInt64 = 20_000
    /// From our close frame to the end of the connection.
    public var closeHandshakeMilliseconds: UInt64 = 5_000
    /// An HTTP answer of which the peer takes nothing.
    public var writeMilliseconds: UInt64 = 30_000
    /// An HTTP answer of which the peer takes less than this, for longer than `writeMilliseconds`; the
    /// slowest mobile networks carry several times as much.
    public var answerBytesPerSecondMinimum = 1_024

    // MARK: WebSocket

    /// One message, all fragments together; the largest command of a client is far smaller.
    public var messageBytesMaximum = 1_048_576
    /// Fragments of one message; the conformance suite sends 65,536 (case 9.3.1).
    public var fragmentCountMaximum = 65_536
    /// Compression of messages (RFC 7692); nil neither offers nor accepts it.
    public var compression: Compression? = Compression()
    /// Bytes inflated on one loop in one turn, half a millisecond of work; the rest waits for the next.
    public var inflatedBytesPerTurn = 1_048_576
    /// Pings and pongs of a peer on the average, and at once; each ping costs a send. Nobody needs more than
    /// one in some seconds.
    public var controlFramesPerSecondMaximum = 50
    /// Pings and pongs of a peer at once, after a pause.
    public var controlFramesBurstMaximum = 256
    /// A data frame with less than this costs more to take apart than to carry.
    public var smallFrameBytes = 64
    /// Such frames on the average, and at once, which costs about 20 ms in all.
    public var smallFramesPerSecondMaximum = 1_000
    /// Such frames at once, which costs about 20 ms in all; the conformance suite sends 65,536.
    public var smallFramesBurstMaximum = 70_000
    /// Control frames that may wait for a full socket before the peer is closed as a slow consumer.
    public var queueBytesMaximum = 1_048_576
    /// Media that may wait whatever its age; 20 s of a bundled class.
    public var mediaQueueBytesMaximum = 262_144
    /// The code for a slow consumer: "come back".
    public var slowConsumerCode = CloseCode.tryAgainLater
    /// WebSockets of clients of one loop on their way to one address; RFC 6455 §4.1 allows one. Who stands
    /// for many people at many machines, such as a load test, sets more.
    public var openingsPerAddressMaximum = 1
    /// Replies waiting for a peer that does not read, above which nothing more is read from it. What this
    /// side says by itself does not count.
    public var replyBytesMaximum = 16_384
    /// What is read and thrown away after our last word before the connection is reset: what a fast network
    /// has on its way, so that an honest peer is not reset before it has read that word.
    public var discardedBytesMaximum = 1_048_576

    // MARK: HTTP

    /// Start line of a request or answer.
    public var startLineBytesMaximum = 8_192
    /// The whole head.
    public var headBytesMaximum = 16_384
    /// Fields of a head.
    public var fieldCountMaximum = 64
    /// Body of an answer, for clients.
    public var responseBytesMaximum = 16_777_216

    // MARK: Loop

    /// TCP_NOTSENT_LOWAT: what the kernel may hold unsent. Without it a stopped reader swallows minutes of
    /// audio.
    public var notSentLowWaterBytes: Int32 = 8_192
    /// SO_SNDBUF for accepted sockets; nil leaves the kernel's own sizing. Tests of slow readers set it.
    public var sendBufferBytes: Int32?
    /// TLS handshakes under way on one loop; more wait for their turn.
    public var tlsHandshakesMaximum = 256
    /// How long a handshake may stand still while others wait for its place; slow phones need 2–3 s.
    public var tlsHandshakePatienceMilliseconds: UInt64 = 3_000
    /// Handshake steps in one turn, about 0.2 ms each, so that a storm of joins does not stall the sound.
    public var tlsHandshakeStepsPerTurn = 16
    /// What the steps of one turn may take together, for keys that are slow to sign with (RSA of 4,096 bits:
    /// 5 ms): a quarter of the time between two packets of sound.
    public var tlsHandshakeMicrosecondsPerTurn: UInt64 = 5_000
    /// Messages of TLS itself after the handshake, on the average: key updates, tickets, refused
    /// renegotiations. Honest peers need one in some gigabytes, and a few tickets at the beginning.
    public var tlsMessagesPerSecondMaximum = 1
    /// Such messages at once.
    public var tlsMessagesBurstMaximum = 16
    /// Connections accepted in one turn.
    public var acceptsPerTurn = 64
    /// Pause of accepting after the descriptors ran out, so that the loop does not spin.
    public var acceptPauseMilliseconds: UInt64 = 200
    /// Where descriptors have run out, a connection that has said nothing for this long is cut; a client
    /// speaks first, after one round trip.
    public var shortageSilenceMilliseconds: UInt64 = 1_000
    /// The same for one whose handshake or first request is under way, or whose next request is waited for;
    /// slow phones need 2–3 s.
    public var shortageIdleMilliseconds: UInt64 = 3_000
    /// Connections of one loop that are cut then at once, the oldest first.
    public var shortageCutsMaximum = 64
    /// Descriptors that connections leave for the files of classes; half of them all where there are few.
    public var descriptorsReserved: Int32 = 64
    /// Bytes read from one socket in one turn, so that a flood does not starve the others; ten thousand of
    /// the smallest frames, which take about a millisecond.
    public var readBytesPerTurn = 65_536

    /// The lowest number of a descriptor that is one too many for a connection.
    func acceptedBelow(descriptorsMaximum: Int) -> Int32 {
        guard descriptorsMaximum >= 0 else { return .max }
        let maximum = Int32(clamping: descriptorsMaximum)
        return maximum - min(descriptorsReserved, maximum / 2)
    }
}
