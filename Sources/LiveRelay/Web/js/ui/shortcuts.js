// Keys. Single letters can be switched off, and never act while somebody types or composes a character.

import {element, isTyping} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {lastingStorage} from '../lib/storage.js';
import {t} from '../i18n/i18n.js';
import {askFirst} from './dialog.js';

const HOST_KEYS = ['M', 'Space', 'R', 'B', 'C', 'P', '?'];
const LEARNER_KEYS = ['M', 'Space', 'R', '1–9', 'C', 'P', '?'];
const SUPERVISOR_KEYS = ['C', 'P', '?'];

/** Names of keys as they stand in the dictionary. */
const KEY_NAMES = {'1–9': 'digits', '?': 'help'};

function areOn() {
    return lastingStorage.get('keys') !== 'off';
}

/** Shows the keys of a role, with the switch. @param {string} role */
export async function askForKeys(role) {
    const isHost = role === 'lecturer' || role === 'assistant';
    const keys = isHost ? HOST_KEYS : role === 'participant' ? LEARNER_KEYS : SUPERVISOR_KEYS;
    const kind = isHost ? 'host' : 'learner';
    const content = element(html`
        <div class="stack">
            <dl class="key-list">${keys.map((key) => html`
                <div><dt><kbd>${key}</kbd></dt><dd>${t(`keys.${kind}.${KEY_NAMES[key] ?? key}`)}</dd></div>`)}</dl>
            <label class="choice"><input type="checkbox" name="keys" value="on" ${areOn() ? html`checked` : html``}>
                ${t('keys.on')}</label>
        </div>`);
    const fields = await askFirst({title: t('keys.title'), yes: t('dialog.done'), content});
    if (fields) {
        lastingStorage.set('keys', fields.get('keys') === 'on' ? null : 'off');
    }
}

/**
 * Listens for keys as long as the class is shown.
 * @param {{actions: import('./actions.js').Actions, view: () => import('./class-view.js').ClassView | null}} options
 */
export function listenForKeys({actions, view}) {
    document.addEventListener('keydown', (event) => {
        const shown = view();
        if (!shown || !areOn() || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey
            || event.repeat || document.querySelector('dialog[open]')) {
            return;
        }
        if (event.key === ' ' ? pushToTalk(event, actions) : perform(event.key, actions, shown)) {
            event.preventDefault();
        }
    });
}

/**
 * Opens a muted microphone for as long as the space bar is held, where nothing else would take the key.
 * @param {KeyboardEvent} event
 * @param {import('./actions.js').Actions} actions
 */
function pushToTalk(event, actions) {
    const isFree = event.target === document.body || /** @type {Element} */ (event.target).id === 'main';
    if (!isFree || actions.sound.microphoneState !== 'muted') {
        return false;
    }
    actions.toggleMicrophone();
    const release = (later) => {
        if (later.type === 'blur' || later.key === ' ') {
            document.removeEventListener('keyup', release);
            window.removeEventListener('blur', release);
            if (actions.sound.microphoneState === 'open') {
                actions.toggleMicrophone();
            }
        }
    };
    document.addEventListener('keyup', release);
    window.addEventListener('blur', release);
    return true;
}

/** Does what a key means for the role; false where it means nothing. */
function perform(key, actions, view) {
    const {me, class: held} = actions.session;
    const isHost = me?.role === 'lecturer' || me?.role === 'assistant';
    const isLearner = me?.role === 'participant';
    switch (key.toLowerCase()) {
    case 'm':
        if (isHost || me?.isSpeaking) {
            actions.toggleMicrophone();
        }
        break;
    case 'r':
        if (isHost) {
            actions.callNext();
        } else if (isLearner && held?.phase === 'live') {
            actions.toggleHand();
        }
        break;
    case 'b':
        if (isHost && held?.phase === 'live') {
            actions.startBreak();
        } else if (isHost && held?.phase === 'break') {
            actions.endBreak();
        }
        break;
    case 'c': view.open('chat'); break;
    case 'p': view.open('people'); break;
    case '?': actions.keys(); break;
    default:
        if (!isLearner || !/^[1-9]$/.test(key)) {
            return false;
        }
        actions.voteByKey(Number(key) - 1);
    }
    return true;
}
