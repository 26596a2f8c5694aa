// Who speaks and how well one hears it; the break; the waiting before; the end.

import {attribute, element, fill, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {
    breakRemaining, isHost, isStaff, peopleOnStage, untilStart,
} from '../model/selectors.js';
import {has, t} from '../i18n/i18n.js';
import {clock, initial, personName, seconds, timeOfDay, when} from '../i18n/format.js';
import {icon} from './icon.js';
import {setMeter} from './meter.js';
import {announce} from './toast.js';

/** A level above this is somebody speaking, for the words beside the meter. */
const SPEAKING_LEVEL = 0.15;
/** The words stay this long after the last sound, so that they do not flicker between sentences. */
const SPEAKING_HOLD_MILLISECONDS = 1200;
const SPEAKER_TONES = {speaking: 'ok', interrupted: 'hand', muted: 'hand', offline: 'hand'};

export class Stage {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        this.lastSound = new Map();
        this.state = null;
        this.element = element(html`
            <section class="card stage" aria-label="${t('stage.title')}">
                <div class="stage-screen" data-part="screen" hidden>
                    <span class="stage-icon" data-part="screenIcon"></span>
                    <h2 data-part="screenTitle"></h2>
                    <p class="stage-clock numeric" data-part="screenClock"></p>
                    <p class="muted" data-part="screenText"></p>
                    <div class="row" data-part="screenActions"></div>
                </div>
                <ul class="speakers" data-part="speakers"></ul>
                <p class="row stage-facts" data-part="facts">
                    <span class="pill" data-part="hearing"></span>
                    <span class="muted" data-part="delay"></span></p>
            </section>`);
        this.parts = parts(this.element);
        this.element.addEventListener('click', (event) => {
            const button = /** @type {HTMLElement} */ (event.target).closest('[data-seat-act]');
            if (button) {
                desk.actions[button.dataset.seatAct](button.closest('[data-key]').dataset.key);
            }
        });
    }

    /** @param {import('../model/store.js').PageState} state */
    update(state) {
        this.state = state;
        const {session} = state;
        const phase = session.class?.phase;
        this.updateScreen(session);
        show(this.parts.speakers, phase === 'live' || phase === 'open');
        const canModerate = isHost(session);
        syncList(this.parts.speakers, peopleOnStage(session), (person) => person.seat,
            (person) => speakerElement(person, canModerate, session.me?.seat),
            (child, person) => this.updateSpeaker(child, person));
        show(this.parts.facts, phase === 'live' && session.me?.role !== 'lecturer');
        this.updateHearing(state);
    }

    updateSpeaker(child, person) {
        const found = parts(child);
        const key = this.speakerKey(person);
        text(found.name, personName(person));
        text(found.words, t(`speaker.${key}`));
        attribute(found.state, 'data-tone', SPEAKER_TONES[key] ?? '');
        fill(found.icon, icon(key === 'speaking' ? 'volume-up-fill' : key === 'muted' ? 'mic-mute-fill' : 'mic-fill'));
        if (found.mute) {
            text(found.mute, t(person.isMuted ? 'person.unmute' : 'person.mute'));
            found.mute.dataset.seatAct = person.isMuted ? 'unmute' : 'mute';
        }
    }

    /** What is known of somebody on the stage, as the name of the words for it. */
    speakerKey(person) {
        const {session, line} = this.state;
        if (line.state === 'reconnecting') {
            // Without a line nobody knows what the others do, and nobody hears oneself.
            return 'offline';
        }
        if (person.presence === 'interrupted') {
            return 'interrupted';
        }
        if (person.isMuted) {
            return 'muted';
        }
        if (!session.tracks.some((each) => each.seat === person.seat)) {
            return person.role === 'lecturer' ? 'noMicrophone' : 'called';
        }
        const silent = performance.now() - (this.lastSound.get(person.seat) ?? -Infinity);
        return silent < SPEAKING_HOLD_MILLISECONDS ? 'speaking' : 'quiet';
    }

    updateHearing({session, output, playback, line}) {
        const {hearing, delay} = this.parts;
        const state = line.state === 'reconnecting' ? 'offline'
            : output === 'suspended' || output === 'interrupted' ? 'blocked'
                : output === 'unsupported' ? 'unsupported'
                    : playback?.state === 'notPlaying' ? playback.reason ?? 'stalled'
                        : session.tracks.length > 0 ? 'playing' : 'waiting';
        attribute(hearing, 'data-tone', state === 'playing' ? 'ok' : state === 'waiting' ? '' : 'hand');
        const key = `hearing.${state}`;
        fill(hearing, html`${icon(state === 'playing' ? 'headphones' : 'volume-mute-fill')}<span>${
            t(has(key) ? key : 'hearing.stalled')}</span>`);
        text(delay, state === 'playing' && playback?.delay
            ? t('hearing.delay', {seconds: seconds(playback.delay)}) : '');
    }

    /** What stands in the place of the speakers while there is no lesson. */
    updateScreen(session) {
        const {screen, screenTitle, screenClock, screenText, screenIcon, screenActions} = this.parts;
        const held = session.class;
        const phase = held?.phase;
        show(screen, Boolean(phase) && phase !== 'live');
        if (!phase || phase === 'live') {
            this.lastPhase = phase;
            return;
        }
        const content = this.screenContent(session);
        fill(screenIcon, icon(content.iconName));
        text(screenTitle, content.title);
        text(screenClock, content.clock ?? '');
        text(screenText, content.text ?? '');
        fill(screenActions, content.actions ?? html``);
        if (this.lastPhase !== undefined && this.lastPhase !== phase) {
            announce(content.title);
        }
        this.lastPhase = phase;
    }

    screenContent(session) {
        const held = session.class;
        if (held.phase === 'break') {
            const left = breakRemaining(session, this.desk.now()) ?? 0;
            const back = (session.wallAtZero ?? Date.now()) + held.breakStartedAt + held.breakMinutes * 60_000;
            return {
                iconName: 'cup-hot', title: t('break.title'), clock: clock(Math.abs(left)),
                text: t(left >= 0 ? 'break.until' : 'break.over', {time: timeOfDay(back, held.timeZone)}),
            };
        }
        if (held.phase === 'ended') {
            const id = held.id;
            return {
                iconName: 'stop-circle', title: t('ended.title'),
                text: (held.endedBy === 'teachersLeft' ? t('ended.teachersLeft') : '')
                    + t(held.isRecorded ? 'ended.text' : 'ended.unrecorded'),
                actions: html`
                    ${held.isRecorded && html`<a class="button" data-kind="primary" href="/c/${id}/replay">
                        ${icon('play-fill')}${t('ended.replay')}</a>`}
                    <a class="button" href="/c/${id}/report">${icon('journal-text')}${
                        t(isStaff(session) ? 'ended.report' : 'ended.myReport')}</a>`,
            };
        }
        const wall = (session.wallAtZero ?? 0) + (this.desk.now() ?? 0);
        const left = untilStart(held, session.wallAtZero === null ? Date.now() : wall);
        const host = isHost(session);
        return {
            iconName: 'clock-history',
            title: t(host ? (held.phase === 'scheduled' ? 'waiting.hostScheduled' : 'waiting.hostOpen')
                : 'waiting.title'),
            clock: left > 0 && left < 24 * 3_600_000 ? clock(left) : '',
            text: `${when(held.plannedStart, held.plannedMinutes, held.timeZone)} · ${
                t(host ? 'waiting.hostText' : 'waiting.text')}`,
        };
    }

    /** @param {{tracks: {track: number, level: number}[], microphone: number}} levels */
    levels(levels) {
        const session = this.state?.session;
        if (!session) {
            return;
        }
        const byTrack = new Map(levels.tracks.map(({track, level}) => [track, level]));
        for (const child of this.parts.speakers.children) {
            const {key} = /** @type {HTMLElement} */ (child).dataset;
            const track = session.tracks.find((each) => each.seat === key);
            const level = key === session.me?.seat ? levels.microphone : byTrack.get(track?.track) ?? 0;
            setMeter(child.querySelector('.meter'), level);
            if (level > SPEAKING_LEVEL) {
                this.lastSound.set(key, performance.now());
            }
            const person = session.people[key];
            if (person) {
                this.updateSpeaker(child, person);
            }
        }
    }
}

function speakerElement(person, canModerate, ownSeat) {
    const isOther = person.seat !== ownSeat;
    return element(html`
        <li class="speaker">
            <span class="initial" aria-hidden="true">${initial(person.name)}</span>
            <div class="speaker-name">
                <strong data-part="name"></strong> <small>${t(`role.${person.role}`)}</small>
                <div class="meter"><span></span></div></div>
            <span class="pill" data-part="state"><span data-part="icon"></span><span data-part="words"></span></span>
            ${canModerate && isOther && html`
                <span class="row">
                    <button type="button" class="button" data-seat-act="mute" data-part="mute"></button>
                    ${person.role === 'participant' && html`
                        <button type="button" class="button" data-kind="hand" data-seat-act="endTurnOf">
                            ${t('call.end')}</button>`}</span>`}
        </li>`);
}
