// 巡课台: running classes, those that need a look first. Composes only.

import {attribute, element, fill, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {ask} from '../lib/api.js';
import {takeToken} from '../lib/storage.js';
import {codeText, has, t} from '../i18n/i18n.js';
import {clock, timeOfDay, timeOfDayExactly, whole} from '../i18n/format.js';
import {sortedByAttention} from '../model/wall.js';
import {icon} from '../ui/icon.js';
import {screenElement} from '../ui/landing.js';
import {onLanguage, preferencesElement, startPreferences} from '../ui/preferences.js';
import {announce} from '../ui/toast.js';

/** The wall is asked this often. */
const REFRESH_MILLISECONDS = 2000;
/** Older figures than this are said to be old. */
const STALE_MILLISECONDS = 6000;
/** Quiet for less than this is a pause between sentences. */
const QUIET_MILLISECONDS = 5000;

const ALARM_ICONS = {
    lecturerMissing: 'person-check', noSound: 'volume-mute-fill', handWaiting: 'hand-index-fill',
    massDisconnect: 'wifi',
};
const ALARM_TONES = {lecturerMissing: 'live', noSound: 'live', massDisconnect: 'live', handWaiting: 'hand'};

await startPreferences();
const token = takeToken('wall');
const page = document.getElementById('page');
let rows = null;
let heardAt = 0;
let alarmsKnown = new Set();
let found = null;

onLanguage(draw);
draw();
if (token) {
    refresh();
    setInterval(updateAge, 1000);
}

function draw() {
    document.title = `${t('wall.title')} · LiveRelay`;
    if (!token) {
        page.replaceChildren(screenElement({
            title: t('wall.noTicket'), text: t('wall.noTicketText'), iconName: 'shield-lock',
        }));
        return;
    }
    const root = element(html`
        <div>
            <header class="page-header"><div data-grow><h1>${t('wall.title')}</h1>
                <p class="muted" data-part="summary"></p></div>
                <span class="muted numeric" data-part="age"></span><span data-part="preferences"></span></header>
            <main class="wall" id="main">
                <p class="notice" data-tone="live" role="alert" data-part="error" hidden></p>
                <div class="card wall-scroll" data-part="holder" role="region" tabindex="0"
                    aria-label="${t('wall.caption')}">
                    <table class="wall-table"><caption class="visually-hidden">${t('wall.caption')}</caption>
                        <thead><tr>${['attention', 'class', 'lecturer', 'when', 'present', 'hands', 'sound']
                            .map((key) => html`<th scope="col">${t(`wall.${key}`)}</th>`)}
                            <th scope="col"><span class="visually-hidden">${t('wall.listen')}</span></th></tr></thead>
                        <tbody data-part="rows"></tbody></table></div>
                <div class="card empty" data-part="empty" hidden><h2>${t('wall.empty')}</h2>
                    <p>${t('wall.emptyText')}</p></div>
            </main>
        </div>`);
    found = parts(root);
    found.preferences.append(preferencesElement());
    page.replaceChildren(root);
    show(found.holder, false);
    if (rows) {
        update();
    }
}

async function refresh() {
    try {
        const answer = await ask('/wall', {token});
        rows = sortedByAttention(answer.classes);
        heardAt = performance.now();
        show(found.error, false);
        update();
        tellNewAlarms();
    } catch (error) {
        if (error.code !== 'offline' || !rows) {
            text(found.error, codeText(error.code));
            show(found.error, true);
        }
    }
    setTimeout(refresh, REFRESH_MILLISECONDS);
}

function update() {
    show(found.holder, rows.length > 0);
    show(found.empty, rows.length === 0);
    const alarmed = rows.filter((row) => row.alarms.length > 0).length;
    text(found.summary, t('wall.count', {count: whole(rows.length), alarms: whole(alarmed)}));
    syncList(found.rows, rows, (row) => row.id, rowElement, updateRow);
    updateAge();
}

function updateAge() {
    if (rows) {
        const age = performance.now() - heardAt;
        text(found.age, age > STALE_MILLISECONDS ? t('wall.stale', {count: Math.round(age / 1000)})
            : t('wall.updated', {time: timeOfDayExactly(Date.now())}));
    }
}

function rowElement(row) {
    const body = element(html`
        <table><tbody><tr>
            <td data-part="state"></td>
            <th scope="row"><span data-part="title"></span><br><small data-part="kind"></small></th>
            <td data-part="lecturer"></td><td class="numeric" data-part="when"></td>
            <td class="numeric" data-part="present"></td><td class="numeric" data-part="hands"></td>
            <td class="numeric" data-part="sound"></td>
            <td><a class="button" href="/c/${row.id}#t=${token}">${icon('headphones')}${t('wall.listen')}</a></td>
        </tr></tbody></table>`);
    return body.querySelector('tr');
}

function updateRow(child, row) {
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

/** Says an alarm once, when it begins. */
function tellNewAlarms() {
    const now = new Set(rows.flatMap((row) => row.alarms.map((alarm) => `${row.id} ${alarm}`)));
    for (const row of rows) {
        for (const alarm of row.alarms.filter((each) => !alarmsKnown.has(`${row.id} ${each}`))) {
            announce(`${row.title} ${t(`alarm.${alarm}`)}`);
        }
    }
    alarmsKnown = now;
}
