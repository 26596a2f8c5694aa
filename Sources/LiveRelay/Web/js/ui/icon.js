// Icons come from one sprite and never speak: the words beside them do.

import {html} from '../lib/html.js';

/**
 * An icon by its name in `icons.svg`.
 * @param {string} name
 */
export function icon(name) {
    return html`<svg class="icon" aria-hidden="true"><use href="/assets/icons.svg#i-${name}"></use></svg>`;
}
