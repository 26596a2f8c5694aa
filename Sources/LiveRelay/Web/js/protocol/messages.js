// Names of what goes over the wire, and the few messages that the connection itself writes. docs/protocol.md
// explains them.

/** Number of the wire that this client speaks. */
export const WIRE_VERSION = 1;
export const SUBPROTOCOL = 'liverelay.v1';

/** Commands: each has an id and is answered. */
export const COMMANDS = Object.freeze({
    open: 'open',
    start: 'start',
    startBreak: 'startBreak',
    endBreak: 'endBreak',
    end: 'end',
    leave: 'leave',
    remove: 'remove',
    postChat: 'postChat',
    hideChat: 'hideChat',
    raiseHand: 'raiseHand',
    lowerHand: 'lowerHand',
    callToSpeak: 'callToSpeak',
    endTurn: 'endTurn',
    mute: 'mute',
    unmute: 'unmute',
    openPoll: 'openPoll',
    vote: 'vote',
    closePoll: 'closePoll',
    openTrack: 'openTrack',
    closeTrack: 'closeTrack',
    findPeople: 'findPeople',
});

/** What the relay sends. */
export const SERVER_MESSAGES = Object.freeze({
    hello: 'hello',
    snapshot: 'snapshot',
    event: 'event',
    digest: 'digest',
    position: 'position',
    recorded: 'recorded',
    people: 'people',
    reconnect: 'reconnect',
    accepted: 'accepted',
    rejected: 'rejected',
    retry: 'retry',
    pong: 'pong',
    error: 'error',
});

/** States that `playback` reports. */
export const PLAYBACK_STATES = Object.freeze({
    playing: 'playing',
    hidden: 'hidden',
    blocked: 'blocked',
    paused: 'paused',
    stalled: 'stalled',
    unsupported: 'unsupported',
});

/** Panels that a client may show. */
export const PANELS = Object.freeze({chat: 'chat', people: 'people', polls: 'polls'});

/**
 * @param {Record<string, unknown>} credentials token, or code, name, number and device
 * @param {string[] | null} panels null: all
 */
export function joinMessage(credentials, panels) {
    const shown = panels === null ? {} : {panels};
    return JSON.stringify({...credentials, ...shown, type: 'join', wire: WIRE_VERSION});
}

/**
 * @param {string} token
 * @param {string} epoch
 * @param {number} n
 * @param {string[] | null} panels
 */
export function resumeMessage(token, epoch, n, panels) {
    const shown = panels === null ? {} : {panels};
    return JSON.stringify({...shown, type: 'resume', wire: WIRE_VERSION, token, epoch, n});
}

/** @param {number} at local time, comes back in the answer */
export function pingMessage(at) {
    return JSON.stringify({type: 'ping', at});
}

/**
 * Reads a control message; null for what is not an object with a type.
 * @param {string} text
 * @returns {(Record<string, any> & {type: string}) | null}
 */
export function readMessage(text) {
    try {
        const message = JSON.parse(text);
        const isMessage = typeof message === 'object' && message !== null && typeof message.type === 'string';
        return isMessage ? message : null;
    } catch {
        return null;
    }
}

/**
 * A secret by which a guest is the same person after a reload: 128 random bits in the identifier alphabet.
 * @param {Crypto} source
 */
export function newDeviceSecret(source) {
    const bytes = source.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
