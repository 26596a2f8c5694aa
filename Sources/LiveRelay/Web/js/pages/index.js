// The front page: a class code leads to its class. Composes only.

import {element, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {ask} from '../lib/api.js';
import {codeText, t} from '../i18n/i18n.js';
import {classCode} from '../i18n/format.js';
import {onLanguage, preferencesElement, startPreferences} from '../ui/preferences.js';

/** Digits of a class code. */
const CODE_DIGITS = 9;

await startPreferences();
onLanguage(draw);
draw();

function draw() {
    document.title = `${t('home.title')} · LiveRelay`;
    const root = element(html`
        <main class="landing" id="main">
            <div class="row"><span class="brand" data-grow>LiveRelay</span><span data-part="preferences"></span></div>
            <div class="card landing-card" data-columns="2">
                <section><h1>${t('home.title')}</h1>
                    <form novalidate>
                        <div class="field"><label for="code">${t('home.code')}</label>
                            <input class="input code-input" id="code" data-part="code" inputmode="numeric"
                                autocomplete="off" maxlength="15" placeholder="000-000-000"
                                aria-describedby="code-hint code-error">
                            <small id="code-hint">${t('home.codeHint')}</small></div>
                        <p class="field-error" id="code-error" role="alert" data-part="error" hidden></p>
                        <button class="button" data-kind="primary" data-size="large" data-part="go">
                            ${t('home.go')}</button>
                    </form>
                    <p class="muted">${t('home.elsewhere')}</p></section>
                <section><h2>${t('home.about')}</h2><p>${t('home.aboutText')}</p>
                    <h2>${t('home.needs')}</h2><p>${t('home.needsText')}</p></section>
            </div>
        </main>`);
    const found = parts(root);
    found.preferences.append(preferencesElement());
    found.code.addEventListener('input', () => writeCode(found.code));
    root.querySelector('form').addEventListener('submit', (event) => {
        event.preventDefault();
        go(found);
    });
    document.getElementById('page').replaceChildren(root);
    found.code.focus();
}

/** Writes digits as 3-3-3 while they are typed, and leaves the caret where it belongs. */
function writeCode(input) {
    const digitsBefore = input.value.slice(0, input.selectionStart ?? 0).replace(/\D/g, '').length;
    input.value = classCode(input.value);
    let place = 0;
    for (let seen = 0; place < input.value.length && seen < digitsBefore; place += 1) {
        seen += /\d/.test(input.value[place]) ? 1 : 0;
    }
    input.setSelectionRange(place, place);
}

async function go(found) {
    const code = found.code.value.replace(/\D/g, '');
    if (code.length !== CODE_DIGITS) {
        fail(found, t('home.codeInvalid'));
        return;
    }
    found.go.disabled = true;
    try {
        await ask(`/codes/${code}`);
        location.assign(`/j/${code}`);
    } catch (error) {
        fail(found, codeText(error.code));
    }
    found.go.disabled = false;
}

function fail(found, words) {
    text(found.error, words);
    show(found.error, true);
    found.code.setAttribute('aria-invalid', 'true');
    found.code.focus();
}
