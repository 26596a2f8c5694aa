// The worker's half of speaking: blocks from the microphone in, audio messages out, and everything kept that
// is not yet on the relay's disk.

import {LevelMeter, meanSquare} from './level.js';
import {CaptureTimeline} from './capture-timeline.js';
import {OpusEncoder} from './encoder.js';
import {Publication} from './publication.js';
import {SpeechDetector} from './speech-detector.js';

/** Interrupted publications whose sound may still be sent for the record; each is bounded by itself. */
const PAST_PUBLICATION_COUNT_MAX = 4;
const PACKETS_PER_SECOND = 50;
/** Resending stops while this much waits in the socket, so that live sound goes first. */
const RESEND_BUFFERED_BYTES_MAX = 2000;
/** An encoder that fails this often in one microphone's life will fail again. */
const ENCODER_FAILURE_COUNT_MAX = 3;
/** A frame without sound: the TOC byte of a 20 ms hybrid mono packet alone (RFC 6716 §3.1). */
const NO_SOUND = new Uint8Array([0x78]);
/** A frame softer than −50 dB of full scale is marked as quiet, so that the relay notices a dead microphone. */
const QUIET_MEAN_SQUARE = 1e-5;
/** Blocks come every 10 ms, levels go to the page every 100 ms. */
const BLOCKS_PER_LEVEL = 10;
/** A block that waited longer than this between two threads has a wrong stamp. */
const BLOCK_AGE_MILLISECONDS_MAX = 2000;

/**
 * @typedef {object} SpeakingOptions
 * @property {() => number | null} sessionNow milliseconds
 * @property {() => {open: boolean, bufferedBytes: number}} socket
 * @property {(bytes: Uint8Array) => void} send
 * @property {(level: number) => void} onLevel
 * @property {() => void} onSpeechWhileMuted
 * @property {(code: string) => void} onFailure
 */

export class Speaking {
    /** @param {SpeakingOptions} options */
    constructor(options) {
        this.options = options;
        /** @type {Publication | null} */
        this.publication = null;
        /** @type {Publication[]} */
        this.past = [];
        this.isMuted = false;
        this.isEnabled = false;
        /** Sound flows only while the class is live: nothing said in a break leaves the page. */
        this.isLive = true;
        this.isRecorded = true;
        this.bitrate = 0;
        this.sampleRate = 48000;
        this.failures = 0;
        this.blocks = 0;
        this.meter = new LevelMeter();
        this.detector = new SpeechDetector();
        /** @type {CaptureTimeline | null} */
        this.timeline = null;
        /** @type {OpusEncoder | null} */
        this.encoder = null;
        /** @type {MessagePort | null} */
        this.capture = null;
    }

    get isOpen() {
        return this.capture !== null;
    }

    /**
     * @param {{port: MessagePort, sampleRate: number, bitrate: number, track: number, run: number}}
     * microphone
     */
    open({port, sampleRate, bitrate, track, run}) {
        this.close();
        this.capture = port;
        this.sampleRate = sampleRate;
        this.bitrate = bitrate;
        this.failures = 0;
        this.isMuted = false;
        this.timeline = new CaptureTimeline(sampleRate);
        this.openEncoder();
        this.publish(track, run);
        port.onmessage = (event) => this.takeBlock(event.data);
    }

    /** Ends the publication; what is not yet recorded can still be sent for the record. */
    close() {
        this.capture?.close();
        this.capture = null;
        this.encoder?.close();
        this.encoder = null;
        this.timeline = null;
        this.retirePublication();
    }

    /**
     * Goes on under this track and run: the first time, and after the relay has started anew.
     * @param {number} track
     * @param {number} run
     */
    publish(track, run) {
        if (this.publication !== null && this.publication.track === track && this.publication.run === run) {
            this.isEnabled = true;
            return;
        }
        this.retirePublication();
        this.publication = new Publication(track, run, this.bitrate, this.timeline?.sequence ?? 0);
        this.publication.isKept = this.isRecorded;
        this.isEnabled = true;
    }

    retirePublication() {
        const publication = this.publication;
        this.publication = null;
        if (publication !== null && publication.unrecorded.length > 0) {
            // What the relay did not take under this track any more goes out for the record.
            publication.lineLost();
            this.past.push(publication);
            this.past.splice(0, this.past.length - PAST_PUBLICATION_COUNT_MAX);
        }
    }

    /** The line is away: sound is made and kept, and sent for the record later. */
    lineLost() {
        this.isEnabled = false;
        for (const publication of this.publications) {
            publication.lineLost();
        }
    }

