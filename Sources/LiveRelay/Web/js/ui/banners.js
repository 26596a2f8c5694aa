// What must be seen at once: the line is down, the sound is blocked, recording stands still.

import {attribute, element, onAct, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {hasStarted, isStaff, lecturerCondition} from '../model/selectors.js';
import {timeOfDay} from '../i18n/format.js';
import {has, t} from '../i18n/i18n.js';
import {icon} from './icon.js';
import {announce} from './toast.js';

/** Below this the delay is nobody's business; the page catches up by itself. */
const BEHIND_MILLISECONDS = 6000;
/** Less than this is sent in the time it takes to read of it. */
const CATCH_UP_SECONDS_MIN = 2;
/** How long the remark on speech while muted stays. */
const MUTED_SPEECH_MILLISECONDS = 8000;

export class Banners {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        this.element = element(html`<section class="banners" aria-label="${t('banner.title')}"></section>`);
        this.mutedSpeechUntil = 0;
        this.said = new Set();
        desk.connection.sound.addEventListener('speech-while-muted', () => {
            this.mutedSpeechUntil = performance.now() + MUTED_SPEECH_MILLISECONDS;
            desk.store.touch();
        });
        onAct(this.element, (act) => desk.actions[act]?.());
    }

    /** @param {import('../model/store.js').PageState} state */
    update(state) {
        const shown = this.wanted(state);
        syncList(this.element, shown, (banner) => banner.name, createBanner, (child, banner) => {
            attribute(child, 'data-tone', banner.tone);
            text(parts(child).words, banner.words);
            show(parts(child).button, Boolean(banner.act));
        });
        const names = new Set(shown.map((banner) => banner.name));
        for (const banner of shown) {
            if (!this.said.has(banner.name)) {
                announce(banner.words);
            }
        }
        this.said = names;
    }

    /** @param {import('../model/store.js').PageState} state */
    wanted(state) {
        const {session, line, output, microphone} = state;
        const banners = [];
        const add = (name, tone, words, act) => banners.push({name, tone, words, act});
        if (line.state === 'reconnecting') {
            const waiting = state.outbox.filter((entry) => entry.status === 'waiting').length;
            const isSpeaking = microphone.state === 'open' && hasStarted(session)
                && session.class?.isRecorded !== false;
            add('reconnecting', 'live', lineWords(line) + (isSpeaking ? t('banner.speechKept') : '')
                + (waiting > 0 ? t('banner.queued', {count: waiting}) : ''));
        } else if (state.unrecorded >= CATCH_UP_SECONDS_MIN) {
            add('catching-up', 'info', t('banner.catchingUp', {count: state.unrecorded}));
        }
        if (output === 'suspended' || output === 'interrupted') {
            add('sound', 'hand', t('banner.soundBlocked'), 'resumeSound');
        } else if (output === 'unsupported' && session.me?.role !== 'lecturer') {
            add('unsupported', 'hand', t('banner.unsupported'));
        }
        if (hasStarted(session) && session.me?.role !== 'lecturer') {
            const condition = lecturerCondition(session);
            if (condition === 'interrupted') {
                add('lecturer', 'hand', t('banner.lecturerInterrupted'));
            } else if (condition === 'absent') {
                add('lecturer', 'hand', t('banner.lecturerAbsent'));
            }
        }
        if (session.logTrouble && line.state !== 'reconnecting') {
            add('log', 'hand', t(has(`logTrouble.${session.logTrouble}`) ? `logTrouble.${session.logTrouble}`
                : 'logTrouble.waiting'));
        }
        if (session.endsAt !== null && session.wallAtZero !== null) {
            add('ends', 'hand', t('banner.endsBy', {
                time: timeOfDay(session.wallAtZero + session.endsAt, session.class?.timeZone),
            }));
        }
        const recording = session.class?.recording;
        if (recording && recording !== 'on' && recording !== 'off' && isStaff(session)) {
            add('recording', 'hand', t(has(`recordingWhy.${recording}`) ? `recordingWhy.${recording}`
                : 'recordingWhy.failed'));
        }
        if ((state.playback?.delay ?? 0) > BEHIND_MILLISECONDS) {
            add('behind', 'info', t('banner.behind', {count: Math.round(state.playback.delay / 1000)}));
        }
        if (microphone.state === 'muted' && performance.now() < this.mutedSpeechUntil) {
            add('muted-speech', 'hand', t('banner.mutedSpeech'));
        }
        if (session.me?.isMuted && (session.me.isSpeaking || session.me.role !== 'participant')) {
            add('muted', 'hand', t('banner.mutedByStaff'));
        }
        return banners;
    }
}

/** Why the line is away, as far as anybody knows. @param {{cause?: string, seconds?: number}} line */
function lineWords({cause = '', seconds = 0}) {
    if (!navigator.onLine) {
        return t('banner.noNetwork', {count: seconds});
    }
    const why = cause === 'shutdown' ? 'banner.restarting' : `banner.line.${cause}`;
    return t(has(why) ? why : 'banner.reconnecting', {count: seconds});
}

/** Words on the button of each banner that has one. */
function createBanner(banner) {
    return element(html`
        <div class="notice banner" data-tone="${banner.tone}">${icon('exclamation-triangle-fill')}
            <span data-part="words"></span>
            <button type="button" class="button" data-act="${banner.act ?? ''}" data-part="button" hidden>
                ${icon('volume-up-fill')}${t('banner.resumeSound')}</button></div>`);
}
