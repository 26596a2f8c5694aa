// Numbers and times as people of the language write them.

import {language, t} from './i18n.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * A length of time as a clock shows it: `4:12`, `1:02:09`.
 * @param {number} milliseconds
 */
export function clock(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
    return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest.replace(/^0(?=\d)/, '');
}

/** A length of time for a machine: `PT4M12S`. @param {number} milliseconds */
export function isoDuration(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    return `PT${Math.floor(seconds / 60)}M${seconds % 60}S`;
}

/**
 * A length of time in words, to the minute: 42 分钟, 1 小时 5 分钟.
 * @param {number} milliseconds
 */
export function span(milliseconds) {
    const minutes = Math.round(milliseconds / MINUTE);
    if (minutes < 60) {
        return t('time.minutes', {count: minutes});
    }
    return t('time.hoursMinutes', {hours: Math.floor(minutes / 60), minutes: minutes % 60});
}

/**
 * Seconds with one decimal: 0.4.
 * @param {number} milliseconds
 */
export function seconds(milliseconds) {
    return decimal(milliseconds / 1000, 1);
}

/** @param {number} value @param {number} digits */
export function decimal(value, digits) {
    return new Intl.NumberFormat(language(), {minimumFractionDigits: digits, maximumFractionDigits: digits})
        .format(value);
}

/** @param {number} value */
export function whole(value) {
    return new Intl.NumberFormat(language()).format(value);
}

/** @param {number} share 0..1 */
export function percent(share) {
    return new Intl.NumberFormat(language(), {style: 'percent', maximumFractionDigits: 0}).format(share);
}

/**
 * A time of day in a time zone: 09:00.
 * @param {number} wall Unix milliseconds
 * @param {string} [zone] IANA name; that of the browser without it
 */
export function timeOfDay(wall, zone) {
    return formatter({hour: '2-digit', minute: '2-digit', hourCycle: 'h23'}, zone).format(wall);
}

/** The same with seconds. @param {number} wall @param {string} [zone] */
export function timeOfDayExactly(wall, zone) {
    return formatter({hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'}, zone).format(wall);
}

/**
 * A day with its weekday: 2026年11月23日 周一.
 * @param {number} wall Unix milliseconds
 * @param {string} [zone]
 */
export function day(wall, zone) {
    const date = formatter({year: 'numeric', month: language() === 'en' ? 'short' : 'long', day: 'numeric'}, zone)
        .format(wall);
    return `${date} ${formatter({weekday: 'short'}, zone).format(wall)}`;
}

/**
 * When a class is: 2026年11月23日 周一 09:00–09:45, with the second day where it ends on another one.
 * @param {number} start Unix milliseconds
 * @param {number} minutes
 * @param {string} [zone]
 */
export function when(start, minutes, zone) {
    const end = start + minutes * MINUTE;
    const later = day(start, zone) === day(end, zone) ? '' : `${day(end, zone)} `;
    return `${day(start, zone)} ${timeOfDay(start, zone)}–${later}${timeOfDay(end, zone)}`;
}

/**
 * The nine digits of a class as people say them: 482-915-603.
 * @param {string} code
 */
export function classCode(code) {
    return code.replace(/\D/g, '').slice(0, 9).replace(/(\d{3})(?=\d)/g, '$1-');
}

/**
 * A person as others read the name: 王晓明（第一中学）.
 * @param {{name?: string, affiliation?: string}} person
 */
export function personName({name = '', affiliation = ''}) {
    return affiliation ? t('person.withAffiliation', {name, affiliation}) : name;
}

/**
 * The letter or character that stands for a person; a character beyond the BMP stays whole.
 * @param {string} name
 */
export function initial(name) {
    return [...name.trim()][0] ?? '·';
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/** @param {Intl.DateTimeFormatOptions} options @param {string} [zone] */
function formatter(options, zone) {
    const key = JSON.stringify([language(), options, zone]);
    let made = formatters.get(key);
    if (!made) {
        try {
            made = new Intl.DateTimeFormat(language(), {...options, timeZone: zone || undefined});
        } catch {
            made = new Intl.DateTimeFormat(language(), options);
        }
        formatters.set(key, made);
    }
    return made;
}

function pad(number) {
    return String(number).padStart(2, '0');
}

export {HOUR, MINUTE};
