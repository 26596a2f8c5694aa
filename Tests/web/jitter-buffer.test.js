import assert from 'node:assert/strict';
import {test} from 'node:test';
import {JitterBuffer} from '../../Sources/LiveRelay/Web/js/audio/jitter-buffer.js';

const QUANTUM = 128;
const PACKET = 960;

/** Random numbers from a seed, the same on every run. */
function seeded(seed) {
    let state = seed >>> 0;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}

/**
 * Plays `seconds` of a ramp that names its own media time, each packet sent every 20 ms and arriving after `wayOf`.
 * @returns what was heard and the buffer
 */
function listen({seconds, wayOf, seed = 1, drift = 0, loud = true}) {
    const random = seeded(seed);
    const buffer = new JitterBuffer();
    const arrivals = [];
    let last = 0;
    for (let index = 0; index * 20 < seconds * 1000; index += 1) {
        // TCP: nothing overtakes.
        last = Math.max(last, index * 20 * (1 + drift) + 20 + wayOf(index, random));
        arrivals.push({at: last, media: index * PACKET});
    }
    const heard = [];
    const delays = [];
    const output = new Float32Array(QUANTUM);
    for (let now = 0; now < seconds * 1000; now += (QUANTUM * 1000) / 48000) {
        while (arrivals.length > 0 && arrivals[0].at <= now) {
            const {at, media} = arrivals.shift();
            buffer.observe(at - (media + PACKET) / 48, 20);
            const samples = new Float32Array(PACKET);
            for (let index = 0; index < PACKET; index += 1) {
                samples[index] = loud ? 0.5 * Math.sin(((media + index) * 2 * Math.PI * 440) / 48000) : 0;
            }
            buffer.push(samples, media, now);
        }
        const media = buffer.mediaTime;
        buffer.pull(output, now);
        heard.push(...output);
        if (buffer.playing && media !== null) {
            delays.push({now, delay: now - media / 48});
        }
    }
    return {buffer, heard, delays};
}

const tail = (delays, from) => delays.filter(({now}) => now > from).map(({delay}) => delay);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('an even line is played without a gap at little delay', () => {
    const {buffer, delays} = listen({seconds: 20, wayOf: () => 30});
    assert.equal(buffer.underruns, 0);
    assert.equal(buffer.holes, 0);
    const delay = mean(tail(delays, 10_000));
    assert.ok(delay < 30 + 20 + 60, `delay ${delay}`);
});

test('jitter is measured and covered', () => {
    for (const seed of [1, 2, 3]) {
        const {buffer, delays} = listen({seconds: 60, seed, wayOf: (_, random) => 20 + random() * 60});
        assert.ok(buffer.underruns <= 2, `seed ${seed}: underruns ${buffer.underruns}`);
        const delay = mean(tail(delays, 30_000));
        assert.ok(delay < 220, `seed ${seed}: delay ${delay}`);
    }
});

test('stalls of 200 ms every 3 s cost a few underruns, then none', () => {
    const wayOf = (index) => {
        const within = index % 150;
        return within < 10 ? 220 - within * 20 : 20;
    };
    const {buffer} = listen({seconds: 20, wayOf});
    const early = buffer.underruns;
    const later = listen({seconds: 60, wayOf}).buffer.underruns;
    assert.ok(early <= 4, `underruns in 20 s ${early}`);
    assert.ok(later - early <= 1, `underruns afterwards ${later - early}`);
});

test('the delay shrinks again when a bad time is over', () => {
    const {delays} = listen({seconds: 60, wayOf: (index, random) => (index < 500 ? random() * 300 : 20)});
    const before = mean(tail(delays, 8000).slice(0, 300));
    const after = mean(tail(delays, 50_000));
    assert.ok(before > 200, `before ${before}`);
    assert.ok(after < 130, `after ${after}`);
});

test('clocks that differ by 300 ppm neither empty nor fill the buffer in ten minutes', () => {
    for (const drift of [3e-4, -3e-4]) {
        const {buffer, delays} = listen({seconds: 600, drift, wayOf: (_, random) => 20 + random() * 10});
        assert.ok(buffer.underruns <= 1, `drift ${drift}: underruns ${buffer.underruns}`);
        assert.equal(buffer.jumps, 0);
        // The sender's clock moves away; what counts is the depth.
        assert.ok(buffer.depthMilliseconds < 120, `depth ${buffer.depthMilliseconds}`);
        assert.ok(delays.length > 0);
    }
});

test('what is heard has no clicks', () => {
    const {heard} = listen({seconds: 20, wayOf: (_, random) => random() * 40});
    let steepest = 0;
    for (let index = 1; index < heard.length; index += 1) {
        steepest = Math.max(steepest, Math.abs(heard[index] - heard[index - 1]));
    }
    // A 440 Hz sine of amplitude 0.5 changes by at most 0.029 per sample; 2 % faster and faded by little more.
    assert.ok(steepest < 0.04, `step ${steepest}`);
});

test('quiet quanta are left out when there is too much', () => {
    const buffer = new JitterBuffer();
    const output = new Float32Array(QUANTUM);
    buffer.observe(0, 20);
    buffer.push(new Float32Array(48 * 250), 0, 0);
    let now = 0;
    for (; now < 3000; now += 20) {
        buffer.observe(0, 20);
        buffer.push(new Float32Array(PACKET), 48 * 250 + now * 48, now);
        for (let quantum = 0; quantum < 7.5; quantum += 1) {
            buffer.pull(output, now + quantum * 2.667);
        }
    }
    assert.ok(buffer.skippedSamples > 0);
    assert.ok(buffer.depthMilliseconds < 150, `depth ${buffer.depthMilliseconds}`);
});

