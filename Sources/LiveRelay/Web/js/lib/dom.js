// The few things pages do to the document. Every function leaves alone what is already right, so that focus,
// selection and screen readers are not disturbed by an update that changes nothing.

/** @typedef {import('./html.js').Markup} Markup */

/**
 * The elements of a piece of markup.
 * @param {Markup} markup
 * @returns {DocumentFragment}
 */
export function fragment(markup) {
    const template = document.createElement('template');
    template.innerHTML = markup.text;
    return template.content;
}

/**
 * The one element of a piece of markup.
 * @param {Markup} markup
 * @returns {HTMLElement}
 */
export function element(markup) {
    return /** @type {HTMLElement} */ (fragment(markup).firstElementChild);
}

/**
 * Replaces what is inside an element.
 * @param {Element} parent
 * @param {Markup} markup
 */
export function fill(parent, markup) {
    if (written.get(parent) === markup.text) {
        return;
    }
    written.set(parent, markup.text);
    parent.replaceChildren(fragment(markup));
}

/** What `fill` wrote last, so that it writes only when something changed. @type {WeakMap<Element, string>} */
const written = new WeakMap();

/**
 * The elements below a root that carry `data-part`, by that name.
 * @param {ParentNode} root
 * @returns {Record<string, any>}
 */
export function parts(root) {
    const found = {};
    for (const each of root.querySelectorAll('[data-part]')) {
        found[/** @type {HTMLElement} */ (each).dataset.part] = each;
    }
    return found;
}

/**
 * Sets the text of an element.
 * @param {Element} target
 * @param {string} value
 */
export function text(target, value) {
    if (target.textContent !== value) {
        target.textContent = value;
    }
}

/**
 * Shows or hides an element.
 * @param {HTMLElement} target
 * @param {boolean} isShown
 */
export function show(target, isShown) {
    if (target.hidden === isShown) {
        target.hidden = !isShown;
    }
}

/**
 * Sets an attribute, or takes it away where the value is null.
 * @param {Element} target
 * @param {string} name
 * @param {string | null} value
 */
export function attribute(target, name, value) {
    if (value === null) {
        if (target.hasAttribute(name)) {
            target.removeAttribute(name);
        }
    } else if (target.getAttribute(name) !== value) {
        target.setAttribute(name, value);
    }
}

/**
 * Brings the children of an element into line with a list: keeps those whose key is still there, makes new ones,
 * removes the others, and moves only what stands at the wrong place.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T, index: number) => string} keyOf
 * @param {(item: T) => HTMLElement} create
 * @param {(child: HTMLElement, item: T, index: number) => void} [update]
 */
export function syncList(parent, items, keyOf, create, update) {
    const byKey = new Map();
    for (const child of [...parent.children]) {
        byKey.set(/** @type {HTMLElement} */ (child).dataset.key, child);
    }
    let place = parent.firstElementChild;
    items.forEach((item, index) => {
        const key = keyOf(item, index);
        let child = byKey.get(key);
        if (child) {
            byKey.delete(key);
        } else {
            child = create(item);
            child.dataset.key = key;
        }
        if (child === place) {
            place = place.nextElementSibling;
        } else {
            parent.insertBefore(child, place);
        }
        update?.(child, item, index);
    });
    for (const child of byKey.values()) {
        child.remove();
    }
}

/**
 * Calls back for every click on, or inside, a descendant that carries `data-act`.
 * @param {Element} root
 * @param {(act: string, target: HTMLElement, event: Event) => void} perform
 */
export function onAct(root, perform) {
    root.addEventListener('click', (event) => {
        const target = /** @type {Element} */ (event.target).closest('[data-act]');
        if (target instanceof HTMLElement && root.contains(target) && !isOff(target)) {
            perform(target.dataset.act, target, event);
        }
    });
}

function isOff(target) {
    return target.hasAttribute('disabled') || target.getAttribute('aria-disabled') === 'true';
}

/**
 * Whether a key press belongs to somebody who is typing, or to an input method that composes a character.
 * @param {KeyboardEvent} event
 */
export function isTyping(event) {
    const target = event.target;
    return event.isComposing || event.keyCode === 229 || (target instanceof HTMLElement
        && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
            && !['button', 'checkbox', 'radio', 'range'].includes(/** @type {any} */ (target).type)));
}
