// The optional check before class: speaker, microphone, round trip. All local but the last.

import {attribute, element, fill, onAct, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {lastingStorage} from '../lib/storage.js';
import {codeText, t} from '../i18n/i18n.js';
import {whole} from '../i18n/format.js';
import {DeviceCheck} from '../audio/device-check.js';
import {icon} from './icon.js';
import {setMeter} from './meter.js';
import {networkGrade} from './network-grade.js';

/** Long enough for a sentence, short enough not to be skipped. */
const TAKE_SECONDS = 3;
/** Below this loudness nobody would understand the take, in dB of full scale. */
const QUIET_DECIBELS = -45;

export class DevicePanel {
    /** @param {any} sound */
    constructor(sound) {
        this.sound = sound;
        this.check = null;
        this.take = null;
        this.element = element(html`
            <div class="stack">
                <h2 id="device-title">${t('device.title')}</h2>
                <div class="device-line row"><span class="label" data-grow>${icon('wifi')} ${t('device.network')}</span>
                    <span class="pill" data-part="network" hidden></span>
                    <button type="button" class="button" data-act="probe">${t('device.probe')}</button></div>
                <div class="device-line row">
                    <span class="label" data-grow>${icon('volume-up-fill')} ${t('device.speaker')}</span>
                    <button type="button" class="button" data-act="tone">${t('device.tone')}</button></div>
                <div class="device-line row">
                    <span class="label" data-grow>${icon('mic-fill')} ${t('device.microphone')}</span>
                    <button type="button" class="button" data-act="microphone" data-part="open">
                        ${t('device.openMicrophone')}</button></div>
                <div class="stack" data-part="microphone" hidden>
                    <div class="field"><label for="microphone">${t('device.choose')}</label>
                        <select class="input" id="microphone" data-part="choice"></select></div>
                    <div class="meter" role="meter" aria-label="${t('device.level')}" aria-valuemin="0"
                        aria-valuemax="100" aria-valuenow="0" data-part="level"><span></span></div>
                    <div class="row">
                        <button type="button" class="button" data-act="record" data-part="record">
                            ${icon('record-circle')}<span data-part="recordWords">${t('device.record')}</span></button>
                        <button type="button" class="button" data-act="play" data-part="play" hidden>
                            ${icon('play-fill')}${t('device.play')}</button></div>
                </div>
                <p role="status" class="muted" data-part="remark">${t('device.onlyWhenCalled')}</p>
            </div>`);
        this.parts = parts(this.element);
        onAct(this.element, (act) => this[act]());
        this.parts.choice.addEventListener('change', () => this.choose());
        const speak = sound.support.speak;
        if (speak.length > 0) {
            attribute(this.parts.open, 'disabled', '');
            text(this.parts.remark, codeText(speak[0]));
        }
    }

    ready() {
        this.check ??= new DeviceCheck();
        return this.check;
    }

    async probe() {
        const {network} = this.parts;
        show(network, true);
        network.dataset.tone = '';
        text(network, t('device.measuring'));
        try {
            const {matched, roundTrip} = await this.sound.probe();
            if (!matched || !Number.isFinite(roundTrip)) {
                throw new Error('no probe came back');
            }
            const grade = networkGrade(roundTrip);
            network.dataset.tone = grade.tone;
            const count = whole(Math.round(roundTrip));
            text(network, t('device.roundTrip', {grade: t(`network.${grade.word}`), count}));
        } catch {
            network.dataset.tone = 'live';
            text(network, t('device.noRoundTrip'));
        }
    }

    async tone() {
        try {
            await this.ready().playTone(1);
            text(this.parts.remark, t('device.toneHeard'));
        } catch (error) {
            text(this.parts.remark, codeText(error.code));
        }
    }

    microphone() {
        return this.choose();
    }

    async choose() {
        const chosen = this.parts.choice.value || lastingStorage.get('microphone') || undefined;
        try {
            const check = this.ready();
            await check.openMicrophone({deviceId: chosen});
            if (!this.isListening) {
                this.isListening = true;
                check.addEventListener('level', (event) => setMeter(this.parts.level, event.detail.level));
            }
            this.offer(await check.microphones(), chosen);
            text(this.parts.remark, t('device.speakNow'));
        } catch (error) {
            text(this.parts.remark, codeText(error.code));
        }
    }

    offer(microphones, chosen) {
        show(this.parts.microphone, true);
        show(this.parts.open, false);
        fill(this.parts.choice, html`${microphones.map(({deviceId, label}, index) => html`
            <option value="${deviceId}">${label || t('device.unnamed', {number: index + 1})}</option>`)}`);
        if (microphones.some(({deviceId}) => deviceId === chosen)) {
            this.parts.choice.value = chosen;
        }
        lastingStorage.set('microphone', this.parts.choice.value || null);
    }

    async record() {
        const {record, recordWords, play, remark} = this.parts;
        record.disabled = true;
        text(recordWords, t('device.recording', {count: TAKE_SECONDS}));
        try {
            this.take = await this.check.record(TAKE_SECONDS);
            show(play, true);
            text(remark, this.take.rms < QUIET_DECIBELS ? t('device.tooQuiet') : t('device.loudEnough'));
        } catch (error) {
            text(remark, codeText(error.code));
        }
        record.disabled = false;
        text(recordWords, t('device.record'));
    }

    async play() {
        await this.take?.play();
    }

    close() {
        this.check?.close();
        this.check = null;
        this.isListening = false;
    }
}
