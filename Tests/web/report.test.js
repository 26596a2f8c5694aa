// What the report page computes from the server's figures.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
    breakMilliseconds, meanListening, sharesOf, shownSpan, verdictsOf,
} from '../../Sources/LiveRelay/Web/js/model/report.js';

const person = (fields = {}, isVerified = true) => ({
    isVerified,
    attendance: {role: 'participant', verdict: 'attended', isUnexpected: false, listeningMilliseconds: 0, ...fields},
});
const codes = (row) => verdictsOf(row).map(({code}) => code);

test('stretches are cut to the lesson; what lies outside is left out', () => {
    const shares = sharesOf([{from: -50, to: 50}, {from: 90, to: 300}, {from: 300, to: 400}], 0, 100);
    assert.deepEqual(shares.map(({start, width}) => [start, width]), [[0, 0.5], [0.9, 0.1]]);
});

test('the timeline shows the lesson, or what there was before it', () => {
    const planned = {class: {plannedStart: 500}, at: 900};
    assert.deepEqual(shownSpan({...planned, startedAt: 600, endedAt: 800}), {from: 600, to: 800});
    assert.deepEqual(shownSpan({...planned, openedAt: 550}), {from: 550, to: 900});
    assert.deepEqual(shownSpan({class: {plannedStart: 500}, at: 400}), {from: 500, to: 501});
});

test('breaks add up', () => {
    assert.equal(breakMilliseconds({breaks: [{from: 10, to: 30}, {from: 50, to: 55}]}), 25);
    assert.equal(breakMilliseconds({breaks: []}), 0);
});

test('the mean of listening counts participants who attended alone', () => {
    const rows = [
        person({listeningMilliseconds: 100}), person({listeningMilliseconds: 51}),
        person({verdict: 'absent'}), person({role: 'lecturer', listeningMilliseconds: 9000}),
    ];
    assert.equal(meanListening({rows}), 75);
    assert.equal(meanListening({rows: []}), 0);
});

test('late and early may both be; neither is simply there', () => {
    assert.deepEqual(codes(person()), ['present']);
    assert.deepEqual(codes(person({lateMilliseconds: 1, earlyLeaveMilliseconds: 2})), ['late', 'earlyLeave']);
    assert.deepEqual(codes(person({verdict: 'absent'})), ['absent']);
    assert.deepEqual(codes(person({verdict: 'notJudged'})), []);
});

test('somebody off the list is unlisted, or to be checked where nobody vouches', () => {
    assert.deepEqual(codes(person({isUnexpected: true})), ['present', 'unlisted']);
    assert.deepEqual(codes(person({isUnexpected: true}, false)), ['present', 'unverified']);
});
