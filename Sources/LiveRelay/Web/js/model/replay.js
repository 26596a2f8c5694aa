// What a replay shows beside its sound: entries in the order of time, how lively it was, moments in addresses. Pure.

/** One bar of the density strip stands for so long, where that gives a number of bars one can read. */
export const DENSITY_MILLISECONDS = 30_000;
/** Less than a second between two segments is their seam. */
const PAUSE_MILLISECONDS_MIN = 1000;
/** More bars than this nobody can tell apart; fewer look like blocks. */
const DENSITY_COUNT_MAX = 160;
const DENSITY_COUNT_MIN = 60;

/**
 * @typedef {{kind: 'chat' | 'hand' | 'poll' | 'break' | 'pause', at: number, [field: string]: any}} Entry
 */

/**
 * Chat, hands, polls and breaks as one list, earliest first.
 * @param {any} replay the answer of the server
 * @returns {Entry[]}
 */
export function entriesOf(replay) {
    const entries = [
        ...(replay.chat ?? []).filter((entry) => entry.text !== null && entry.text !== undefined)
            .map((entry) => ({...entry, kind: 'chat'})),
        ...(replay.hands ?? []).map((entry) => ({...entry, kind: 'hand'})),
        ...(replay.polls ?? []).map((entry) => ({...entry, kind: 'poll'})),
        ...pausesOf(replay).map(({from, to, cause}) => ({kind: 'pause', at: from, to, cause})),
        ...(replay.breaks ?? []).map(({from, to}) => ({kind: 'break', at: from, to})),
    ];
    return entries.map((entry, index) => ({...entry, index})).sort((a, b) => a.at - b.at || a.index - b.index)
        .map(({index, ...entry}) => ({...entry, key: `${entry.kind}-${index}`}));
}

/**
 * Stretches in which nothing could be recorded, less what was recorded of them after all: the lecturer's page keeps
 * what it said and sends it once the disk takes it.
 * @param {any} replay the answer of the server
 * @returns {{from: number, to: number, cause: string}[]}
 */
export function pausesOf({pauses = [], segments = [], to: end}) {
    return pauses.flatMap(({from, to, cause}) => {
        let left = [{from, to: to ?? end, cause}];
        for (const {startedAt, milliseconds} of segments) {
            left = left.flatMap((stretch) => [
                {...stretch, to: Math.min(stretch.to, startedAt)},
                {...stretch, from: Math.max(stretch.from, startedAt + milliseconds)},
            ]).filter((stretch) => stretch.to > stretch.from);
        }
        return left.filter((stretch) => stretch.to - stretch.from >= PAUSE_MILLISECONDS_MIN);
    });
}

/**
 * The place of the last entry at or before a time, -1 before the first.
 * @param {Entry[]} entries
 * @param {number} time
 */
export function currentIndex(entries, time) {
    let low = 0;
    let high = entries.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (entries[middle].at <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low - 1;
}

/**
 * How much happened in each stretch of a class.
 * @param {Entry[]} entries
 * @param {number} from
 * @param {number} to
 * @returns {number[]}
 */
export function densityOf(entries, from, to) {
    const length = Math.max(1, to - from);
    const count = Math.min(
        DENSITY_COUNT_MAX, Math.max(DENSITY_COUNT_MIN, Math.ceil(length / DENSITY_MILLISECONDS)));
    const bars = new Array(count).fill(0);
    for (const entry of entries) {
        if (entry.kind !== 'break' && entry.kind !== 'pause' && entry.at >= from && entry.at < to) {
            bars[Math.min(count - 1, Math.floor((entry.at - from) / length * count))] += entry.kind === 'poll'
                ? entry.count ?? 1 : 1;
        }
    }
    return bars;
}

/**
 * The entries that hold a text anywhere.
 * @param {Entry[]} entries
 * @param {string} search
 */
export function matching(entries, search) {
    const wanted = search.trim().toLowerCase();
    if (!wanted) {
        return entries;
    }
    const wordsOf = ({name, affiliation, text, question, options = []}) => [
        name, affiliation, text, question, ...options,
    ];
    return entries.filter((entry) => wordsOf(entry)
        .some((words) => (words ?? '').toLowerCase().includes(wanted)));
}

/**
 * A moment in an address: `12m48s`, `1h2m3s`, `95` (seconds).
 * @param {string | null} text
 * @returns {number | null} milliseconds, null where it is no moment
 */
export function parseMoment(text) {
    const match = /^(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?$/.exec(text ?? '');
    if (!text || !match) {
        return null;
    }
    const [, hours = 0, minutes = 0, seconds = 0] = match;
    return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** A moment for an address. @param {number} milliseconds */
export function writeMoment(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    return `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
