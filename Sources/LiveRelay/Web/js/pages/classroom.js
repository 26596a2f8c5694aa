// The page of a class: landing, class and end in one document. Composes only.

import {ask} from '../lib/api.js';
import {claimsOf, deviceSecret, takeToken, tabStorage} from '../lib/storage.js';
import {html} from '../lib/html.js';
import {t} from '../i18n/i18n.js';
import {isStaff} from '../model/selectors.js';
import {Store} from '../model/store.js';
import {ClassConnection} from '../protocol/connection.js';
import {Actions} from '../ui/actions.js';
import {ClassView} from '../ui/class-view.js';
import {Landing, screenElement} from '../ui/landing.js';
import {farewell} from '../ui/farewell.js';
import {onLanguage, startPreferences} from '../ui/preferences.js';
import {listenForKeys} from '../ui/shortcuts.js';

/** The landing asks this often how the class stands. */
const LANDING_MILLISECONDS = 15_000;

const shell = document.body.dataset;
const page = document.getElementById('page');
const classID = shell.class || location.pathname.match(/^\/c\/([\w-]{1,64})/)?.[1] || '';
const code = shell.code || location.pathname.match(/^\/j\/([\d-]{9,11})$/)?.[1].replaceAll('-', '') || '';

await startPreferences();
let token = takeToken(classID);
const connection = new ClassConnection();
const {sound} = connection;
const store = new Store((tell) => (document.hidden ? setTimeout(tell, 100) : requestAnimationFrame(() => tell())));
const actions = new Actions({connection, store, code, left: () => leave('left')});
const desk = {store, connection, actions, now: () => connection.sessionTime()};

/** @type {ClassView | null} */
let view = null;
/** Whether the parts of the class are being loaded. */
let isOpening = false;
/** @type {Landing | null} */
let landing = null;
/** Draws what is shown now; again after a change of language. */
let draw = () => {};

/** @param {HTMLElement} element */
function put(element) {
    page.replaceChildren(element);
}

/** @param {() => void} drawing */
function shownBy(drawing) {
    landing?.close();
    landing = null;
    view = null;
    draw = drawing;
    draw();
}

function plan() {
    return {
        id: classID, title: shell.title, phase: shell.phase, plannedStart: Number(shell.start),
        plannedMinutes: Number(shell.minutes), timeZone: shell.zone, isRecorded: shell.recorded !== 'false',
        lecturerName: shell.lecturer ?? '',
    };
}

async function freshPlan() {
    try {
        const answer = token ? await ask(`/classes/${classID}`, {token}) : await ask(`/codes/${code}`);
        return {...plan(), ...answer.class};
    } catch {
        return plan();
    }
}

function showLanding(code_ = null) {
    shownBy(() => {
        landing = new Landing({
            plan: plan(), code, claims: claimsOf(token), hasToken: Boolean(token), connection, join,
        });
        put(landing.element);
        landing.fail(code_);
        refreshLanding();
    });
}

async function refreshLanding() {
    const shown = landing;
    const known = await freshPlan();
    if (shown !== landing) {
        return;
    }
    if (known.phase === 'ended' && (token || !code)) {
        leave('ended');
        return;
    }
    shown?.update(known);
    if (shown && known.phase !== 'ended') {
        setTimeout(() => landing === shown && refreshLanding(), LANDING_MILLISECONDS);
    }
}

/** One click: unlocks the sound, joins, turns into the class. */
async function join({name, number}) {
    const sounding = sound.start().catch(() => {});
    if (!token) {
        const answer = await ask(`/codes/${code}/join`, {method: 'POST', body: {name, number, device: deviceSecret()}});
        token = answer.token;
    }
    if (landing?.plan.phase === 'ended') {
        location.assign(`/c/${classID}/replay#t=${token}`);
        return;
    }
    await enter(sounding);
}

