// The life of a page's connection to its class, without a socket and without a clock: inputs and the time
// come in as arguments, effects go out as values. The worker carries them out.
//
//   idle ──join──▶ opening ──▶ greeting ──hello──▶ online
//                     ▲            │ close            │ close, or nothing heard
//                     └─ waiting ◀─┴──────────────────┘
//   from everywhere: a close code of 45xx, or leaving ──▶ final

import {SessionClock} from '../lib/clock.js';
import {closeCodeName, isDoorClosed, isEnding, mayComeBack, mayJoinInsteadOfResume} from './close-codes.js';
import {Liveness} from './liveness.js';
import {joinMessage, pingMessage, readMessage, resumeMessage} from './messages.js';
import {PendingCommands} from './pending-commands.js';
import {ReconnectSchedule} from './reconnect-schedule.js';

/** Pings at the start find the clock quickly; afterwards they follow it. */
const FIRST_PINGS_MILLISECONDS = [0, 400, 800];
const PING_MILLISECONDS = 4000;
/** While the line is away the page is told every second. */
const WAITING_NOTICE_MILLISECONDS = 1000;
/** After a sleep or a change of network the line has this long to show that it lives. */
const DOUBT_MILLISECONDS = 1000;
/** Normal closure, RFC 6455 §7.4.1. */
const CLOSE_NORMAL = 1000;

/**
 * @typedef {{name: 'idle'}
 *   | {name: 'waiting', retryAt: number, code: string}
 *   | {name: 'opening', socket: number, deadline: number}
 *   | {name: 'greeting', socket: number, deadline: number, sentAt: number, resuming: boolean}
 *   | {name: 'online', socket: number, liveness: Liveness, pingAt: number, pings: number}
 *   | {name: 'final', code: string}} Phase
 *
 * @typedef {{effect: 'open', socket: number}
 *   | {effect: 'send', socket: number, text: string}
 *   | {effect: 'close', socket: number, code: number}
 *   | {effect: 'deliver', message: Record<string, any>}
 *   | {effect: 'settle', request: number, answer: Record<string, any>}
 *   | {effect: 'line', online: boolean}
 *   | {effect: 'state', state: import('../types').ConnectionState}
 *   | {effect: 'roundTrip', milliseconds: number, offset: number}} Effect
 */

export class ConnectionMachine {
    /**
     * @param {object} options
     * @param {() => number} options.random 0 to 1
     * @param {string} options.prefix of command ids, different for every page
     */
    constructor({random, prefix}) {
        this.random = random;
        this.schedule = new ReconnectSchedule(random);
        this.pending = new PendingCommands(prefix);
        this.clock = new SessionClock();
        /** @type {Phase} */
        this.phase = {name: 'idle'};
        this.sockets = 0;
        this.everOnline = false;
        /** @type {Record<string, unknown> | null} */
        this.credentials = null;
        /** @type {string[] | null} */
        this.panels = null;
        /** Whether the page shows a panel whose past no snapshot has told yet. */
        this.lacksPanel = false;
        /** @type {string | null} */
        this.resumeToken = null;
        /** @type {{epoch: string, n: number} | null} */
        this.position = null;
        this.noticeAt = Infinity;
        /** Why the line was lost first; tries that fail after it do not explain anything. */
        this.lostBy = '';
        /** @type {Effect[]} */
        this.effects = [];
    }

    get isOnline() {
        return this.phase.name === 'online';
    }

    // Inputs. Each returns the effects to carry out, in order.

    /**
     * @param {Record<string, unknown>} credentials
     * @param {number} now
     */
    join(credentials, now) {
        if (this.phase.name === 'idle' || this.phase.name === 'final') {
            this.credentials = credentials;
            this.resumeToken = null;
            this.position = null;
            this.everOnline = false;
            this.lostBy = '';
            this.schedule = new ReconnectSchedule(this.random);
            this.clock.reset();
            this.openSocket(now);
            this.tell('connecting', '', now);
        }
        return this.take();
    }

