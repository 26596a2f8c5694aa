import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ConnectionMachine} from '../../Sources/LiveRelay/Web/js/protocol/connection-machine.js';

const HELLO = {
    type: 'hello', wire: 1, epoch: 'e1', run: 3, seat: 's7', t: 81_000, resumed: false, resumeToken: 'r1',
    digestMilliseconds: 1000,
};
const SNAPSHOT = {type: 'snapshot', epoch: 'e1', n: 41, t: 81_000};

/** A machine with a clock of its own; collects effects in words. */
class Line {
    constructor(random = () => 0.5) {
        this.machine = new ConnectionMachine({random, prefix: 'p'});
        this.now = 0;
        this.words = [];
    }

    note(effects) {
        for (const effect of effects) {
            const {answer} = effect;
            switch (effect.effect) {
                case 'open': this.words.push(`open ${effect.socket}`); break;
                case 'close': this.words.push(`close ${effect.socket}`); break;
                case 'send':
                    this.sent = JSON.parse(effect.text);
                    this.words.push(`${effect.socket} ← ${this.sent.type}`);
                    break;
                case 'state':
                    this.state = effect.state;
                    this.words.push(`${effect.state.state} ${effect.state.code}`.trim());
                    break;
                case 'deliver': this.words.push(`deliver ${effect.message.type}`); break;
                case 'settle':
                    this.words.push(`settle ${effect.request} ${answer.accepted ? answer.n : answer.code}`);
                    break;
                case 'line': this.words.push(effect.online ? 'line up' : 'line down'); break;
                case 'roundTrip': this.words.push(`round trip ${effect.milliseconds}`); break;
            }
        }
        const words = this.words;
        this.words = [];
        return words;
    }

    join() { return this.note(this.machine.join({token: 't'}, this.now)); }
    open(socket) { return this.note(this.machine.socketOpened(socket, this.now)); }
    hear(socket, message) { return this.note(this.machine.socketText(socket, JSON.stringify(message), this.now)); }
    close(socket, code) { return this.note(this.machine.socketClosed(socket, code, this.now)); }
    ask(request, type, fields = {}) { return this.note(this.machine.command(request, type, fields, this.now)); }

    /** Lets time pass, waking the machine exactly when it asks for it. */
    until(time) {
        const words = [];
        for (let count = 0; count < 10_000; count += 1) {
            const deadline = this.machine.nextDeadline;
            if (deadline === null || deadline > time) {
                this.now = time;
                return words;
            }
            this.now = Math.max(this.now, deadline);
            words.push(...this.note(this.machine.tick(this.now)));
        }
        throw new Error('the machine never rests');
    }

    online() {
        this.join();
        this.open(1);
        this.hear(1, HELLO);
        this.hear(1, SNAPSHOT);
        return this;
    }
}

test('a class is joined', () => {
    const line = new Line();
    assert.deepEqual(line.join(), ['open 1', 'connecting']);
    assert.deepEqual(line.open(1), ['1 ← join']);
    assert.deepEqual(line.sent, {type: 'join', wire: 1, token: 't'});
    assert.deepEqual(line.hear(1, HELLO), ['line up', 'online', 'deliver hello']);
    assert.deepEqual(line.hear(1, SNAPSHOT), ['deliver snapshot']);
    assert.deepEqual(line.until(1000), ['1 ← ping', '1 ← ping', '1 ← ping']);
});

test('the relay stays silent for 5 s: a new socket at once, and the seat is resumed', () => {
    const line = new Line().online();
    line.hear(1, {type: 'event', epoch: 'e1', n: 43, event: {}});
    line.until(4999);
    assert.deepEqual(line.until(5000), ['close 1', 'line down', 'reconnecting silent', 'open 2']);
    assert.deepEqual(line.open(2), ['2 ← resume']);
    assert.deepEqual(line.sent, {type: 'resume', wire: 1, token: 'r1', epoch: 'e1', n: 43});
    assert.deepEqual(line.hear(1, {type: 'event', n: 44, event: {}}), [], 'the old socket is not listened to');
    assert.deepEqual(line.hear(2, {...HELLO, resumed: true}), ['line up', 'online', 'deliver hello']);
});

