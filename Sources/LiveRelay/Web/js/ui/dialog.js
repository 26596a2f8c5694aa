// Questions that are asked before something that cannot be taken back.

import {element} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {t} from '../i18n/i18n.js';

/**
 * Asks one question; Escape and the first button mean no.
 * @param {{title: string, text?: string, yes: string, no?: string, kind?: string, content?: HTMLElement,
 *     other?: string}} question `other` is the label of a second way to say yes
 * @returns {Promise<FormData | null>} the fields of the dialog, with `answer` `yes` or `other`; or null for no
 */
export function askFirst({title, text = '', yes, no = t('dialog.cancel'), kind = 'primary', content, other}) {
    const dialog = /** @type {HTMLDialogElement} */ (element(html`
        <dialog class="dialog" aria-labelledby="dialog-title">
            <form method="dialog">
                <h2 id="dialog-title">${title}</h2>
                ${text && html`<p>${text}</p>`}
                <div data-part="content" hidden></div>
                <footer>
                    <button class="button" type="button" data-part="no">${no}</button>
                    ${other && html`<button class="button" value="other">${other}</button>`}
                    <button class="button" data-kind="${kind}" value="yes">${yes}</button>
                </footer>
            </form>
        </dialog>`));
    if (content) {
        const place = dialog.querySelector('[data-part="content"]');
        place.hidden = false;
        place.append(content);
    }
    document.body.append(dialog);
    return new Promise((resolve) => {
        const form = dialog.querySelector('form');
        dialog.querySelector('[data-part="no"]').addEventListener('click', () => dialog.close('no'));
        dialog.addEventListener('close', () => {
            const fields = new FormData(form);
            fields.set('answer', dialog.returnValue);
            resolve(['yes', 'other'].includes(dialog.returnValue) ? fields : null);
            dialog.remove();
        });
        dialog.showModal();
    });
}
