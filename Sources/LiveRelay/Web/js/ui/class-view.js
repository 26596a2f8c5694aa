// The class as its people see it: which parts there are follows from the role, where they stand from the CSS.

import {attribute, element, parts} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {isHost, isStaff} from '../model/selectors.js';
import {t} from '../i18n/i18n.js';
import {AboutCard} from './about-card.js';
import {Banners} from './banners.js';
import {CallCard} from './call-card.js';
import {ChatPanel} from './chat-panel.js';
import {ClassHeader} from './class-header.js';
import {Dock} from './dock.js';
import {PollCard} from './poll-card.js';
import {Roster} from './roster.js';
import {Stage} from './stage.js';
import {Tabs} from './tabs.js';

/**
 * @typedef {object} Desk what every part of the class page may use
 * @property {import('../model/store.js').Store} store
 * @property {any} connection
 * @property {import('./actions.js').Actions} actions
 * @property {() => number | null} now session time in milliseconds
 */

export class ClassView {
    /**
     * @param {Desk} desk
     * @param {typeof import('./staff.js') | null} staffParts for those who run or watch over the class
     */
    constructor(desk, staffParts) {
        const {session} = desk.store.state;
        const host = isHost(session);
        const staff = isStaff(session);
        this.element = element(html`
            <div class="classroom" data-role="${session.me?.role}">
                <a class="skip-link" href="#main">${t('page.skip')}</a>
                <div data-part="top"></div>
                <main class="class-main" id="main" tabindex="-1">
                    <div class="class-side" data-part="side" role="region" tabindex="0"
                        aria-label="${t('side.title')}"></div>
                    <div class="class-centre" data-part="centre"></div>
                </main>
                <div data-part="bottom"></div>
            </div>`);
        const {top, side, centre, bottom} = parts(this.element);

        this.chat = new ChatPanel(desk);
        this.roster = new Roster(desk);
        const tabs = [
            {name: 'chat', label: t('tab.chat'), panel: this.chat},
            ...(host ? [{name: 'polls', label: t('tab.polls'), panel: new staffParts.PollPanel(desk)}] : []),
            {name: 'people', label: t('tab.people'), panel: this.roster},
        ];
        this.tabs = new Tabs(tabs);
        /** Parts by place, in the order in which the keyboard goes through them. @type {[HTMLElement, any[]][]} */
        const places = [
            [top, [new ClassHeader(desk), new Banners(desk)]],
            [side, [
                new CallCard(desk),
                ...(staff ? [new staffParts.HandQueue(desk)] : [new PollCard(desk)]),
                ...(host ? [] : [new AboutCard()]),
            ]],
            [centre, [new Stage(desk), ...(staff ? [new staffParts.HeardLine(desk)] : []), this.tabs]],
            [bottom, [new Dock(desk, this)]],
        ];
        this.members = places.flatMap(([, members]) => members);
        for (const [place, members] of places) {
            place.append(...members.map((member) => member.element));
        }
    }

    /** @param {import('../model/store.js').PageState} state */
    update(state) {
        for (const member of this.members) {
            member.update(state);
        }
        attribute(this.element, 'data-phase', state.session.class?.phase ?? null);
    }

    /** Levels come ten times a second and go past the store. @param {any} levels */
    levels(levels) {
        for (const member of this.members) {
            member.levels?.(levels);
        }
    }

    /** Opens a tab and puts the focus into it. @param {string} name */
    open(name) {
        this.tabs.select(name);
        (name === 'chat' ? this.chat : this.roster).focus();
    }
}