test('where sound flows 1.5 s are enough', () => {
    const line = new Line().online();
    line.until(2000);
    line.machine.socketAudio(1, false, 2000);
    assert.deepEqual(line.until(3499), []);
    assert.ok(line.until(3500).includes('open 2'));
});

test('closed by the relay: the first try within a second, then each second, seconds are told', () => {
    const line = new Line().online();
    line.until(1000);
    assert.deepEqual(line.close(1, 4000), ['line down', 'reconnecting shutdown']);
    assert.deepEqual(line.until(1499), []);
    assert.deepEqual(line.until(1500), ['open 2', 'reconnecting']);
    assert.deepEqual(line.close(2, 1006), ['reconnecting closed']);
    const words = line.until(2500);
    assert.ok(words.includes('open 3'));
    assert.equal(line.state.seconds, 1);
    line.open(3);
    assert.deepEqual(line.hear(3, {...HELLO, resumed: true}).slice(0, 2), ['line up', 'online']);
    assert.equal(line.machine.nextDeadline !== null && line.machine.nextDeadline <= 6500, true);
});

test('the relay says when to come back', () => {
    const line = new Line().online();
    assert.deepEqual(line.hear(1, {type: 'reconnect', after: 3000, jitter: 2000}), []);
    line.close(1, 4000);
    assert.ok(!line.until(3999).includes('open 2'));
    assert.ok(line.until(4000).includes('open 2'));
});

test('a socket that does not open, or does not greet, is given up', () => {
    const line = new Line();
    line.join();
    assert.ok(!line.until(9999).includes('close 1'));
    assert.deepEqual(line.until(10_000), ['close 1', 'reconnecting noAnswer']);
    line.until(10_500);
    line.open(2);
    assert.ok(!line.until(20_499).includes('close 2'));
    assert.ok(line.until(20_500).includes('close 2'));
});

test('a try at a line that was good is given up sooner', () => {
    const line = new Line().online();
    line.close(1, 1006);
    line.until(500);
    assert.ok(!line.until(3999).includes('close 2'));
    assert.ok(line.until(4000).includes('close 2'));
});

test('many people spread over what the relay said beforehand', () => {
    const line = new Line().online();
    line.hear(1, {type: 'digest', t: 1, wall: 1, n: 42, present: 4000, expected: 0, hands: 0, spread: 8000});
    line.close(1, 1006);
    assert.ok(!line.until(3999).includes('open 2'), 'a chance of one half means half of it');
    assert.ok(line.until(4000).includes('open 2'));
    assert.deepEqual(line.close(2, 1006), ['reconnecting closed']);
    assert.ok(!line.until(8249).includes('open 3'));
    assert.ok(line.until(8250).includes('open 3'));
});

test('put out of class: final, pending commands are told', () => {
    const line = new Line().online();
    assert.deepEqual(line.ask(1, 'raiseHand'), ['1 ← raiseHand']);
    assert.deepEqual(line.close(1, 4501), ['line down', 'settle 1 notConnected', 'refused removed']);
    assert.equal(line.machine.nextDeadline, null);
    assert.deepEqual(line.ask(2, 'raiseHand'), ['settle 2 notConnected']);
});

test('the class is over: ended, not refused', () => {
    const line = new Line().online();
    assert.ok(line.close(1, 4500).includes('ended ended'));
});

test('a wrong code is refused at once', () => {
    const line = new Line();
    line.join();
    line.open(1);
    assert.deepEqual(line.close(1, 4508), ['refused codeUnknown']);
});

test('a closed door is no refusal', () => {
    const line = new Line();
    line.join();
    line.open(1);
    assert.deepEqual(line.close(1, 4005), ['reconnecting notYetOpen']);
    const words = line.until(3000);
    assert.ok(words.includes('open 2'));
    line.open(2);
    assert.equal(line.sent.type, 'join');
});

test('a resume token that ran out is followed by a join', () => {
    const line = new Line().online();
    line.close(1, 1006);
    line.until(500);
    assert.deepEqual(line.open(2), ['2 ← resume']);
    assert.deepEqual(line.close(2, 4505), ['open 3']);
    assert.deepEqual(line.open(3), ['3 ← join']);
    assert.deepEqual(line.close(3, 4505), ['refused tokenExpired'], 'a second time it is the person’s own token');
});

