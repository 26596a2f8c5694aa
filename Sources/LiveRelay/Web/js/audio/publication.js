// What a publisher has sent and not yet seen recorded, for one track and run. Pure: time and the socket's
// state come in as arguments; messages to send go out as return values.

import {encodeAudioMessage, isPublishablePacket, SAMPLES_PER_MILLISECOND} from '../protocol/audio-header.js';

/**
 * The recorder confirms each second, so five minutes without it is an interruption longer than anybody waits
 * for.
 */
const UNRECORDED_COUNT_MAX = 5 * 60 * 50;
/** Five minutes at 48 kb/s: a higher bit rate shortens the time, not the safety of the page. */
const UNRECORDED_BYTES_MAX = 2 * 1024 * 1024;
/** Sound that waits longer than this in the socket is stale for listeners: it is kept for the record only. */
const SOCKET_DELAY_SECONDS_MAX = 1;
/** Bytes around one packet on the wire: WebSocket frame, audio header, length, and TLS record. */
const OVERHEAD_BYTES = 60;
/**
 * Packets sent again per 20 ms of live sound: catches up twice as fast as it was lost, and stays, together with
 * the live packets, at half of the 300 messages a second that the relay takes from one connection.
 */
export const RESENT_PER_PACKET_MAX = 2;

/**
 * @typedef {object} UnrecordedPacket
 * @property {number} sequence
 * @property {number} captureTime
 * @property {Uint8Array} packet
 * @property {boolean} isQuiet
 * @property {boolean} isSent
 */

export class Publication {
    /**
     * @param {number} track
     * @param {number} run
     * @param {number} bitrate expected bits per second
     * @param {number} firstFrame number of the captured frame that gets sequence 0
     */
    constructor(track, run, bitrate, firstFrame) {
        this.firstFrame = firstFrame;
        this.nextSequence = 0;
        this.track = track;
        this.run = run;
        this.bytesPerSecond = bitrate / 8 + 50 * OVERHEAD_BYTES;
        /** @type {UnrecordedPacket[]} in order of sequence */
        this.unrecorded = [];
        this.unrecordedBytes = 0;
        /** Whether the relay records this class; if not, nothing is kept. */
        this.isKept = true;
        /** Packets not sent live because the line was too slow or away. */
        this.heldBack = 0;
        /** Packets forgotten before they were recorded, because the bounds were reached. */
        this.forgotten = 0;
        /** Packets the encoder made that no publisher may send. */
        this.refused = 0;
    }

    /**
     * Takes one packet and keeps it until it is recorded.
     * @param {Uint8Array} packet
     * @param {import('./encoder.js').FrameTime} time of the captured frame
     * @param {{open: boolean, bufferedBytes: number}} socket
     * @returns {Uint8Array | null} the message to send now; null when this packet is not sent live
     */
    publish(packet, time, socket) {
        const sequence = time.sequence - this.firstFrame;
        if (sequence < this.nextSequence) {
            // Encoded before this publication began.
            return null;
        }
        if (!isPublishablePacket(packet, 1)) {
            this.refused += 1;
            return null;
        }
        this.nextSequence = sequence + 1;
        const live = socket.open && socket.bufferedBytes / this.bytesPerSecond <= SOCKET_DELAY_SECONDS_MAX;
        const {captureTime, isQuiet} = time;
        const entry = {sequence, captureTime, packet, isQuiet, isSent: live};
        if (this.isKept) {
            this.keep(entry);
        }
        if (!live) {
            this.heldBack += 1;
            return null;
        }
        return this.message(entry, false);
    }

    /** @param {UnrecordedPacket} entry */
    keep(entry) {
        this.unrecorded.push(entry);
        this.unrecordedBytes += entry.packet.length;
        while (this.unrecorded.length > UNRECORDED_COUNT_MAX || this.unrecordedBytes > UNRECORDED_BYTES_MAX) {
            const oldest = this.unrecorded.shift();
            this.unrecordedBytes -= oldest === undefined ? 0 : oldest.packet.length;
            this.forgotten += 1;
        }
    }

    /**
     * These packets are on disk, or were refused: nobody needs them any longer.
     * @param {number} first
     * @param {number} last
     */
    recorded(first, last) {
        this.drop((entry) => entry.sequence >= first && entry.sequence <= last);
    }

    /**
     * What was captured from this moment on must not be recorded: a break began, or staff muted this speaker, and
     * the page learns of it late.
     * @param {number} time session milliseconds
     */
    forget(time) {
        this.drop((entry) => entry.captureTime >= time * SAMPLES_PER_MILLISECOND);
    }

    /** @param {(entry: UnrecordedPacket) => boolean} isGone */
    drop(isGone) {
        const stay = [];
        for (const entry of this.unrecorded) {
            if (isGone(entry)) {
                this.unrecordedBytes -= entry.packet.length;
            } else {
                stay.push(entry);
            }
        }
        this.unrecorded = stay;
    }

    /** Packets that were captured and have yet to be sent. */
    get waitingCount() {
        return this.unrecorded.reduce((count, entry) => count + (entry.isSent ? 0 : 1), 0);
    }

    /**
     * The line was lost, or the relay could record nothing for a while: what was sent and not recorded is sent
     * again.
     */
    lineLost() {
        for (const entry of this.unrecorded) {
            entry.isSent = false;
        }
    }

    /**
     * The next few packets to send again for the record, oldest first; empty when nothing waits.
     * @returns {Uint8Array[]}
     */
    resend() {
        const messages = [];
        for (const entry of this.unrecorded) {
            if (!entry.isSent) {
                entry.isSent = true;
                messages.push(this.message(entry, true));
                if (messages.length === RESENT_PER_PACKET_MAX) {
                    break;
                }
            }
        }
        return messages;
    }

    /**
     * @param {UnrecordedPacket} entry
     * @param {boolean} forTheRecord
     */
    message(entry, forTheRecord) {
        return encodeAudioMessage({
            track: this.track,
            run: this.run,
            sequence: entry.sequence,
            captureTime: entry.captureTime,
            silent: entry.isQuiet,
            forTheRecord,
            packets: [entry.packet],
        });
    }
}
