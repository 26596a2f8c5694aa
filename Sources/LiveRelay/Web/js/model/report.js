// What the report page computes from the server's figures: places of bars, sums over rows. Pure.

/**
 * Stretches of time as shares of a span, cut to it.
 * @param {{from: number, to: number, [field: string]: any}[]} spans
 * @param {number} from
 * @param {number} to
 * @returns {{start: number, width: number, [field: string]: any}[]} start and width between 0 and 1
 */
export function sharesOf(spans, from, to) {
    const length = Math.max(1, to - from);
    return spans.map((span) => {
        const start = Math.min(Math.max(span.from, from), to);
        const end = Math.min(Math.max(span.to, from), to);
        return {...span, start: (start - from) / length, width: Math.max(0, end - start) / length};
    }).filter(({width}) => width > 0);
}

/**
 * The span that a report's timelines show: the lesson, or what there was before it.
 * @param {any} report
 * @returns {{from: number, to: number}}
 */
export function shownSpan(report) {
    const from = report.startedAt ?? report.openedAt ?? report.class.plannedStart;
    return {from, to: Math.max(from + 1, report.endedAt ?? report.at)};
}

/** Milliseconds of all breaks together. @param {{breaks: {from: number, to: number}[]}} report */
export function breakMilliseconds({breaks}) {
    return breaks.reduce((sum, {from, to}) => sum + Math.max(0, to - from), 0);
}

/** Milliseconds in which the relay was away. @param {{outages?: {from: number, to: number}[] | null}} report */
export function outageMilliseconds({outages}) {
    return (outages ?? []).reduce((sum, {from, to}) => sum + Math.max(0, to - from), 0);
}

/** The mean of 有效收听 over participants who attended. @param {{rows: any[]}} report */
export function meanListening({rows}) {
    const attended = rows.filter(({attendance}) => attendance.role === 'participant'
        && attendance.verdict === 'attended');
    const total = attended.reduce((sum, {attendance}) => sum + attendance.listeningMilliseconds, 0);
    return attended.length === 0 ? 0 : Math.floor(total / attended.length);
}

/**
 * What a person's attendance is called: codes for the words of the page.
 * @param {any} person a row of the report
 * @returns {{code: string, tone: string}[]}
 */
export function verdictsOf({attendance, isVerified}) {
    const verdicts = [];
    if (attendance.verdict === 'absent') {
        verdicts.push({code: 'absent', tone: 'live'});
    } else if (attendance.verdict === 'attended') {
        const late = attendance.lateMilliseconds ?? null;
        const early = attendance.earlyLeaveMilliseconds ?? null;
        if (late !== null) {
            verdicts.push({code: 'late', tone: 'hand', milliseconds: late});
        }
        if (early !== null) {
            verdicts.push({code: 'earlyLeave', tone: 'hand', milliseconds: early});
        }
        if (verdicts.length === 0) {
            verdicts.push({code: 'present', tone: 'ok'});
        }
    }
    if (attendance.isUnexpected) {
        verdicts.push({code: isVerified ? 'unlisted' : 'unverified', tone: 'info'});
    }
    return verdicts;
}
