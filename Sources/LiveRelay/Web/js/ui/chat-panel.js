// Chat: stays where one reads, says how much is new below, keeps what could not be sent yet.

import {attribute, element, onAct, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {isHost} from '../model/selectors.js';
import {codeText, t} from '../i18n/i18n.js';
import {initial, personName, timeOfDay} from '../i18n/format.js';
import {icon} from './icon.js';

/** Within so many pixels of its end the log counts as read to the end. */
const END_PIXELS = 24;

export class ChatPanel {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        const {session} = desk.store.state;
        this.canChat = session.me?.role !== 'supervisor';
        this.canHide = isHost(session);
        this.isAtEnd = true;
        this.unread = 0;
        this.newest = null;
        // In a large lecture nobody could listen to the lecturer and to every line of chat.
        const isLarge = session.class?.kind === 'largeLecture';
        this.element = element(html`
            <div class="chat">
                <div class="chat-scroll" data-part="scroll" tabindex="0" role="region" aria-label="${t('chat.title')}">
                    <div role="log" aria-live="${isLarge ? 'off' : 'polite'}" aria-label="${t('chat.title')}">
                        <ol class="chat-log" data-part="log"></ol></div>
                    <ol class="chat-log" data-part="outbox" aria-label="${t('chat.outbox')}"></ol>
                    <p class="empty" data-part="empty">${t('chat.empty')}</p>
                </div>
                <button type="button" class="button chat-new" data-part="fresh" data-act="toEnd" hidden></button>
                ${this.canChat && html`
                    <form class="chat-form" data-part="form">
                        <input class="input" data-part="input" autocomplete="off" enterkeyhint="send"
                            aria-label="${t('chat.write')}" placeholder="${t('chat.placeholder')}"
                            maxlength="${session.limits.chatCharacters}">
                        <button class="button" data-kind="primary">${t('chat.send')}</button></form>`}
            </div>`);
        this.parts = parts(this.element);
        this.parts.scroll.addEventListener('scroll', () => this.scrolled(), {passive: true});
        onAct(this.element, (act, target) => this.act(act, target));
        this.parts.form?.addEventListener('submit', (event) => {
            event.preventDefault();
            this.send();
        });
        // Enter that ends a composition belongs to the input method, not to the form.
        this.parts.input?.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' && (event.isComposing || event.keyCode === 229)) {
                event.preventDefault();
            }
        });
    }

    act(act, target) {
        const key = target.closest('[data-key]')?.dataset.key;
        switch (act) {
        case 'toEnd': this.toEnd(); break;
        case 'hide': this.desk.actions.hideChat(key); break;
        case 'again': this.desk.actions.sendAgain(Number(key)); break;
        case 'forget': this.desk.actions.forget(Number(key)); break;
        default:
        }
    }

    send() {
        const words = this.parts.input.value.trim();
        if (words) {
            this.desk.actions.say(words);
            this.parts.input.value = '';
            this.toEnd();
        }
    }

    focus() {
        (this.parts.input ?? this.parts.scroll).focus();
    }

    /** @param {any} state */
    count({session}) {
        return this.unread > 0 ? this.unread : null;
    }

    shown() {
        if (this.isAtEnd) {
            this.toEnd();
        }
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session, outbox}) {
        const last = session.chat[session.chat.length - 1]?.chat ?? null;
        if (last !== this.newest) {
            const seen = session.chat.findIndex((entry) => entry.chat === this.newest);
            this.unread = this.isAtEnd && this.isVisible() ? 0
                : this.unread + (this.newest === null ? 0 : session.chat.length - 1 - seen);
            this.newest = last;
        }
        const zone = session.class?.timeZone;
        syncList(this.parts.log, session.chat, (entry) => entry.chat,
            (entry) => this.entryElement(entry, session, zone), (child, entry) => updateEntry(child, entry));
        syncList(this.parts.outbox, outbox, (entry) => String(entry.id), outboxElement, updateOutbox);
        show(this.parts.empty, session.chat.length === 0 && outbox.length === 0);
        if (this.parts.input) {
            const isOver = session.class?.phase === 'ended';
            this.parts.input.disabled = isOver;
            attribute(this.parts.input, 'placeholder', t(isOver ? 'chat.over' : 'chat.placeholder'));
        }
        if (this.isAtEnd && this.isVisible()) {
            this.toEnd();
        }
        text(this.parts.fresh, t('chat.fresh', {count: this.unread}));
        show(this.parts.fresh, this.unread > 0 && !this.isAtEnd);
    }

    isVisible() {
        return this.element.offsetParent !== null;
    }

    scrolled() {
        const {scrollTop, scrollHeight, clientHeight} = this.parts.scroll;
        this.isAtEnd = scrollHeight - scrollTop - clientHeight < END_PIXELS;
        if (this.isAtEnd && this.unread > 0) {
            this.unread = 0;
            this.desk.store.touch();
        }
    }

    toEnd() {
        this.isAtEnd = true;
        this.unread = 0;
        this.parts.scroll.scrollTop = this.parts.scroll.scrollHeight;
        show(this.parts.fresh, false);
    }

    entryElement(entry, session, zone) {
        const wall = session.wallAtZero === null ? null : session.wallAtZero + entry.at;
        const isStaffEntry = entry.role === 'lecturer' || entry.role === 'assistant';
        return element(html`
            <li class="chat-entry">
                <span class="initial" aria-hidden="true">${initial(entry.name)}</span>
                <div><p class="chat-head"><strong>${personName(entry)}</strong>
                    ${isStaffEntry && html`<span class="pill" data-tone="ok">${t(`role.${entry.role}`)}</span>`}
                    ${wall !== null && html`<small class="numeric">${timeOfDay(wall, zone)}</small>`}
                    ${this.canHide && html`
                        <button type="button" class="button chat-hide" data-kind="quiet" data-act="hide"
                            aria-label="${t('chat.hideOf', {name: entry.name})}">${t('chat.hide')}</button>`}</p>
                    <p class="chat-text" data-part="text"></p></div></li>`);
    }
}

function updateEntry(child, entry) {
    const words = child.querySelector('[data-part="text"]');
    text(words, entry.text ?? t('chat.hidden'));
    attribute(child, 'data-hidden', entry.isHidden ? '' : null);
    const button = child.querySelector('[data-act="hide"]');
    if (button) {
        show(button, !entry.isHidden);
    }
}

function outboxElement(entry) {
    return element(html`
        <li class="chat-entry" data-status="${entry.status}">
            <span class="initial" aria-hidden="true">${icon('arrow-clockwise')}</span>
            <div><p class="chat-text">${entry.text}</p>
                <p><small data-part="status"></small>
                    <span data-part="failed" hidden>
                        <button type="button" class="button" data-act="again">${t('chat.again')}</button>
                        <button type="button" class="button" data-kind="quiet" data-act="forget">
                            ${t('chat.forget')}</button></span></p></div></li>`);
}

function updateOutbox(child, entry) {
    const found = parts(child);
    attribute(child, 'data-status', entry.status);
    text(found.status, entry.status === 'failed' ? codeText(entry.code) : t(`chat.${entry.status}`));
    show(found.failed, entry.status === 'failed');
}
