// Icons come from one sprite and never speak: the words beside them do. The sprite is taken into the document once,
// so that icons made later are there even while the line is down.

import {html} from '../lib/html.js';

/** Where the sprite is. */
const SPRITE = '/assets/icons.svg';

fetch(SPRITE).then((response) => response.text()).then((text) => {
    const sprite = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
    sprite.setAttribute('class', 'sprite');
    document.body.append(document.adoptNode(sprite));
}).catch(() => {
    // Then there are words alone.
});

/**
 * An icon by its name in the sprite.
 * @param {string} name
 */
export function icon(name) {
    return html`<svg class="icon" aria-hidden="true"><use href="#i-${name}"></use></svg>`;
}