test('a command survives the line and goes out again under its id', () => {
    const line = new Line().online();
    line.ask(1, 'postChat', {text: '听得清'});
    const id = line.sent.id;
    line.close(1, 1006);
    assert.deepEqual(line.ask(2, 'raiseHand'), [], 'asked while the line is away');
    line.until(500);
    line.open(2);
    assert.deepEqual(line.hear(2, {...HELLO, resumed: true}),
        ['line up', 'online', '2 ← postChat', '2 ← raiseHand', 'deliver hello']);
    assert.deepEqual(line.hear(2, {type: 'accepted', id, n: 44}), ['settle 1 44']);
    assert.deepEqual(line.hear(2, {type: 'accepted', id, n: 44}), [], 'answered twice, settled once');
    const rejected = {type: 'rejected', id: 'p-2', code: 'handAlreadyRaised'};
    assert.deepEqual(line.hear(2, rejected), ['settle 2 handAlreadyRaised']);
});

test('a command without an answer is told so after 20 s', () => {
    const line = new Line().online();
    line.ask(1, 'raiseHand');
    for (let now = 1000; now <= 20_000; now += 1000) {
        line.hear(1, {type: 'digest', n: 41});
        const words = line.until(now);
        assert.equal(words.includes('settle 1 noAnswer'), now === 20_000, `at ${now}`);
    }
});

test('a retry is sent again under the same id when the relay asked for it', () => {
    const line = new Line().online();
    line.ask(1, 'raiseHand');
    line.hear(1, {type: 'retry', id: 'p-1', after: 300});
    assert.ok(!line.until(299).includes('1 ← raiseHand'));
    assert.ok(line.until(300).includes('1 ← raiseHand'));
});

test('the seventeenth command at once is refused here', () => {
    const line = new Line().online();
    for (let request = 1; request <= 16; request += 1) {
        line.ask(request, 'raiseHand');
    }
    assert.deepEqual(line.ask(17, 'raiseHand'), ['settle 17 tooManyInFlight']);
});

test('rows of people answer the command that asked for them', () => {
    const line = new Line().online();
    line.ask(1, 'findPeople', {search: 'w', offset: 0});
    assert.deepEqual(line.hear(1, {type: 'people', id: 'p-1', total: 0, offset: 0, rows: []}), ['settle 1 undefined']);
});

test('panels are remembered for the next line', () => {
    const line = new Line().online();
    assert.deepEqual(line.note(line.machine.showPanels(['chat'])), ['1 ← panels']);
    line.close(1, 1006);
    line.until(500);
    line.open(2);
    assert.deepEqual(line.sent.panels, ['chat']);
});

test('pongs set the clock', () => {
    const line = new Line().online();
    line.now = 100;
    assert.deepEqual(line.hear(1, {type: 'pong', at: 60, t: 81_080}), ['round trip 40']);
    assert.equal(line.machine.clock.roundTrip, 40);
});

test('the network is back: the next try comes soon', () => {
    const line = new Line(() => 0.9).online();
    line.close(1, 1006);
    line.until(15_000);
    line.close(line.machine.sockets, 1006);
    assert.equal(line.machine.phase.name, 'waiting');
    line.note(line.machine.lookAtLine(line.now));
    assert.ok(line.machine.nextDeadline <= line.now + 1000);
});

test('after a sleep the line must show that it lives, at once', () => {
    const line = new Line(() => 0).online();
    line.until(100);
    assert.deepEqual(line.note(line.machine.lookAtLine(line.now, true)), ['1 ← ping']);
    assert.equal(line.machine.clock.now(line.now), null, 'local time may have stood still');
    line.now = 600;
    line.hear(1, {type: 'pong', at: 100, t: 90_000});
    assert.deepEqual(line.until(2000).filter((word) => word.startsWith('open')), [], 'it lives');
    line.note(line.machine.lookAtLine(line.now));
    assert.ok(line.until(3100).includes('open 2'), 'nothing was heard for a second');
});

