// Hands in the order in which they went up; always in sight of those who run the class.

import {attribute, element, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {isHost} from '../model/selectors.js';
import {t} from '../i18n/i18n.js';
import {clock, initial, personName, whole} from '../i18n/format.js';
import {icon} from './icon.js';
import {announce} from './toast.js';

export class HandQueue {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        this.seats = new Set();
        const canCall = isHost(desk.store.state.session);
        this.canCall = canCall;
        this.element = element(html`
            <section class="card hands" aria-labelledby="hands-title">
                <header class="row"><h2 id="hands-title" data-grow>${icon('hand-index-fill')}
                    <span data-part="title"></span></h2>
                    ${canCall && html`<button type="button" class="button" data-kind="quiet" data-part="all">
                        ${t('hand.lowerAll')}</button>`}</header>
                <ol data-part="list" tabindex="0" aria-labelledby="hands-title"></ol>
                <p class="muted hands-empty" data-part="empty">${t('hand.none')}</p>
            </section>`);
        this.parts = parts(this.element);
        this.parts.all?.addEventListener('click', () => desk.actions.lowerAll());
        this.parts.list.addEventListener('click', (event) => {
            const button = /** @type {HTMLElement} */ (event.target).closest('button');
            if (button) {
                desk.actions[button.dataset.seatAct](button.closest('[data-key]').dataset.key);
            }
        });
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session}) {
        const {queue} = session.hands;
        const now = this.desk.now();
        text(this.parts.title, t('hand.count', {count: whole(session.hands.total)}));
        show(this.parts.empty, queue.length === 0);
        attribute(this.element, 'data-filled', queue.length > 0 ? '' : null);
        if (this.parts.all) {
            show(this.parts.all, queue.length > 1);
        }
        syncList(this.parts.list, queue, (hand) => hand.seat, (hand) => handElement(hand, this.canCall),
            (child, hand, index) => {
                const found = parts(child);
                text(found.place, String(index + 1));
                text(found.wait, now === null ? '' : t('hand.waiting', {time: clock(now - hand.raisedAt)}));
            });
        this.tell(queue);
    }

    /** Says who raised a hand, for those who do not see it. */
    tell(queue) {
        const seats = new Set(queue.map((hand) => hand.seat));
        const fresh = queue.filter((hand) => !this.seats.has(hand.seat));
        if (this.isTold && fresh.length > 0) {
            announce(t('hand.raisedBy', {name: fresh.map((hand) => hand.name).join(t('list.separator')),
                count: queue.length}));
        }
        this.isTold = true;
        this.seats = seats;
    }
}

function handElement(hand, canCall) {
    const name = personName(hand);
    return element(html`
        <li class="hand row">
            <span class="hand-place numeric" data-part="place"></span>
            <span class="initial" aria-hidden="true">${initial(hand.name)}</span>
            <span data-grow><strong class="hand-name">${hand.name}</strong><br>
                <small>${hand.affiliation && html`${hand.affiliation}<br>`}<span class="numeric"
                    data-part="wait"></span></small></span>
            ${canCall && html`
                <button type="button" class="button" data-kind="hand" data-seat-act="callToSpeak"
                    aria-label="${t('hand.callPerson', {name})}">${icon('mic-fill')}${t('hand.call')}</button>
                <button type="button" class="button" data-kind="quiet" data-seat-act="lowerHandOf"
                    aria-label="${t('hand.lowerPerson', {name})}">${t('hand.lower')}</button>`}
        </li>`);
}
