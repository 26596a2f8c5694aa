// Both languages say the same things, every code has words, every key that is asked for exists.

import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {test} from 'node:test';
import english from '../../Sources/LiveRelay/Web/js/i18n/en.js';
import chinese from '../../Sources/LiveRelay/Web/js/i18n/zh-CN.js';
import {chooseLanguage, codeText, setLanguage as speak, t} from '../../Sources/LiveRelay/Web/js/i18n/i18n.js';
import {classCode, clock, initial, percent, when} from '../../Sources/LiveRelay/Web/js/i18n/format.js';

const setLanguage = (chosen) => speak(chosen, chosen === 'en' ? english : chinese);
const repository = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, repository), 'utf8');

function sources(folder) {
    return readdirSync(new URL(folder, repository), {withFileTypes: true}).flatMap((entry) => entry.isDirectory()
        ? sources(`${folder}${entry.name}/`) : entry.name.endsWith('.js') ? [`${folder}${entry.name}`] : []);
}

test('both languages have the same keys', () => {
    assert.deepEqual(Object.keys(english).sort(), Object.keys(chinese).sort());
});

test('both languages have the same places for values', () => {
    const places = (words) => [...words.matchAll(/\{(\w+)/g)].map(([, name]) => name).sort();
    for (const key of Object.keys(chinese)) {
        assert.deepEqual([...new Set(places(english[key]))], [...new Set(places(chinese[key]))], key);
    }
});

test('every key that a page asks for has words', () => {
    const web = 'Sources/LiveRelay/Web/js/';
    for (const path of sources(web)) {
        for (const [, key] of read(path).matchAll(/\bt\('([\w.]+)'/g)) {
            assert.ok(key in chinese, `${path}: ${key}`);
        }
    }
});

test('every refusal and every closing has words', () => {
    const rejections = [...read('Sources/SessionModel/Rejection.swift').matchAll(/^\s*case (\w+)$/gm)];
    const closings = [...read('docs/protocol.md').matchAll(/^\| 4\d{3} \| `(\w+)` \|/gm)];
    assert.ok(rejections.length > 20 && closings.length > 20);
    for (const [, code] of rejections) {
        assert.ok(`rejection.${code}` in chinese, code);
    }
    for (const [, code] of closings) {
        assert.ok(`close.${code}` in chinese, code);
    }
});

test('an unknown code is shown, not hidden', () => {
    setLanguage('zh-CN');
    assert.match(codeText('somethingNew'), /somethingNew/);
    assert.match(codeText(undefined), /—/);
});

test('the address goes before an earlier choice, that before the browser', () => {
    assert.equal(chooseLanguage({asked: 'en', stored: 'zh-CN', preferred: ['zh']}), 'en');
    assert.equal(chooseLanguage({asked: null, stored: 'zh-CN', preferred: ['en']}), 'zh-CN');
    assert.equal(chooseLanguage({preferred: ['fr', 'zh-TW']}), 'zh-CN');
    assert.equal(chooseLanguage({preferred: ['fr']}), 'en');
    assert.equal(chooseLanguage({}), 'zh-CN');
});

test('plurals follow the language', () => {
    setLanguage('en');
    assert.equal(t('hand.count', {count: 1}), '1 hand up');
    assert.equal(t('hand.count', {count: 3}), '3 hands up');
    setLanguage('zh-CN');
    assert.equal(t('hand.count', {count: 1}), '举手 1 人');
});

test('what a person typed is put in as it is', () => {
    setLanguage('zh-CN');
    assert.equal(t('remove.ask', {name: '{count} 阿不都·买买提'}), '把{count} 阿不都·买买提移出课堂？');
});

test('times and codes are written as people write them', () => {
    setLanguage('zh-CN');
    assert.equal(clock(0), '0:00');
    assert.equal(clock(84_999), '1:24');
    assert.equal(clock(3_729_000), '1:02:09');
    assert.equal(classCode('4829156031'), '482-915-603');
    assert.equal(classCode('48 29'), '482-9');
    assert.equal(percent(0.954), '95%');
    assert.equal(when(Date.UTC(2026, 10, 23, 1), 45, 'Asia/Shanghai'), '2026年11月23日 周一 09:00–09:45');
});

test('a class over midnight names both days', () => {
    setLanguage('zh-CN');
    assert.equal(when(Date.UTC(2026, 10, 23, 15, 30), 60, 'Asia/Shanghai'),
        '2026年11月23日 周一 23:30–2026年11月24日 周二 00:30');
});

test('a character beyond the BMP stays whole', () => {
    assert.equal(initial('\u{2CB4E}文'), '\u{2CB4E}');
    assert.equal(initial(''), '·');
});
