// One visit to a class, from the landing through the class to the farewell, all in one document.

import {ask} from '../lib/api.js';
import {html} from '../lib/html.js';
import {claimsOf, deviceSecret, tabStorage, takeToken} from '../lib/storage.js';
import {t} from '../i18n/i18n.js';
import {isStaff} from '../model/selectors.js';
import {Actions} from './actions.js';
import {ClassView} from './class-view.js';
import {farewell} from './farewell.js';
import {Landing, screenElement} from './landing.js';
import {toast} from './toast.js';

/** The landing asks this often how the class stands. */
const LANDING_MILLISECONDS = 15_000;
/** A shorter interruption nobody needs to be told of once it is over. */
const GAP_SECONDS_MIN = 2;
/** After these the token of this tab may still open a door, if only that of the replay. */
const TOKEN_STAYS = new Set(['ended', 'left', 'replaced', 'alreadyInClass', 'classFull', 'offline']);

/**
 * @typedef {object} Place where the page stands
 * @property {string} classID
 * @property {string} code the nine digits, or nothing
 * @property {boolean} isKnown whether the server knows the class
 * @property {import('./landing.js').Plan} plan the class as the server wrote it into the page
 */

export class ClassVisit {
    /**
     * @param {{page: HTMLElement, place: Place, connection: any, store: import('../model/store.js').Store}} options
     */
    constructor({page, place, connection, store}) {
        this.page = page;
        this.place = place;
        this.connection = connection;
        this.sound = connection.sound;
        this.store = store;
        this.token = takeToken(place.classID);
        this.actions = new Actions({connection, store, code: place.code, left: () => this.leave('left')});
        /** @type {ClassView | null} */
        this.view = null;
        /** Whether the parts of the class are being loaded. */
        this.isOpening = false;
        /** How long the line has been away. */
        this.awaySeconds = 0;
        /** @type {Landing | null} */
        this.landing = null;
        /** Draws what is shown now; again after a change of language. */
        this.draw = () => {};
    }

    /** Shows what the address and the token of this tab lead to. */
    start() {
        const {classID, code, isKnown} = this.place;
        if (code && !isKnown) {
            this.explainCode();
        } else if (this.token && !code) {
            this.rejoin();
        } else if (code) {
            this.showLanding();
        } else if (classID) {
            this.shownBy(() => this.put(screenElement({
                title: t('page.noTicket'), text: t('page.noTicketText'), iconName: 'shield-lock',
                actions: html`<a class="button" data-kind="primary" href="/">${t('page.enterCode')}</a>`,
            })));
        } else {
            this.leave('classUnknown');
        }
    }

    /** @param {HTMLElement} element */
    put(element) {
        this.page.replaceChildren(element);
        // What was focused is gone; the keyboard goes on from the content that took its place.
        document.getElementById('main')?.focus({preventScroll: true});
    }

    /** @param {() => void} drawing */
    shownBy(drawing) {
        this.landing?.close();
        this.landing = null;
        this.view = null;
        this.draw = drawing;
        drawing();
    }

    /** Draws anew in another language. */
    redraw() {
        document.querySelector('dialog[open]')?.close('no');
        this.draw();
    }

    // Before the class

    /** Why a code leads nowhere: it may be wrong, or there were too many wrong ones. */
    async explainCode() {
        const refusal = await ask(`/codes/${this.place.code}`).then(() => null, (error) => error.code);
        refusal ? this.leave(refusal) : location.reload();
    }

    async freshPlan() {
        const {classID, code, plan} = this.place;
        try {
            const {token} = this;
            const answer = token ? await ask(`/classes/${classID}`, {token}) : await ask(`/codes/${code}`);
            return {...plan, ...answer.class};
        } catch {
            return plan;
        }
    }

    /** @param {string | null} [refusal] why the last attempt failed */
    showLanding(refusal = null) {
        this.shownBy(() => {
            this.landing = new Landing({
                plan: this.place.plan, claims: claimsOf(this.token), hasToken: Boolean(this.token),
                connection: this.connection, join: (who) => this.join(who),
            });
            this.put(this.landing.element);
            this.landing.fail(refusal);
            this.refreshLanding();
        });
    }

    async refreshLanding() {
        const shown = this.landing;
        const known = await this.freshPlan();
        if (!shown || shown !== this.landing) {
            return;
        }
        const isOver = known.phase === 'ended';
        if (isOver && this.token) {
            this.leave('ended');
            return;
        }
        shown.update(known);
        if (!isOver) {
            setTimeout(() => this.landing === shown && this.refreshLanding(), LANDING_MILLISECONDS);
        }
    }

