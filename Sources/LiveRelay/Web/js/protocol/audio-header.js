// The binary audio message: a header of 21 bytes, then each Opus packet with its length, in network byte
// order.
//
//   version and kind 1 | flags 1 | track 2 | run 4 | first sequence 4 | capture time 8 | packet count 1
//   then per packet: length 2 | bytes
//
// Capture time counts samples of 48 kHz in session time and belongs to the first packet.

/** Version 1, kind 1: Opus packets of one track. */
export const KIND_AUDIO = 0x11;
/** Version 1, kind 2: a probe that the server returns unchanged to its sender alone. */
export const KIND_PROBE = 0x12;

const FLAG_SILENT = 0x01;
const FLAG_FOR_THE_RECORD = 0x02;

export const HEADER_BYTES = 21;
const LENGTH_BYTES = 2;

/** Samples of one packet at 48 kHz: publishers send frames of 20 ms. */
export const PACKET_SAMPLES = 960;
/** Samples of session time in one millisecond. */
export const SAMPLES_PER_MILLISECOND = 48;

/** The longest Opus frame has 1275 bytes (RFC 6716 §3.2.1); a code-0 packet adds its TOC byte. */
export const OPUS_PACKET_BYTES_MAX = 1276;

const TOC_CODE_MASK = 0x03;
const TOC_STEREO_BIT = 0x04;

/**
 * @typedef {object} AudioMessage
 * @property {number} kind KIND_AUDIO or KIND_PROBE
 * @property {boolean} silent nobody speaks; without packets it stands for silence until the next message
 * @property {boolean} forTheRecord sent again after an interruption, to be recorded and not heard
 * @property {number} track
 * @property {number} run
 * @property {number} sequence of the first packet
 * @property {number} captureTime of the first packet, in samples of session time
 * @property {Uint8Array[]} packets
 */

/**
 * @param {Partial<AudioMessage> & {track: number, run: number, sequence: number, captureTime: number}}
 *     message
 * @returns {Uint8Array}
 */
export function encodeAudioMessage(message) {
    const packets = message.packets ?? [];
    if (packets.length > 255) {
        throw new RangeError('an audio message holds at most 255 packets');
    }
    const size = packets.reduce((sum, packet) => sum + LENGTH_BYTES + packet.length, HEADER_BYTES);
    const bytes = new Uint8Array(new ArrayBuffer(size));
    const view = new DataView(bytes.buffer);
    const flags = (message.silent ? FLAG_SILENT : 0) | (message.forTheRecord ? FLAG_FOR_THE_RECORD : 0);
    view.setUint8(0, message.kind ?? KIND_AUDIO);
    view.setUint8(1, flags);
    view.setUint16(2, message.track);
    view.setUint32(4, message.run);
    view.setUint32(8, message.sequence);
    view.setBigUint64(12, BigInt(Math.max(0, Math.round(message.captureTime))));
    view.setUint8(20, packets.length);
    let at = HEADER_BYTES;
    for (const packet of packets) {
        view.setUint16(at, packet.length);
        bytes.set(packet, at + LENGTH_BYTES);
        at += LENGTH_BYTES + packet.length;
    }
    return bytes;
}

/**
 * Reads an audio message; null when it is not exactly one. Packets are views into the buffer, not copies.
 * @param {ArrayBuffer} buffer
 * @returns {AudioMessage | null}
 */
export function decodeAudioMessage(buffer) {
    if (buffer.byteLength < HEADER_BYTES) {
        return null;
    }
    const view = new DataView(buffer);
    const kind = view.getUint8(0);
    if (kind !== KIND_AUDIO && kind !== KIND_PROBE) {
        return null;
    }
    const flags = view.getUint8(1);
    const captureTime = view.getBigUint64(12);
    if (captureTime > BigInt(Number.MAX_SAFE_INTEGER)) {
        return null;
    }
    const packets = readPackets(buffer, view, view.getUint8(20));
    if (packets === null) {
        return null;
    }
    return {
        kind,
        silent: (flags & FLAG_SILENT) !== 0,
        forTheRecord: (flags & FLAG_FOR_THE_RECORD) !== 0,
        track: view.getUint16(2),
        run: view.getUint32(4),
        sequence: view.getUint32(8),
        captureTime: Number(captureTime),
        packets,
    };
}

/**
 * @param {ArrayBuffer} buffer
 * @param {DataView} view
 * @param {number} count
 * @returns {Uint8Array[] | null}
 */
function readPackets(buffer, view, count) {
    const packets = [];
    let at = HEADER_BYTES;
    for (let index = 0; index < count; index += 1) {
        if (at + LENGTH_BYTES > buffer.byteLength) {
            return null;
        }
        const length = view.getUint16(at);
        at += LENGTH_BYTES;
        if (length === 0 || at + length > buffer.byteLength) {
            return null;
        }
        packets.push(new Uint8Array(buffer, at, length));
        at += length;
    }
    return at === buffer.byteLength ? packets : null;
}

/**
 * True for what a publisher may send: one Opus frame of 20 ms (TOC code 0, RFC 6716 §3.1) of the announced
 * channels.
 * @param {Uint8Array} packet
 * @param {number} channels
 */
export function isPublishablePacket(packet, channels) {
    if (packet.length < 1 || packet.length > OPUS_PACKET_BYTES_MAX) {
        return false;
    }
    const toc = packet[0];
    const stereo = (toc & TOC_STEREO_BIT) !== 0;
    return (toc & TOC_CODE_MASK) === 0 && stereo === (channels === 2) && lastsTwentyMilliseconds(toc >> 3);
}

/**
 * Frame length by configuration number, RFC 6716 §3.1 table 2.
 * @param {number} configuration
 */
function lastsTwentyMilliseconds(configuration) {
    if (configuration < 12) {
        return configuration % 4 === 1;
    }
    return configuration < 16 ? configuration % 2 === 1 : configuration % 4 === 3;
}
