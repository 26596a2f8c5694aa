// The page's fold of a class: a late joiner knows what an early one knows.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {CHAT_COUNT_MAX, initialState, reduce} from '../../Sources/LiveRelay/Web/js/model/session.js';
import {
    breakRemaining, calledSpeakers, lecturerCondition, lessonTime, openPoll, pollResult, sortedPeople, unansweredPoll,
} from '../../Sources/LiveRelay/Web/js/model/selectors.js';
import {Store} from '../../Sources/LiveRelay/Web/js/model/store.js';

const WALL = 1_795_420_000_000;
const PEOPLE = {
    s1: {name: '张华', affiliation: '第一中学', role: 'lecturer'},
    s2: {name: '林晓', affiliation: '', role: 'participant'},
    s3: {name: '王晓明', affiliation: '第二中学', role: 'participant'},
};
const CLASS = {
    id: 'k1', title: '线上互动设计', kind: 'smallInteractive', phase: 'scheduled', plannedStart: WALL,
    plannedMinutes: 45, timeZone: 'Asia/Shanghai', organisation: [], isRecorded: true, recording: 'on',
};

function hello(seat, role, fields = {}) {
    return {
        type: 'hello', wire: 1, class: 'k1', epoch: 'e1', run: 1, seat, role, name: PEOPLE[seat].name, t: 0, wall: WALL,
        isMuted: false, isSpeaking: false, handPosition: null, voted: [], limits: {chatCharacters: 500}, ...fields,
    };
}

function snapshot(fields = {}) {
    return {
        type: 'snapshot', epoch: 'e1', n: 0, t: 0, wall: WALL, class: CLASS, presence: {present: 0, expected: 0},
        people: [], hands: {total: 0}, chat: [], polls: [], tracks: [], ...fields,
    };
}

/** Events with numbers and names, as the relay sends them. */
function told(events) {
    return events.map(([t, event, by = 'relay'], index) => {
        const seats = event.seat ? {[event.seat]: PEOPLE[event.seat]} : {};
        return {type: 'event', epoch: 'e1', n: index + 1, t, by, event, people: seats};
    });
}

const LESSON = told([
    [1000, {type: 'opened'}],
    [2000, {type: 'joined', seat: 's1', person: 'p1', role: 'lecturer'}],
    [3000, {type: 'joined', seat: 's2', person: 'p2', role: 'participant'}],
    [3500, {type: 'joined', seat: 's3', person: 'p3', role: 'participant'}],
    [4000, {type: 'started'}],
    [4100, {type: 'trackOpened', track: 1, seat: 's1', codec: 'opus', channels: 1}],
    [5000, {type: 'chatPosted', chat: 'c1', seat: 's2', text: '老师好'}],
    [5500, {type: 'chatPosted', chat: 'c2', seat: 's3', text: '<b>不该出现</b>'}],
    [6000, {type: 'chatHidden', chat: 'c2'}],
    [7000, {type: 'handRaised', seat: 's2'}],
    [7500, {type: 'handRaised', seat: 's3'}],
    [8000, {type: 'handLowered', seat: 's2', reason: 'called'}],
    [8000, {type: 'calledToSpeak', seat: 's2'}],
    [9000, {type: 'muted', seat: 's2'}],
    [9500, {type: 'interrupted', seat: 's3', reason: 'network'}],
    [10_000, {type: 'pollOpened', poll: 'p1', question: '听得清吗？', options: ['清楚', '不清楚'], secrecy: 'named'}],
    [10_500, {type: 'voteCast', poll: 'p1', seat: 's2', option: 1}],
    [11_000, {type: 'recordingPaused', reason: 'noSpace'}],
    [12_000, {type: 'breakStarted', plannedMinutes: 10}],
]);

