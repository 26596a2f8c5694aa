// The jitter buffer of one track: decides when each sample of sound is played. Pure: time comes in as an
// argument.
//
// Every message tells how late it came (arrival minus media time, only differences matter). The spread of
// lateness over the last messages, plus what one message spans, is the depth the buffer aims at. Twice a
// second the lowest depth seen is compared with what is needed; the difference is worked off by playing up to
// 2 % faster or slower, by leaving out quiet quanta, or, when very much is too much, by a jump. The same loop
// absorbs clock drift.

export const SAMPLE_RATE = 48000;
const SAMPLES_PER_MILLISECOND = SAMPLE_RATE / 1000;

/**
 * Lateness of the last 600 messages is remembered: 12 s at one packet per message, the memory of a bad
 * network.
 */
const LATENESS_COUNT_MAX = 600;
/** 2 messages of 100 may come too late; waiting for the very worst one would delay all the others. */
const LATENESS_PERCENTILE = 0.98;
/** Depth beyond the measured spread, so that a quantum is always at hand. */
const MARGIN_MILLISECONDS = 10;
/** Below 20 ms a buffer cannot hold even one packet. */
export const TARGET_MILLISECONDS_MIN = 20;
/** Above 1.5 s a listener answers questions too late; sound that spreads wider is left out. */
export const TARGET_MILLISECONDS_MAX = 1500;
/** Spread assumed until enough messages came to know it. */
const START_SPREAD_MILLISECONDS = 30;
const START_COUNT = 50;
/**
 * Each underrun asks for 20 ms more and holds them for most of a minute: what stalled once a while ago does
 * it again.
 */
const BOOST_MILLISECONDS = 20;
const BOOST_DECAY_MILLISECONDS = 0.2;
const BOOST_MILLISECONDS_MAX = 300;
/** How often depth is compared with the target. */
const ADJUST_MILLISECONDS = 500;
/** More than this too much is not worth fast playing: jump. */
const JUMP_MILLISECONDS = 200;
/** A difference this small is left alone. */
const TOLERANCE_MILLISECONDS = 6;
/** Played at most 2 % faster or slower: hardly anybody hears it in speech. */
const RATE_DEVIATION_MAX = 0.02;
/** Mean square below which a quantum counts as quiet (−50 dB of full scale). */
const QUIET_MEAN_SQUARE = 1e-5;
/** A hole this short inside the sound is filled with silence to keep the time; a longer one is closed up. */
const FILLED_HOLE_MILLISECONDS = 200;
/** Capture clocks are slewed by single samples, so a step this small is no hole. */
const CONTIGUOUS_SAMPLES = 96;
/** No pull for this long means that the output slept, and what piled up is old. */
const ASLEEP_MILLISECONDS = 500;
/** Two powers: 5.4 s of sound. What does not fit pushes out the oldest. */
const CAPACITY_SAMPLES = 262144;
const CAPACITY_MASK = CAPACITY_SAMPLES - 1;

export class JitterBuffer {
    constructor() {
        this.ring = new Float32Array(CAPACITY_SAMPLES);
        this.lateness = new Float64Array(LATENESS_COUNT_MAX);
        this.sorted = new Float64Array(LATENESS_COUNT_MAX);
        /** Samples ever written, and the place of the next sample to play among them. */
        this.written = 0;
        this.read = 0;
        /** @type {{position: number, media: number}[]} where in the ring media time does not simply go on */
        this.marks = [];
        /** @type {number | null} */
        this.nextMedia = null;
        this.latenessCount = 0;
        this.spreadMilliseconds = START_SPREAD_MILLISECONDS;
        this.spanMilliseconds = 20;
        this.boostMilliseconds = 0;
        /** Asked for from outside, where the page is likely to be held up. */
        this.cushionMilliseconds = 0;
        this.playing = false;
        this.silenceExpected = false;
        this.rate = 1;
        this.skippableSamples = 0;
        this.lowWaterSamples = Infinity;
        this.adjustAt = 0;
        /** @type {number | null} */
        this.fillStartedAt = null;
        /** @type {number | null} */
        this.lastPullAt = null;
        /** The end of what was left out by a jump, faded over its replacement. @type {Float32Array | null} */
        this.fadeFrom = null;
        this.underruns = 0;
        this.holes = 0;
        this.skippedSamples = 0;
        this.jumps = 0;
    }

    /** Milliseconds of sound waiting. */
    get depthMilliseconds() {
        return (this.written - this.read) / SAMPLES_PER_MILLISECOND;
    }

    /** Milliseconds of sound that should wait just after a message came. */
    get targetMilliseconds() {
        const measured = this.spanMilliseconds + this.spreadMilliseconds;
        const wanted = measured + MARGIN_MILLISECONDS + this.boostMilliseconds + this.cushionMilliseconds;
        return Math.min(TARGET_MILLISECONDS_MAX, Math.max(TARGET_MILLISECONDS_MIN, wanted));
    }

