// Audio thread of a listener: one jitter buffer per track, mixed. Sound comes from the connection worker by a
// port of its own, so the page's thread never touches it.

import {JitterBuffer} from './jitter-buffer.js';
import {LevelMeter} from './level.js';

/** Buffers take a megabyte each; a class has a lecturer and a few called participants. */
const TRACK_COUNT_MAX = 8;
/** Statistics and levels go out ten times a second. */
const REPORT_SECONDS = 0.1;
/** Full volume reaches its new value within this many quanta, so that it does not click. */
const VOLUME_STEP = 0.05;
/** A limit just below full scale for two people speaking at once. */
const OUTPUT_MAX = 0.99;

/** @typedef {{buffer: JitterBuffer, meter: LevelMeter}} PlayedTrack */

class PlaybackProcessor extends AudioWorkletProcessor {
    constructor() {
        super();
        /** @type {Map<number, PlayedTrack>} */
        this.tracks = new Map();
        /** @type {Set<number>} tracks that end when they have run empty */
        this.closing = new Set();
        this.meter = new LevelMeter();
        this.cushion = 0;
        this.volume = 1;
        this.volumeWanted = 1;
        this.scratch = new Float32Array(128);
        this.reportAt = 0;
        /** @type {MessagePort | null} */
        this.source = null;
        /** @type {{samples: Float32Array, filled: number, id: number} | null} */
        this.tap = null;
        this.ended = false;
        this.port.onmessage = (event) => this.obey(event.data);
    }

    /** @param {any} order from the page */
    obey(order) {
        switch (order.type) {
            case 'source':
                order.port.onmessage = (/** @type {MessageEvent} */ event) => this.take(event.data);
                this.source = order.port;
                break;
            case 'volume':
                this.volumeWanted = order.volume;
                break;
            case 'cushion':
                this.cushion = order.milliseconds;
                this.tracks.forEach((track) => {
                    track.buffer.cushionMilliseconds = this.cushion;
                });
                break;
            case 'tap':
                this.tap = {samples: new Float32Array(order.samples), filled: 0, id: order.id};
                break;
            case 'end':
                this.ended = true;
                break;
        }
    }

    /** @param {any} item from the connection worker */
    take(item) {
        switch (item.type) {
            case 'sound': {
                const track = this.openTrack(item.track);
                this.closing.delete(item.track);
                if (item.lateness !== null) {
                    track.buffer.observe(item.lateness, item.span);
                }
                track.buffer.push(item.samples, item.media, Date.now());
                break;
            }
            case 'silent':
                this.tracks.get(item.track)?.buffer.expectSilence();
                break;
            case 'silentAll':
                this.tracks.forEach((track) => track.buffer.expectSilence());
                break;
            case 'close':
                // What waits is still played; the track goes when it has run empty.
                this.tracks.get(item.track)?.buffer.expectSilence();
                this.closing.add(item.track);
                break;
        }
    }

    /** @param {number} number */
    openTrack(number) {
        const known = this.tracks.get(number);
        if (known !== undefined) {
            return known;
        }
        if (this.tracks.size >= TRACK_COUNT_MAX) {
            const [oldest] = this.tracks.keys();
            this.tracks.delete(oldest);
        }
        const track = {buffer: new JitterBuffer(), meter: new LevelMeter()};
        track.buffer.cushionMilliseconds = this.cushion;
        this.tracks.set(number, track);
        return track;
    }

    /**
     * @param {Float32Array[][]} _inputs
     * @param {Float32Array[][]} outputs
     */
    process(_inputs, outputs) {
        const output = outputs[0][0];
        if (this.scratch.length !== output.length) {
            this.scratch = new Float32Array(output.length);
        }
        const now = Date.now();
        output.fill(0);
        for (const track of this.tracks.values()) {
            track.buffer.pull(this.scratch, now);
            track.meter.add(this.scratch);
            for (let index = 0; index < output.length; index += 1) {
                output[index] += this.scratch[index];
            }
        }
        this.finish(output);
        for (let channel = 1; channel < outputs[0].length; channel += 1) {
            outputs[0][channel].set(output);
        }
        if (currentTime >= this.reportAt) {
            this.reportAt = currentTime + REPORT_SECONDS;
            this.closeEmptyTracks();
            this.report();
        }
        return !this.ended;
    }

    /** @param {Float32Array} output */
    finish(output) {
        const change = this.volumeWanted - this.volume;
        this.volume += Math.max(-VOLUME_STEP, Math.min(VOLUME_STEP, change));
        for (let index = 0; index < output.length; index += 1) {
            output[index] = Math.max(-OUTPUT_MAX, Math.min(OUTPUT_MAX, output[index] * this.volume));
        }
        this.meter.add(output);
        const tap = this.tap;
        if (tap !== null) {
            const count = Math.min(output.length, tap.samples.length - tap.filled);
            tap.samples.set(output.subarray(0, count), tap.filled);
            tap.filled += count;
            if (tap.filled === tap.samples.length) {
                this.tap = null;
                this.port.postMessage({type: 'tap', id: tap.id, samples: tap.samples}, [tap.samples.buffer]);
            }
        }
    }

    closeEmptyTracks() {
        for (const track of this.closing) {
            if (this.tracks.get(track)?.buffer.playing !== true) {
                this.tracks.delete(track);
                this.closing.delete(track);
            }
        }
    }

    report() {
        const tracks = [];
        for (const [track, {buffer, meter}] of this.tracks) {
            tracks.push({
                track,
                playing: buffer.playing,
                starved: !buffer.playing && !buffer.silenceExpected,
                level: meter.take(),
                mediaTime: buffer.mediaTime,
                depth: buffer.depthMilliseconds,
                target: buffer.targetMilliseconds,
                underruns: buffer.underruns,
                holes: buffer.holes,
                jumps: buffer.jumps,
            });
        }
        const report = {type: 'report', output: this.meter.take(), tracks};
        this.port.postMessage(report);
        if (this.source !== null) {
            this.source.postMessage(report);
        }
    }
}

registerProcessor('liverelay-playback', PlaybackProcessor);
