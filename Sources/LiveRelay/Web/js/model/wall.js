// The order of classes on the wall. Pure.

/** What a supervisor should look at, worst first. */
export const ALARMS = ['lecturerMissing', 'noSound', 'massDisconnect', 'handWaiting'];

/** The worst alarm of a class as a number, 0 the worst. @param {{alarms: string[]}} row */
function urgency(row) {
    const worst = Math.min(...row.alarms.map((alarm) => ALARMS.indexOf(alarm)).filter((place) => place >= 0));
    return Number.isFinite(worst) ? worst : ALARMS.length;
}

/**
 * Classes that need attention first, then those with more alarms, then by planned start.
 * @template {{id: string, alarms: string[], plannedStart: number}} Row
 * @param {Row[]} rows
 * @returns {Row[]}
 */
export function sortedByAttention(rows) {
    return [...rows].sort((a, b) => urgency(a) - urgency(b) || b.alarms.length - a.alarms.length
        || a.plannedStart - b.plannedStart || (a.id < b.id ? -1 : 1));
}
