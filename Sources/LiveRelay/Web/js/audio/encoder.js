// Opus encoding of one microphone: frames of 20 ms in, packets in the same order out. Runs in a Worker or a
// page.

/** Speech of a lecturer in a quiet room is transparent enough at 28 kb/s; 24 to 32 are allowed. */
export const BITRATE_DEFAULT = 28000;
/** Half of what Opus can spend: on phones the rest costs battery and is not heard in speech. */
const COMPLEXITY = 5;
const FRAME_MICROSECONDS = 20000;
/** Frames waiting in the encoder before new ones are left out: half a second. */
const QUEUE_COUNT_MAX = 25;

/**
 * @param {number} sampleRate
 * @param {number} bitrate
 */
export function encoderConfiguration(sampleRate, bitrate) {
    return {
        codec: 'opus',
        sampleRate,
        numberOfChannels: 1,
        bitrate,
        bitrateMode: 'variable',
        opus: {
            format: 'opus',
            application: 'voip',
            signal: 'voice',
            complexity: COMPLEXITY,
            frameDuration: FRAME_MICROSECONDS,
            // Silence in packets keeps the listeners' clocks going; loss concealment data is of no use over
            // TCP.
            usedtx: false,
            useinbandfec: false,
            packetlossperc: 0,
        },
    };
}

/**
 * When a frame was captured, in samples of session time and by its number, and whether nobody spoke in it.
 * @typedef {{captureTime: number, sequence: number, isQuiet: boolean}} FrameTime
 */

export class OpusEncoder {
    /**
     * @param {object} options
     * @param {number} options.sampleRate
     * @param {number} options.bitrate
     * @param {(packet: Uint8Array, frame: FrameTime) => void} options.onPacket
     * @param {(error: Error) => void} options.onFailure the encoder is gone; make a new one
     */
    constructor({sampleRate, bitrate, onPacket, onFailure}) {
        this.sampleRate = sampleRate;
        this.frames = 0;
        /** @type {Map<number, FrameTime>} by number of frame */
        this.times = new Map();
        this.leftOut = 0;
        this.encoder = new AudioEncoder({
            output: (chunk) => {
                const packet = new Uint8Array(chunk.byteLength);
                chunk.copyTo(packet);
                // Timestamps come back rounded, so they name the frame only after rounding to whole frames.
                const frame = Math.round(chunk.timestamp / FRAME_MICROSECONDS);
                const time = this.times.get(frame);
                this.times.delete(frame);
                if (time !== undefined) {
                    onPacket(packet, time);
                }
            },
            error: (error) => onFailure(error),
        });
        this.encoder.configure(encoderConfiguration(sampleRate, bitrate));
    }

    /**
     * @param {Float32Array} samples of one frame
     * @param {FrameTime} time
     */
    encode(samples, time) {
        if (this.encoder.state !== 'configured') {
            return;
        }
        if (this.encoder.encodeQueueSize > QUEUE_COUNT_MAX) {
            this.leftOut += 1;
            return;
        }
        const frame = this.frames;
        this.frames += 1;
        this.times.set(frame, time);
        const sound = new AudioData({
            format: 'f32-planar',
            sampleRate: this.sampleRate,
            numberOfFrames: samples.length,
            numberOfChannels: 1,
            timestamp: frame * FRAME_MICROSECONDS,
            data: samples,
        });
        this.encoder.encode(sound);
        sound.close();
    }

    close() {
        if (this.encoder.state !== 'closed') {
            this.encoder.close();
        }
    }
}
