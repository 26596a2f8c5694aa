import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
    decodeAudioMessage, encodeAudioMessage, HEADER_BYTES, isPublishablePacket, KIND_AUDIO, KIND_PROBE,
} from '../../Sources/LiveRelay/Web/js/protocol/audio-header.js';

const PACKET = new Uint8Array([0x78, 1, 2, 3]);

test('a message comes back as it was written', () => {
    const message = {
        kind: KIND_AUDIO, silent: false, forTheRecord: true, track: 513, run: 4_000_000_000, sequence: 4_294_967_295,
        captureTime: 2 ** 50 + 7, packets: [PACKET, new Uint8Array([0x78])],
    };
    const bytes = encodeAudioMessage(message);
    assert.deepEqual(decodeAudioMessage(bytes.buffer), message);
});

test('the bytes stand in network order at their places', () => {
    const bytes = encodeAudioMessage({
        track: 0x0102, run: 0x03040506, sequence: 0x0708090a, captureTime: 0x0b0c, packets: [PACKET],
    });
    assert.deepEqual([...bytes], [
        0x11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0, 0x0b, 0x0c, 1, 0, 4, 0x78, 1, 2, 3,
    ]);
});

test('a silent message has a header and nothing else', () => {
    const bytes = encodeAudioMessage({silent: true, track: 1, run: 1, sequence: 9, captureTime: 960});
    assert.equal(bytes.length, HEADER_BYTES);
    assert.equal(decodeAudioMessage(bytes.buffer)?.silent, true);
});

test('every cut-off message and every one with more at its end is refused', () => {
    const bytes = encodeAudioMessage({track: 1, run: 1, sequence: 0, captureTime: 0, packets: [PACKET, PACKET]});
    for (let length = 0; length < bytes.length; length += 1) {
        assert.equal(decodeAudioMessage(bytes.slice(0, length).buffer), null, `cut to ${length}`);
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    assert.equal(decodeAudioMessage(longer.buffer), null);
});

test('another version, an empty packet and a time beyond counting are refused', () => {
    const good = encodeAudioMessage({track: 1, run: 1, sequence: 0, captureTime: 0, packets: [PACKET]});
    const version = good.slice();
    version[0] = 0x21;
    const empty = good.slice(0, HEADER_BYTES + 2);
    empty[HEADER_BYTES + 1] = 0;
    const late = good.slice();
    late.fill(0xff, 12, 20);
    for (const bytes of [version, empty, late]) {
        assert.equal(decodeAudioMessage(bytes.buffer), null);
    }
});

test('random bytes never throw', () => {
    let seed = 20261123;
    for (let round = 0; round < 20_000; round += 1) {
        const bytes = new Uint8Array(round % 64);
        for (let index = 0; index < bytes.length; index += 1) {
            seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
            bytes[index] = index === 0 ? (round % 2 === 0 ? KIND_AUDIO : KIND_PROBE) : seed >>> 24;
        }
        decodeAudioMessage(bytes.buffer);
    }
});

test('only code-0 mono packets of 20 ms may be published', () => {
    const toc = (configuration, stereo, code) => (configuration << 3) | (stereo << 2) | code;
    const twenty = [1, 5, 9, 13, 15, 19, 23, 27, 31];
    for (let configuration = 0; configuration < 32; configuration += 1) {
        const packet = new Uint8Array([toc(configuration, 0, 0), 1]);
        assert.equal(isPublishablePacket(packet, 1), twenty.includes(configuration), `configuration ${configuration}`);
    }
    assert.equal(isPublishablePacket(new Uint8Array([toc(15, 1, 0), 1]), 1), false);
    assert.equal(isPublishablePacket(new Uint8Array([toc(15, 1, 0), 1]), 2), true);
    assert.equal(isPublishablePacket(new Uint8Array([toc(15, 0, 1), 1]), 1), false);
    assert.equal(isPublishablePacket(new Uint8Array([]), 1), false);
    assert.equal(isPublishablePacket(new Uint8Array([0x78]), 1), true, 'DTX');
    const long = new Uint8Array(1277);
    long[0] = 0x78;
    assert.equal(isPublishablePacket(long, 1), false);
    assert.equal(isPublishablePacket(long.subarray(0, 1276), 1), true);
});