    /** One click: unlocks the sound, joins, turns into the class. @param {{name: string, number: string}} who */
    async join({name, number}) {
        const {classID, code} = this.place;
        const sounding = this.sound.start().catch(() => {});
        if (!this.token) {
            const body = {name, number, device: deviceSecret()};
            const answer = await ask(`/codes/${code}/join`, {method: 'POST', body});
            this.token = answer.token;
        }
        if (this.landing?.plan.phase === 'ended') {
            location.assign(`/c/${classID}/replay#t=${this.token}`);
            return;
        }
        await this.enter(sounding);
    }

    async enter(sounding) {
        const {classID} = this.place;
        try {
            await this.connection.join({token: this.token});
        } catch (error) {
            this.forgetToken(error.code);
            throw error;
        }
        tabStorage.set(`token.${classID}`, this.token);
        history.replaceState(null, '', `/c/${classID}${location.search}`);
        await sounding;
    }

    /** The token of this tab lets it back in after a reload; sound may then need a click. */
    async rejoin() {
        this.shownBy(() => this.put(screenElement({title: t('page.rejoining'), iconName: 'arrow-clockwise'})));
        try {
            await this.enter(this.sound.start().catch(() => {}));
        } catch (error) {
            this.leave(error.code);
        }
    }

    waitAtDoor() {
        if (!this.isAtDoor) {
            this.isAtDoor = true;
            this.shownBy(() => this.put(screenElement({
                title: t('door.title'), text: t('door.text'), iconName: 'clock-history', tone: 'info',
            })));
        }
    }

    // In class

    /** @param {any} message of the relay */
    receive(message) {
        this.store.receive(message);
        if (!this.view && !this.isOpening && message.type === 'snapshot') {
            this.showClass();
        }
    }

    async showClass() {
        const {store, sound} = this;
        this.isOpening = true;
        const staffParts = isStaff(store.state.session) ? await import('./staff.js') : null;
        this.isOpening = false;
        const desk = {
            store, connection: this.connection, actions: this.actions, now: () => this.connection.sessionTime(),
        };
        this.shownBy(() => {
            this.view = new ClassView(desk, staffParts);
            this.put(this.view.element);
            this.view.update(store.state);
        });
        const {title} = store.state.session.class;
        document.title = `${title} · LiveRelay`;
        sound.describe({title, artist: 'LiveRelay'});
        sound.keepScreenOn(true);
        this.learnCode();
    }

    /** Those who run the class may invite; after a reload only the server knows the code. */
    async learnCode() {
        if (!this.actions.code && isStaff(this.store.state.session)) {
            this.actions.code = (await this.freshPlan()).code ?? '';
            this.store.touch();
        }
    }

    /** @param {{state: string, code?: string}} line the connection as it is now */
    lineChanged(line) {
        this.store.change({line});
        const isEnded = this.store.state.session.class?.phase === 'ended';
        if (line.state === 'online') {
            this.actions.flush();
            this.tellBack();
        } else if (line.state === 'reconnecting') {
            this.awaySeconds = line.seconds ?? 0;
        }
        if (line.state === 'online') {
            this.awaySeconds = 0;
        } else if ((line.state === 'ended' && !isEnded) || (line.state === 'refused' && this.view)) {
            this.leave(line.code);
        } else if (line.state === 'reconnecting' && line.code === 'notYetOpen' && !this.view) {
            this.waitAtDoor();
        }
    }

    /** Says what an interruption cost, once it is over. */
    tellBack() {
        const {session, microphone} = this.store.state;
        if (this.view && this.awaySeconds >= GAP_SECONDS_MIN && session.class?.phase === 'live') {
            const isSpeaking = microphone.state === 'open' || microphone.state === 'muted';
            const kind = session.class.isRecorded === false ? 'backUnrecorded' : isSpeaking ? 'backSpeaking' : 'back';
            toast(t(`line.${kind}`, {count: this.awaySeconds}));
        }
    }

    /** @param {number} seconds of one's own sound that have yet to be sent for the record */
    unrecordedChanged(seconds) {
        const {unrecorded, line} = this.store.state;
        if (unrecorded >= GAP_SECONDS_MIN && seconds === 0 && line.state === 'online') {
            toast(t('line.recorded'));
        }
        this.store.change({unrecorded: seconds});
    }

    /** A second went by. */
    tick() {
        this.view ? this.store.touch() : this.landing?.update(this.landing.plan);
    }

    // After the class

    /** Forgets a token that was refused. @param {string} why */
    forgetToken(why) {
        if (!TOKEN_STAYS.has(why)) {
            this.token = null;
            tabStorage.set(`token.${this.place.classID}`, null);
        }
    }

    /** Ends the page's part in the class. @param {string} why */
    leave(why) {
        const {classID, code, plan} = this.place;
        this.forgetToken(why);
        this.sound.keepScreenOn(false);
        const {token} = this;
        this.shownBy(() => this.put(farewell({
            why, classID, code, token, role: claimsOf(token).role, isRecorded: plan.isRecorded,
        })));
    }
}