test('who begins to show more while away comes back with a snapshot', () => {
    const line = new Line(() => 0).online();
    line.note(line.machine.showPanels(['chat']));
    line.close(1, 1006);
    line.note(line.machine.showPanels(['chat', 'people']));
    line.until(1000);
    line.open(2);
    assert.equal(line.sent.type, 'resume');
    assert.equal(line.sent.epoch, '');
    assert.deepEqual(line.sent.panels, ['chat', 'people']);
    line.hear(2, HELLO);
    line.close(2, 1006);
    line.until(3000);
    line.open(3);
    assert.equal(line.sent.epoch, '', 'no snapshot came in between');
    line.hear(3, HELLO);
    line.hear(3, SNAPSHOT);
    line.note(line.machine.showPanels(['chat']));
    line.close(3, 1006);
    line.until(6000);
    line.open(line.machine.sockets);
    assert.equal(line.sent.epoch, 'e1', 'to show less takes nothing');
});

test('leaving says goodbye and is final', () => {
    const line = new Line().online();
    line.ask(1, 'raiseHand');
    assert.deepEqual(line.note(line.machine.leave(0)),
        ['1 ← leave', 'close 1', 'line down', 'settle 1 notConnected', 'ended left']);
    assert.deepEqual(line.close(1, 4514), []);
});

test('unknown messages are delivered, nonsense is not', () => {
    const line = new Line().online();
    assert.deepEqual(line.hear(1, {type: 'weather'}), ['deliver weather']);
    assert.deepEqual(line.note(line.machine.socketText(1, '{"n":', 0)), []);
});

test('whatever happens in whatever order, the machine rests and holds one socket at most', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
        let state = seed;
        const random = () => {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return state / 2 ** 32;
        };
        const line = new Line(random);
        const open = new Set();
        const note = (effects) => {
            for (const effect of effects) {
                if (effect.effect === 'open') open.add(effect.socket);
                if (effect.effect === 'close') open.delete(effect.socket);
                if (effect.effect === 'send') assert.ok(open.has(effect.socket), `seed ${seed}`);
            }
        };
        note(line.machine.join({token: 't'}, 0));
        for (let step = 0; step < 200; step += 1) {
            const socket = line.machine.sockets;
            const inputs = [
                () => line.machine.socketOpened(socket, line.now),
                () => line.machine.socketText(socket, JSON.stringify({...HELLO, t: line.now}), line.now),
                () => line.machine.socketText(socket, JSON.stringify(SNAPSHOT), line.now),
                () => {
                    open.delete(socket);
                    const code = [1006, 4000, 4001, 4504, 4005][Math.floor(random() * 5)];
                    return line.machine.socketClosed(socket, code, line.now);
                },
                () => line.machine.command(step + 1, 'raiseHand', {}, line.now),
                () => { line.machine.socketAudio(socket, random() < 0.5, line.now); return []; },
                () => line.machine.lookAtLine(line.now),
                () => { line.now += random() * 3000; return line.machine.tick(line.now); },
            ];
            note(inputs[Math.floor(random() * inputs.length)]());
            assert.ok(open.size <= 1, `seed ${seed} step ${step}: ${[...open]}`);
            if (line.machine.phase.name === 'final') {
                note(line.machine.join({token: 't'}, line.now));
            }
        }
        note(line.machine.leave(line.now));
        assert.equal(line.machine.nextDeadline, null, `seed ${seed}`);
    }
});

test('the reason for which the line was lost is told until it is back', () => {
    const line = new Line();
    line.join();
    line.open(1);
    line.hear(1, HELLO);
    line.hear(1, {type: 'reconnect', after: 1000, jitter: 2000});
    line.close(1, 4000);
    assert.equal(line.state.cause, 'shutdown');
    assert.deepEqual(line.until(1999), ['reconnecting shutdown']);
    assert.deepEqual(line.until(2000).slice(0, 1), ['open 2']);
    line.close(2, 1006);
    assert.equal(line.state.cause, 'shutdown');
    line.until(4000);
    line.open(3);
    line.hear(3, HELLO);
    assert.equal(line.state.state, 'online');
    assert.equal(line.state.cause, '');
});
