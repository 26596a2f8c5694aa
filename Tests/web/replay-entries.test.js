// What stands beside a replay's sound, and the order of the wall.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
    currentIndex, densityOf, entriesOf, matching, parseMoment, pausesOf, writeMoment,
} from '../../Sources/LiveRelay/Web/js/model/replay.js';
import {sortedByAttention} from '../../Sources/LiveRelay/Web/js/model/wall.js';
import {escape, html} from '../../Sources/LiveRelay/Web/js/lib/html.js';

const REPLAY = {
    chat: [{at: 5000, name: '王晓明', affiliation: '第二中学', text: '老师好'}, {at: 9000, name: '林晓', text: null}],
    hands: [{at: 1000, name: '林晓', what: 'raised'}],
    polls: [{at: 5000, question: '听得清吗？', options: ['清楚', '不清楚'], secrecy: 'anonymous', count: 9, sums: [8, 1]}],
    breaks: [{from: 7000, to: 8000}],
};

test('entries come in the order of time, erased chat left out', () => {
    assert.deepEqual(entriesOf(REPLAY).map(({kind, at}) => [kind, at]),
        [['hand', 1000], ['chat', 5000], ['poll', 5000], ['break', 7000]]);
});

test('what was not recorded is marked, less what came later after all', () => {
    const pauses = [{from: 1000, to: 61_000, cause: 'noSpace'}, {from: 80_000, to: null, cause: 'failed'}];
    const segments = [{startedAt: 0, milliseconds: 1000}, {startedAt: 40_000, milliseconds: 30_000}];
    const found = [{from: 1000, to: 40_000, cause: 'noSpace'}, {from: 80_000, to: 90_000, cause: 'failed'}];
    assert.deepEqual(pausesOf({pauses, segments, to: 90_000}), found);
    assert.deepEqual(entriesOf({pauses, segments, to: 90_000}).map(({kind, at}) => [kind, at]),
        [['pause', 1000], ['pause', 80_000]]);
    assert.deepEqual(pausesOf({}), []);
});

test('the current entry is the last one that was reached', () => {
    const entries = entriesOf(REPLAY);
    assert.equal(currentIndex(entries, 0), -1);
    assert.equal(currentIndex(entries, 1000), 0);
    assert.equal(currentIndex(entries, 6999), 2);
    assert.equal(currentIndex(entries, 1e9), 3);
    assert.equal(currentIndex([], 5), -1);
});

test('every entry but breaks is in the density, within the class', () => {
    const bars = densityOf(entriesOf(REPLAY), 0, 60_000);
    assert.equal(bars.reduce((sum, each) => sum + each, 0), 11);
    assert.ok(densityOf([], 0, 10 * 3_600_000).length <= 160);
    assert.equal(densityOf(entriesOf(REPLAY), 0, 0).reduce((sum, each) => sum + each, 0), 0);
});

test('search looks into names, texts, questions and options', () => {
    const entries = entriesOf(REPLAY);
    assert.equal(matching(entries, '不清楚').length, 1);
    assert.equal(matching(entries, '第二').length, 1);
    assert.equal(matching(entries, ' ').length, entries.length);
});

test('moments in addresses go there and back; nonsense is nothing', () => {
    assert.equal(parseMoment('12m48s'), 768_000);
    assert.equal(parseMoment('1h2m3s'), 3_723_000);
    assert.equal(parseMoment('95'), 95_000);
    assert.equal(parseMoment(writeMoment(768_000)), 768_000);
    for (const text of [null, '', 'abc', '-5', '5x', '99999999999999s']) {
        assert.equal(parseMoment(text), null);
    }
});

test('classes that need attention come first', () => {
    const row = (id, alarms, plannedStart = 0) => ({id, alarms, plannedStart});
    const sorted = sortedByAttention([
        row('fine', [], 1), row('hands', ['handWaiting']), row('nobody', ['lecturerMissing']), row('early', [], 0),
        row('both', ['noSound', 'handWaiting']), row('quiet', ['noSound']), row('new', ['someNewAlarm']),
    ]);
    assert.deepEqual(sorted.map(({id}) => id), ['nobody', 'both', 'quiet', 'hands', 'new', 'early', 'fine']);
});

test('what a person typed can never become a tag', () => {
    const name = '<img src=x onerror="alert(1)">\'&';
    assert.equal(String(html`<b title="${name}">${name}</b>${null}${false}${[html`<i></i>`, 0]}`),
        `<b title="${escape(name)}">${escape(name)}</b><i></i>0`);
    assert.ok(!escape(name).includes('<'));
});
