// 课堂报告: figures, attendance over time, the table, polls. Every figure is the server's.

import {element, parts} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {has, language, t} from '../i18n/i18n.js';
import {clock, day, personName, timeOfDay, timeOfDayExactly, when, whole} from '../i18n/format.js';
import {
    breakMilliseconds, meanListening, outageMilliseconds, sharesOf, shownSpan, verdictsOf,
} from '../model/report.js';
import {icon} from './icon.js';
import {resultMarkup, setBars} from './poll-result.js';
import {preferencesElement} from './preferences.js';

/** Units of one bar; it is stretched to the width of its place. */
const BAR_WIDTH = 1000;
const BAR_HEIGHT = 20;

/**
 * The whole report as one element.
 * @param {any} report the server's answer
 * @param {{classID: string, isOwn: boolean}} options whether a participant reads his own row
 */
export function reportElement(report, {classID, isOwn}) {
    const root = element(html`
        <div class="report">
            <header class="page-header">
                <div data-grow><h1>${t(isOwn ? 'report.mine' : 'report.title')} · ${report.class.title}</h1>
                    <p class="muted">${headline(report)}</p></div>
                <div class="row no-print">${exportButtons(classID, isOwn)}</div>
                <span class="no-print" data-part="preferences"></span>
            </header>
            <main class="report-main" id="main">
                ${!report.isFinal && html`<p class="notice" data-tone="info">${icon('clock-history')}
                    <span>${t('report.running')}</span></p>`}
                <dl class="tiles">${tiles(report, isOwn).map(tile)}</dl>
                ${timeline(report)}
                ${table(report)}
                ${polls(report)}
                ${acts(report)}
                ${cost(report)}
                ${proof(report)}
            </main>
        </div>`);
    parts(root).preferences.append(preferencesElement());
    report.polls.forEach((poll, index) => {
        setBars(root.querySelector(`[data-poll="${index}"]`), pollOf(poll));
    });
    return root;
}

function headline(report) {
    const {class: held} = report;
    const zone = held.timeZone;
    const time = report.startedAt === undefined || report.startedAt === null
        ? when(held.plannedStart, held.plannedMinutes, zone)
        : `${day(report.startedAt, zone)} ${timeOfDayExactly(report.startedAt, zone)}–${
            timeOfDayExactly(report.endedAt ?? report.at, zone)}`;
    return [time, report.lecturers.join(t('list.separator')), ...(held.organisation ?? []).map(({name}) => name)]
        .filter(Boolean).join(' · ');
}

function exportButtons(classID, isOwn) {
    const base = `/api/v1/classes/${classID}/report`;
    const words = language() === 'en' ? 'en' : 'zh';
    return html`
        <a class="button" href="${base}.csv?encoding=utf-8&lang=${words}" download>${icon('download')}${
            t('report.excel')}</a>
        <button type="button" class="button" data-act="print">${t('report.print')}</button>
        <details class="report-more"><summary class="button">${icon('three-dots')}${t('report.more')}</summary>
            <div class="card report-menu">
                <a class="button" data-kind="quiet" href="${base}.csv?encoding=gb18030&lang=${words}" download>${
                    t('report.csvGb')}</a>
                ${!isOwn && html`<a class="button" data-kind="quiet" download
                    href="${base}.csv?encoding=utf-8&lang=${words}&table=cost">${t('report.csvCost')}</a>`}
                <a class="button" data-kind="quiet" href="${base}" download="report-${classID}.json">${
                    t('report.json')}</a></div></details>`;
}

function tiles(report, isOwn) {
    const {counts, totals} = report;
    const expected = counts.expected ?? null;
    const breaks = breakMilliseconds(report);
    const outages = outageMilliseconds(report);
    return [
        {
            label: t('report.attendance'),
            value: expected === null ? whole(counts.present) : `${whole(counts.present)} / ${whole(expected)}`,
            note: expected === null
                ? t('report.attendanceOpen', {late: whole(counts.late), early: whole(counts.earlyLeave)})
                : t('report.attendanceNote', {
                    expected: whole(expected), absent: whole(counts.absent ?? 0), late: whole(counts.late),
                    early: whole(counts.earlyLeave),
                }),
        },
        {
            label: t('report.lesson'), value: clock(report.lessonMilliseconds),
            note: [
                breaks > 0 && t('report.lessonNote', {time: clock(breaks)}),
                outages > 0 && t('report.outageNote', {time: clock(outages)}),
            ].filter(Boolean).join(t('list.separator')),
        },
        {
            label: t('report.mean'), value: clock(report.averageOnlineMilliseconds),
            note: isOwn ? '' : t('report.meanNote', {time: clock(meanListening(report))}),
        },
        {
            label: t('report.floor'), value: `${whole(totals.hands)} / ${whole(totals.turns)}`,
            note: t('report.floorNote', {time: clock(totals.talkMilliseconds)}),
        },
        {
            label: t('report.polls'), value: whole(totals.namedVotes + totals.anonymousBallots),
            note: t('report.pollsNote', {count: whole(totals.polls)}),
        },
        {label: t('report.chat'), value: whole(totals.chats), note: ''},
    ];
}