    /** Media time of the next sample to be played, in samples; null when nothing was ever pushed. */
    get mediaTime() {
        let mark = null;
        for (const candidate of this.marks) {
            if (candidate.position <= this.read || mark === null) {
                mark = candidate;
            }
        }
        return mark === null ? null : mark.media + Math.round(this.read - mark.position);
    }

    /**
     * Takes note of how late a message came; once per message, before its packets are pushed.
     * @param {number} latenessMilliseconds arrival minus media time of the message's end; only differences
     *     matter
     * @param {number} spanMilliseconds of sound in the message
     */
    observe(latenessMilliseconds, spanMilliseconds) {
        this.lateness[this.latenessCount % LATENESS_COUNT_MAX] = latenessMilliseconds;
        this.latenessCount += 1;
        this.spanMilliseconds = spanMilliseconds;
    }

    /**
     * Appends decoded sound.
     * @param {Float32Array} samples at 48 kHz
     * @param {number} media time of the first sample, in samples
     * @param {number} now milliseconds
     */
    push(samples, media, now) {
        this.silenceExpected = false;
        const hole = this.nextMedia === null ? 0 : media - this.nextMedia;
        if (Math.abs(hole) > CONTIGUOUS_SAMPLES) {
            this.holes += 1;
            if (this.playing && hole > 0 && hole <= FILLED_HOLE_MILLISECONDS * SAMPLES_PER_MILLISECOND) {
                this.append(new Float32Array(hole));
            }
        }
        this.mark(media);
        this.append(samples);
        this.nextMedia = media + samples.length;
        if (this.fillStartedAt === null) {
            this.fillStartedAt = now;
        }
    }

    /** The publisher is silent from here on: running empty is no fault. */
    expectSilence() {
        this.silenceExpected = true;
        this.nextMedia = null;
    }

    /**
     * Fills one quantum of output.
     * @param {Float32Array} output
     * @param {number} now milliseconds of a clock that goes on while the output sleeps
     */
    pull(output, now) {
        const hasSlept = this.lastPullAt !== null && now - this.lastPullAt > ASLEEP_MILLISECONDS;
        this.lastPullAt = now;
        if (now >= this.adjustAt) {
            this.adjust(now);
        }
        if (hasSlept) {
            this.jumpTo(this.targetMilliseconds);
        }
        if (!this.playing && !this.startWhenFilled(now)) {
            output.fill(0);
            return;
        }
        this.skipQuietQuanta(output.length);
        const wanted = output.length * this.rate;
        if (this.written - this.read < wanted + 1) {
            this.runEmpty(output);
            return;
        }
        this.interpolate(output);
        this.lowWaterSamples = Math.min(this.lowWaterSamples, this.written - this.read);
    }

    /** @param {Float32Array} samples */
    append(samples) {
        for (let index = 0; index < samples.length; index += 1) {
            this.ring[(this.written + index) & CAPACITY_MASK] = samples[index];
        }
        this.written += samples.length;
        // One sample stays free so that interpolation never reads what was just overwritten.
        this.read = Math.max(this.read, this.written - CAPACITY_SAMPLES + 1);
    }

    /** @param {number} media */
    mark(media) {
        const last = this.marks[this.marks.length - 1];
        if (last !== undefined && Math.abs(last.media + this.written - last.position - media) <= 1) {
            return;
        }
        this.marks.push({position: this.written, media});
        while (this.marks.length > 1 && this.marks[1].position <= this.read) {
            this.marks.shift();
        }
    }

    /**
     * Starts playing when the target is reached, or when so much time went by that no more will come.
     * @param {number} now
     */
    startWhenFilled(now) {
        const depth = this.depthMilliseconds;
        const waited = this.fillStartedAt === null ? 0 : now - this.fillStartedAt;
        const target = this.targetMilliseconds;
        if (depth === 0 || (depth < target && waited < target + this.spanMilliseconds)) {
            return false;
        }
        this.playing = true;
        this.rate = 1;
        this.skippableSamples = 0;
        this.lowWaterSamples = Infinity;
        this.adjustAt = now + ADJUST_MILLISECONDS;
        this.fadeFrom = new Float32Array(128);
        return true;
    }

