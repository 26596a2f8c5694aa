// The replay of a class. Composes only.

import {ask} from '../lib/api.js';
import {isTyping} from '../lib/dom.js';
import {takeToken} from '../lib/storage.js';
import {html} from '../lib/html.js';
import {codeText, t} from '../i18n/i18n.js';
import {parseMoment} from '../model/replay.js';
import {ReplayPlayer} from '../audio/replay-player.js';
import {screenElement} from '../ui/landing.js';
import {onLanguage, startPreferences} from '../ui/preferences.js';
import {ReplayView, STEP_MILLISECONDS} from '../ui/replay-view.js';

/** While the class runs the page asks this often for what is new. */
const GROW_MILLISECONDS = 15_000;

const shell = document.body.dataset;
const page = document.getElementById('page');
const classID = shell.class || location.pathname.match(/^\/c\/([\w-]{1,64})/)?.[1] || '';

await startPreferences();
const token = takeToken(classID);
let draw = () => {};
onLanguage(() => draw());
open();

/** @param {() => void} drawing */
function shownBy(drawing) {
    draw = drawing;
    draw();
}

async function open() {
    shownBy(() => page.replaceChildren(screenElement({title: t('replay.loading'), iconName: 'arrow-clockwise'})));
    try {
        if (token) {
            await ask('/visit', {method: 'POST', body: {token, class: classID}, token});
        }
        const replay = await ask(`/classes/${classID}/replay`, {token});
        replay.segments.length > 0 ? showReplay(replay) : showNothing();
    } catch (error) {
        shownBy(() => page.replaceChildren(screenElement({
            title: t('farewell.refused'), text: codeText(error.code), iconName: 'shield-lock',
            actions: html`<a class="button" href="/">${t('page.enterCode')}</a>`,
        })));
    }
}

function showNothing() {
    shownBy(() => page.replaceChildren(screenElement({
        title: t('replay.empty'), text: t('replay.emptyText'), iconName: 'volume-mute-fill',
        actions: html`<a class="button" href="/c/${classID}">${t('landing.back')}</a>`,
    })));
}

function showReplay(replay) {
    let shown = replay;
    const player = new ReplayPlayer({
        segments: segmentsOf(replay), breaks: breaksOf(replay), duration: replay.to,
    });
    const moment = parseMoment(new URLSearchParams(location.search).get('t'));
    player.seek(replay.from + (moment ?? 0));
    /** @type {ReplayView} */
    let view;
    shownBy(() => {
        document.title = `${replay.class.title} · ${t('replay.title')} · LiveRelay`;
        view = new ReplayView({player, replay: shown});
        page.replaceChildren(view.element);
    });
    for (const name of ['time', 'state', 'end']) {
        player.addEventListener(name, () => view.moved());
    }
    player.addEventListener('failure', (event) => view.failed(event.detail));
    listenForKeys(player, () => view);
    if (replay.class.phase !== 'ended') {
        setInterval(async () => {
            shown = await ask(`/classes/${classID}/replay`, {token}).catch(() => shown);
            player.setSegments(segmentsOf(shown), shown.to);
            view.take(shown);
        }, GROW_MILLISECONDS);
    }
}

function segmentsOf({segments}) {
    return segments.map(({url, track, startedAt, milliseconds}) => ({
        url, track, start: startedAt, duration: milliseconds,
    }));
}

function breaksOf({breaks = []}) {
    return breaks.map(({from, to}) => ({start: from, end: to}));
}

function listenForKeys(player, view) {
    document.addEventListener('keydown', (event) => {
        if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        const isControl = event.target instanceof Element
            && event.target.closest('button, a, summary, [type=checkbox]');
        const actions = {
            ArrowLeft: () => player.seek(player.time - STEP_MILLISECONDS),
            ArrowRight: () => player.seek(player.time + STEP_MILLISECONDS),
            j: () => player.seek(player.time - STEP_MILLISECONDS),
            l: () => player.seek(player.time + STEP_MILLISECONDS),
            k: () => view().toggle(),
            '<': () => view().faster(-1),
            '>': () => view().faster(1),
            m: () => {
                player.volume = player.volume > 0 ? 0 : 1;
            },
            '/': () => view().parts.search.focus(),
            ' ': isControl ? null : () => view().toggle(),
        };
        const perform = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (perform) {
            event.preventDefault();
            perform();
        }
    });
}
