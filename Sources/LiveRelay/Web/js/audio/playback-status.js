// What a listener's page reports about its playback, and when. Pure: time comes in as an argument.

/** A report is repeated this often where nothing changes. */
const REPEAT_MILLISECONDS = 10000;
/** Changes that come faster are gathered, so that a stuttering line is not made worse. */
const CHANGE_MILLISECONDS = 1000;
/** A track that has nothing to play for this long is stalled, not merely late. */
const STALLED_MILLISECONDS = 1500;

/**
 * @typedef {'playing' | 'hidden' | 'blocked' | 'paused' | 'stalled' | 'unsupported'} PlaybackState
 * @typedef {{state: PlaybackState, delay: number, gaps: number}} PlaybackReport
 */

export class PlaybackStatus {
    constructor() {
        /**
         * State of the page's output; null until it is told.
         * @type {string | null}
         */
        this.output = null;
        this.isHidden = false;
        this.isMuted = false;
        this.isOnline = false;
        /** Whether this page was ever in class; before that nothing is missing. */
        this.hasJoined = false;
        /** Milliseconds between capture and ear, where known. */
        this.delay = 0;
        this.gapsTotal = 0;
        /** @type {number | null} */
        this.starvedSince = null;
        /** @type {{state: PlaybackState, at: number, gapsTotal: number} | null} */
        this.sent = null;
    }

    /**
     * @param {boolean} isStarved some track has nothing to play although it should
     * @param {number} now
     */
    observe(isStarved, now) {
        this.starvedSince = isStarved ? this.starvedSince ?? now : null;
    }

    /**
     * @param {number} now
     * @returns {PlaybackState | null}
     */
    state(now) {
        if (!this.hasJoined) {
            return null;
        }
        switch (this.output) {
            case null:
            case 'none':
                return null;
            case 'unsupported':
                return 'unsupported';
            case 'running':
                break;
            default:
                return 'blocked';
        }
        if (this.isMuted) {
            return 'paused';
        }
        const starvedFor = this.starvedSince === null ? 0 : now - this.starvedSince;
        if (!this.isOnline || starvedFor > STALLED_MILLISECONDS) {
            return 'stalled';
        }
        return this.isHidden ? 'hidden' : 'playing';
    }

    /** The line is new: whatever the relay knew of us is told again. */
    lineUp() {
        this.isOnline = true;
        this.hasJoined = true;
        this.sent = null;
    }

    lineDown() {
        this.isOnline = false;
    }

    /**
     * The report that is due now, or null.
     * @param {number} now
     * @returns {PlaybackReport | null}
     */
    due(now) {
        const state = this.state(now);
        if (state === null) {
            return null;
        }
        const sent = this.sent;
        const wait = sent === null ? 0 : sent.state === state ? REPEAT_MILLISECONDS : CHANGE_MILLISECONDS;
        if (sent !== null && now - sent.at < wait) {
            return null;
        }
        const gaps = this.gapsTotal - (sent === null ? 0 : sent.gapsTotal);
        this.sent = {state, at: now, gapsTotal: this.gapsTotal};
        return {state, delay: Math.max(0, Math.round(this.delay)), gaps: Math.max(0, gaps)};
    }
}
