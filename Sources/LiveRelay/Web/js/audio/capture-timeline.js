// Cuts captured blocks into frames of 20 ms and dates each frame in session time. Pure: time comes in as an
// argument.
//
// The sound card counts samples with its own clock, a little faster or slower than the server's. Each frame
// is dated one frame after the last; when the two clocks drift apart the date is slewed by one sample per
// frame (0.1 %), which nobody hears.

import {PACKET_SAMPLES, SAMPLES_PER_MILLISECOND} from '../protocol/audio-header.js';

/** Frames per second: 20 ms each. */
const FRAMES_PER_SECOND = 50;
/** Arrivals looked at for the least delayed one: 5 s of frames. */
const ARRIVAL_COUNT_MAX = 250;
/** Drift below this is left alone; a block may simply have waited. */
const DRIFT_SAMPLES_MIN = 10 * SAMPLES_PER_MILLISECOND;
/** Later than this by every arrival in sight means that capture stood still: date anew. */
const STALL_SAMPLES = 500 * SAMPLES_PER_MILLISECOND;

/** @typedef {{samples: Float32Array, captureTime: number, sequence: number}} CapturedFrame */

export class CaptureTimeline {
    /** @param {number} sampleRate of the captured blocks */
    constructor(sampleRate) {
        this.frameSamples = Math.round(sampleRate / FRAMES_PER_SECOND);
        this.partial = new Float32Array(this.frameSamples);
        this.filled = 0;
        /** Capture time of the next frame in samples of session time. @type {number | null} */
        this.next = null;
        /** Number of the next frame: one per 20 ms, skipping what a stall of the capture lost. */
        this.sequence = 0;
        /** @type {number[]} how much later than its date each of the last frames came, in samples */
        this.delays = [];
    }

    /**
     * @param {Float32Array} block mono samples at the sample rate
     * @param {number} sessionNow milliseconds of session time at which the block's last sample was captured
     * @returns {CapturedFrame[]} the frames that the block completes
     */
    push(block, sessionNow) {
        const frames = [];
        let offset = 0;
        while (offset < block.length) {
            const count = Math.min(block.length - offset, this.frameSamples - this.filled);
            this.partial.set(block.subarray(offset, offset + count), this.filled);
            this.filled += count;
            offset += count;
            if (this.filled === this.frameSamples) {
                frames.push({samples: this.partial, ...this.date(sessionNow)});
                this.partial = new Float32Array(this.frameSamples);
                this.filled = 0;
            }
        }
        return frames;
    }

    /** @param {number} sessionNow */
    date(sessionNow) {
        const measured = Math.round(sessionNow * SAMPLES_PER_MILLISECOND) - PACKET_SAMPLES;
        if (this.next === null) {
            this.next = Math.max(0, measured);
        }
        this.delays.push(measured - this.next);
        if (this.delays.length > ARRIVAL_COUNT_MAX) {
            this.delays.shift();
        }
        const captureTime = this.correct(this.next, measured);
        this.sequence += Math.round((captureTime - this.next) / PACKET_SAMPLES);
        const sequence = this.sequence;
        this.next = captureTime + PACKET_SAMPLES;
        this.sequence += 1;
        return {captureTime, sequence};
    }

    /**
     * @param {number} date of the frame if both clocks agree
     * @param {number} measured
     */
    correct(date, measured) {
        if (measured - date > STALL_SAMPLES) {
            this.delays = [];
            return measured;
        }
        const drift = Math.min(...this.delays);
        if (this.delays.length < ARRIVAL_COUNT_MAX || Math.abs(drift) < DRIFT_SAMPLES_MIN) {
            return date;
        }
        return Math.max(0, date + Math.sign(drift));
    }
}