function tile({label, value, note}) {
    return html`<div class="card tile"><dt>${label}</dt><dd><strong class="numeric">${value}</strong>
        ${note && html`<small>${note}</small>`}</dd></div>`;
}

function timeline(report) {
    const {from, to} = shownSpan(report);
    const zone = report.class.timeZone;
    const breaks = sharesOf(report.breaks, from, to);
    const outages = sharesOf(report.outages ?? [], from, to);
    const rows = report.rows.filter((person) => person.spans.length > 0);
    if (rows.length === 0) {
        return html``;
    }
    return html`
        <section class="card report-section" aria-labelledby="timeline-title">
            <h2 id="timeline-title">${t('report.timeline')}</h2>
            <p><small>${t('report.timelineNote')}${
                outages.length > 0 && t('report.timelineOutage')}</small></p>
            <div class="timeline-axis numeric" aria-hidden="true"><span>${timeOfDay(from, zone)}</span>
                <span>${timeOfDay(to, zone)}</span></div>
            <ul class="timeline">${rows.map((person) => html`
                <li><span class="timeline-name">${person.name || t('report.erased')}
                    <small>${person.affiliation}</small></span>
                    ${bar(person, breaks, outages, from, to, zone)}</li>`)}</ul>
        </section>`;
}

function bar(person, breaks, outages, from, to, zone) {
    const words = person.spans.filter(({interruption}) => !interruption)
        .map((span) => `${timeOfDayExactly(span.from, zone)}–${timeOfDayExactly(span.to, zone)}`)
        .join(t('list.separator'));
    const rectangle = (name, {start, width}) => html`<rect class="${name}" x="${(start * BAR_WIDTH).toFixed(2)}" y="0"
        width="${(width * BAR_WIDTH).toFixed(2)}" height="${BAR_HEIGHT}"></rect>`;
    return html`
        <svg class="timeline-bar" viewBox="0 0 ${BAR_WIDTH} ${BAR_HEIGHT}" preserveAspectRatio="none" role="img"
            aria-label="${person.name} ${words}">
            <rect class="timeline-ground" x="0" y="0" width="${BAR_WIDTH}" height="${BAR_HEIGHT}"></rect>
            ${sharesOf(person.spans, from, to).map((span) => rectangle(
                span.interruption ? 'timeline-interrupted' : 'timeline-present', span))}
            ${breaks.map((span) => rectangle('timeline-break', span))}
            ${outages.map((span) => rectangle('timeline-outage', span))}
        </svg>`;
}

const COLUMNS = ['name', 'number', 'affiliation', 'role', 'status', 'first', 'last', 'present', 'listened', 'chat',
    'hands', 'turns', 'answers'];
const NUMERIC = new Set(['first', 'last', 'present', 'listened', 'chat', 'hands', 'turns', 'answers']);

function table(report) {
    const zone = report.class.timeZone;
    if (report.rows.length === 0) {
        return html`<p class="card empty">${t('report.noPeople')}</p>`;
    }
    return html`
        <section class="card report-section">
            <h2 id="people-title">${t('report.people')}</h2>
            <p><small>${t('report.hoursNote')}</small></p>
            <div class="report-scroll" role="region" tabindex="0" aria-labelledby="people-title">
                <table class="report-table"><thead><tr>${COLUMNS.map((name) => html`
                    <th scope="col" data-numeric="${NUMERIC.has(name)}">${t(`report.${name}`)}</th>`)}</tr></thead>
                <tbody>${report.rows.map((person) => row(person, zone))}</tbody></table></div>
        </section>`;
}

