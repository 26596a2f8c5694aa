import assert from 'node:assert/strict';
import {test} from 'node:test';
import {CaptureTimeline} from '../../Sources/LiveRelay/Web/js/audio/capture-timeline.js';
import {LevelMeter, levelOfMeanSquare} from '../../Sources/LiveRelay/Web/js/audio/level.js';
import {Publication} from '../../Sources/LiveRelay/Web/js/audio/publication.js';
import {SpeechDetector} from '../../Sources/LiveRelay/Web/js/audio/speech-detector.js';
import {decodeAudioMessage} from '../../Sources/LiveRelay/Web/js/protocol/audio-header.js';

const PACKET = new Uint8Array([0x78, 1, 2, 3]);
const OPEN = {open: true, bufferedBytes: 0};
const AWAY = {open: false, bufferedBytes: 0};
const BITRATE = 28_000;
const at = (sequence, captureTime, isQuiet = false) => ({sequence, captureTime, isQuiet});

test('blocks of any size become frames of 20 ms, dated one after the other', () => {
    for (const [rate, size] of [[48_000, 480], [48_000, 128], [44_100, 441], [16_000, 1000]]) {
        const timeline = new CaptureTimeline(rate);
        const frames = [];
        for (let count = 1; count * size < rate; count += 1) {
            frames.push(...timeline.push(new Float32Array(size).fill(count), 5000 + (count * size * 1000) / rate));
        }
        assert.ok(frames.length >= 46, `${rate} ${size}`);
        frames.forEach((frame, index) => {
            assert.equal(frame.samples.length, rate / 50);
            assert.equal(frame.sequence, index);
            assert.equal(frame.captureTime, frames[0].captureTime + index * 960);
        });
        assert.ok(Math.abs(frames[0].captureTime - 5000 * 48) < 3000);
    }
});

test('samples come out in the order they went in', () => {
    const timeline = new CaptureTimeline(48_000);
    const all = [];
    let value = 0;
    for (let count = 0; count < 30; count += 1) {
        const block = Float32Array.from({length: 333}, () => value++);
        for (const {samples} of timeline.push(block, count * 7)) {
            all.push(...samples);
        }
    }
    all.forEach((sample, index) => assert.equal(sample, index));
});

test('late blocks do not move the dates, drift does, slowly', () => {
    const timeline = new CaptureTimeline(48_000);
    let last = 0;
    for (let count = 1; count <= 50 * 600; count += 1) {
        // The sound card is 200 ppm slow, and every tenth block waits 80 ms for a busy thread.
        const late = count % 10 === 0 ? 80 : 0;
        const [frame] = timeline.push(new Float32Array(960), count * 20 * 1.0002 + late);
        if (count > 1) {
            assert.ok(Math.abs(frame.captureTime - last - 960) <= 1);
        }
        last = frame.captureTime;
        assert.ok(Math.abs(last / 48 - (count - 1) * 20 * 1.0002) < 20, `at ${count}`);
    }
});

test('a capture that stood still skips the numbers of what is lost', () => {
    const timeline = new CaptureTimeline(48_000);
    const [first] = timeline.push(new Float32Array(960), 20);
    const [second] = timeline.push(new Float32Array(960), 2040);
    assert.equal(first.sequence, 0);
    assert.equal(second.sequence, 101);
    assert.equal(second.captureTime, 2020 * 48);
    assert.equal(timeline.push(new Float32Array(960), 2060)[0].sequence, 102);
});

test('a packet is sent at once and kept until it is recorded', () => {
    const publication = new Publication(2, 7, BITRATE, 100);
    const message = decodeAudioMessage(publication.publish(PACKET, at(100, 4800), OPEN).buffer);
    assert.equal(message.track, 2);
    assert.equal(message.run, 7);
    assert.equal(message.sequence, 0);
    assert.equal(message.captureTime, 4800);
    assert.equal(message.forTheRecord, false);
    publication.publish(PACKET, at(101, 5760), OPEN);
    assert.equal(publication.unrecorded.length, 2);
    publication.recorded(0, 0);
    assert.deepEqual(publication.unrecorded.map(({sequence}) => sequence), [1]);
    publication.recorded(1, 9);
    assert.equal(publication.unrecordedBytes, 0);
});

test('frames from before the publication are not its own', () => {
    const publication = new Publication(2, 7, BITRATE, 100);
    assert.equal(publication.publish(PACKET, at(99, 0), OPEN), null);
    assert.equal(publication.unrecorded.length, 0);
});

test('what a slow line holds back is sent later for the record', () => {
    const publication = new Publication(1, 1, BITRATE, 0);
    publication.publish(PACKET, at(0, 0), OPEN);
    assert.equal(publication.publish(PACKET, at(1, 960), {open: true, bufferedBytes: 20_000}), null);
    publication.publish(PACKET, at(2, 1920), OPEN);
    assert.equal(publication.heldBack, 1);
    const [late, ...more] = publication.resend().map((bytes) => decodeAudioMessage(bytes.buffer));
    assert.deepEqual(more, []);
    assert.equal(late.sequence, 1);
    assert.equal(late.forTheRecord, true);
    assert.deepEqual(publication.resend(), []);
});

