// What a class page hears and says. The sound itself runs in the connection worker and in audio threads; here
// are the parts that only a page may touch: the output, the microphone's permission, the lock screen.

import {BITRATE_DEFAULT} from './encoder.js';
import {Capture, MicrophoneFailure} from './capture.js';
import {missingForListening, missingForSpeaking} from './support.js';

const SAMPLE_RATE = 48000;
/** A hidden page is scheduled worse: a little more sound waits (gaps of about 100 ms were measured at the change). */
const HIDDEN_CUSHION_MILLISECONDS = 120;
/** Reports come ten times a second; the latency of the output is looked at every five seconds. */
const REPORTS_PER_LATENCY = 50;
/** The longest stretch a tap gives out: 2 minutes are 23 MB. */
const TAP_SECONDS_MAX = 120;

/**
 * Events (CustomEvent): `output` {state}; `levels` {output, microphone, tracks};
 * `playback` {state: 'playing' | 'hidden' | 'notPlaying', reason, delay, gaps};
 * `microphone` {state, code, track, run, byStaff}; `speech-while-muted`; `unrecorded` {seconds}, how much of what
 * was said has yet to be sent for the record.
 */
export class ClassSound extends EventTarget {
    /** @param {import('../protocol/connection.js').ClassConnection} connection */
    constructor(connection) {
        super();
        this.connection = connection;
        this.support = {listen: missingForListening(globalThis), speak: missingForSpeaking(globalThis)};
        /** @type {AudioContext | null} */
        this.context = null;
        /** @type {AudioWorkletNode | null} */
        this.node = null;
        /** @type {Promise<void> | null} */
        this.starting = null;
        this.volumeWanted = 1;
        this.isMuted = false;
        this.microphoneLevel = 0;
        /** @type {Capture | null} */
        this.capture = null;
        this.microphoneState = 'closed';
        this.track = 0;
        this.taps = 0;
        this.reports = 0;
        /** @type {Map<number, (samples: Float32Array) => void>} */
        this.tapped = new Map();
        /** @type {any} */
        this.wakeLock = null;
        this.isScreenKept = false;
        document.addEventListener('visibilitychange', () => this.visibilityChanged());
    }

    // Hearing

    /** Starts the output; to be called inside a click. Without what it needs it only tells the relay so. */
    start() {
        if (this.starting === null) {
            this.starting = this.open();
        }
        void this.context?.resume();
        return this.starting;
    }

    async open() {
        if (this.support.listen.length > 0) {
            this.tellOutput();
            return;
        }
        const context = new AudioContext({sampleRate: SAMPLE_RATE, latencyHint: 'interactive'});
        this.context = context;
        context.onstatechange = () => this.tellOutput();
        // Inside the click, before anything is awaited: this is what unlocks the sound.
        void context.resume();
        setAudioSession('playback');
        await context.audioWorklet.addModule(new URL('./playback-worklet.js', import.meta.url));
        const node = new AudioWorkletNode(context, 'liverelay-playback', {
            numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [2],
        });
        this.node = node;
        node.port.onmessage = (event) => this.takeFromThread(event.data);
        node.connect(context.destination);
        const {port1, port2} = new MessageChannel();
        node.port.postMessage({type: 'source', port: port1}, [port1]);
        this.connection.worker.postMessage({type: 'playbackPort', port: port2}, [port2]);
        this.applyVolume();
        this.tellOutput();
    }

    /** Lets the sound go on after the browser has stopped it; to be called inside a click. */
    async resume() {
        await this.start();
        await this.context?.resume();
    }

    /**
     * 'none', 'running', 'suspended', 'interrupted' (on iOS, by a call or the lock screen), 'closed',
     * 'unsupported'
     */
    get outputState() {
        if (this.support.listen.length > 0) {
            return 'unsupported';
        }
        return this.context === null ? 'none' : String(this.context.state);
    }

    get volume() {
        return this.volumeWanted;
    }

    set volume(volume) {
        this.volumeWanted = Math.min(1, Math.max(0, Number(volume) || 0));
        this.applyVolume();
    }

    get muted() {
        return this.isMuted;
    }

    set muted(isMuted) {
        this.isMuted = Boolean(isMuted);
        this.applyVolume();
    }

    applyVolume() {
        this.node?.port.postMessage({type: 'volume', volume: this.isMuted ? 0 : this.volumeWanted});
        this.tellWorker();
    }

    tellOutput() {
        this.tellWorker();
        this.emit('output', {state: this.outputState});
    }