    /**
     * @param {number} request the page's number of this command
     * @param {string} type
     * @param {Record<string, unknown>} fields
     * @param {number} now
     */
    command(request, type, fields, now) {
        if (this.phase.name === 'idle' || this.phase.name === 'final') {
            this.settle(request, {accepted: false, code: 'notConnected'});
        } else if (this.pending.isFull) {
            this.settle(request, {accepted: false, code: 'tooManyInFlight'});
        } else {
            this.pending.add(request, type, fields, now);
            this.sendDue(now);
        }
        return this.take();
    }

    /**
     * A message without an answer; it is lost where there is no line.
     * @param {Record<string, unknown>} message
     */
    post(message) {
        if (this.phase.name === 'online') {
            this.send(this.phase.socket, JSON.stringify(message));
        }
        return this.take();
    }

    /** @param {string[]} open what the page shows; remembered for the next line */
    showPanels(open) {
        const shown = this.panels;
        this.lacksPanel ||= shown !== null && open.some((panel) => !shown.includes(panel));
        this.panels = open;
        return this.post({type: 'panels', open});
    }

    /**
     * Says goodbye and ends; what waits for an answer gets none.
     * @param {number} now
     */
    leave(now) {
        const phase = this.phase;
        if (phase.name === 'online') {
            this.send(phase.socket, JSON.stringify({type: 'leave', id: `${this.pending.prefix}-leave`}));
        }
        this.closeSocket();
        if (phase.name !== 'final') {
            this.finish('ended', 'left', now);
        }
        return this.take();
    }

    /**
     * @param {number} socket
     * @param {number} now
     */
    socketOpened(socket, now) {
        if (this.phase.name === 'opening' && this.phase.socket === socket) {
            const resuming = this.resumeToken !== null && this.position !== null;
            const text = this.resumeToken !== null && this.position !== null
                ? resumeMessage(this.resumeToken, this.lacksPanel ? '' : this.position.epoch, this.position.n,
                    this.panels)
                : joinMessage(this.credentials ?? {}, this.panels);
            this.phase = {
                name: 'greeting', socket, deadline: now + this.schedule.tryMilliseconds(now), sentAt: now, resuming,
            };
            this.send(socket, text);
        }
        return this.take();
    }

    /**
     * @param {number} socket
     * @param {string} text
     * @param {number} now
     */
    socketText(socket, text, now) {
        if (this.currentSocket !== socket) {
            return this.take();
        }
        if (this.phase.name === 'online') {
            this.phase.liveness.heardText(now);
        }
        const message = readMessage(text);
        if (message !== null) {
            this.receive(message, now);
        }
        return this.take();
    }

    /**
     * An audio message came. What it holds is the driver's business, that it came is a sign of life.
     * @param {number} socket
     * @param {boolean} isQuiet
     * @param {number} now
     */
    socketAudio(socket, isQuiet, now) {
        if (this.phase.name === 'online' && this.phase.socket === socket) {
            this.phase.liveness.heardAudio(isQuiet, now);
        }
    }

    /**
     * @param {number} socket
     * @param {number} code
     * @param {number} now
     */
    socketClosed(socket, code, now) {
        if (this.currentSocket !== socket) {
            return this.take();
        }
        const wasResuming = this.phase.name === 'greeting' && this.phase.resuming;
        if (mayComeBack(code)) {
            this.loseLine(closeCodeName(code), isDoorClosed(code), now);
        } else if (wasResuming && mayJoinInsteadOfResume(code)) {
            // The seat's token ran out while the line was away; the person may still be welcome.
            this.resumeToken = null;
            this.position = null;
            this.openSocket(now);
        } else {
            this.finish(isEnding(code) ? 'ended' : 'refused', closeCodeName(code), now);
        }
        return this.take();
    }

    /**
     * The device is on a network again, or woke up: what waits is tried soon, and a line that seems good has a
     * moment to show that it is.
     * @param {number} now
     * @param {boolean} hasSlept local time may have stood still meanwhile
     */
    lookAtLine(now, hasSlept = false) {
        if (hasSlept) {
            this.clock.reset();
        }
        if (this.phase.name === 'waiting' && !this.phase.code.startsWith('notYet')) {
            this.phase.retryAt = Math.min(this.phase.retryAt, this.schedule.soon(now));
        } else if (this.phase.name === 'online') {
            this.phase.liveness.doubt(now, DOUBT_MILLISECONDS);
            this.phase.pingAt = now;
            this.tickOnline(this.phase, now);
        }
        return this.take();
    }