test('after an interruption everything unrecorded goes again, a few at a time, in order', () => {
    const publication = new Publication(1, 1, BITRATE, 0);
    for (let frame = 0; frame < 12; frame += 1) {
        publication.publish(PACKET, at(frame, frame * 960), frame < 6 ? OPEN : AWAY);
    }
    publication.recorded(0, 2);
    publication.lineLost();
    const sequences = [];
    for (let round = 0; round < 5; round += 1) {
        const messages = publication.resend();
        assert.ok(messages.length <= 2);
        sequences.push(...messages.map((bytes) => decodeAudioMessage(bytes.buffer).sequence));
    }
    assert.deepEqual(sequences, [3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test('what the relay wrote after a gap says nothing of the gap', () => {
    const publication = new Publication(1, 1, BITRATE, 0);
    for (let frame = 0; frame < 8; frame += 1) {
        publication.publish(PACKET, at(frame, frame * 960), frame < 2 || frame > 5 ? OPEN : AWAY);
    }
    publication.recorded(6, 7);
    publication.recorded(0, 1);
    assert.deepEqual(publication.unrecorded.map(({sequence}) => sequence), [2, 3, 4, 5]);
    assert.equal(publication.waitingCount, 4);
    assert.equal(publication.unrecordedBytes, 4 * PACKET.length);
});

test('what was captured on a break that the page did not know of is forgotten', () => {
    const publication = new Publication(1, 1, BITRATE, 0);
    for (let frame = 0; frame < 6; frame += 1) {
        publication.publish(PACKET, at(frame, frame * 960), AWAY);
    }
    publication.forget(60);
    assert.deepEqual(publication.unrecorded.map(({captureTime}) => captureTime / 48), [0, 20, 40]);
});

test('what is kept is bounded in number and bytes', () => {
    const publication = new Publication(1, 1, BITRATE, 0);
    for (let frame = 0; frame < 15_100; frame += 1) {
        publication.publish(PACKET, at(frame, frame * 960), AWAY);
    }
    assert.equal(publication.unrecorded.length, 15_000);
    assert.equal(publication.forgotten, 100);
    const large = new Uint8Array(1276);
    large[0] = 0x78;
    const heavy = new Publication(1, 1, BITRATE, 0);
    for (let frame = 0; frame < 3000; frame += 1) {
        heavy.publish(large, at(frame, frame * 960), AWAY);
    }
    assert.ok(heavy.unrecordedBytes <= 2 * 1024 * 1024);
    assert.equal(heavy.unrecordedBytes, heavy.unrecorded.length * 1276);
});

test('a packet that nobody may publish never leaves the page', () => {
    const publication = new Publication(1, 1, BITRATE, 0);
    assert.equal(publication.publish(new Uint8Array([0x7b, 2, 1, 1]), at(0, 0), OPEN), null);
    assert.equal(publication.refused, 1);
});

test('speech at a muted microphone is noticed once in ten seconds, noise and clicks are not', () => {
    const block = (amplitude) => new Float32Array(480).fill(amplitude);
    const noise = new SpeechDetector();
    for (let now = 0; now < 20_000; now += 10) {
        assert.equal(noise.hears(block(0.02), 10, now), false, 'an even hum');
    }
    const clicks = new SpeechDetector();
    for (let now = 0; now < 20_000; now += 10) {
        assert.equal(clicks.hears(block(now % 1000 < 50 ? 0.5 : 0.001), 10, now), false, 'a keyboard');
    }
    const speech = new SpeechDetector();
    const noticed = [];
    for (let now = 0; now < 20_000; now += 10) {
        if (speech.hears(block(now % 400 < 250 ? 0.1 : 0.001), 10, now)) {
            noticed.push(now);
        }
    }
    assert.equal(noticed.length, 2, `noticed at ${noticed}`);
});

test('levels follow decibels', () => {
    assert.equal(levelOfMeanSquare(0), 0);
    assert.equal(levelOfMeanSquare(Number.NaN), 0);
    assert.equal(levelOfMeanSquare(1), 1);
    assert.ok(Math.abs(levelOfMeanSquare(1e-3) - 0.5) < 1e-9);
    const meter = new LevelMeter();
    meter.add(new Float32Array(100).fill(0.0316));
    assert.ok(Math.abs(meter.take() - 0.5) < 0.01);
    assert.equal(meter.take(), 0);
});

test('what nobody records is not kept', () => {
    const publication = new Publication(1, 1, BITRATE, 0);
    publication.isKept = false;
    assert.ok(publication.publish(PACKET, at(0, 0), OPEN));
    publication.publish(PACKET, at(1, 960), AWAY);
    publication.lineLost();
    assert.deepEqual(publication.resend(), []);
});

test('a quiet frame is marked', () => {
    const publication = new Publication(1, 1, BITRATE, 0);
    const message = decodeAudioMessage(publication.publish(PACKET, at(0, 0, true), OPEN).buffer);
    assert.equal(message.silent, true);
    assert.equal(message.packets.length, 1);
});