    tellWorker() {
        this.connection.worker.postMessage({
            type: 'output',
            state: this.outputState,
            isHidden: document.visibilityState === 'hidden',
            isMuted: this.isMuted || this.volumeWanted === 0,
            latency: this.context?.outputLatency ?? 0,
        });
    }

    /**
     * What exactly is being played, from now on: mono at 48 kHz. For tests and for hearing oneself.
     * @param {number} seconds
     * @returns {Promise<Float32Array>}
     */
    tap(seconds) {
        const node = this.node;
        if (node === null) {
            return Promise.reject(new Error('nothing is played before start()'));
        }
        this.taps += 1;
        const id = this.taps;
        const samples = Math.round(Math.min(TAP_SECONDS_MAX, Math.max(0, seconds)) * SAMPLE_RATE);
        return new Promise((resolve) => {
            this.tapped.set(id, resolve);
            node.port.postMessage({type: 'tap', id, samples});
        });
    }

    /** @param {any} notice from the audio thread */
    takeFromThread(notice) {
        if (notice.type === 'tap') {
            this.tapped.get(notice.id)?.(notice.samples);
            this.tapped.delete(notice.id);
        } else if (notice.type === 'report') {
            this.reports += 1;
            if (this.reports % REPORTS_PER_LATENCY === 0) {
                this.tellWorker();
            }
            const {output, tracks} = notice;
            this.emit('levels', {output, microphone: this.microphoneLevel, tracks});
        }
    }

    /**
     * Measures the way to the relay and back, before or after joining.
     * @returns {Promise<import('../protocol/probe.js').ProbeResult>}
     */
    probe() {
        return this.connection.request((request) => ({type: 'probe', request, url: this.connection.url}));
    }

    // Speaking

    /**
     * Asks for the microphone, announces a track and speaks.
     * @param {{deviceId?: string, processing?: boolean, bitrate?: number, muted?: boolean}} [choice]
     * @returns {Promise<{track: number, run: number}>} fails with a MicrophoneFailure whose `code` says why
     */
    async openMicrophone(choice = {}) {
        const {deviceId, processing = true, bitrate = BITRATE_DEFAULT, muted = false} = choice;
        if (this.support.speak.length > 0) {
            throw new MicrophoneFailure('speakUnsupported');
        }
        if (this.microphoneState !== 'closed') {
            this.closeMicrophone();
        }
        this.changeMicrophone('opening');
        const {port1, port2} = new MessageChannel();
        try {
            const capture = await Capture.open({
                deviceId, processing, destination: port1, onEnd: () => this.failMicrophone('microphoneGone'),
            });
            this.capture = capture;
            const answer = await this.connection.command('openTrack', {channels: 1});
            if (!answer.accepted) {
                throw new MicrophoneFailure(answer.code);
            }
            if (this.capture !== capture) {
                throw new MicrophoneFailure('microphoneClosed');
            }
            const {track, run} = /** @type {any} */ (answer);
            this.track = track;
            this.connection.worker.postMessage(
                {type: 'microphone', port: port2, sampleRate: capture.sampleRate, bitrate, track, run},
                [port2]);
            setAudioSession('play-and-record');
            this.changeMicrophone('open', '', {track, run});
            if (muted) {
                this.muteMicrophone(true);
            }
            return {track, run};
        } catch (error) {
            const code = error instanceof MicrophoneFailure ? error.code : 'microphoneBusy';
            this.releaseMicrophone(code);
            throw new MicrophoneFailure(code);
        }
    }

    /**
     * @param {boolean} isMuted sound stays in the page; speech is noticed and told as `speech-while-muted`
     */
    muteMicrophone(isMuted) {
        if (this.microphoneState === 'open' || this.microphoneState === 'muted') {
            this.connection.worker.postMessage({type: 'mute', muted: isMuted});
            this.changeMicrophone(isMuted ? 'muted' : 'open');
        }
    }

    /** Ends the track and lets the device go. */
    closeMicrophone() {
        if (this.microphoneState === 'open' || this.microphoneState === 'muted') {
            void this.connection.command('closeTrack', {track: this.track});
        }
        this.releaseMicrophone('');
    }

    /** @param {string} code */
    failMicrophone(code) {
        if (code === 'microphoneGone' || code === 'encoderFailed') {
            void this.connection.command('closeTrack', {track: this.track});
        }
        this.releaseMicrophone(code);
    }

    /** @param {string} code why, empty when it was asked for */
    releaseMicrophone(code) {
        this.capture?.close();
        this.capture = null;
        this.microphoneLevel = 0;
        this.connection.worker.postMessage({type: 'closeMicrophone'});
        setAudioSession('playback');
        if (this.microphoneState !== 'closed') {
            this.changeMicrophone('closed', code);
        }
    }

