// What a page knows, in one place: the class as the relay tells it, and what concerns this page alone. Whoever
// shows something subscribes; changes of one moment are told once.

import {initialState, reduce} from './session.js';

/**
 * @typedef {object} PageState
 * @property {any} session the class; see session.js
 * @property {{state: string, code?: string, cause?: string, seconds?: number, retryIn?: number}} line the connection
 * @property {{milliseconds: number} | null} roundTrip
 * @property {string} output state of the sound output
 * @property {{state: string, reason?: string, delay?: number, gaps?: number} | null} playback
 * @property {{state: string, code?: string}} microphone
 * @property {number} unrecorded seconds of one's own sound that have yet to be sent for the record
 * @property {{id: number, text: string, status: 'sending' | 'waiting' | 'failed', code?: string}[]} outbox chat
 *     entries that the relay has not accepted yet
 */

export class Store {
    /** @param {(tell: () => void) => void} schedule calls back soon, once for many changes */
    constructor(schedule) {
        /** @type {PageState} */
        this.state = {
            session: initialState, line: {state: 'idle'}, roundTrip: null, output: 'none', playback: null,
            microphone: {state: 'closed'}, unrecorded: 0, outbox: [],
        };
        this.listeners = new Set();
        this.isScheduled = false;
        this.schedule = schedule;
    }

    /** Takes in a message of the relay. @param {any} message */
    receive(message) {
        const session = reduce(this.state.session, message);
        if (session !== this.state.session) {
            this.change({session});
        }
    }

    /** @param {Partial<PageState>} change */
    change(change) {
        this.state = {...this.state, ...change};
        this.touch();
    }

    /** Tells everybody soon, as when a second went by. */
    touch() {
        if (!this.isScheduled) {
            this.isScheduled = true;
            this.schedule(() => {
                this.isScheduled = false;
                for (const listener of [...this.listeners]) {
                    listener(this.state);
                }
            });
        }
    }

    /** @param {(state: PageState) => void} listener @returns {() => void} ends the subscription */
    subscribe(listener) {
        this.listeners.add(listener);
        this.touch();
        return () => this.listeners.delete(listener);
    }
}