function row(person, zone) {
    const {attendance, engagement} = person;
    const moment = (wall) => wall === undefined || wall === null
        ? t('report.notThere') : timeOfDayExactly(wall, zone);
    const cells = {
        number: person.number, affiliation: person.affiliation, role: t(`role.${attendance.role}`),
        status: html`${verdictsOf(person).map(({code, tone, milliseconds}) => html`
            <span class="pill" data-tone="${tone}">${t(`report.status.${code}`)}${
            milliseconds ? ` ${clock(milliseconds)}` : ''}</span> `)}`,
        first: moment(person.firstJoin), last: moment(person.lastLeave),
        present: clock(attendance.onlineMilliseconds), listened: clock(attendance.listeningMilliseconds),
        chat: whole(engagement.chatsCount), hands: whole(engagement.handsCount), turns: whole(engagement.turnsCount),
        answers: whole(engagement.namedVotesCount),
    };
    return html`<tr><th scope="row">${person.name || t('report.erased')}</th>${COLUMNS.slice(1).map((name) => html`
        <td data-numeric="${NUMERIC.has(name)}">${cells[name]}</td>`)}</tr>`;
}

function polls(report) {
    return html`
        <section class="card report-section" aria-labelledby="polls-title">
            <h2 id="polls-title">${t('report.pollResults')}</h2>
            ${report.polls.length === 0 && html`<p class="muted">${t('report.noPolls')}</p>`}
            <div class="report-polls">${report.polls.map((poll, index) => html`
                <article data-poll="${index}"><h3>${poll.question ?? t('report.erased')}</h3>
                    <p><small>${timeOfDay(poll.openedAt, report.class.timeZone)} · ${t(`poll.${poll.secrecy}`)} · ${
                        t('poll.count', {count: whole(poll.count ?? 0)})}</small></p>
                    ${resultMarkup(pollOf(poll))}
                    ${poll.answers?.length > 0 && html`
                        <details><summary>${t('report.answersByName')}</summary><ul>${poll.answers.map((answer) => html`
                            <li>${personName(answer) || t('report.erased')} · ${
                                poll.options[answer.option] ?? t('report.erased')}</li>`)}</ul></details>`}
                </article>`)}</div>
        </section>`;
}

function pollOf(poll) {
    return {
        ...poll, options: poll.options.map((option) => option ?? t('report.erased')), sums: poll.sums ?? null,
        votes: null, closedAt: poll.closedAt ?? null,
    };
}

function acts(report) {
    const zone = report.class.timeZone;
    const list = (report.moderation ?? []).map((act) => ({
        at: act.at, words: t(has(`act.${act.act}`) ? `act.${act.act}` : 'act.other', {
            by: act.by || t('role.administrator'), name: act.name || '', act: act.act,
        }),
    }));
    const visits = (report.visits ?? []).map(({name, from, to}) => ({
        at: from, words: t('act.visited', {name, until: to ? timeOfDayExactly(to, zone) : t('report.notThere')}),
    }));
    const pauses = report.recordingPauses.map(({from, to, cause}) => ({
        at: from, words: `${t(`recording.${cause}`)} – ${to ? timeOfDayExactly(to, zone) : t('report.notThere')}`,
    }));
    const all = [...list, ...visits, ...pauses].sort((a, b) => a.at - b.at);
    if (all.length === 0) {
        return html``;
    }
    return html`
        <section class="card report-section" aria-labelledby="acts-title">
            <h2 id="acts-title">${t('report.acts')}</h2>
            <ul class="report-acts">${all.map(({at, words}) => html`
                <li><span class="numeric muted">${timeOfDayExactly(at, zone)}</span> ${words}</li>`)}</ul>
        </section>`;
}

/** What the class has cost its operator; for staff alone. */
function cost({cost: spent}) {
    if (!spent) {
        return html``;
    }
    const {sentBytes, diskBytes} = spent;
    return html`
        <section class="report-section" aria-labelledby="cost-title">
            <h2 id="cost-title">${t('report.cost')}</h2>
            <dl class="tiles" data-part="cost">${[
                {label: t('report.personMinutes'), value: whole(spent.personMinutes), note: ''},
                {
                    label: t('report.sent'),
                    value: t('report.bytes', {count: whole(sentBytes.sound + sentBytes.other)}),
                    note: t('report.sentNote', {sound: whole(sentBytes.sound), other: whole(sentBytes.other)}),
                },
                {
                    label: t('report.disk'),
                    value: t('report.bytes', {
                        count: whole(diskBytes.log + diskBytes.texts + diskBytes.recording),
                    }),
                    note: t('report.diskNote', {
                        log: whole(diskBytes.log), texts: whole(diskBytes.texts),
                        recording: whole(diskBytes.recording),
                    }),
                },
            ].map(tile)}</dl>
        </section>`;
}

/** The end of the log, by which anybody can tell whether it was altered since. */
function proof({log}) {
    return log ? html`<p class="report-proof"><small>${t('report.proof', {n: whole(log.n)})}
        <code>${log.sha256}</code></small></p>` : html``;
}
