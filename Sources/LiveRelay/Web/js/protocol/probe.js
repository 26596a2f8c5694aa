// Measures the way to the relay and back with small binary messages that come back unchanged.

import {KIND_PROBE} from './audio-header.js';
import {SUBPROTOCOL} from './messages.js';

/** Ten probes in half a second: enough for a median, far below the relay's limit of 100 a second. */
const PROBE_COUNT = 10;
const PAUSE_MILLISECONDS = 50;
/** What has not come back after two seconds is lost for talking. */
const WAIT_MILLISECONDS = 2000;
/** As long as a message with one packet of speech. */
const CONTENT_BYTES = 90;

/**
 * @typedef {{sent: number, matched: number, roundTrip: number | null}} ProbeResult roundTrip: median in
 * milliseconds
 */

export class Probe {
    constructor() {
        /** @type {Map<number, {bytes: Uint8Array, sentAt: number}>} by the number in the probe */
        this.waiting = new Map();
        this.number = 0;
        /** @type {number[]} */
        this.roundTrips = [];
    }

    /**
     * @param {(bytes: Uint8Array) => void} send
     * @returns {Promise<ProbeResult>}
     */
    async run(send) {
        this.waiting.clear();
        this.roundTrips = [];
        for (let count = 0; count < PROBE_COUNT; count += 1) {
            this.number += 1;
            const bytes = new Uint8Array(CONTENT_BYTES);
            self.crypto.getRandomValues(bytes);
            bytes[0] = KIND_PROBE;
            new DataView(bytes.buffer).setUint32(1, this.number);
            this.waiting.set(this.number, {bytes, sentAt: performance.now()});
            send(bytes);
            await pause(PAUSE_MILLISECONDS);
        }
        const giveUpAt = performance.now() + WAIT_MILLISECONDS;
        while (this.waiting.size > 0 && performance.now() < giveUpAt) {
            await pause(PAUSE_MILLISECONDS);
        }
        this.waiting.clear();
        return summary(PROBE_COUNT, this.roundTrips);
    }

    /**
     * @param {ArrayBuffer} content
     * @param {number} now
     */
    receive(content, now) {
        if (content.byteLength !== CONTENT_BYTES) {
            return;
        }
        const number = new DataView(content).getUint32(1);
        const sent = this.waiting.get(number);
        const bytes = new Uint8Array(content);
        if (sent !== undefined && sent.bytes.every((byte, index) => byte === bytes[index])) {
            this.waiting.delete(number);
            this.roundTrips.push(now - sent.sentAt);
        }
    }
}

/**
 * Before joining there is no socket yet: opens one for the measurement alone.
 * @param {string} url
 * @returns {Promise<ProbeResult>}
 */
export async function probeOnOwnSocket(url) {
    const probe = new Probe();
    const socket = new WebSocket(url, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => {
        if (event.data instanceof ArrayBuffer) {
            probe.receive(event.data, performance.now());
        }
    };
    const isOpen = await new Promise((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onclose = () => resolve(false);
        setTimeout(() => resolve(false), WAIT_MILLISECONDS);
    });
    const result = isOpen
        ? await probe.run((bytes) => socket.readyState === WebSocket.OPEN && socket.send(bytes))
        : summary(0, []);
    socket.close(1000);
    return result;
}

/**
 * @param {number} sent
 * @param {number[]} roundTrips
 * @returns {ProbeResult}
 */
function summary(sent, roundTrips) {
    const sorted = [...roundTrips].sort((a, b) => a - b);
    const median = sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)];
    return {sent, matched: sorted.length, roundTrip: median === null ? null : Math.round(median * 10) / 10};
}

/** @param {number} milliseconds */
function pause(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