/** What the relay would tell somebody who arrives after the lesson above. */
function lateSnapshot(isStaff) {
    const person = (seat, fields = {}) => ({
        seat, ...PEOPLE[seat], presence: 'connected', isMuted: false, isSpeaking: false, ...fields,
    });
    const entry = (chat, seat, at, fields) => ({chat, seat, ...PEOPLE[seat], at, ...fields});
    return snapshot({
        n: LESSON.length, t: 12_000, wall: WALL + 12_000,
        class: {
            ...CLASS, phase: 'break', recording: 'noSpace', openedAt: 1000, startedAt: 4000, breakStartedAt: 12_000,
            breakMinutes: 10,
        },
        people: [
            person('s1'), person('s2', {isMuted: true, isSpeaking: true}),
            person('s3', {presence: 'interrupted'}),
        ],
        hands: isStaff
            ? {total: 1, queue: [{seat: 's3', name: '王晓明', affiliation: '第二中学', raisedAt: 7500}]} : {total: 1},
        chat: [
            entry('c1', 's2', 5000, {text: '老师好', isHidden: false}),
            entry('c2', 's3', 5500, {...(isStaff ? {text: '<b>不该出现</b>'} : {}), isHidden: true}),
        ],
        polls: [{
            poll: 'p1', question: '听得清吗？', options: ['清楚', '不清楚'], secrecy: 'named', openedAt: 10_000, count: 1,
            ...(isStaff ? {votes: [{seat: 's2', name: '林晓', option: 1}]} : {}),
        }],
        tracks: [{track: 1, seat: 's1', codec: 'opus', channels: 1}],
    });
}

const fold = (messages) => messages.reduce(reduce, initialState);

test('a late lecturer knows what an early one knows', () => {
    const early = fold([hello('s1', 'lecturer'), snapshot(), ...LESSON]);
    const late = fold([hello('s1', 'lecturer'), lateSnapshot(true)]);
    assert.deepEqual(early, late);
});

test('a late participant knows what an early one knows', () => {
    // The relay tells participants of no hands and no votes; a digest brings the numbers.
    const seen = LESSON.filter(({event}) => !['handRaised', 'handLowered', 'voteCast'].includes(event.type));
    const digest = {type: 'digest', t: 12_000, wall: WALL + 12_000, n: 19, present: 0, expected: 0, hands: 1,
        poll: {poll: 'p1', count: 1}};
    const early = fold([hello('s2', 'participant'), snapshot(), ...seen, digest]);
    const late = fold([hello('s2', 'participant', {isMuted: true, isSpeaking: true}), lateSnapshot(false)]);
    const withoutHands = (state) => ({...state, people: null});
    assert.deepEqual(withoutHands(early), withoutHands(late));
    assert.deepEqual(Object.keys(early.people), Object.keys(late.people));
});

test('an event is taken in once, and never across logs', () => {
    const state = fold([hello('s1', 'lecturer'), snapshot(), ...LESSON]);
    assert.equal(fold([hello('s1', 'lecturer'), snapshot(), ...LESSON, ...LESSON]).chat.length, 2);
    const foreign = {...LESSON[6], epoch: 'e2', n: 99};
    assert.equal(reduce(state, foreign), state);
});

test('a new epoch forgets the old class', () => {
    const state = fold([hello('s1', 'lecturer'), snapshot(), ...LESSON]);
    const fresh = reduce(state, hello('s1', 'lecturer', {epoch: 'e2'}));
    assert.deepEqual(fresh.chat, []);
    assert.equal(fresh.class, null);
});

test('unknown messages and events change nothing but the number', () => {
    const state = fold([hello('s1', 'lecturer'), snapshot()]);
    assert.equal(reduce(state, {type: 'somethingNew'}), state);
    assert.equal(reduce(state, {type: 'event', epoch: 'e1', n: 5, t: 1, event: {type: 'newFact'}}).n, 5);
});

test('one\'s own place in the queue comes by itself and goes with the hand', () => {
    const raised = fold([hello('s2', 'participant'), snapshot(), {type: 'position', position: 3, total: 5}]);
    assert.equal(raised.me.handPosition, 3);
    const [lowered] = told([[9000, {type: 'handLowered', seat: 's2', reason: 'staff'}]]);
    assert.equal(reduce(raised, lowered).me.handPosition, null);
    assert.equal(reduce(raised, {type: 'position', position: null, total: 4}).me.handPosition, null);
});

test('being called and muted is known of oneself', () => {
    const state = fold([hello('s2', 'participant'), snapshot(), ...LESSON]);
    assert.equal(state.me.isSpeaking, true);
    assert.equal(state.me.isMuted, true);
    assert.deepEqual(calledSpeakers(state).map((person) => person.seat), ['s2']);
});

