// Opus decoding of one track in a Worker: packets in, blocks of 48 kHz mono sound out, each with what belongs
// to it.

const FRAME_MICROSECONDS = 20000;
/** Packets waiting in the decoder before new ones are left out: one second. */
const QUEUE_COUNT_MAX = 50;

/** @typedef {{media: number, lateness: number | null, span: number}} PacketTiming */

export class TrackDecoder {
    /** @param {(samples: Float32Array, timing: PacketTiming) => void} onSound */
    constructor(onSound) {
        this.onSound = onSound;
        this.failures = 0;
        this.leftOut = 0;
        /** @type {AudioDecoder | null} */
        this.decoder = null;
        this.packets = 0;
        /** @type {Map<number, PacketTiming>} by number of packet */
        this.timings = new Map();
    }

    /**
     * @param {Uint8Array} packet
     * @param {PacketTiming} timing
     */
    decode(packet, timing) {
        const decoder = this.openDecoder();
        if (decoder.decodeQueueSize > QUEUE_COUNT_MAX) {
            this.leftOut += 1;
            return;
        }
        const number = this.packets;
        this.packets += 1;
        this.timings.set(number, timing);
        // Every Opus packet can be decoded alone, hence 'key'.
        const timestamp = number * FRAME_MICROSECONDS;
        decoder.decode(new EncodedAudioChunk({type: 'key', timestamp, data: packet}));
    }

    openDecoder() {
        if (this.decoder !== null && this.decoder.state === 'configured') {
            return this.decoder;
        }
        const decoder = new AudioDecoder({
            output: (sound) => this.deliver(sound),
            // A packet that cannot be decoded closes the decoder; the next packet opens another.
            error: () => {
                this.failures += 1;
                if (this.decoder === decoder) {
                    this.decoder = null;
                }
            },
        });
        // An Opus decoder of one channel mixes stereo packets down (RFC 6716 §2.1.2).
        decoder.configure({codec: 'opus', sampleRate: 48000, numberOfChannels: 1});
        this.timings.clear();
        this.decoder = decoder;
        return decoder;
    }

    /** @param {AudioData} sound */
    deliver(sound) {
        const number = Math.round(sound.timestamp / FRAME_MICROSECONDS);
        const timing = this.timings.get(number);
        for (const older of this.timings.keys()) {
            if (older > number) {
                break;
            }
            this.timings.delete(older);
        }
        const samples = new Float32Array(sound.numberOfFrames);
        sound.copyTo(samples, {planeIndex: 0, format: 'f32-planar'});
        sound.close();
        if (timing !== undefined) {
            this.onSound(samples, timing);
        }
    }

    close() {
        if (this.decoder !== null && this.decoder.state !== 'closed') {
            this.decoder.close();
        }
        this.decoder = null;
    }
}