    get publications() {
        return this.publication === null ? this.past : [...this.past, this.publication];
    }

    /**
     * How the class stands.
     * @param {Record<string, any>} message
     * @param {string} seat one's own
     */
    follow(message, seat) {
        if (message.type === 'snapshot' && typeof message.class?.phase === 'string') {
            this.isLive = message.class.phase === 'live';
            if (typeof message.class.breakStartedAt === 'number') {
                this.forget(message.class.breakStartedAt);
            }
            this.isRecorded = message.class.isRecorded !== false;
            if (this.publication !== null) {
                this.publication.isKept = this.isRecorded;
            }
        } else if (message.type === 'event') {
            this.followEvent(message.event ?? {}, message.t, seat);
        }
    }

    /**
     * @param {Record<string, any>} event
     * @param {number} time
     * @param {string} seat
     */
    followEvent(event, time, seat) {
        const isOwn = event.seat === seat;
        if (event.type === 'started' || event.type === 'breakEnded') {
            this.isLive = true;
        } else if (event.type === 'breakStarted' || event.type === 'ended') {
            this.isLive = false;
            this.forget(time);
        } else if (isOwn && (event.type === 'muted' || event.type === 'turnEnded')) {
            this.forget(time);
        } else if (event.type === 'recordingResumed') {
            for (const publication of this.publications) {
                publication.lineLost();
            }
        }
    }

    /** @param {number} time session milliseconds */
    forget(time) {
        for (const publication of this.publications) {
            publication.forget(time);
        }
    }

    /** Seconds of sound that have yet to be sent for the record. */
    get waitingSeconds() {
        const packets = this.publications.reduce((sum, publication) => sum + publication.waitingCount, 0);
        return Math.ceil(packets / PACKETS_PER_SECOND);
    }

    /** @param {Record<string, any>} message `recorded` of the relay */
    recorded(message) {
        for (const publication of this.publications) {
            if (publication.track === message.track && publication.run === message.run) {
                publication.recorded(message.from ?? 0, message.seq);
            }
        }
        this.past = this.past.filter((publication) => publication.unrecorded.length > 0);
    }

    openEncoder() {
        this.encoder = new OpusEncoder({
            sampleRate: this.sampleRate,
            bitrate: this.bitrate,
            onPacket: (packet, time) => this.send(packet, time),
            onFailure: () => {
                this.failures += 1;
                this.encoder = null;
                if (this.failures > ENCODER_FAILURE_COUNT_MAX) {
                    this.options.onFailure('encoderFailed');
                } else if (this.isOpen) {
                    this.openEncoder();
                }
            },
        });
    }

    /** @param {{samples: Float32Array, capturedAt: number}} block */
    takeBlock({samples, capturedAt}) {
        this.meter.add(samples);
        this.blocks += 1;
        if (this.blocks % BLOCKS_PER_LEVEL === 0) {
            this.options.onLevel(this.meter.take());
        }
        const milliseconds = (samples.length * 1000) / this.sampleRate;
        if (this.isMuted && this.isLive && this.detector.hears(samples, milliseconds, performance.now())) {
            this.options.onSpeechWhileMuted();
        }
        const sessionNow = this.options.sessionNow();
        if (sessionNow === null || this.timeline === null) {
            return;
        }
        const age = Math.min(BLOCK_AGE_MILLISECONDS_MAX, Math.max(0, Date.now() - capturedAt));
        for (const {samples: frame, ...time} of this.timeline.push(samples, sessionNow - age)) {
            if (!this.isLive) {
                continue;
            }
            if (this.isMuted) {
                this.send(NO_SOUND, {...time, isQuiet: true});
            } else {
                this.encoder?.encode(frame, {...time, isQuiet: meanSquare(frame) < QUIET_MEAN_SQUARE});
            }
        }
    }

    /**
     * @param {Uint8Array} packet
     * @param {import('./encoder.js').FrameTime} time
     */
    send(packet, time) {
        const socket = this.options.socket();
        const state = {open: socket.open && this.isEnabled, bufferedBytes: socket.bufferedBytes};
        const message = this.publication?.publish(packet, time, state) ?? null;
        if (message !== null) {
            this.options.send(message);
        }
        this.resend();
    }

    /** Sends a few packets for the record where there is room. */
    resend() {
        const socket = this.options.socket();
        if (!socket.open || !this.isEnabled || socket.bufferedBytes > RESEND_BUFFERED_BYTES_MAX) {
            return;
        }
        for (const publication of this.publications) {
            const messages = publication.resend();
            if (messages.length > 0) {
                messages.forEach(this.options.send);
                return;
            }
        }
    }
}
