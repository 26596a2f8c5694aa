// Judges the audio messages of one track as they arrive: what is new, what is missing, what is too old to be
// played. Pure: time comes in as an argument.

import {PACKET_SAMPLES, SAMPLES_PER_MILLISECOND} from '../protocol/audio-header.js';

/** Sound that came this much later than the fastest is left out: the player would jump over it anyway. */
const STALE_MILLISECONDS = 2000;
/** Everything stale for this long means that the way has become longer for good. */
const STALE_RUN_MILLISECONDS_MAX = 3000;
/** A step back by more than this is another numbering, not a duplicate. */
const RENUMBERED_COUNT = 500;

/** @typedef {{packet: Uint8Array, media: number}} ArrivedPacket */

export class Arrival {
    /** @param {number} run */
    constructor(run) {
        this.run = run;
        /** @type {number | null} */
        this.nextSequence = null;
        this.fastest = Infinity;
        /** @type {number | null} */
        this.staleSince = null;
        /** Holes in the numbering, and packets left out as stale. */
        this.gaps = 0;
        this.stale = 0;
    }

    /**
     * @param {import('../protocol/audio-header.js').AudioMessage} message
     * @param {number} now local milliseconds
     * @returns {{lateness: number, packets: ArrivedPacket[]}} lateness of the message's end in milliseconds,
     *     of which
     *     only differences mean anything, and the packets to play
     */
    take(message, now) {
        const end = message.captureTime + message.packets.length * PACKET_SAMPLES;
        const lateness = now - end / SAMPLES_PER_MILLISECOND;
        const packets = this.unseen(message);
        if (packets.length === 0) {
            return {lateness, packets};
        }
        if (this.isStale(lateness, now)) {
            this.stale += packets.length;
            return {lateness, packets: []};
        }
        return {lateness, packets};
    }

    /** Nobody speaks: the next packet may have any number. */
    quiet() {
        this.nextSequence = null;
    }

    /**
     * @param {import('../protocol/audio-header.js').AudioMessage} message
     * @returns {ArrivedPacket[]}
     */
    unseen(message) {
        const next = this.nextSequence;
        const behind = next === null ? 0 : next - message.sequence;
        const isDuplicate = next !== null && behind > 0 && behind < RENUMBERED_COUNT;
        const skip = isDuplicate ? Math.min(message.packets.length, behind) : 0;
        if (behind < 0) {
            this.gaps += 1;
        }
        const after = message.sequence + message.packets.length;
        this.nextSequence = isDuplicate ? Math.max(next, after) : after;
        return message.packets
            .map((packet, index) => ({packet, media: message.captureTime + index * PACKET_SAMPLES}))
            .slice(skip);
    }

    /**
     * @param {number} lateness
     * @param {number} now
     */
    isStale(lateness, now) {
        if (lateness - this.fastest <= STALE_MILLISECONDS) {
            this.fastest = Math.min(this.fastest, lateness);
            this.staleSince = null;
            return false;
        }
        if (this.fastest === Infinity) {
            this.fastest = lateness;
            return false;
        }
        this.staleSince ??= now;
        if (now - this.staleSince > STALE_RUN_MILLISECONDS_MAX) {
            this.fastest = lateness;
            this.staleSince = null;
            return false;
        }
        return true;
    }
}
