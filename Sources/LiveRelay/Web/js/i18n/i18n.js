// Words. zh-CN is the source, en has the same keys. Touches no document: pages say which language it is.

/** @typedef {'zh-CN' | 'en'} Language */

/** @type {Language} */
let current = 'zh-CN';
/** @type {Record<string, string>} */
let dictionary = {};
let plurals = new Intl.PluralRules('zh-CN');

/** The language in use. */
export function language() {
    return current;
}

/**
 * From now on everything is said in this language.
 * @param {Language} chosen
 * @param {Record<string, string>} words what `zh-CN.js` or `en.js` exports; a page loads the one it needs
 */
export function setLanguage(chosen, words) {
    current = chosen;
    dictionary = words;
    plurals = new Intl.PluralRules(chosen);
}

/**
 * The language for somebody: what the address says, else what was chosen before, else what the browser prefers.
 * @param {{asked?: string | null, stored?: string | null, preferred?: readonly string[]}} hints
 * @returns {Language}
 */
export function chooseLanguage({asked, stored, preferred = []}) {
    for (const hint of [asked, stored, ...preferred]) {
        if (/^zh/i.test(hint ?? '')) {
            return 'zh-CN';
        }
        if (/^en/i.test(hint ?? '')) {
            return 'en';
        }
    }
    return preferred.length > 0 ? 'en' : 'zh-CN';
}

/**
 * The words for a key. `{name}` is replaced by a value, `{count|hand|hands}` by the form that fits the number.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
    const words = dictionary[key] ?? key;
    return words.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (whole, name, one, other) => {
        const value = values[name];
        if (value === undefined) {
            return whole;
        }
        if (one === undefined) {
            return String(value);
        }
        return plurals.select(Number(value)) === 'one' ? one : other;
    });
}

/**
 * Whether there are words for a key.
 * @param {string} key
 */
export function has(key) {
    return key in dictionary;
}

/** Where the words for a code may stand, in the order in which they are looked for. */
const CODE_PLACES = ['rejection', 'close', 'api', 'microphone', 'support', 'line'];

/**
 * What a code of the server or of the browser means for a person, and what to do.
 * @param {string | null | undefined} code
 * @param {string} [first] where to look first: `close` where it is this person who is not let in, for a rejection
 *     of the same name may be about somebody else
 * @returns {string}
 */
export function codeText(code, first = 'rejection') {
    for (const place of [first, ...CODE_PLACES]) {
        if (has(`${place}.${code}`)) {
            return t(`${place}.${code}`);
        }
    }
    return t('code.unknown', {code: code ?? '—'});
}
