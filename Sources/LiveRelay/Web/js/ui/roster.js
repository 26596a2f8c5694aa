// Who is in class. Learners see names; those who run the class search, mute and remove.

import {attribute, element, fill, onAct, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {isHost, isStaff, sortedPeople} from '../model/selectors.js';
import {language, t} from '../i18n/i18n.js';
import {initial, personName, whole} from '../i18n/format.js';
import {icon} from './icon.js';

/** Time after the last letter before the relay is asked. */
const SEARCH_PAUSE_MILLISECONDS = 300;
/** The list of a search is asked for anew this often while it is in sight. */
const REFRESH_MILLISECONDS = 10_000;

export class Roster {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        const {session} = desk.store.state;
        this.staff = isStaff(session);
        this.host = isHost(session);
        this.found = null;
        this.askedAt = 0;
        this.element = element(html`
            <div class="roster">
                ${this.staff && html`
                    <div class="roster-search"><input class="input" type="search" data-part="search"
                        autocomplete="off" aria-label="${t('people.search')}"
                        placeholder="${t('people.search')}"></div>`}
                <p class="muted roster-note" data-part="note" role="status"></p>
                <ul class="roster-list" data-part="list"></ul>
                <button type="button" class="button" data-part="more" data-act="further" hidden>
                    ${t('people.more')}</button>
            </div>`);
        this.parts = parts(this.element);
        this.parts.search?.addEventListener('input', () => {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.find(0), SEARCH_PAUSE_MILLISECONDS);
        });
        this.element.addEventListener('focusin', (event) => this.closeOthers(event));
        this.element.addEventListener('click', (event) => this.closeOthers(event));
        onAct(this.element, (act, target) => {
            if (act === 'further') {
                this.find(this.found.rows.length);
            } else {
                const row = target.closest('[data-key]');
                target.closest('details').open = false;
                desk.actions[act](row.dataset.seat, row.querySelector('[data-part="name"]').textContent);
            }
        });
    }

    /** Only one menu is open at a time. @param {Event} event */
    closeOthers(event) {
        for (const menu of this.parts.list.querySelectorAll('details[open]')) {
            if (!menu.contains(/** @type {Node} */ (event.target))) {
                menu.open = false;
            }
        }
    }

    focus() {
        (this.parts.search ?? this.parts.list).focus();
    }

    shown() {
        if (this.staff) {
            this.find(0);
        }
    }

    /** Asks the relay; those who run the class also see who has not come. */
    async find(offset) {
        this.askedAt = performance.now();
        const search = this.parts.search.value.trim();
        const answer = await this.desk.actions.findPeople(search, offset);
        if (answer) {
            const rows = offset > 0 ? [...this.found.rows, ...answer.rows] : answer.rows;
            this.found = {total: answer.total, rows, search};
            this.desk.store.touch();
        }
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session}) {
        const isVisible = this.element.offsetParent !== null;
        if (this.staff && isVisible && performance.now() - this.askedAt > REFRESH_MILLISECONDS
            && (this.found?.rows.length ?? 0) <= 50) {
            this.find(0);
        }
        const collator = new Intl.Collator(language() === 'en' ? 'en' : 'zh-CN-u-co-pinyin');
        const rows = this.found?.rows ?? sortedPeople(session, collator.compare);
        text(this.parts.note, this.note(session, rows));
        show(this.parts.more, Boolean(this.found) && this.found.rows.length < this.found.total);
        syncList(this.parts.list, rows, (row) => row.seat ?? `absent-${row.number}-${row.name}`,
            () => rowElement(this.host), (child, row) => this.updateRow(child, row, session));
    }

    note(session, rows) {
        if (this.found?.search) {
            return t('people.found', {count: whole(this.found.total)});
        }
        return session.presence.expected > 0
            ? t('people.presentOf', {
                present: whole(session.presence.present), expected: whole(session.presence.expected),
            }) : t('people.present', {count: whole(session.presence.present)});
    }

    updateRow(child, row, session) {
        const found = parts(child);
        const known = session.people[row.seat] ?? {};
        const isAbsent = !row.seat || row.presence === 'absent';
        const state = isAbsent ? 'absent' : known.presence ?? row.presence;
        attribute(child, 'data-seat', row.seat ?? null);
        text(found.initial, initial(row.name));
        text(found.name, personName(row));
        text(found.number, row.number ?? '');
        text(found.role, row.role && row.role !== 'participant' ? t(`role.${row.role}`) : '');
        const marks = [
            state !== 'connected' && {tone: isAbsent ? '' : 'hand', words: t(`presence.${state}`)},
            row.isExpected === false && row.role === 'participant' && {tone: 'info', words: t('people.unlisted')},
            known.isMuted && {tone: 'hand', words: t('speaker.muted')},
            known.isSpeaking && row.role === 'participant' && {tone: 'ok', words: t('people.called')},
            known.hand !== undefined && known.hand !== null && {tone: 'hand', words: t('people.handUp')},
        ].filter(Boolean);
        fill(found.marks, html`${marks.map(({tone, words}) => html`
            <span class="pill" data-tone="${tone}">${words}</span>`)}`);
        if (found.actions) {
            const canAct = !isAbsent && row.seat !== session.me.seat && row.role !== 'supervisor'
                && session.class?.phase !== 'ended';
            show(found.actions, canAct);
            found.call.hidden = row.role !== 'participant' || Boolean(known.isSpeaking);
            found.mute.dataset.act = known.isMuted ? 'unmute' : 'mute';
            text(found.muteWords, t(known.isMuted ? 'person.unmute' : 'person.mute'));
            found.remove.hidden = row.role === 'lecturer';
        }
    }
}

function rowElement(canAct) {
    return element(html`
        <li class="roster-row">
            <span class="initial" aria-hidden="true" data-part="initial"></span>
            <div class="roster-person"><strong data-part="name"></strong> <small data-part="role"></small>
                <small class="numeric" data-part="number"></small> <span data-part="marks" class="row"></span></div>
            ${canAct && html`
                <details class="roster-actions" data-part="actions">
                    <summary class="button" data-kind="quiet" aria-label="${t('people.actions')}">
                        ${icon('three-dots')}</summary>
                    <div class="card roster-menu">
                        <button type="button" class="button" data-kind="quiet" data-act="callToSpeak" data-part="call">
                            ${icon('mic-fill')}${t('hand.call')}</button>
                        <button type="button" class="button" data-kind="quiet" data-act="mute" data-part="mute">
                            ${icon('mic-mute-fill')}<span data-part="muteWords">${t('person.mute')}</span></button>
                        <button type="button" class="button" data-kind="quiet" data-act="remove" data-part="remove">
                            ${icon('box-arrow-right')}${t('person.remove')}</button></div></details>`}
        </li>`);
}