    /**
     * Plays out what is left, faded to nothing, and waits for the buffer to fill again.
     * @param {Float32Array} output
     */
    runEmpty(output) {
        const left = Math.min(output.length, Math.floor(this.written - this.read));
        for (let index = 0; index < output.length; index += 1) {
            const value = index < left ? this.ring[(Math.floor(this.read) + index) & CAPACITY_MASK] : 0;
            output[index] = index < left ? value * (1 - index / left) : 0;
        }
        this.read = this.written;
        this.playing = false;
        this.fillStartedAt = null;
        this.fadeFrom = null;
        if (!this.silenceExpected) {
            this.underruns += 1;
            const boost = this.boostMilliseconds + BOOST_MILLISECONDS;
            this.boostMilliseconds = Math.min(BOOST_MILLISECONDS_MAX, boost);
        }
    }

    /** @param {Float32Array} output */
    interpolate(output) {
        for (let index = 0; index < output.length; index += 1) {
            const position = this.read + index * this.rate;
            const whole = Math.floor(position);
            const fraction = position - whole;
            const first = this.ring[whole & CAPACITY_MASK];
            const second = fraction === 0 ? first : this.ring[(whole + 1) & CAPACITY_MASK];
            output[index] = first + (second - first) * fraction;
        }
        this.read += output.length * this.rate;
        if (this.rate === 1) {
            this.read = Math.round(this.read);
        }
        this.fade(output);
    }

    /** @param {Float32Array} output */
    fade(output) {
        const from = this.fadeFrom;
        if (from === null) {
            return;
        }
        const length = Math.min(from.length, output.length);
        for (let index = 0; index < length; index += 1) {
            const weight = (index + 1) / length;
            output[index] = output[index] * weight + from[index] * (1 - weight);
        }
        this.fadeFrom = null;
    }

    /** @param {number} quantum samples */
    skipQuietQuanta(quantum) {
        const isEnough = () => this.skippableSamples >= quantum && this.written - this.read > 2 * quantum;
        while (isEnough() && this.isQuiet(quantum)) {
            this.read += quantum;
            this.skippableSamples -= quantum;
            this.skippedSamples += quantum;
        }
    }

    /** @param {number} quantum samples */
    isQuiet(quantum) {
        let sum = 0;
        const start = Math.floor(this.read);
        for (let index = 0; index < quantum; index += 1) {
            const value = this.ring[(start + index) & CAPACITY_MASK];
            sum += value * value;
        }
        return sum / quantum < QUIET_MEAN_SQUARE;
    }

    /**
     * Leaves out the oldest sound so that only `milliseconds` wait.
     * @param {number} milliseconds
     */
    jumpTo(milliseconds) {
        const destination = this.written - Math.round(milliseconds * SAMPLES_PER_MILLISECOND);
        if (destination <= this.read) {
            return;
        }
        const from = new Float32Array(128);
        for (let index = 0; index < from.length; index += 1) {
            from[index] = this.playing ? this.ring[(Math.floor(this.read) + index) & CAPACITY_MASK] : 0;
        }
        this.fadeFrom = from;
        this.skippedSamples += destination - this.read;
        this.read = destination;
        this.jumps += 1;
        this.lowWaterSamples = Infinity;
        this.skippableSamples = 0;
    }

    /** @param {number} now */
    adjust(now) {
        this.adjustAt = now + ADJUST_MILLISECONDS;
        this.spreadMilliseconds = this.measureSpread();
        this.boostMilliseconds = Math.max(0, this.boostMilliseconds - BOOST_DECAY_MILLISECONDS);
        if (!this.playing || this.lowWaterSamples === Infinity) {
            return;
        }
        const needed = this.targetMilliseconds - this.spanMilliseconds;
        const excess = this.lowWaterSamples / SAMPLES_PER_MILLISECOND - needed;
        this.lowWaterSamples = Infinity;
        this.skippableSamples = 0;
        if (excess > JUMP_MILLISECONDS) {
            this.jumpTo(this.depthMilliseconds - excess);
            this.rate = 1;
        } else if (Math.abs(excess) > TOLERANCE_MILLISECONDS) {
            this.rate = 1 + Math.max(-RATE_DEVIATION_MAX, Math.min(RATE_DEVIATION_MAX, excess / 1000));
            this.skippableSamples = Math.max(0, excess * SAMPLES_PER_MILLISECOND);
        } else {
            this.rate = 1;
            this.read = Math.round(this.read);
        }
    }

    /** The spread of lateness: its 98th percentile less its minimum, in milliseconds. */
    measureSpread() {
        const count = Math.min(this.latenessCount, LATENESS_COUNT_MAX);
        if (count === 0) {
            return START_SPREAD_MILLISECONDS;
        }
        const sorted = this.sorted.subarray(0, count);
        sorted.set(this.lateness.subarray(0, count));
        sorted.sort();
        const spread = sorted[Math.min(count - 1, Math.floor(count * LATENESS_PERCENTILE))] - sorted[0];
        return this.latenessCount < START_COUNT ? Math.max(spread, START_SPREAD_MILLISECONDS) : spread;
    }
}
