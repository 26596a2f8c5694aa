// Notices speech at a microphone that is muted. Pure: time comes in as an argument.

import {meanSquare} from './level.js';

/** Softer than −45 dB of full scale nobody speaks to this microphone. */
const MEAN_SQUARE_MIN = 10 ** -4.5;
/** Speech stands 12 dB above the noise of the room. */
const ABOVE_NOISE = 16;
/** The noise estimate rises slowly (about 1 dB/s at 100 blocks) and falls at once. */
const NOISE_RISE = 1.0025;
/** 300 ms of loud blocks within a second are a word, not a cough or a key. */
const LOUD_MILLISECONDS = 300;
const LOUD_DECAY = 0.5;
/** Told once, the person needs time to act on it. */
const PAUSE_MILLISECONDS = 10000;

export class SpeechDetector {
    constructor() {
        this.noise = 1e-4;
        this.loudMilliseconds = 0;
        this.quietUntil = -Infinity;
    }

    /**
     * @param {Float32Array} block of sound
     * @param {number} milliseconds its length
     * @param {number} now
     * @returns {boolean} true when speech was noticed, at most once per pause
     */
    hears(block, milliseconds, now) {
        const loudness = meanSquare(block);
        this.noise = Math.max(1e-9, Math.min(this.noise * NOISE_RISE, loudness));
        const isLoud = loudness > MEAN_SQUARE_MIN && loudness > this.noise * ABOVE_NOISE;
        this.loudMilliseconds = isLoud
            ? this.loudMilliseconds + milliseconds
            : Math.max(0, this.loudMilliseconds - milliseconds * LOUD_DECAY);
        if (this.loudMilliseconds < LOUD_MILLISECONDS || now < this.quietUntil) {
            return false;
        }
        this.loudMilliseconds = 0;
        this.quietUntil = now + PAUSE_MILLISECONDS;
        return true;
    }
}
