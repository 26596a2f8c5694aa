// The page's end of its connection to a class. The socket itself lives in a Worker; this is what pages use.

import {ClassSound} from '../audio/class-sound.js';

/** Thrown by `join` when the relay does not let this person in; `code` is the relay's. */
export class ConnectionRefusal extends Error {
    /** @param {string} code */
    constructor(code) {
        super(code);
        this.name = 'ConnectionRefusal';
        this.code = code;
    }
}

/**
 * Events (CustomEvent): `state` {state, code, cause, seconds, retryIn}; `message`, each control message of the
 * relay;
 * `round-trip` {milliseconds}.
 */
export class ClassConnection extends EventTarget {
    /**
     * @param {{url?: string}} [options] url of the relay's WebSocket, by default `/ws` of the page's origin
     */
    constructor(options = {}) {
        super();
        this.url = options.url ?? socketAddress(globalThis.location);
        /** @type {import('../types').ConnectionState} */
        this.state = {state: 'idle', code: '', cause: '', seconds: 0, retryIn: 0};
        /** The latest `hello`. @type {Record<string, any> | null} */
        this.hello = null;
        this.requests = 0;
        /** @type {Map<number, (answer: any) => void>} */
        this.answers = new Map();
        /** Session time less wall time, in milliseconds. @type {number | null} */
        this.offset = null;
        /** @type {number | null} */
        this.roundTrip = null;
        /** @type {{resolve: (hello: any) => void, reject: (error: Error) => void} | null} */
        this.joining = null;
        const script = new URL('./connection-worker.js', import.meta.url);
        this.worker = new Worker(script, {type: 'module', name: 'connection'});
        this.worker.onmessage = (event) => this.take(event.data);
        this.sound = new ClassSound(this);
        // A page that was frozen or asleep comes to itself here first.
        const look = () => document.visibilityState === 'visible' && this.worker.postMessage({type: 'lookAtLine'});
        document.addEventListener('visibilitychange', look);
        document.addEventListener('resume', look);
        globalThis.addEventListener('pageshow', look);
    }

    /**
     * Joins the class, and from then on comes back by itself whenever the line is lost.
     * @param {Record<string, unknown>} credentials `{token}` or `{code, name, number, device}`
     * @returns {Promise<Record<string, any>>} the relay's first `hello`
     */
    join(credentials) {
        this.joining?.reject(new ConnectionRefusal('joinedAnew'));
        return new Promise((resolve, reject) => {
            this.joining = {resolve, reject};
            this.worker.postMessage({type: 'join', url: this.url, credentials});
        });
    }

    /**
     * Asks for something. Never throws.
     * @param {string} command its type on the wire
     * @param {Record<string, unknown>} [fields]
     * @returns {Promise<import('../types').CommandAnswer>}
     */
    command(command, fields = {}) {
        return this.request((request) => ({type: 'command', request, command, fields}));
    }

    /** @param {string[]} open panels that the page shows */
    subscribe(open) {
        this.worker.postMessage({type: 'panels', open});
    }

    /** Session time now in milliseconds, null before it is known. */
    sessionTime() {
        return this.offset === null ? null : performance.timeOrigin + performance.now() + this.offset;
    }

    /** Says goodbye. The state becomes `ended`. */
    leave() {
        this.sound.closeMicrophone();
        this.worker.postMessage({type: 'leave'});
    }

    /**
     * @param {(request: number) => any} order
     * @returns {Promise<any>}
     */
    request(order) {
        this.requests += 1;
        const request = this.requests;
        return new Promise((resolve) => {
            this.answers.set(request, resolve);
            this.worker.postMessage(order(request));
        });
    }

    /** @param {any} notice from the worker */
    take(notice) {
        switch (notice.type) {
            case 'state':
                this.changeState(notice.state);
                break;
            case 'message':
                this.deliver(notice.message);
                break;
            case 'settle':
                this.answer(notice.request, notice.answer);
                break;
            case 'probed':
                this.answer(notice.request, notice.result);
                break;
            case 'roundTrip':
                this.roundTrip = notice.milliseconds;
                this.offset = notice.offset;
                this.emit('round-trip', {milliseconds: notice.milliseconds});
                break;
            default:
                this.sound.take(notice);
        }
    }

    /** @param {import('../types').ConnectionState} state */
    changeState(state) {
        this.state = state;
        const isFinal = state.state === 'refused' || state.state === 'ended';
        if (isFinal) {
            this.joining?.reject(new ConnectionRefusal(state.code));
            this.joining = null;
            this.sound.connectionEnded();
        }
        this.emit('state', state);
    }

    /** @param {Record<string, any>} message */
    deliver(message) {
        if (message.type === 'hello') {
            this.hello = message;
            this.joining?.resolve(message);
            this.joining = null;
        }
        this.sound.follow(message);
        this.emit('message', message);
    }

    /**
     * @param {number} request
     * @param {any} answer
     */
    answer(request, answer) {
        this.answers.get(request)?.(answer);
        this.answers.delete(request);
    }

    /**
     * @param {string} type
     * @param {any} detail
     */
    emit(type, detail) {
        this.dispatchEvent(new CustomEvent(type, {detail}));
    }
}

/** @param {Location} place of the page */
function socketAddress(place) {
    return `${place.protocol === 'https:' ? 'wss' : 'ws'}://${place.host}/ws`;
}