    /**
     * @param {string} state
     * @param {string} [code]
     * @param {Record<string, unknown>} [more]
     */
    changeMicrophone(state, code = '', more = {}) {
        this.microphoneState = state;
        this.emit('microphone', {state, code, ...more});
    }

    // What comes from elsewhere

    /**
     * The class: staff may mute a speaker or end the turn.
     * @param {Record<string, any>} message
     */
    follow(message) {
        if (message.type === 'hello' && message.isMuted === true && this.microphoneState === 'open') {
            this.muteMicrophone(true);
        }
        const event = message.type === 'event' ? message.event : null;
        const seat = this.connection.hello?.seat;
        if (event === null || event === undefined || event.seat !== seat) {
            return;
        }
        if (event.type === 'muted' && this.microphoneState === 'open') {
            this.muteMicrophone(true);
            this.emit('microphone', {state: 'muted', code: '', byStaff: true});
        } else if (event.type === 'turnEnded' && this.microphoneState !== 'closed') {
            this.releaseMicrophone('trackClosed');
        }
    }

    /** No way back into class: the device is let go, and its light goes out. */
    connectionEnded() {
        if (this.microphoneState !== 'closed') {
            this.releaseMicrophone('');
        }
    }

    /** @param {any} notice from the connection worker */
    take(notice) {
        switch (notice.type) {
            case 'microphoneLevel':
                this.microphoneLevel = notice.level;
                if (this.node === null) {
                    this.emit('levels', {output: 0, microphone: notice.level, tracks: []});
                }
                break;
            case 'microphoneTrack':
                this.track = notice.track;
                this.changeMicrophone(this.microphoneState, '', {track: notice.track, run: notice.run});
                break;
            case 'microphoneFailed':
                this.failMicrophone(notice.code);
                break;
            case 'unrecorded':
                this.emit('unrecorded', {seconds: notice.seconds});
                break;
            case 'speechWhileMuted':
                this.emit('speech-while-muted', {});
                break;
            case 'playback':
                this.emit('playback', playbackOfPage(notice.report));
                break;
        }
    }

    // The device around the page

    /**
     * What the lock screen and the keyboard's media keys show.
     * @param {{title: string, artist?: string}} what
     */
    describe({title, artist = ''}) {
        const session = navigator.mediaSession;
        if (session === undefined || typeof MediaMetadata === 'undefined') {
            return;
        }
        session.metadata = new MediaMetadata({title, artist});
        session.setActionHandler('play', () => {
            this.muted = false;
            void this.resume();
        });
        session.setActionHandler('pause', () => {
            this.muted = true;
        });
    }

    /** @param {boolean} isKept whether the screen stays on, where the browser can do that */
    keepScreenOn(isKept) {
        this.isScreenKept = isKept;
        void this.holdScreen();
    }

    async holdScreen() {
        const lock = /** @type {any} */ (navigator).wakeLock;
        if (!this.isScreenKept) {
            await this.wakeLock?.release();
            this.wakeLock = null;
        } else if (lock !== undefined && document.visibilityState === 'visible') {
            // Refused on an empty battery; the class goes on with a dark screen.
            this.wakeLock = await lock.request('screen').catch(() => null);
        }
    }

    visibilityChanged() {
        this.tellWorker();
        const isHidden = document.visibilityState === 'hidden';
        this.node?.port.postMessage({type: 'cushion', milliseconds: isHidden ? HIDDEN_CUSHION_MILLISECONDS : 0});
        if (!isHidden) {
            // The browser takes the lock away when the page is hidden.
            void this.holdScreen();
        }
    }

    /**
     * @param {string} type
     * @param {any} detail
     */
    emit(type, detail) {
        this.dispatchEvent(new CustomEvent(type, {detail}));
    }
}

/**
 * The wire knows six states; a page asks first whether there is sound, then why not.
 * @param {import('./playback-status.js').PlaybackReport} report
 */
function playbackOfPage({state, delay, gaps}) {
    const isHeard = state === 'playing' || state === 'hidden';
    return {state: isHeard ? state : 'notPlaying', reason: isHeard ? null : state, delay, gaps};
}

/**
 * Where the browser knows of it (Safari), sound goes on behind the lock screen.
 * @param {'playback' | 'play-and-record'} type
 */
function setAudioSession(type) {
    const session = /** @type {any} */ (navigator).audioSession;
    if (session !== undefined) {
        session.type = type;
    }
}
