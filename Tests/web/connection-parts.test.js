import assert from 'node:assert/strict';
import {test} from 'node:test';
import {SessionClock} from '../../Sources/LiveRelay/Web/js/lib/clock.js';
import * as codes from '../../Sources/LiveRelay/Web/js/protocol/close-codes.js';
import {Liveness} from '../../Sources/LiveRelay/Web/js/protocol/liveness.js';
import {newDeviceSecret, readMessage} from '../../Sources/LiveRelay/Web/js/protocol/messages.js';
import {PendingCommands} from '../../Sources/LiveRelay/Web/js/protocol/pending-commands.js';
import {ReconnectSchedule} from '../../Sources/LiveRelay/Web/js/protocol/reconnect-schedule.js';

test('tries come at once, then each second, then patiently', () => {
    for (const random of [() => 0, () => 0.5, () => 1]) {
        const schedule = new ReconnectSchedule(random);
        const first = schedule.nextTry(1000, false);
        assert.ok(first >= 1000 && first <= 2000);
        for (let now = 1500; now < 11_000; now += 1000) {
            const pause = schedule.nextTry(now, false) - now;
            assert.ok(pause >= 500 && pause <= 1500, `at ${now}: ${pause}`);
        }
        const late = schedule.nextTry(11_000, false) - 11_000;
        assert.ok(late >= 0 && late <= 30_000);
        schedule.reset();
        assert.ok(schedule.nextTry(50_000, false) <= 51_000);
    }
});

test('a try is given longer the longer nobody answers', () => {
    const schedule = new ReconnectSchedule(() => 0.5);
    assert.equal(schedule.tryMilliseconds(0), 10_000, 'nobody was in class yet');
    schedule.reset();
    schedule.nextTry(1000, false);
    assert.equal(schedule.tryMilliseconds(1000), 3500);
    assert.equal(schedule.tryMilliseconds(13_000), 6000);
    assert.equal(schedule.tryMilliseconds(200_000), 15_000);
});

test('what the relay says about spreading is bounded, and ends', () => {
    const schedule = new ReconnectSchedule(() => 1);
    const told = [[1e9, 30_000], [-5, 1000], [Number.NaN, 1000], ['9000', 1000], [4000, 4000], [undefined, 1000]];
    for (const [said, least] of told) {
        schedule.reset();
        schedule.spread(said);
        assert.equal(schedule.nextTry(0, false), least);
    }
});

test('the relay overrides the next pause, once and within bounds', () => {
    const schedule = new ReconnectSchedule(() => 0.5);
    schedule.ask(4000, 2000);
    assert.equal(schedule.nextTry(0, false), 5000);
    assert.equal(schedule.nextTry(100, false), 1100);
    schedule.ask(1e12, Number.NaN);
    assert.equal(schedule.nextTry(0, false), 120_000);
});

test('a closed door is asked again after a few seconds', () => {
    const schedule = new ReconnectSchedule(() => 0.5);
    assert.equal(schedule.nextTry(0, true), 3000);
});

test('a line without sound may be silent for 5 s, with sound for 1.5 s', () => {
    const liveness = new Liveness(0);
    assert.equal(liveness.deadline, 5000);
    liveness.heardAudio(false, 1000);
    assert.equal(liveness.deadline, 2500);
    liveness.heardText(1500);
    assert.equal(liveness.deadline, 3000, 'sound still counts as flowing');
    liveness.heardText(2100);
    assert.equal(liveness.deadline, 7100, 'sound has stopped while other messages came');
    liveness.heardAudio(true, 3000);
    assert.equal(liveness.deadline, 8000, 'silence that is announced');
});

test('a speaker that falls silent does not make every listener reconnect before the next digest', () => {
    const liveness = new Liveness(0);
    liveness.digestMilliseconds = 2000;
    liveness.heardAudio(false, 1000);
    assert.equal(liveness.deadline, 3500);
});

test('a command keeps its id until it is answered or too old', () => {
    const pending = new PendingCommands('p');
    pending.add(1, 'raiseHand', {}, 0);
    pending.add(2, 'postChat', {text: '老师好', id: 'forged', type: 'end'}, 10);
    assert.deepEqual(pending.due(10).map((text) => JSON.parse(text)), [
        {type: 'raiseHand', id: 'p-1'}, {type: 'postChat', id: 'p-2', text: '老师好'},
    ]);
    assert.deepEqual(pending.due(11), []);
    pending.retry('p-2', 500, 100);
    assert.deepEqual(pending.due(599), []);
    assert.equal(pending.due(600).length, 1);
    assert.equal(pending.answered('p-1')?.request, 1);
    assert.equal(pending.answered('p-1'), null);
    pending.sendAllAgain(700);
    assert.deepEqual(pending.due(700).map((text) => JSON.parse(text).id), ['p-2']);
    assert.deepEqual(pending.expired(15_010), [], 'kept for 15 s at least');
    assert.deepEqual(pending.expired(20_010), [], 'a line of chat is still meant');
    assert.deepEqual(pending.expired(300_010).map(({request}) => request), [2]);
    pending.add(3, 'vote', {}, 0);
    assert.deepEqual(pending.expired(20_010).map(({request}) => request), [3]);
    assert.equal(pending.nextDeadline(true), null);
});

test('close codes of 45xx are final, all others are not', () => {
    for (const code of [1000, 1001, 1006, 1011, 1012, 1013, 4000, 4499, 3000]) {
        assert.equal(codes.mayComeBack(code), true, `${code}`);
    }
    for (const code of [4500, 4501, 4999]) {
        assert.equal(codes.mayComeBack(code), false, `${code}`);
    }
    assert.equal(codes.closeCodeName(4502), 'banned');
    assert.equal(codes.closeCodeName(4600), 'refused');
    assert.equal(codes.closeCodeName(1006), 'closed');
});

test('a clock that stood still or was set is believed at once', () => {
    const clock = new SessionClock();
    clock.sample(1000, 51_000, 1010);
    clock.sample(2000, 3_652_000, 2060);
    assert.equal(clock.now(2060), 3_652_030, 'local time slept for an hour');
});

test('the clock believes the fastest answer', () => {
    const clock = new SessionClock();
    assert.equal(clock.now(0), null);
    clock.sample(1000, 51_500, 3000);
    assert.equal(clock.now(1000), 50_500);
    clock.sample(4000, 54_010, 4020);
    assert.equal(clock.now(4020), 54_020);
    clock.sample(5000, 55_900, 6000);
    assert.equal(clock.now(6000), 56_000, 'a slow answer changes nothing');
    assert.equal(clock.roundTrip, 1000);
});

test('what is no message is nothing', () => {
    for (const text of ['', '{', '[]', 'null', '7', '"a"', '{}', '{"type":7}']) {
        assert.equal(readMessage(text), null, text);
    }
    assert.deepEqual(readMessage('{"type":"pong","at":1}'), {type: 'pong', at: 1});
});

test('a device secret has the identifier alphabet', () => {
    assert.match(newDeviceSecret(globalThis.crypto), /^[A-Za-z0-9_-]{16,64}$/);
});