async function enter(sounding) {
    try {
        await connection.join({token});
    } catch (error) {
        forgetToken(error.code);
        throw error;
    }
    tabStorage.set(`token.${classID}`, token);
    history.replaceState(null, '', `/c/${classID}${location.search}`);
    await sounding;
}

/** The token of this tab lets it back in after a reload; sound may then need a click. */
async function rejoin() {
    shownBy(() => put(screenElement({title: t('page.rejoining'), iconName: 'arrow-clockwise'})));
    try {
        await enter(sound.start().catch(() => {}));
    } catch (error) {
        code && !token ? showLanding(error.code) : leave(error.code);
    }
}

/** After these the token of this tab may still open a door, if only that of the replay. */
const TOKEN_STAYS = new Set(['ended', 'left', 'replaced', 'alreadyInClass', 'classFull', 'offline']);

/** Forgets a token that was refused. @param {string} why */
function forgetToken(why) {
    if (!TOKEN_STAYS.has(why)) {
        token = null;
        tabStorage.set(`token.${classID}`, null);
    }
}

/** Ends the page's part in the class. @param {string} why */
function leave(why) {
    forgetToken(why);
    sound.keepScreenOn(false);
    const {isRecorded} = plan();
    shownBy(() => put(farewell({why, classID, code, token, role: claimsOf(token).role, isRecorded})));
}

async function showClass() {
    isOpening = true;
    const staffParts = isStaff(store.state.session) ? await import('../ui/staff.js') : null;
    isOpening = false;
    shownBy(() => {
        view = new ClassView(desk, staffParts);
        put(view.element);
        view.update(store.state);
    });
    const {title} = store.state.session.class;
    document.title = `${title} · LiveRelay`;
    sound.describe({title, artist: 'LiveRelay'});
    sound.keepScreenOn(true);
    learnCode();
}

/** Those who run the class may invite; after a reload only the server knows the code. */
async function learnCode() {
    if (!actions.code && isStaff(store.state.session)) {
        actions.code = (await freshPlan()).code ?? '';
        store.touch();
    }
}

connection.addEventListener('message', ({detail}) => {
    store.receive(detail);
    if (!view && !isOpening && detail.type === 'snapshot') {
        showClass();
    }
});
connection.addEventListener('state', ({detail}) => {
    store.change({line: detail});
    if (detail.state === 'online') {
        actions.flush();
    } else if (detail.state === 'ended' && store.state.session.class?.phase !== 'ended') {
        leave(detail.code);
    } else if (detail.state === 'refused' && view) {
        leave(detail.code);
    } else if (detail.state === 'reconnecting' && detail.code === 'notYetOpen' && !view) {
        draw === waitAtDoor || shownBy(waitAtDoor);
    }
});
connection.addEventListener('round-trip', ({detail}) => store.change({roundTrip: detail}));
sound.addEventListener('output', ({detail}) => store.change({output: detail.state}));
sound.addEventListener('playback', ({detail}) => store.change({playback: detail}));
sound.addEventListener('microphone', ({detail}) => store.change({microphone: detail}));
sound.addEventListener('levels', ({detail}) => view?.levels(detail));
store.subscribe((state) => view?.update(state));
setInterval(() => {
    view ? store.touch() : landing?.update(landing.plan);
}, 1000);
listenForKeys({actions, view: () => view});
onLanguage(() => {
    document.querySelector('dialog[open]')?.close('no');
    draw();
});

function waitAtDoor() {
    put(screenElement({title: t('door.title'), text: t('door.text'), iconName: 'clock-history', tone: 'info'}));
}

if (!classID && !code) {
    leave('classUnknown');
} else if (!shell.title && code) {
    leave('codeUnknown');
} else if (token && location.pathname.startsWith('/c/')) {
    rejoin();
} else if (!token && !code) {
    put(screenElement({
        title: t('page.noTicket'), text: t('page.noTicketText'), iconName: 'shield-lock',
        actions: html`<a class="button" data-kind="primary" href="/">${t('page.enterCode')}</a>`,
    }));
} else {
    showLanding();
}
