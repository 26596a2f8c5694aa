// The way into a class: what it is, who comes, one button. Joining is listening; the microphone stays closed.

import {element, fill, onAct, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {lastingStorage} from '../lib/storage.js';
import {codeText, t} from '../i18n/i18n.js';
import {clock, when} from '../i18n/format.js';
import {icon} from './icon.js';
import {preferencesElement} from './preferences.js';
import {supportNotice} from './support-notice.js';

/** A name as the relay takes it; the relay says the last word. */
const NAME_CHARACTERS_MAX = 60;
/** The longest 工号 known: an identity number of 18 characters, with room. */
const NUMBER_CHARACTERS_MAX = 32;

/** Words and tone for each state of a class. */
export const PHASE_TONES = {
    scheduled: 'info', open: 'info', live: 'live', break: 'info', ended: '',
};

/**
 * @typedef {object} Plan what the landing says about a class
 * @property {string} id
 * @property {string} title
 * @property {string} phase
 * @property {number} plannedStart
 * @property {number} plannedMinutes
 * @property {string} timeZone
 * @property {string} [lecturerName]
 * @property {boolean} [isRecorded]
 */

export class Landing {
    /**
     * @param {{plan: Plan, claims: {name?: string, role?: string}, hasToken: boolean, connection: any,
     *     join: (who: {name: string, number: string}) => Promise<void>}} options
     */
    constructor({plan, claims, hasToken, connection, join}) {
        this.plan = plan;
        this.join = join;
        this.hasToken = hasToken;
        this.sound = connection.sound;
        this.device = null;
        this.element = element(html`
            <main class="landing" id="main" tabindex="-1">
                <div class="row"><a class="brand" href="/" data-grow>LiveRelay</a>
                    <span data-part="preferences"></span></div>
                <div class="card landing-card" data-part="card" data-columns="1">
                    <section aria-labelledby="landing-title">
                        <div class="stack">
                            <p class="row"><span class="pill" data-part="phase"></span>
                                <strong class="numeric" data-part="countdown"></strong></p>
                            <h1 id="landing-title" data-part="title"></h1>
                            <div class="landing-facts">
                                <span data-part="lecturer"></span><span data-part="when"></span></div>
                        </div>
                        <p class="notice" data-tone="info" data-part="over" hidden>${icon('stop-circle')}
                            <span>${t('landing.over')}</span></p>
                        <div data-part="support"></div>
                        ${hasToken ? knownPerson(claims) : personForm()}
                        <p class="notice" data-part="recorded">${icon('record-circle')}
                            <span>${t('landing.recorded')}</span></p>
                    </section>
                    <section aria-label="${t('device.title')}" data-part="device">
                        <button type="button" class="button" data-act="check">${icon('headphones')}${
                            t('device.start')}</button>
                        <p class="muted">${t('device.onlyWhenCalled')}</p></section>
                </div>
            </main>`);
        this.parts = parts(this.element);
        this.parts.preferences.append(preferencesElement());
        onAct(this.parts.device, (act) => act === 'check' && this.checkDevice());
        fill(this.parts.support, supportNotice(connection.sound.support.listen, 'listen'));
        this.restoreName();
        this.element.querySelector('form').addEventListener('submit', (event) => {
            event.preventDefault();
            this.submit();
        });
        this.update(plan);
    }

    /** The check is loaded only for those who want it. */
    async checkDevice() {
        const {DevicePanel} = await import('./device-panel.js');
        this.device ??= new DevicePanel(this.sound);
        this.parts.card.dataset.columns = '2';
        this.parts.device.replaceChildren(this.device.element);
        this.device.probe();
    }

    restoreName() {
        if (!this.hasToken) {
            this.parts.name.value = lastingStorage.get('name') ?? '';
            this.parts.number.value = lastingStorage.get('number') ?? '';
            for (const field of ['name', 'number']) {
                this.parts[field].addEventListener('change', () => {
                    lastingStorage.set(field, this.parts[field].value.trim());
                });
            }
        }
    }

    /** @param {Plan} plan */
    update(plan) {
        this.plan = plan;
        const {phase, lecturer, title, countdown, recorded} = this.parts;
        text(title, plan.title);
        text(phase, t(`phase.${plan.phase}`));
        phase.dataset.tone = PHASE_TONES[plan.phase] ?? '';
        text(lecturer, plan.lecturerName ? t('landing.lecturer', {name: plan.lecturerName}) : '');
        text(this.parts.when, when(plan.plannedStart, plan.plannedMinutes, plan.timeZone));
        const left = plan.plannedStart - Date.now();
        const waits = plan.phase === 'scheduled' || plan.phase === 'open';
        text(countdown, waits && left > 0 && left < 24 * 3_600_000
            ? t('landing.countdown', {time: clock(left)}) : '');
        const isOver = plan.phase === 'ended';
        show(recorded, plan.isRecorded !== false && !isOver);
        show(this.parts.over, isOver);
        show(this.parts.device, !isOver);
        if (!this.isBusy) {
            text(this.parts.enterWords, t(isOver ? 'ended.replay' : 'landing.enter'));
        }
    }

    async submit() {
        const name = this.hasToken ? '' : this.parts.name.value.trim();
        const number = this.hasToken ? '' : this.parts.number.value.trim();
        if (!this.hasToken) {
            if (!name) {
                this.fail('nameInvalid');
                this.parts.name.focus();
                return;
            }
        }
        this.device?.close();
        this.busy(true);
        try {
            await this.join({name, number});
        } catch (error) {
            const isGuest = error.code === 'ended' && this.plan.phase === 'ended';
            this.fail(isGuest ? 'endedForGuests' : error.code);
        }
        this.busy(false);
    }

    /** @param {boolean} isBusy */
    busy(isBusy) {
        this.isBusy = isBusy;
        this.parts.enter.disabled = isBusy;
        if (isBusy) {
            text(this.parts.enterWords, t('landing.entering'));
        } else {
            this.update(this.plan);
        }
    }

    /** @param {string | null} code */
    fail(code) {
        text(this.parts.error, code ? codeText(code, 'close') : '');
        show(this.parts.error, Boolean(code));
        if (!this.hasToken) {
            this.parts.name.setAttribute('aria-invalid', String(code === 'nameInvalid'));
        }
    }

    close() {
        this.device?.close();
    }
}

function personForm() {
    return html`
        <form novalidate>
            <div class="field"><label for="name">${t('landing.name')}</label>
                <input class="input" id="name" data-part="name" name="name" autocomplete="name" required
                    maxlength="${NAME_CHARACTERS_MAX}" aria-describedby="join-error"></div>
            <div class="field"><label for="number">${t('landing.number')}</label>
                <input class="input" id="number" data-part="number" name="number" autocomplete="off"
                    maxlength="${NUMBER_CHARACTERS_MAX}" aria-describedby="number-hint">
                <small id="number-hint">${t('landing.numberHint')}</small></div>
            ${enterButton()}
        </form>`;
}

function knownPerson({name = '', role = 'participant'}) {
    return html`
        <form novalidate>
            <p>${t('landing.asRole', {role: t(`role.${role}`), name})}</p>
            ${enterButton()}
        </form>`;
}

function enterButton() {
    return html`
        <p class="field-error" id="join-error" role="alert" data-part="error" hidden></p>
        <button class="button" data-kind="primary" data-size="large" data-part="enter">
            ${icon('headphones')}<span data-part="enterWords">${t('landing.enter')}</span></button>`;
}

/**
 * A page that says one thing and what to do next.
 * @param {{title: string, text?: string, tone?: string, iconName?: string, actions?: any, heading?: string}} options
 */
export function screenElement({title, text: words = '', iconName = 'exclamation-triangle-fill', tone = '', actions}) {
    const root = element(html`
        <main class="landing" id="main" tabindex="-1">
            <div class="row"><a class="brand" href="/" data-grow>LiveRelay</a>
                <span data-part="preferences"></span></div>
            <div class="card"><div class="screen">
                <h1><span class="pill" data-tone="${tone}">${icon(iconName)}</span> ${title}</h1>
                ${words && html`<p>${words}</p>`}
                <div class="row">${actions}</div>
            </div></div>
        </main>`);
    parts(root).preferences.append(preferencesElement());
    return root;
}

