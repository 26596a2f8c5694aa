import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Arrival} from '../../Sources/LiveRelay/Web/js/audio/arrival.js';
import {PlaybackStatus} from '../../Sources/LiveRelay/Web/js/audio/playback-status.js';
import {ReplayTimeline} from '../../Sources/LiveRelay/Web/js/audio/replay-timeline.js';
import {
    missingForConnection, missingForListening, missingForSpeaking,
} from '../../Sources/LiveRelay/Web/js/audio/support.js';

const PACKET = new Uint8Array([0x78, 1]);
const message = (sequence, count = 1, captureTime = sequence * 960) => ({
    kind: 0x11, silent: false, forTheRecord: false, track: 1, run: 1, sequence, captureTime,
    packets: Array.from({length: count}, () => PACKET),
});

test('packets are taken once, holes are counted', () => {
    const arrival = new Arrival(1);
    const media = (sequence, count, now) => {
        const {packets} = arrival.take(message(sequence, count), now);
        return packets.map((packet) => packet.media / 960);
    };
    assert.deepEqual(media(0, 3, 100), [0, 1, 2]);
    assert.deepEqual(media(2, 3, 160), [3, 4], 'the first is known');
    assert.deepEqual(media(1, 2, 170), [], 'all are known');
    assert.deepEqual(media(5, 1, 180), [5]);
    assert.equal(arrival.gaps, 0);
    assert.deepEqual(media(9, 1, 200), [9]);
    assert.equal(arrival.gaps, 1);
    arrival.quiet();
    assert.deepEqual(media(40, 1, 900), [40]);
    assert.equal(arrival.gaps, 1, 'after silence any number is right');
});

test('lateness is measured at the end of the message', () => {
    const arrival = new Arrival(1);
    assert.equal(arrival.take(message(0, 3), 100).lateness, 40);
});

test('a burst of old sound is left out, what is fresh is played', () => {
    const arrival = new Arrival(1);
    for (let sequence = 0; sequence < 50; sequence += 1) {
        arrival.take(message(sequence), sequence * 20 + 40);
    }
    // The line stood still for 6 s, then all of it comes at once.
    let played = 0;
    for (let sequence = 50; sequence < 350; sequence += 1) {
        played += arrival.take(message(sequence), 7040).packets.length;
    }
    assert.ok(played > 90 && played < 105, `played ${played}`);
    assert.ok(arrival.stale > 190);
});

test('a way that has become longer for good is accepted after 3 s', () => {
    const arrival = new Arrival(1);
    arrival.take(message(0), 20);
    let first = null;
    for (let sequence = 1; sequence < 400; sequence += 1) {
        const now = sequence * 20 + 5000;
        if (arrival.take(message(sequence), now).packets.length > 0) {
            first ??= now;
        }
    }
    assert.ok(first !== null && first < 5000 + 3200, `first ${first}`);
});

test('nothing is reported before the person has joined the sound', () => {
    const status = new PlaybackStatus();
    status.output = 'running';
    assert.equal(status.due(0), null, 'not yet in class');
    status.lineUp();
    status.output = 'none';
    assert.equal(status.due(0), null);
});

test('every state of playback has its name', () => {
    const status = new PlaybackStatus();
    status.lineUp();
    const state = (changes) => Object.assign(status, changes).state(10_000);
    assert.equal(state({output: 'unsupported'}), 'unsupported');
    assert.equal(state({output: 'suspended'}), 'blocked');
    assert.equal(state({output: 'interrupted'}), 'blocked');
    assert.equal(state({output: 'running'}), 'playing');
    assert.equal(state({isHidden: true}), 'hidden');
    assert.equal(state({isMuted: true}), 'paused');
    assert.equal(state({isMuted: false, isHidden: false, isOnline: false}), 'stalled');
    assert.equal(state({isOnline: true, starvedSince: 9000}), 'playing', 'a second is merely late');
    assert.equal(state({starvedSince: 8000}), 'stalled');
});

