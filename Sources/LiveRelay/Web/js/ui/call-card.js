// 主讲请你发言: the one moment in which a learner is asked for the microphone.

import {element, fill, onAct, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {codeText, t} from '../i18n/i18n.js';
import {icon} from './icon.js';
import {setMeter} from './meter.js';
import {supportNotice} from './support-notice.js';
import {alertNow} from './toast.js';

export class CallCard {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        this.wasCalled = false;
        this.element = element(html`
            <section class="card call-card" aria-labelledby="call-title" hidden>
                <h2 id="call-title">${icon('mic-fill')} <span data-part="title"></span></h2>
                <div class="stack" data-part="consent">
                    <p>${t('call.consent')}</p>
                    <div data-part="support"></div>
                    <div class="row">
                        <button type="button" class="button" data-kind="primary" data-size="large"
                            data-act="openMicrophone" data-part="accept">${icon('mic-fill')}${t('call.accept')}</button>
                        <button type="button" class="button" data-size="large" data-act="endTurn">
                            ${t('call.decline')}</button></div>
                </div>
                <div class="stack" data-part="speaking" hidden>
                    <div class="meter" role="meter" aria-label="${t('device.level')}" aria-valuemin="0"
                        aria-valuemax="100" aria-valuenow="0" data-part="level"><span></span></div>
                    <div class="row">
                        <button type="button" class="button" data-size="large" data-act="toggleMicrophone">
                            <span data-part="micWords"></span> <kbd>M</kbd></button>
                        <button type="button" class="button" data-kind="danger" data-size="large" data-act="endTurn">
                            ${icon('stop-circle')}${t('call.end')}</button></div>
                </div>
                <p class="field-error" role="alert" data-part="error" hidden></p>
            </section>`);
        this.parts = parts(this.element);
        fill(this.parts.support, supportNotice(desk.connection.sound.support.speak, 'speak'));
        onAct(this.element, (act) => desk.actions[act]?.());
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session, microphone}) {
        const isCalled = session.me?.role === 'participant' && session.me.isSpeaking
            && session.class?.phase !== 'ended';
        show(this.element, Boolean(isCalled));
        if (isCalled && !this.wasCalled) {
            alertNow(t('call.title'));
            this.parts.accept.focus({preventScroll: false});
        }
        this.wasCalled = Boolean(isCalled);
        if (!isCalled) {
            return;
        }
        const isOpen = microphone.state === 'open' || microphone.state === 'muted';
        text(this.parts.title, t(isOpen ? 'call.speaking' : 'call.title'));
        show(this.parts.consent, !isOpen);
        show(this.parts.speaking, isOpen);
        this.parts.accept.disabled = microphone.state === 'opening'
            || this.desk.connection.sound.support.speak.length > 0;
        text(this.parts.micWords, t(microphone.state === 'muted' ? 'microphone.isMuted' : 'microphone.isOpen'));
        show(this.parts.error, Boolean(microphone.code) && !isOpen);
        text(this.parts.error, microphone.code ? codeText(microphone.code) : '');
    }

    /** @param {any} levels */
    levels(levels) {
        setMeter(this.parts.level, levels.microphone);
    }
}
