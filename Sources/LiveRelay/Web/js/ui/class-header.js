// Title, state, counts, and what the lecturer does with the class as a whole.

import {attribute, element, fill, onAct, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {hasStarted, isHost, isStaff, lessonTime} from '../model/selectors.js';
import {has, t} from '../i18n/i18n.js';
import {classCode, clock, whole} from '../i18n/format.js';
import {icon} from './icon.js';
import {networkGrade} from './network-grade.js';
import {preferencesElement} from './preferences.js';

/** Tone of the pill that says where the class stands. */
const PHASE_LOOKS = {
    scheduled: {tone: 'info', iconName: 'clock-history'},
    open: {tone: 'info', iconName: 'clock-history'},
    live: {tone: 'live', iconName: 'record-circle'},
    break: {tone: 'info', iconName: 'cup-hot'},
    ended: {tone: '', iconName: 'stop-circle'},
};

export class ClassHeader {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        const {session} = desk.store.state;
        this.staff = isStaff(session);
        this.host = isHost(session);
        this.element = element(html`
            <header class="page-header class-header">
                <div data-grow>
                    <h1 data-part="title"></h1>
                    <p class="class-code" data-part="invitation" hidden>
                        <small>${t('header.code')} <strong class="numeric" data-part="code"></strong></small>
                        <button type="button" class="button" data-kind="quiet" data-act="invite">
                            ${icon('link-45deg')}${t('header.invite')}</button></p>
                </div>
                <div class="row class-state">
                    <span class="pill" data-part="phase"></span>
                    <span class="pill" data-part="recording"></span>
                    <span class="pill" data-part="present"></span>
                    <span class="pill" data-part="network"></span>
                </div>
                <div class="row" data-part="lifecycle"></div>
                <div class="class-more" data-part="preferences"></div>
            </header>`);
        this.parts = parts(this.element);
        this.parts.preferences.append(preferencesElement());
        onAct(this.element, (act) => desk.actions[act]?.());
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session, line, roundTrip}) {
        const {class: held, presence} = session;
        if (!held) {
            return;
        }
        text(this.parts.title, held.title);
        const {code} = this.desk.actions;
        text(this.parts.code, classCode(code));
        show(this.parts.invitation, this.staff && code !== '' && held.phase !== 'ended');
        this.updatePhase(session);
        this.updateRecording(held);
        fill(this.parts.present, html`${icon('people-fill')}<span>${presence.expected > 0
            ? t('header.presentOf', {present: whole(presence.present), expected: whole(presence.expected)})
            : t('header.present', {count: whole(presence.present)})}</span>`);
        show(this.parts.network, held.phase !== 'ended');
        this.updateNetwork(line, roundTrip);
        if (this.host) {
            fill(this.parts.lifecycle, lifecycleButtons(held.phase, session.me.role));
        }
    }

    updatePhase(session) {
        const {phase} = session.class;
        const look = PHASE_LOOKS[phase] ?? PHASE_LOOKS.ended;
        const time = hasStarted(session) ? lessonTime(session, this.desk.now()) : null;
        attribute(this.parts.phase, 'data-tone', look.tone);
        fill(this.parts.phase, html`${icon(look.iconName)}<span>${t(`phase.${phase}`)}</span>
            ${time !== null && html`<time>${clock(time)}</time>`}`);
    }

    updateRecording({recording, phase}) {
        const pill = this.parts.recording;
        const isPaused = recording !== 'on' && recording !== 'off';
        attribute(pill, 'data-tone', isPaused ? 'hand' : '');
        const key = `recording.${recording}`;
        fill(pill, html`${icon(isPaused ? 'pause-circle-fill' : 'record-circle')}<span>${
            t(has(key) ? key : 'recording.failed')}</span>`);
        const isLesson = phase === 'live' || phase === 'break';
        show(pill, isLesson && (this.staff || isPaused || recording === 'on'));
    }

    updateNetwork(line, roundTrip) {
        const pill = this.parts.network;
        if (line.state !== 'online') {
            attribute(pill, 'data-tone', 'live');
            fill(pill, html`${icon('wifi')}<span>${t('network.lost')}</span>`);
            return;
        }
        const grade = roundTrip ? networkGrade(roundTrip.milliseconds) : {word: 'good', tone: 'ok'};
        attribute(pill, 'data-tone', grade.tone);
        fill(pill, html`${icon('wifi')}<span>${t(`network.${grade.word}`)}</span>`);
    }
}

/** What may be done with the class now. @param {string} phase @param {string} role */
function lifecycleButtons(phase, role) {
    const button = (act, iconName, kind, key) => html`
        <button type="button" class="button" data-kind="${kind}" data-act="${act}">${icon(iconName)}${t(key)}</button>`;
    const end = role === 'lecturer' && (phase === 'live' || phase === 'break' || phase === 'open')
        ? button('end', 'stop-circle', 'danger', 'lifecycle.end') : null;
    switch (phase) {
    case 'scheduled': return html`${button('open', 'box-arrow-right', 'primary', 'lifecycle.open')}
        ${button('start', 'play-fill', 'plain', 'lifecycle.start')}`;
    case 'open': return html`${button('start', 'play-fill', 'primary', 'lifecycle.start')}${end}`;
    case 'live': return html`${button('startBreak', 'cup-hot', 'plain', 'lifecycle.startBreak')}${end}`;
    case 'break': return html`${button('endBreak', 'play-fill', 'primary', 'lifecycle.endBreak')}${end}`;
    default: return html``;
    }
}
