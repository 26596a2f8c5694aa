// Says what a browser lacks and what to do about it.

import {html} from '../lib/html.js';
import {codeText, t} from '../i18n/i18n.js';
import {icon} from './icon.js';

/**
 * A notice about what is missing, or nothing.
 * @param {string[]} missing codes of js/audio/support.js
 * @param {'listen' | 'speak'} purpose
 */
export function supportNotice(missing, purpose) {
    if (missing.length === 0) {
        return html``;
    }
    const isInsecure = missing.includes('secureContext');
    const reasons = isInsecure ? ['secureContext'] : missing;
    return html`
        <div class="notice" data-tone="hand">${icon('exclamation-triangle-fill')}
            <div><strong>${t(`support.title.${purpose}`)}</strong>
                <ul>${reasons.map((code) => html`<li>${codeText(code)}</li>`)}</ul>
                <p>${t(isInsecure ? 'support.useHttps' : 'support.useBrowser')}</p></div>
        </div>`;
}
