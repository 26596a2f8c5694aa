// The session clock of a client: estimates session time from answered pings. Pure: every method takes local
// time as an argument (milliseconds of any clock that does not jump).

/**
 * Samples kept for choosing the one with the shortest round trip; at a ping every 2 s this is half a minute.
 */
const SAMPLE_COUNT_MAX = 16;
/**
 * No two samples differ by this much more than their way took: local time has stood still (a sleep), or the
 * server's clock was set.
 */
const JUMP_MILLISECONDS = 500;

/** @typedef {{roundTrip: number, offset: number}} ClockSample */

export class SessionClock {
    constructor() {
        /** @type {ClockSample[]} */
        this.samples = [];
        /**
         * Session time minus local time in milliseconds, or null before the first answer. @type {number |
         * null}
         */
        this.offset = null;
        /** Round trip of the latest answered ping in milliseconds. @type {number | null} */
        this.roundTrip = null;
    }

    /**
     * Takes one answered ping.
     * @param {number} sentAt local time at which the ping left
     * @param {number} sessionTime session time the server wrote into its answer
     * @param {number} receivedAt local time at which the answer came
     */
    sample(sentAt, sessionTime, receivedAt) {
        const roundTrip = Math.max(0, receivedAt - sentAt);
        this.roundTrip = roundTrip;
        const offset = sessionTime - (sentAt + receivedAt) / 2;
        if (this.offset !== null && Math.abs(offset - this.offset) > roundTrip + JUMP_MILLISECONDS) {
            this.samples = [];
        }
        this.samples.push({roundTrip, offset});
        if (this.samples.length > SAMPLE_COUNT_MAX) {
            this.samples.shift();
        }
        // The answer that travelled fastest was held up least, so its offset is the most exact one.
        const best = this.samples.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a));
        this.offset = best.offset;
    }

    /** Forgets what was measured; another log (a new epoch) may have another time. */
    reset() {
        this.samples = [];
        this.offset = null;
        this.roundTrip = null;
    }

    /**
     * Session time in milliseconds, or null before the first sample.
     * @param {number} localNow
     * @returns {number | null}
     */
    now(localNow) {
        return this.offset === null ? null : localNow + this.offset;
    }
}
