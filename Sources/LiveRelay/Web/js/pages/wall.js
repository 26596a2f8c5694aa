// 巡课台: running classes, those that need a look first. Composes only.

import {element, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {ask} from '../lib/api.js';
import {takeToken} from '../lib/storage.js';
import {codeText, t} from '../i18n/i18n.js';
import {timeOfDayExactly, whole} from '../i18n/format.js';
import {sortedByAttention} from '../model/wall.js';
import {screenElement} from '../ui/landing.js';
import {onLanguage, preferencesElement, startPreferences} from '../ui/preferences.js';
import {announce} from '../ui/toast.js';
import {updateWallRow, wallRowElement} from '../ui/wall-row.js';

/** The wall is asked this often. */
const REFRESH_MILLISECONDS = 2000;
/** Older figures than this are said to be old. */
const STALE_MILLISECONDS = 6000;

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
        if (error.status === 401 || error.status === 403) {
            return;
        }
    }
    setTimeout(refresh, REFRESH_MILLISECONDS);
}

function update() {
    show(found.holder, rows.length > 0);
    show(found.empty, rows.length === 0);
    const alarmed = rows.filter((row) => row.alarms.length > 0).length;
    text(found.summary, t('wall.count', {count: whole(rows.length), alarms: whole(alarmed)}));
    syncList(found.rows, rows, (row) => row.id, (row) => wallRowElement(row, token), updateWallRow);
    updateAge();
}

function updateAge() {
    if (rows) {
        const age = performance.now() - heardAt;
        text(found.age, age > STALE_MILLISECONDS ? t('wall.stale', {count: Math.round(age / 1000)})
            : t('wall.updated', {time: timeOfDayExactly(Date.now())}));
    }
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
