// The rows of the wall: one class each, its state in icons and words.

import {attribute, element, fill, parts, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {has, t} from '../i18n/i18n.js';
import {clock, timeOfDay, whole} from '../i18n/format.js';
import {icon} from './icon.js';

/** Quiet for less than this is a pause between sentences. */
const QUIET_MILLISECONDS = 5000;

const ALARM_ICONS = {
    lecturerMissing: 'person-check', noSound: 'volume-mute-fill', handWaiting: 'hand-index-fill',
    massDisconnect: 'wifi',
};
const ALARM_TONES = {lecturerMissing: 'live', noSound: 'live', massDisconnect: 'live', handWaiting: 'hand'};

/** @param {any} row @param {string} token with which the class may be heard */
export function wallRowElement(row, token) {
    const body = element(html`
        <table><tbody><tr>
            <td data-part="state" data-label=""></td>
            <th scope="row"><span data-part="title"></span><br><small data-part="kind"></small></th>
            ${['lecturer', 'when', 'present', 'hands', 'sound'].map((name) => html`
                <td class="numeric" data-part="${name}" data-label="${t(`wall.${name}`)}"></td>`)}
            <td><a class="button" href="/c/${row.id}#t=${token}">${icon('headphones')}${t('wall.listen')}</a></td>
        </tr></tbody></table>`);
    return body.querySelector('tr');
}

/** @param {HTMLElement} child @param {any} row */
export function updateWallRow(child, row) {
    const cell = parts(child);
    attribute(child, 'data-alarmed', row.alarms.length > 0 ? '' : null);
    fill(cell.state, row.alarms.length === 0
        ? html`<span class="pill" data-tone="${row.phase === 'live' ? 'ok' : 'info'}">${
            icon(row.phase === 'break' ? 'cup-hot' : 'check2-square')}<span>${
            t(row.phase === 'live' ? 'wall.fine' : `phase.${row.phase}`)}</span></span>`
        : html`<span class="wall-alarms">${row.alarms.map((alarm) => html`
            <span class="pill" data-tone="${ALARM_TONES[alarm] ?? 'hand'}">${
            icon(ALARM_ICONS[alarm] ?? 'exclamation-triangle-fill')}<span>${
            has(`alarm.${alarm}`) ? t(`alarm.${alarm}`) : alarm}</span></span>`)}</span>`);
    text(cell.title, row.title);
    text(cell.kind, `${t(`kind.${row.kind}`)} · ${t(`phase.${row.phase}`)}`);
    text(cell.lecturer, row.lecturers.join(t('list.separator')) || '—');
    text(cell.when, `${timeOfDay(row.plannedStart, row.timeZone)}–${
        timeOfDay(row.plannedStart + row.plannedMinutes * 60_000, row.timeZone)}`);
    text(cell.present, row.expected > 0 ? `${whole(row.present)} / ${whole(row.expected)}` : whole(row.present));
    text(cell.hands, row.hands > 0
        ? t('wall.handsWaiting', {count: whole(row.hands), time: clock(row.longestHandMilliseconds)}) : '0');
    const quiet = row.quietMilliseconds ?? null;
    text(cell.sound, quiet === null ? '—' : quiet > QUIET_MILLISECONDS
        ? t('wall.quietFor', {time: clock(quiet)}) : t('wall.sounding'));
    attribute(child.querySelector('a'), 'aria-label', t('wall.listenTo', {title: row.title}));
}