    /** @param {number} now */
    tick(now) {
        for (const command of this.pending.expired(now)) {
            this.settle(command.request, {accepted: false, code: 'noAnswer'});
        }
        const phase = this.phase;
        if (phase.name === 'waiting' && now >= phase.retryAt) {
            this.openSocket(now);
            this.noticeAt = now;
        } else if ((phase.name === 'opening' || phase.name === 'greeting') && now >= phase.deadline) {
            this.closeSocket();
            this.loseLine('noAnswer', false, now);
        } else if (phase.name === 'online') {
            this.tickOnline(phase, now);
        }
        if (now >= this.noticeAt) {
            this.tell('reconnecting', this.phase.name === 'waiting' ? this.phase.code : '', now);
        }
        return this.take();
    }

    /** When `tick` is due next; null when nothing is. */
    get nextDeadline() {
        const deadlines = [this.noticeAt, this.pending.nextDeadline(this.isOnline) ?? Infinity];
        switch (this.phase.name) {
            case 'waiting':
                deadlines.push(this.phase.retryAt);
                break;
            case 'opening':
            case 'greeting':
                deadlines.push(this.phase.deadline);
                break;
            case 'online':
                deadlines.push(this.phase.liveness.deadline, this.phase.pingAt);
                break;
            case 'idle':
            case 'final':
                break;
        }
        const deadline = Math.min(...deadlines);
        return deadline === Infinity ? null : deadline;
    }

    // What the inputs are made of.

    /**
     * @param {Extract<Phase, {name: 'online'}>} phase
     * @param {number} now
     */
    tickOnline(phase, now) {
        if (now >= phase.liveness.deadline) {
            // No waiting for TCP: a new socket at once, and the old one is forgotten.
            this.closeSocket();
            this.loseLine('silent', false, now);
            this.openSocket(now);
            return;
        }
        if (now >= phase.pingAt) {
            this.send(phase.socket, pingMessage(now));
            const first = FIRST_PINGS_MILLISECONDS[phase.pings];
            phase.pings += 1;
            const next = FIRST_PINGS_MILLISECONDS[phase.pings];
            phase.pingAt = now + (next === undefined ? PING_MILLISECONDS : next - first);
        }
        this.sendDue(now);
    }

    /**
     * @param {Record<string, any> & {type: string}} message
     * @param {number} now
     */
    receive(message, now) {
        switch (message.type) {
            case 'hello':
                this.greet(message, now);
                break;
            case 'accepted':
            case 'rejected':
            case 'people':
                this.answer(message);
                return;
            case 'retry':
                this.pending.retry(message.id, Number(message.after), now);
                return;
            case 'pong':
                this.pong(message, now);
                return;
            case 'reconnect':
                this.schedule.ask(message.after, message.jitter);
                return;
            case 'snapshot':
                this.position = {epoch: String(message.epoch), n: Number(message.n) || 0};
                this.lacksPanel = false;
                break;
            case 'digest':
                this.schedule.spread(message.spread);
                this.advance(Number(message.n));
                break;
            case 'event':
                this.advance(Number(message.n));
                break;
            default:
                // Unknown messages are for the page to ignore.
                break;
        }
        this.effects.push({effect: 'deliver', message});
    }

    /**
     * @param {Record<string, any>} hello
     * @param {number} now
     */
    greet(hello, now) {
        if (this.phase.name !== 'greeting') {
            return;
        }
        const {socket, sentAt} = this.phase;
        const liveness = new Liveness(now);
        if (Number.isFinite(hello.digestMilliseconds)) {
            liveness.digestMilliseconds = hello.digestMilliseconds;
        }
        if (this.position !== null && this.position.epoch !== hello.epoch) {
            this.clock.reset();
        }
        if (Number.isFinite(hello.t)) {
            this.clock.sample(sentAt, hello.t, now);
        }
        if (typeof hello.resumeToken === 'string') {
            this.resumeToken = hello.resumeToken;
        }
        this.phase = {name: 'online', socket, liveness, pingAt: now, pings: 0};
        this.everOnline = true;
        this.lostBy = '';
        this.noticeAt = Infinity;
        this.schedule.reset();
        this.effects.push({effect: 'line', online: true});
        this.tell('online', '', now);
        this.pending.sendAllAgain(now);
        this.sendDue(now);
    }

