// The replay: player above or left, what was said and done beside it, in step with the sound.

import {attribute, element, fill, onAct, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {has, t} from '../i18n/i18n.js';
import {clock, day, initial, personName, timeOfDay, whole} from '../i18n/format.js';
import {currentIndex, densityOf, entriesOf, matching, pausesOf, writeMoment} from '../model/replay.js';
import {densityStrip} from './density-strip.js';
import {icon} from './icon.js';
import {resultMarkup, setBars} from './poll-result.js';
import {preferencesElement} from './preferences.js';
import {toast} from './toast.js';

/** Speeds on offer. */
const RATES = [0.75, 1, 1.25, 1.5, 2];
export const STEP_MILLISECONDS = 15_000;

export class ReplayView {
    /** @param {{player: any, replay: any}} options */
    constructor({player, replay}) {
        this.player = player;
        this.search = '';
        this.current = -1;
        this.element = element(html`
            <div class="replay">
                <header class="page-header"><div data-grow><h1 data-part="title"></h1>
                    <p class="muted" data-part="when"></p></div>
                    <span data-part="preferences"></span></header>
                <main class="replay-main" id="main">
                    <section class="card player" aria-label="${t('replay.title')}">
                        <p class="notice" data-tone="live" role="alert" data-part="failure" hidden></p>
                        <p class="player-now"><strong data-part="speaker"></strong></p>
                        <div><div data-part="strip"></div>
                            <input type="range" min="0" step="1000" data-part="range" class="player-range"
                                aria-label="${t('replay.position')}"></div>
                        <p class="numeric player-time"><strong data-part="time"></strong></p>
                        <div class="row player-buttons">
                            <button type="button" class="button" data-act="back" aria-label="${t('replay.back')}">
                                ${t('replay.backShort')}</button>
                            <button type="button" class="button" data-kind="primary" data-size="large"
                                data-act="play" data-part="toggle"></button>
                            <button type="button" class="button" data-act="forward" aria-label="${t('replay.forward')}">
                                ${t('replay.forwardShort')}</button>
                            <label class="row"><span>${t('replay.speed')}</span>
                                <select class="input player-rate" data-part="rate">${RATES.map((rate) => html`
                                    <option value="${rate}">${rate}×</option>`)}</select></label>
                            <label class="row player-skip"><input type="checkbox" data-part="skip" checked>
                                ${t('replay.skipBreaks')}</label></div>
                        <p><small>${t('replay.density')}</small></p>
                        <div class="row">
                            <button type="button" class="button" data-kind="quiet" data-act="copy">
                                ${icon('link-45deg')}${t('replay.copyLink')}</button>
                            <details class="player-files"><summary class="button" data-kind="quiet">
                                ${icon('download')}${t('replay.download')}</summary>
                                <ul data-part="files"></ul></details>
                        </div>
                        <p><small>${t('replay.keys')}</small></p>
                        <dl class="player-facts" data-part="facts"></dl>
                    </section>
                    <section class="card entries" aria-labelledby="entries-title">
                        <header class="row"><h2 id="entries-title" data-grow>${t('replay.entries')}</h2>
                            <input class="input entries-search" type="search" data-part="search"
                                aria-label="${t('replay.filter')}" placeholder="${t('replay.filter')}"></header>
                        <ol class="entries-list" data-part="list" tabindex="0"
                            aria-labelledby="entries-title"></ol>
                        <p class="empty" data-part="none" hidden>${t('replay.noEntries')}</p>
                    </section>
                </main>
            </div>`);
        this.parts = parts(this.element);
        this.parts.preferences.append(preferencesElement());
        this.listen();
        this.take(replay);
    }

    listen() {
        const {range, rate, skip, search} = this.parts;
        onAct(this.element, (act, target) => this.act(act, target));
        range.addEventListener('input', () => this.player.seek(this.from + Number(range.value)));
        rate.addEventListener('change', () => {
            this.player.rate = Number(rate.value);
        });
        rate.value = String(this.player.rate ?? 1);
        skip.addEventListener('change', () => {
            this.player.skipBreaks = skip.checked;
        });
        search.addEventListener('input', () => {
            this.search = search.value;
            this.list();
        });
    }

    /** Takes in what the server says; again while the class is still running. @param {any} replay */
    take(replay) {
        this.replay = replay;
        this.from = replay.from;
        this.to = Math.max(replay.to, replay.from + 1);
        this.entries = entriesOf(replay);
        const {class: held} = replay;
        text(this.parts.title, held.title);
        text(this.parts.when, `${t('replay.title')} · ${day(this.wallOf(this.from), held.timeZone)} ${
            timeOfDay(this.wallOf(this.from), held.timeZone)}`);
        attribute(this.parts.range, 'max', String(this.to - this.from));
        fill(this.parts.strip, densityStrip({
            bars: densityOf(this.entries, this.from, this.to), from: this.from, to: this.to,
            breaks: replay.breaks ?? [], pauses: pausesOf(replay), label: t('replay.density'),
        }));
        fill(this.parts.files, html`${replay.segments.map((segment, index) => html`
            <li><a href="${segment.url}" download>${t('replay.file', {
                number: index + 1, name: segment.name ?? '', time: clock(segment.startedAt - this.from),
            })}</a></li>`)}`);
        fill(this.parts.facts, html`${this.facts().map(([key, words]) => html`
            <div><dt>${t(key)}</dt><dd>${words}</dd></div>`)}`);
        this.list();
        this.moved();
    }

    /** What the lesson was, for those who come to it from a link. */
    facts() {
        const {class: held, people} = this.replay;
        const names = (role) => people.filter((person) => person.role === role).map(({name}) => name);
        return [
            ['about.lecturer', names('lecturer').join(t('list.separator'))],
            ['about.organisation', (held.organisation ?? []).map(({name}) => name).join(' · ')],
            ['about.project', [held.project?.name, held.cohort?.name].filter(Boolean).join(' · ')],
            ['about.lesson', held.lesson ? t('about.lessonNumber', held.lesson) : ''],
        ].filter(([, words]) => words);
    }

    wallOf(time) {
        return this.replay.wall + time;
    }

    list() {
        const shown = matching(this.entries, this.search);
        syncList(this.parts.list, shown, (entry) => entry.key, (entry) => this.entryElement(entry));
        show(this.parts.none, shown.length === 0);
        show(this.parts.list, shown.length > 0);
        this.current = -1;
        this.moved();
    }

    entryElement(entry) {
        const time = clock(entry.at - this.from);
        const root = element(html`
            <li class="entry" data-kind="${entry.kind}">
                <button type="button" class="entry-jump" data-act="jump" data-at="${entry.at}">
                    <span class="entry-time numeric">${time}</span>${entryWords(entry)}
                    <span class="visually-hidden">${t('replay.jump', {time})}</span></button>
                ${entry.kind === 'poll' && (entry.closedAt ?? null) !== null && resultMarkup(pollOf(entry))}
            </li>`);
        if (entry.kind === 'poll') {
            setBars(root, pollOf(entry));
        }
        return root;
    }

    act(act, target) {
        const {player} = this;
        switch (act) {
        case 'play': this.toggle(); break;
        case 'back': player.seek(player.time - STEP_MILLISECONDS); break;
        case 'forward': player.seek(player.time + STEP_MILLISECONDS); break;
        case 'jump': player.seek(Number(target.dataset.at)); break;
        case 'copy': this.copy(); break;
        default:
        }
    }

    toggle() {
        this.player.playing ? this.player.pause() : this.player.play();
    }

    /** Makes the speed one step higher or lower. @param {1 | -1} direction */
    faster(direction) {
        const place = RATES.indexOf(Number(this.parts.rate.value)) + direction;
        if (place >= 0 && place < RATES.length) {
            this.parts.rate.value = String(RATES[place]);
            this.player.rate = RATES[place];
        }
    }

    async copy() {
        const address = new URL(location.href);
        address.searchParams.set('t', writeMoment(this.player.time - this.from));
        try {
            await navigator.clipboard.writeText(address.href);
            toast(t('replay.copied'));
        } catch {
            history.replaceState(history.state, '', address);
            toast(address.href);
        }
    }

    /** Brings everything into step with the player. */
    moved() {
        const {time, playing} = this.player;
        const {toggle, range, speaker} = this.parts;
        const shown = Math.max(0, time - this.from);
        text(this.parts.time, t('replay.timeOf', {time: clock(shown), duration: clock(this.to - this.from)}));
        if (document.activeElement !== range || playing) {
            range.value = String(shown);
        }
        attribute(range, 'aria-valuetext', clock(shown));
        fill(toggle, html`${icon(playing ? 'pause-fill' : 'play-fill')}${t(playing ? 'replay.pause' : 'replay.play')}`);
        text(speaker, this.speakersAt(time));
        this.mark(time);
    }

    speakersAt(time) {
        if ((this.replay.breaks ?? []).some(({from, to}) => from <= time && time < to)) {
            return t('replay.break');
        }
        const pause = pausesOf(this.replay).find(({from, to}) => from <= time && time < to);
        if (pause) {
            return t(`replay.pause.${pause.cause}`);
        }
        const names = this.replay.segments
            .filter(({startedAt, milliseconds}) => startedAt <= time && time < startedAt + milliseconds)
            .map(({name}) => name).filter(Boolean);
        return names.length > 0 ? t('replay.heard', {names: [...new Set(names)].join(t('list.separator'))}) : '';
    }

    /** Marks the entry that the sound has come to, and keeps it in sight. */
    mark(time) {
        const shown = matching(this.entries, this.search);
        const index = currentIndex(shown, time);
        if (index === this.current) {
            return;
        }
        this.current = index;
        const {list} = this.parts;
        list.querySelector('[aria-current]')?.removeAttribute('aria-current');
        const child = /** @type {HTMLElement | undefined} */ (list.children[index]);
        if (child) {
            attribute(child, 'aria-current', 'true');
            if (!list.contains(document.activeElement) || document.activeElement === list) {
                list.scrollTop = child.offsetTop - list.clientHeight / 2;
            }
        }
    }

    /** @param {{code: string}} failure */
    failed({code}) {
        text(this.parts.failure, has(`replay.${code}`) ? t(`replay.${code}`) : t('replay.failedText'));
        show(this.parts.failure, true);
    }
}

function pollOf(entry) {
    return {
        ...entry, options: entry.options.map((option) => option ?? t('report.erased')), sums: entry.sums ?? null,
        votes: null, closedAt: entry.closedAt ?? null,
    };
}

function entryWords(entry) {
    switch (entry.kind) {
    case 'chat': return html`
        <span class="initial" aria-hidden="true">${initial(entry.name)}</span>
        <span class="entry-words"><strong>${personName(entry)}</strong><br>${entry.text}</span>`;
    case 'hand': return html`
        <span class="entry-icon">${icon(entry.what === 'called' ? 'mic-fill' : 'hand-index')}</span>
        <span class="entry-words">${t(`replay.hand.${entry.what}`, {name: entry.name})}</span>`;
    case 'poll': return html`
        <span class="entry-icon">${icon('bar-chart-line')}</span>
        <span class="entry-words"><strong>${
            t('replay.poll', {question: entry.question ?? t('report.erased')})}</strong><br>
            <small>${t(`poll.${entry.secrecy}`)} · ${t('poll.count', {count: whole(entry.count ?? 0)})}</small></span>`;
    case 'pause': return html`
        <span class="entry-icon">${icon('exclamation-triangle-fill')}</span>
        <span class="entry-words">${t(`replay.pause.${entry.cause}`)} · ${clock(entry.to - entry.at)}</span>`;
    default: return html`<span class="entry-icon">${icon('cup-hot')}</span>
        <span class="entry-words">${t('replay.break')}</span>`;
    }
}