test('a change is told within a second, sameness every ten, gaps since the last report', () => {
    const status = new PlaybackStatus();
    status.lineUp();
    Object.assign(status, {output: 'running', delay: 210.4, gapsTotal: 3});
    assert.deepEqual(status.due(0), {state: 'playing', delay: 210, gaps: 3});
    status.gapsTotal = 5;
    assert.equal(status.due(9999), null);
    assert.deepEqual(status.due(10_000), {state: 'playing', delay: 210, gaps: 2});
    status.isMuted = true;
    assert.equal(status.due(10_500), null);
    assert.equal(status.due(11_000)?.state, 'paused');
    status.lineDown();
    status.lineUp();
    assert.equal(status.due(11_001)?.state, 'paused', 'a new line is told at once');
});

test('a browser says what it lacks', () => {
    const whole = {
        isSecureContext: true, WebSocket() {}, Worker() {}, AudioDecoder() {}, AudioEncoder() {}, AudioContext() {},
        AudioWorkletNode() {}, navigator: {mediaDevices: {getUserMedia() {}}},
    };
    assert.deepEqual(missingForSpeaking(whole), []);
    assert.deepEqual(missingForListening({...whole, AudioDecoder: undefined}), ['audioDecoder']);
    const deaf = {...whole, AudioEncoder: undefined, navigator: {}};
    assert.deepEqual(missingForSpeaking(deaf), ['audioEncoder', 'mediaDevices']);
    assert.deepEqual(missingForConnection({...whole, isSecureContext: false}), []);
    assert.deepEqual(missingForListening({...whole, isSecureContext: false}), ['secureContext']);
    assert.deepEqual(missingForConnection({}), ['webSocket', 'moduleWorker']);
});

const RECORDING = {
    segments: [
        {url: 'b', track: 1, start: 700_000, duration: 600_000},
        {url: 'a', track: 1, start: 60_000, duration: 500_000},
        {urls: ['c.m4a', 'c.ogg'], track: 2, start: 800_000, duration: 30_000},
        {url: 'nothing', track: 3, start: 0, duration: 0},
    ],
    breaks: [{start: 560_000, end: 700_000}],
    duration: 1_310_000,
};

test('each moment has its segments, the longest-running first', () => {
    const timeline = new ReplayTimeline(RECORDING);
    const urls = (time) => timeline.at(time).map((segment) => segment.urls[0]);
    assert.deepEqual(urls(0), []);
    assert.deepEqual(urls(60_000), ['a']);
    assert.deepEqual(urls(559_999), ['a']);
    assert.deepEqual(urls(560_000), []);
    assert.deepEqual(urls(810_000), ['b', 'c.m4a']);
    assert.deepEqual(timeline.starting(797_000, 5000).map((segment) => segment.urls[0]), ['c.m4a']);
    assert.equal(timeline.firstSound, 60_000);
    assert.equal(timeline.duration, 1_310_000);
});

test('breaks and long gaps are left out, when that is wanted', () => {
    const timeline = new ReplayTimeline(RECORDING);
    assert.equal(timeline.skip(600_000, true), 699_700);
    assert.equal(timeline.skip(600_000, false), 600_000);
    assert.equal(timeline.skip(699_800, true), 699_800);
    assert.equal(timeline.skip(100_000, true), 100_000);
    assert.equal(timeline.skip(1_300_500, true), 1_310_000, 'the silence at the end');
    const short = new ReplayTimeline({...RECORDING, breaks: [], duration: 0, segments: [
        {url: 'a', track: 1, start: 0, duration: 10_000}, {url: 'b', track: 1, start: 18_000, duration: 10_000},
    ]});
    assert.equal(short.skip(12_000, true), 12_000, 'eight seconds are a pause of speech');
});

test('a replay without any sound is only time', () => {
    const timeline = new ReplayTimeline({segments: [], breaks: [], duration: 5000});
    assert.deepEqual(timeline.at(100), []);
    assert.equal(timeline.firstSound, 0);
    assert.equal(timeline.skip(100, true), 100);
});
