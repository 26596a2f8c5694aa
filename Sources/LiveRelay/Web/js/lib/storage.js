// What a page keeps in the browser. Storage may be switched off or full; then the page simply forgets.

/** Everything we keep stands under this prefix. */
const PREFIX = 'liverelay.';

/** @param {() => Storage} find */
function box(find) {
    return {
        /** @param {string} key @returns {string | null} */
        get(key) {
            try {
                return find().getItem(PREFIX + key);
            } catch {
                return null;
            }
        },
        /** @param {string} key @param {string | null} value */
        set(key, value) {
            try {
                if (value === null) {
                    find().removeItem(PREFIX + key);
                } else {
                    find().setItem(PREFIX + key, value);
                }
            } catch {
                // Nothing is kept then.
            }
        },
    };
}

/** Kept until the tab closes: tokens. */
export const tabStorage = box(() => globalThis.sessionStorage);
/** Kept for the next visit: name, language, theme. */
export const lastingStorage = box(() => globalThis.localStorage);

/** Bytes of randomness in the secret by which a guest is the same person after a reload. */
const DEVICE_SECRET_BYTES = 24;

/** The secret of this device, made on first use. */
export function deviceSecret() {
    const known = lastingStorage.get('device');
    if (known) {
        return known;
    }
    const bytes = crypto.getRandomValues(new Uint8Array(DEVICE_SECRET_BYTES));
    const made = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    lastingStorage.set('device', made);
    return made;
}

/**
 * The token of this tab: from the fragment of the address (`#t=…`), which is then taken out of sight, or from an
 * earlier visit of this tab.
 * @param {string} place for what the token is: the identifier of a class, or `wall`
 * @returns {string | null}
 */
export function takeToken(place) {
    const fresh = new URLSearchParams(location.hash.slice(1)).get('t');
    if (fresh) {
        tabStorage.set(`token.${place}`, fresh);
        history.replaceState(history.state, '', location.pathname + location.search);
    }
    return fresh ?? tabStorage.get(`token.${place}`);
}

/**
 * What a token says about its bearer. Only for display: the server alone judges it.
 * @param {string | null} token
 * @returns {{name?: string, role?: string, class?: string, exp?: number}}
 */
export function claimsOf(token) {
    try {
        const part = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
        const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
        return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
    } catch {
        return {};
    }
}