test('a poll waits for the answer of a participant', () => {
    const state = fold([hello('s3', 'participant'), snapshot(), ...LESSON]);
    assert.equal(unansweredPoll(state).poll, 'p1');
    const voted = reduce(state, {type: 'voted', poll: 'p1', option: 0});
    assert.equal(unansweredPoll(voted), null);
    assert.equal(voted.me.choices.p1, 0);
    assert.equal(openPoll(voted).poll, 'p1');
});

test('a closed anonymous poll of few ballots shows no sums', () => {
    const [opened, closed] = told([
        [1, {type: 'pollOpened', poll: 'p2', question: '?', options: ['是', '否'], secrecy: 'anonymous'}],
        [2, {type: 'pollClosed', poll: 'p2', count: 3}],
    ]);
    const state = fold([hello('s1', 'lecturer'), snapshot(), opened, closed]);
    assert.deepEqual(pollResult(state.polls[0]), [{option: '是', votes: null}, {option: '否', votes: null}]);
    assert.equal(openPoll(state), null);
});

test('a large lecture keeps only those who run it and those who speak', () => {
    const large = snapshot({class: {...CLASS, kind: 'largeLecture'}});
    const state = fold([hello('s1', 'lecturer'), large, ...LESSON]);
    assert.deepEqual(Object.keys(state.people), ['s1', 's2']);
    const event = {type: 'turnEnded', seat: 's2', reason: 'staff'};
    const ended = {type: 'event', epoch: 'e1', n: 50, t: 20_000, event};
    assert.deepEqual(Object.keys(reduce(state, ended).people), ['s1']);
});

test('chat is bounded', () => {
    let state = fold([hello('s1', 'lecturer'), snapshot()]);
    for (let n = 1; n <= CHAT_COUNT_MAX + 20; n += 1) {
        state = reduce(state, {type: 'event', epoch: 'e1', n, t: n, people: PEOPLE,
            event: {type: 'chatPosted', chat: `c${n}`, seat: 's2', text: '好'}});
    }
    assert.equal(state.chat.length, CHAT_COUNT_MAX);
    assert.equal(state.chat.at(-1).chat, `c${CHAT_COUNT_MAX + 20}`);
});

test('clocks follow session time', () => {
    const state = fold([hello('s1', 'lecturer'), lateSnapshot(true)]);
    assert.equal(breakRemaining(state, 72_000), 540_000);
    assert.equal(breakRemaining(state, 700_000), -88_000);
    assert.equal(lessonTime(state, 64_000), 60_000);
    assert.equal(state.wallAtZero, WALL);
});

test('the lecturer is absent, interrupted, silent, muted or speaking', () => {
    const at = (count) => lecturerCondition(fold([hello('s2', 'participant'), snapshot(), ...LESSON.slice(0, count)]));
    assert.equal(at(1), 'absent');
    assert.equal(at(5), 'silent');
    assert.equal(at(6), 'speaking');
    const state = fold([hello('s2', 'participant'), snapshot(), ...LESSON.slice(0, 6)]);
    const next = (event) => reduce(state, {type: 'event', epoch: 'e1', n: 30, t: 9, event});
    assert.equal(lecturerCondition(next({type: 'muted', seat: 's1'})), 'muted');
    assert.equal(lecturerCondition(next({type: 'interrupted', seat: 's1'})), 'interrupted');
});

test('people are listed by what they do, then by name', () => {
    const state = fold([hello('s1', 'lecturer'), snapshot(), ...LESSON]);
    assert.deepEqual(sortedPeople(state).map((person) => person.seat), ['s1', 's2', 's3']);
});

test('the store tells once for many changes', () => {
    const waiting = [];
    const store = new Store((tell) => waiting.push(tell));
    let count = 0;
    store.subscribe(() => {
        count += 1;
    });
    store.receive(hello('s1', 'lecturer'));
    store.receive(snapshot());
    store.change({output: 'running'});
    assert.equal(waiting.length, 1);
    waiting[0]();
    assert.equal(count, 1);
    assert.equal(store.state.session.class.title, '线上互动设计');
});