    /** @param {Record<string, any> & {type: string}} message */
    answer(message) {
        const command = this.pending.answered(message.id);
        if (command === null) {
            return;
        }
        if (message.type === 'rejected') {
            this.settle(command.request, {accepted: false, code: String(message.code)});
        } else {
            this.settle(command.request, {...message, accepted: true});
        }
    }

    /**
     * @param {Record<string, any>} pong
     * @param {number} now
     */
    pong(pong, now) {
        if (!Number.isFinite(pong.at) || !Number.isFinite(pong.t) || pong.at > now) {
            return;
        }
        this.clock.sample(pong.at, pong.t, now);
        this.effects.push({
            effect: 'roundTrip', milliseconds: this.clock.roundTrip ?? 0, offset: this.clock.offset ?? 0,
        });
    }

    /** @param {number} n */
    advance(n) {
        if (this.position !== null && Number.isFinite(n)) {
            this.position.n = Math.max(this.position.n, n);
        }
    }

    /** @param {number} now */
    openSocket(now) {
        this.sockets += 1;
        this.phase = {name: 'opening', socket: this.sockets, deadline: now + this.schedule.tryMilliseconds(now)};
        this.effects.push({effect: 'open', socket: this.sockets});
    }

    closeSocket() {
        const socket = this.currentSocket;
        if (socket !== null) {
            this.effects.push({effect: 'close', socket, code: CLOSE_NORMAL});
        }
    }

    /**
     * @param {string} code
     * @param {boolean} doorClosed
     * @param {number} now
     */
    loseLine(code, doorClosed, now) {
        if (this.phase.name === 'online') {
            this.lostBy = code;
            this.effects.push({effect: 'line', online: false});
        }
        const retryAt = this.schedule.nextTry(now, doorClosed);
        this.phase = {name: 'waiting', retryAt, code};
        this.tell('reconnecting', code, now);
    }

    /**
     * @param {'ended' | 'refused'} state
     * @param {string} code
     * @param {number} now
     */
    finish(state, code, now) {
        if (this.phase.name === 'online') {
            this.effects.push({effect: 'line', online: false});
        }
        this.phase = {name: 'final', code};
        this.noticeAt = Infinity;
        for (const command of this.pending.abandon()) {
            this.settle(command.request, {accepted: false, code: 'notConnected'});
        }
        this.tell(state, code, now);
    }

    /** @param {number} now */
    sendDue(now) {
        if (this.phase.name === 'online') {
            for (const text of this.pending.due(now)) {
                this.send(this.phase.socket, text);
            }
        }
    }

    /**
     * @param {import('../types').ConnectionState['state']} state
     * @param {string} code
     * @param {number} now
     */
    tell(state, code, now) {
        const lostAt = this.schedule.lostAt;
        const retryAt = this.phase.name === 'waiting' ? this.phase.retryAt : now;
        this.noticeAt = state === 'reconnecting' ? now + WAITING_NOTICE_MILLISECONDS : Infinity;
        this.effects.push({
            effect: 'state',
            state: {
                state,
                code,
                cause: state === 'reconnecting' ? this.lostBy : '',
                seconds: state === 'reconnecting' && lostAt !== null ? Math.floor((now - lostAt) / 1000) : 0,
                retryIn: Math.max(0, Math.ceil((retryAt - now) / 1000)),
            },
        });
    }

    /**
     * @param {number} socket
     * @param {string} text
     */
    send(socket, text) {
        this.effects.push({effect: 'send', socket, text});
    }

    /**
     * @param {number} request
     * @param {Record<string, any>} answer
     */
    settle(request, answer) {
        this.effects.push({effect: 'settle', request, answer});
    }

    /** @returns {number | null} */
    get currentSocket() {
        switch (this.phase.name) {
            case 'opening':
            case 'greeting':
            case 'online':
                return this.phase.socket;
            case 'idle':
            case 'waiting':
            case 'final':
                return null;
        }
    }

    take() {
        const effects = this.effects;
        this.effects = [];
        return effects;
    }
}
