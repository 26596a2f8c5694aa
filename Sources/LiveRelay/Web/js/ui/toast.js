// Short remarks of the page, and what screen readers are told. Never a toast for somebody who comes or goes.

/** How long a remark stays: time enough to read two lines. */
const TOAST_MILLISECONDS = 6000;
/** At most this many at a time; the oldest goes first. */
const TOASTS_COUNT_MAX = 3;
/** Polite remarks to screen readers are at least this far apart; what comes in between is said together. */
const ANNOUNCEMENT_GAP_MILLISECONDS = 3000;

/** @param {string} id @param {Record<string, string>} attributes */
function region(id, attributes) {
    let found = document.getElementById(id);
    if (!found) {
        found = document.createElement('div');
        found.id = id;
        for (const [name, value] of Object.entries(attributes)) {
            found.setAttribute(name, value);
        }
        document.body.append(found);
    }
    return found;
}

/** Shows a remark for a few seconds. @param {string} words */
export function toast(words) {
    const list = region('toasts', {class: 'toasts', role: 'status'});
    const line = document.createElement('p');
    line.textContent = words;
    list.append(line);
    while (list.children.length > TOASTS_COUNT_MAX) {
        list.firstElementChild.remove();
    }
    setTimeout(() => line.remove(), TOAST_MILLISECONDS);
}

let waiting = [];
let lastSaid = 0;
let timer = 0;

/** Tells a screen reader something that may wait; several things are said together. @param {string} words */
export function announce(words) {
    waiting = [...waiting.filter((each) => each !== words), words].slice(-3);
    if (timer === 0) {
        const wait = Math.max(0, lastSaid + ANNOUNCEMENT_GAP_MILLISECONDS - performance.now());
        timer = setTimeout(() => {
            timer = 0;
            lastSaid = performance.now();
            region('polite', {class: 'visually-hidden', role: 'status'}).textContent = waiting.join(' ');
            waiting = [];
        }, wait);
    }
}

/** Tells a screen reader something at once, as being called to speak. @param {string} words */
export function alertNow(words) {
    region('assertive', {class: 'visually-hidden', role: 'alert'}).textContent = words;
}
