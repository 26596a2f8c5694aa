// The Worker that owns the page's one WebSocket: carries out what the connection machine decides, decodes and
// encodes sound, and talks with the page by messages. Timers of a Worker go on when the page is hidden.

import {Listening} from '../audio/listening.js';
import {Speaking} from '../audio/speaking.js';
import {decodeAudioMessage, KIND_PROBE} from './audio-header.js';
import {ConnectionMachine} from './connection-machine.js';
import {SUBPROTOCOL} from './messages.js';
import {Probe, probeOnOwnSocket} from './probe.js';

/** How often playback is judged and old sound sent for the record. */
const SOUND_TICK_MILLISECONDS = 100;
/** Looked at this often: whether the device slept, and how much of what was said is still to be recorded. */
const LOOK_MILLISECONDS = 1000;
/** A timer that is this late: the device slept, or the page was frozen. */
const SLEEP_MILLISECONDS = 3000;
/** Requests of the worker itself count downwards, so that they never meet the page's. */
const OWN_REQUEST_FIRST = -1;

class ConnectionWorker {
    constructor() {
        this.machine = new ConnectionMachine({random: Math.random, prefix: randomPrefix()});
        this.url = '';
        /** @type {Map<number, WebSocket>} */
        this.sockets = new Map();
        /** @type {WebSocket | null} the one that the relay has greeted */
        this.line = null;
        /** @type {number | null} */
        this.timer = null;
        this.ownRequest = OWN_REQUEST_FIRST;
        /** @type {Map<number, (answer: any) => void>} */
        this.ownAnswers = new Map();
        this.run = 0;
        this.seat = '';
        this.probe = new Probe();
        this.listening = new Listening({
            sessionNow: () => this.machine.clock.now(now()),
            onReport: (report) => this.reportPlayback(report),
        });
        this.speaking = new Speaking({
            sessionNow: () => this.machine.clock.now(now()),
            socket: () => ({open: this.line !== null, bufferedBytes: this.line?.bufferedAmount ?? 0}),
            send: (bytes) => this.line?.send(bytes),
            onLevel: (level) => post({type: 'microphoneLevel', level}),
            onSpeechWhileMuted: () => post({type: 'speechWhileMuted'}),
            onFailure: (code) => post({type: 'microphoneFailed', code}),
        });
        this.lookedAt = Date.now();
        this.waitingSeconds = 0;
        setInterval(() => this.tickSound(), SOUND_TICK_MILLISECONDS);
        setInterval(() => this.look(), LOOK_MILLISECONDS);
    }

    /** @param {any} order from the page */
    obey(order) {
        switch (order.type) {
            case 'join':
                this.url = order.url;
                this.carryOut(this.machine.join(order.credentials, now()));
                break;
            case 'command':
                this.carryOut(this.machine.command(order.request, order.command, order.fields, now()));
                break;
            case 'panels':
                this.carryOut(this.machine.showPanels(order.open));
                break;
            case 'leave':
                this.speaking.close();
                this.carryOut(this.machine.leave(now()));
                break;
            case 'playbackPort':
                this.listening.connect(order.port);
                break;
            case 'output':
                this.listening.outputChanged(order);
                break;
            case 'microphone':
                this.listening.ownTrack = order.track;
                this.speaking.open(order);
                break;
            case 'mute':
                this.speaking.isMuted = order.muted;
                break;
            case 'closeMicrophone':
                this.speaking.close();
                this.listening.ownTrack = null;
                break;
            case 'lookAtLine':
                this.carryOut(this.machine.lookAtLine(now()));
                break;
            case 'probe':
                this.runProbe(order);
                break;
        }
    }

    /** @param {import('./connection-machine.js').Effect[]} effects */
    carryOut(effects) {
        for (const effect of effects) {
            switch (effect.effect) {
                case 'open':
                    this.openSocket(effect.socket);
                    break;
                case 'send':
                    this.sockets.get(effect.socket)?.send(effect.text);
                    break;
                case 'close':
                    this.sockets.get(effect.socket)?.close(effect.code);
                    this.sockets.delete(effect.socket);
                    break;
                case 'deliver':
                    this.deliver(effect.message);
                    break;
                case 'settle':
                    this.settle(effect.request, effect.answer);
                    break;
                case 'line':
                    this.changeLine(effect.online);
                    break;
                case 'state':
                    post({type: 'state', state: effect.state});
                    break;
                case 'roundTrip':
                    // The page has another origin of time; both agree on the wall.
                    post({
                        type: 'roundTrip',
                        milliseconds: effect.milliseconds,
                        offset: effect.offset - performance.timeOrigin,
                    });
                    break;
            }
        }
        this.wind();
    }

    /** Sets the one timer to what is due next. */
    wind() {
        if (this.timer !== null) {
            clearTimeout(this.timer);
            this.timer = null;
        }
        const deadline = this.machine.nextDeadline;
        if (deadline !== null) {
            this.timer = setTimeout(() => {
                this.timer = null;
                this.carryOut(this.machine.tick(now()));
            }, Math.max(0, deadline - now()));
        }
    }

    /** @param {number} number */
    openSocket(number) {
        const socket = new WebSocket(this.url, SUBPROTOCOL);
        socket.binaryType = 'arraybuffer';
        this.sockets.set(number, socket);
        socket.onopen = () => this.carryOut(this.machine.socketOpened(number, now()));
        socket.onmessage = (event) => {
            // A socket that was given up may still have something to say; nobody listens.
            if (this.sockets.get(number) === socket) {
                this.take(number, event.data);
            }
        };
        socket.onclose = (event) => {
            this.sockets.delete(number);
            this.carryOut(this.machine.socketClosed(number, event.code, now()));
        };
    }

