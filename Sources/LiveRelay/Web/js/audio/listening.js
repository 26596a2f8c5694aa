// The worker's half of listening: audio messages in, decoded sound out to the audio thread by a port of its
// own, and reports of what is really played back to the relay.

import {SAMPLES_PER_MILLISECOND} from '../protocol/audio-header.js';
import {Arrival} from './arrival.js';
import {TrackDecoder} from './decoder.js';
import {PlaybackStatus} from './playback-status.js';

/** Decoders at once: a lecturer and those called to speak. The longest silent one makes room. */
const TRACK_COUNT_MAX = 8;

/** @typedef {{arrival: Arrival, decoder: TrackDecoder}} HeardTrack */

export class Listening {
    /**
     * @param {object} options
     * @param {() => number | null} options.sessionNow milliseconds
     * @param {(report: import('./playback-status.js').PlaybackReport) => void} options.onReport
     */
    constructor({sessionNow, onReport}) {
        this.sessionNow = sessionNow;
        this.onReport = onReport;
        /** @type {Map<number, HeardTrack>} */
        this.tracks = new Map();
        this.status = new PlaybackStatus();
        this.outputLatency = 0;
        /** Gaps of tracks that are gone. */
        this.pastGaps = 0;
        /** @type {MessagePort | null} */
        this.playback = null;
        /**
         * The track that this page publishes itself.
         * @type {number | null}
         */
        this.ownTrack = null;
    }

    /** @param {MessagePort} port to the audio thread */
    connect(port) {
        this.playback = port;
        port.onmessage = (event) => this.takeReport(event.data);
    }

    /**
     * @param {import('../protocol/audio-header.js').AudioMessage} message
     * @param {number} now local milliseconds
     */
    receive(message, now) {
        const isOwn = message.track === this.ownTrack;
        if (this.playback === null || isOwn || typeof AudioDecoder === 'undefined') {
            return;
        }
        if (message.packets.length === 0) {
            this.tracks.get(message.track)?.arrival.quiet();
            this.playback.postMessage({type: 'silent', track: message.track});
            return;
        }
        const track = this.openTrack(message.track, message.run);
        const {lateness, packets} = track.arrival.take(message, now);
        const span = message.packets.length * 20;
        packets.forEach(({packet, media}, index) => {
            track.decoder.decode(packet, {media, lateness: index === 0 ? lateness : null, span});
        });
    }

    /**
     * @param {number} number
     * @param {number} run
     */
    openTrack(number, run) {
        const known = this.tracks.get(number);
        if (known !== undefined && known.arrival.run === run) {
            return known;
        }
        if (known !== undefined) {
            this.forgetTrack(number);
        }
        if (this.tracks.size >= TRACK_COUNT_MAX) {
            const [oldest] = this.tracks.keys();
            this.closeTrack(oldest);
        }
        const decoder = new TrackDecoder((samples, timing) => {
            this.playback?.postMessage({type: 'sound', track: number, samples, ...timing}, [samples.buffer]);
        });
        const track = {arrival: new Arrival(run), decoder};
        this.tracks.set(number, track);
        return track;
    }

    /** @param {number} number */
    closeTrack(number) {
        this.forgetTrack(number);
        this.playback?.postMessage({type: 'close', track: number});
    }

    /** @param {number} number */
    forgetTrack(number) {
        const track = this.tracks.get(number);
        if (track !== undefined) {
            this.pastGaps += track.arrival.gaps;
            track.decoder.close();
            this.tracks.delete(number);
        }
    }

    /**
     * The class as a whole: which tracks there are.
     * @param {Record<string, any>} message
     */
    follow(message) {
        if (message.type === 'snapshot' && Array.isArray(message.tracks)) {
            const open = new Set(message.tracks.map((/** @type {any} */ track) => track.track));
            const gone = [...this.tracks.keys()].filter((number) => !open.has(number));
            gone.forEach((number) => this.closeTrack(number));
        } else if (message.type === 'event' && message.event?.type === 'trackClosed') {
            this.closeTrack(message.event.track);
        } else if (message.type === 'event' && ['breakStarted', 'ended'].includes(message.event?.type)) {
            this.pause();
        }
    }

    /** @param {boolean} isOnline */
    lineChanged(isOnline) {
        if (isOnline) {
            this.status.lineUp();
        } else {
            this.status.lineDown();
            this.pause();
        }
    }

    /** No sound is to be expected until some comes. */
    pause() {
        this.tracks.forEach((track) => track.arrival.quiet());
        this.playback?.postMessage({type: 'silentAll'});
    }

    /**
     * @param {{state: string, isHidden: boolean, isMuted: boolean, latency: number}} output as the page sees
     * it
     */
    outputChanged(output) {
        this.status.output = output.state;
        this.status.isHidden = output.isHidden;
        this.status.isMuted = output.isMuted;
        this.outputLatency = output.latency;
    }

    /** @param {any} report of the audio thread */
    takeReport(report) {
        const now = this.sessionNow();
        let gaps = this.pastGaps;
        let starved = false;
        for (const track of report.tracks) {
            gaps += track.underruns;
            starved = starved || track.starved;
            if (now !== null && track.playing && track.mediaTime !== null) {
                const played = track.mediaTime / SAMPLES_PER_MILLISECOND;
                this.status.delay = now - played + this.outputLatency * 1000;
            }
        }
        this.tracks.forEach((track) => {
            gaps += track.arrival.gaps;
        });
        // Tracks come and go, the count never falls.
        this.status.gapsTotal = Math.max(this.status.gapsTotal, gaps);
        this.status.observe(starved, performance.now());
    }

    /** @param {number} now local milliseconds */
    tick(now) {
        const report = this.status.due(now);
        if (report !== null) {
            this.onReport(report);
        }
    }
}
