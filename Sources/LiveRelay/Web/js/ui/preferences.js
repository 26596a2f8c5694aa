// Language and theme of a page: chosen by the address, by an earlier choice, or by the browser.

import {attribute, element, onAct} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {lastingStorage} from '../lib/storage.js';
import {chooseLanguage, language, setLanguage, t} from '../i18n/i18n.js';
import {icon} from './icon.js';

/** Themes in the order in which the button goes through them. */
const THEMES = ['auto', 'light', 'dark'];
const THEME_ICONS = {auto: 'gear', light: 'sun', dark: 'moon-stars'};

let theme = 'auto';
/** @type {Set<() => void>} */
const listeners = new Set();

/** Takes up language and theme; the first thing every page does and waits for. */
export async function startPreferences() {
    const query = new URLSearchParams(location.search);
    const asked = query.get('theme') ?? lastingStorage.get('theme') ?? 'auto';
    theme = THEMES.includes(asked) ? asked : 'auto';
    applyTheme();
    await speak(chooseLanguage({
        asked: query.get('lang'), stored: lastingStorage.get('language'), preferred: navigator.languages,
    }));
}

/** Loads the words of a language and takes them up. @param {'zh-CN' | 'en'} chosen */
async function speak(chosen) {
    const {default: words} = await (chosen === 'en' ? import('../i18n/en.js') : import('../i18n/zh-CN.js'));
    setLanguage(chosen, words);
    document.documentElement.lang = chosen;
}

/** Calls back after every change of the language, so that the page is written anew. @param {() => void} listener */
export function onLanguage(listener) {
    listeners.add(listener);
}

/** The two buttons that change language and theme. */
export function preferencesElement() {
    const other = language() === 'en' ? 'zh-CN' : 'en';
    const root = element(html`
        <div class="preferences">
            <button type="button" class="button" data-kind="quiet" data-act="language" lang="${other}">
                ${icon('translate')}<span>${other === 'en' ? 'English' : '中文'}</span></button>
            <button type="button" class="button" data-kind="quiet" data-act="theme">
                ${icon(THEME_ICONS[theme])}<span>${t(`theme.${theme}`)}</span></button>
        </div>`);
    onAct(root, (act) => (act === 'language' ? changeLanguage(other) : changeTheme(root)));
    return root;
}

/** @param {'zh-CN' | 'en'} chosen */
async function changeLanguage(chosen) {
    lastingStorage.set('language', chosen);
    dropFromAddress('lang');
    await speak(chosen);
    for (const listener of listeners) {
        listener();
    }
}

function changeTheme(root) {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    lastingStorage.set('theme', theme);
    dropFromAddress('theme');
    applyTheme();
    const button = root.querySelector('[data-act="theme"]');
    button.querySelector('span').textContent = t(`theme.${theme}`);
    button.querySelector('use').setAttribute('href', `#i-${THEME_ICONS[theme]}`);
}

function applyTheme() {
    attribute(document.documentElement, 'data-theme', theme === 'auto' ? null : theme);
}

/** A choice made by hand goes before the one in the address. */
function dropFromAddress(name) {
    const address = new URL(location.href);
    if (address.searchParams.has(name)) {
        address.searchParams.delete(name);
        history.replaceState(history.state, '', address);
    }
}