    /**
     * @param {number} number
     * @param {string | ArrayBuffer} content
     */
    take(number, content) {
        const at = now();
        if (typeof content === 'string') {
            this.carryOut(this.machine.socketText(number, content, at));
            return;
        }
        if (new Uint8Array(content)[0] === KIND_PROBE) {
            this.machine.socketAudio(number, true, at);
            this.probe.receive(content, at);
            return;
        }
        const message = decodeAudioMessage(content);
        if (message !== null) {
            this.machine.socketAudio(number, message.packets.length === 0, at);
            this.listening.receive(message, at);
        }
    }

    /** @param {boolean} isOnline */
    changeLine(isOnline) {
        const phase = this.machine.phase;
        this.line = isOnline && phase.name === 'online' ? this.sockets.get(phase.socket) ?? null : null;
        this.listening.lineChanged(isOnline);
        if (!isOnline) {
            this.speaking.lineLost();
        }
    }

    /** @param {Record<string, any>} message */
    deliver(message) {
        if (message.type === 'hello') {
            this.run = Number(message.run);
            this.seat = String(message.seat);
            this.goOnSpeaking(message);
        } else if (message.type === 'recorded') {
            this.speaking.recorded(message);
        } else {
            this.listening.follow(message);
            this.speaking.follow(message, this.seat);
            this.followOwnTrack(message);
        }
        post({type: 'message', message});
    }

    /**
     * After coming back the track is still open where the events say nothing else; a new run counts packets
     * anew.
     * @param {Record<string, any>} hello
     */
    goOnSpeaking(hello) {
        const publication = this.speaking.publication;
        if (this.speaking.isOpen && publication !== null && hello.resumed === true) {
            this.speaking.publish(publication.track, this.run);
        }
    }

    /** @param {Record<string, any>} message */
    followOwnTrack(message) {
        const publication = this.speaking.publication;
        if (!this.speaking.isOpen || publication === null) {
            return;
        }
        if (message.type === 'snapshot' && Array.isArray(message.tracks)) {
            const isOpen = message.tracks.some(
                (/** @type {any} */ track) => track.track === publication.track && track.seat === this.seat);
            if (isOpen) {
                this.speaking.publish(publication.track, this.run);
            } else {
                this.reopenTrack();
            }
        } else if (message.type === 'event' && message.event?.type === 'trackClosed'
            && message.event.track === publication.track) {
            // Interrupted for too long, the seat left and came back; for all other causes the floor is gone.
            if (message.event.reason === 'left') {
                this.reopenTrack();
            } else {
                this.speaking.close();
                post({type: 'microphoneFailed', code: 'trackClosed'});
            }
        }
    }

    reopenTrack() {
        this.speaking.isEnabled = false;
        this.ask('openTrack', {channels: 1}, (answer) => {
            if (!this.speaking.isOpen) {
                return;
            }
            if (answer.accepted) {
                this.listening.ownTrack = answer.track;
                this.speaking.publish(answer.track, answer.run);
                post({type: 'microphoneTrack', track: answer.track, run: answer.run});
            } else {
                this.speaking.close();
                post({type: 'microphoneFailed', code: answer.code});
            }
        });
    }

    /**
     * A command of the worker's own.
     * @param {string} command
     * @param {Record<string, unknown>} fields
     * @param {(answer: any) => void} onAnswer
     */
    ask(command, fields, onAnswer) {
        const request = this.ownRequest;
        this.ownRequest -= 1;
        this.ownAnswers.set(request, onAnswer);
        // Later in this turn: effects of the message being delivered come first.
        queueMicrotask(() => this.carryOut(this.machine.command(request, command, fields, now())));
    }

    /**
     * @param {number} request
     * @param {Record<string, any>} answer
     */
    settle(request, answer) {
        const own = this.ownAnswers.get(request);
        if (own !== undefined) {
            this.ownAnswers.delete(request);
            own(answer);
        } else {
            post({type: 'settle', request, answer});
        }
    }

    /** @param {import('../audio/playback-status.js').PlaybackReport} report */
    reportPlayback(report) {
        this.carryOut(this.machine.post({type: 'playback', ...report}));
        post({type: 'playback', report});
    }

    tickSound() {
        this.listening.tick(now());
        this.speaking.resend();
    }

    /** Once a second. Wall time goes on while a device sleeps, local time may not. */
    look() {
        const at = Date.now();
        const hasSlept = at - this.lookedAt > LOOK_MILLISECONDS + SLEEP_MILLISECONDS;
        this.lookedAt = at;
        if (hasSlept) {
            this.carryOut(this.machine.lookAtLine(now(), true));
        }
        const seconds = this.speaking.waitingSeconds;
        if (seconds !== this.waitingSeconds) {
            this.waitingSeconds = seconds;
            post({type: 'unrecorded', seconds});
        }
    }

    /** @param {{request: number, url: string}} order */
    async runProbe({request, url}) {
        const line = this.line;
        const result = line === null
            ? await probeOnOwnSocket(url)
            : await this.probe.run((bytes) => line.send(bytes));
        post({type: 'probed', request, result});
    }
}

/** Local time in milliseconds; does not jump when the wall clock is set. */
function now() {
    return performance.now();
}

/** @param {any} message to the page */
function post(message) {
    self.postMessage(message);
}

function randomPrefix() {
    const bytes = self.crypto.getRandomValues(new Uint8Array(6));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const worker = new ConnectionWorker();
self.onmessage = (event) => worker.obey(event.data);
self.addEventListener('online', () => worker.carryOut(worker.machine.lookAtLine(now())));
