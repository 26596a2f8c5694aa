// The bar at the foot of the class: microphone or hand, sound, keys, leaving.

import {attribute, element, fill, onAct, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {isHost, isParticipant} from '../model/selectors.js';
import {codeText, t} from '../i18n/i18n.js';
import {icon} from './icon.js';
import {setMeter} from './meter.js';
import {alertNow} from './toast.js';

export class Dock {
    /** @param {import('./class-view.js').Desk} desk @param {import('./class-view.js').ClassView} view */
    constructor(desk, view) {
        this.desk = desk;
        const {session} = desk.store.state;
        this.host = isHost(session);
        this.learner = isParticipant(session);
        this.element = element(html`
            <footer class="dock">
                ${this.host && html`
                    <div class="dock-microphone">
                        <button type="button" class="button" data-size="large" data-act="toggleMicrophone"
                            data-part="microphone"></button>
                        <div class="meter" role="meter" aria-label="${t('device.level')}" aria-valuemin="0"
                            aria-valuemax="100" aria-valuenow="0" data-part="level"><span></span></div></div>
                    <p class="dock-remark" role="status" data-part="remark"></p>`}
                ${this.learner && html`
                    <button type="button" class="button dock-hand" data-size="large" data-act="toggleHand"
                        data-part="hand"></button>`}
                <span class="dock-space"></span>
                <label class="dock-volume">${icon('volume-up-fill')}
                    <span class="visually-hidden">${t('dock.volume')}</span>
                    <input type="range" min="0" max="100" value="100" data-part="volume"></label>
                <button type="button" class="button" data-kind="quiet" data-act="keys">
                    ${icon('patch-question')}<span>${t('dock.keys')}</span></button>
                <button type="button" class="button" data-kind="quiet" data-act="leave" data-part="leave">
                    ${icon('box-arrow-right')}<span>${t('dock.leave')}</span></button>
                <button type="button" class="button" data-kind="quiet" data-act="more">
                    ${icon('three-dots')}<span>${t('dock.more')}</span></button>
            </footer>`);
        this.parts = parts(this.element);
        this.wasFirst = false;
        onAct(this.element, (act) => desk.actions[act]?.(view));
        this.parts.volume.addEventListener('input', () => {
            desk.connection.sound.volume = Number(this.parts.volume.value) / 100;
        });
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session, microphone}) {
        if (this.host) {
            this.updateMicrophone(session, microphone);
        }
        if (this.learner) {
            this.updateHand(session);
        }
    }

    updateMicrophone(session, microphone) {
        const button = this.parts.microphone;
        const {state} = microphone;
        const isOver = session.class?.phase === 'ended';
        const look = {
            open: {iconName: 'mic-fill', key: 'microphone.isOpen', kind: 'primary'},
            muted: {iconName: 'mic-mute-fill', key: 'microphone.isMuted', kind: 'danger'},
            opening: {iconName: 'mic-fill', key: 'microphone.isOpening', kind: 'plain'},
            closed: {iconName: 'mic-mute-fill', key: 'microphone.open', kind: 'plain'},
        }[state] ?? {iconName: 'mic-mute-fill', key: 'microphone.open', kind: 'plain'};
        attribute(button, 'data-kind', look.kind);
        fill(button, html`${icon(look.iconName)}<span>${t(look.key)}</span> <kbd>M</kbd>`);
        button.disabled = state === 'opening' || isOver || session.class?.phase === 'scheduled';
        const isLive = session.class?.phase === 'live';
        const remark = microphone.code ? codeText(microphone.code)
            : isLive && state === 'closed' && session.me?.role === 'lecturer' ? t('microphone.nobodyHears') : '';
        text(this.parts.remark, remark);
        show(this.parts.remark, remark !== '');
    }

    updateHand(session) {
        const {handPosition, isSpeaking} = session.me;
        const phase = session.class?.phase;
        const button = this.parts.hand;
        const isUp = handPosition !== null;
        show(button, !isSpeaking && phase !== 'ended');
        button.disabled = phase !== 'live' && !isUp;
        attribute(button, 'aria-pressed', String(isUp));
        attribute(button, 'data-kind', isUp ? 'hand' : 'plain');
        const words = !isUp ? t('hand.raise')
            : handPosition === 1 ? t('hand.raisedFirst') : t('hand.raised', {position: handPosition});
        fill(button, html`${icon(isUp ? 'hand-index-fill' : 'hand-index')}<span>${words}</span> ${
            isUp ? html`<small>${t('hand.pressToLower')}</small>` : html`<kbd>R</kbd>`}`);
        if (handPosition === 1 && !this.wasFirst && (session.me.handTotal ?? 1) >= 1 && this.lastPosition > 1) {
            alertNow(t('hand.next'));
        }
        this.wasFirst = handPosition === 1;
        this.lastPosition = handPosition ?? 0;
    }

    /** @param {any} levels */
    levels(levels) {
        if (this.host) {
            setMeter(this.parts.level, levels.microphone);
        }
    }
}