test('an output that slept goes on near the live edge', () => {
    const buffer = new JitterBuffer();
    const output = new Float32Array(QUANTUM);
    for (let now = 0; now < 4000; now += 20) {
        buffer.observe(0, 20);
        buffer.push(new Float32Array(PACKET).fill(0.1), now * 48, now);
        if (now < 1000) {
            for (let quantum = 0; quantum < 7; quantum += 1) {
                buffer.pull(output, now + quantum * 2.667);
            }
        }
    }
    assert.ok(buffer.depthMilliseconds > 2900);
    buffer.pull(output, 4000);
    assert.ok(buffer.depthMilliseconds <= buffer.targetMilliseconds, `depth ${buffer.depthMilliseconds}`);
});

test('a sleeping output keeps a bounded amount, the newest', () => {
    const buffer = new JitterBuffer();
    for (let now = 0; now < 60_000; now += 20) {
        buffer.push(new Float32Array(PACKET), now * 48, now);
    }
    assert.ok(buffer.depthMilliseconds < 5500);
    assert.equal(buffer.mediaTime, 60_000 * 48 - Math.round(buffer.depthMilliseconds * 48));
});

test('running empty in announced silence is no fault', () => {
    const buffer = new JitterBuffer();
    const output = new Float32Array(QUANTUM);
    for (let index = 0; index < 10; index += 1) {
        buffer.observe(0, 20);
        buffer.push(new Float32Array(PACKET).fill(0.2), index * PACKET, index * 20);
    }
    buffer.expectSilence();
    for (let now = 200; now < 1000; now += 2.667) {
        buffer.pull(output, now);
    }
    assert.equal(buffer.underruns, 0);
    assert.equal(buffer.playing, false);
    assert.ok(output.every((sample) => sample === 0));
});

test('a few packets and then nothing are played all the same', () => {
    const buffer = new JitterBuffer();
    const output = new Float32Array(QUANTUM);
    buffer.observe(0, 20);
    buffer.push(new Float32Array(PACKET).fill(0.2), 0, 0);
    let loudest = 0;
    for (let now = 0; now < 500; now += 2.667) {
        buffer.pull(output, now);
        loudest = Math.max(loudest, ...output);
    }
    assert.ok(loudest > 0.19);
});

test('a short hole keeps the time, a long one is closed up', () => {
    for (const [missing, depth] of [[2, 5 * 20], [50, 3 * 20]]) {
        const buffer = new JitterBuffer();
        const output = new Float32Array(QUANTUM);
        for (let index = 0; index < 10; index += 1) {
            buffer.push(new Float32Array(PACKET), index * PACKET, 0);
        }
        buffer.pull(output, 0);
        const before = buffer.depthMilliseconds;
        for (let index = 0; index < 3; index += 1) {
            buffer.push(new Float32Array(PACKET), (10 + missing + index) * PACKET, 0);
        }
        assert.equal(buffer.holes, 1);
        assert.ok(Math.abs(buffer.depthMilliseconds - before - depth) < 1, `missing ${missing}`);
    }
});

test('batches of five packets are played without a gap', () => {
    for (const count of [3, 5]) {
        const buffer = new JitterBuffer();
        const output = new Float32Array(QUANTUM);
        let sent = 0;
        for (let now = 0; now < 60_000; now += 2.667) {
            for (; sent + count * 20 + 30 <= now; sent += count * 20) {
                buffer.observe(now - (sent + count * 20), count * 20);
                for (let index = 0; index < count; index += 1) {
                    buffer.push(new Float32Array(PACKET).fill(0.1), (sent + index * 20) * 48, now);
                }
            }
            buffer.pull(output, now);
        }
        assert.equal(buffer.underruns, 0, `${count} packets`);
        assert.ok(buffer.targetMilliseconds < count * 20 + 20, `${count} packets: ${buffer.targetMilliseconds}`);
        assert.ok(buffer.depthMilliseconds < count * 20 + 40, `${count} packets: ${buffer.depthMilliseconds}`);
    }
});

test('a cushion is filled when it is asked for, and given back', () => {
    const buffer = new JitterBuffer();
    const output = new Float32Array(QUANTUM);
    let sent = 0;
    const depths = [];
    for (let now = 0; now < 60_000; now += 2.667) {
        buffer.cushionMilliseconds = now > 20_000 && now < 40_000 ? 120 : 0;
        for (; sent + 40 <= now; sent += 20) {
            buffer.observe(now - (sent + 20), 20);
            buffer.push(new Float32Array(PACKET).fill(0.1), sent * 48, now);
        }
        buffer.pull(output, now);
        if (now % 20_000 > 19_990) {
            depths.push(buffer.depthMilliseconds);
        }
    }
    const [before, during, after] = [depths[0], depths[Math.floor(depths.length / 2)], depths.at(-1)];
    assert.ok(during - before > 100, `${before} ${during}`);
    assert.ok(after - before < 20, `${before} ${after}`);
    assert.equal(buffer.underruns, 0);
});
