// Which recorded segments belong to a moment of session time, and which stretches are left out. Pure.

/** A pause without any sound that is longer than this is left out like a break. */
const GAP_MILLISECONDS = 10000;
/**
 * Left-out stretches keep this much of themselves at the end, so that sound does not begin in the middle of a
 * word.
 */
const LEAD_MILLISECONDS = 300;

/**
 * @typedef {object} Segment
 * @property {string} [url]
 * @property {string[]} [urls] the same sound in several formats, the preferred one first
 * @property {number} track
 * @property {number} start session milliseconds
 * @property {number} duration milliseconds
 *
 * @typedef {{key: string, urls: string[], track: number, start: number, end: number}} PlacedSegment
 */

export class ReplayTimeline {
    /**
     * @param {object} recording
     * @param {Segment[]} recording.segments
     * @param {{start: number, end: number}[]} recording.breaks
     * @param {number} recording.duration session milliseconds at the end of class
     */
    constructor({segments, breaks, duration}) {
        /** @type {PlacedSegment[]} by start */
        this.segments = segments
            .map((segment) => {
                const {track, start} = segment;
                const urls = segment.urls ?? (segment.url === undefined ? [] : [segment.url]);
                const end = start + Math.max(0, segment.duration);
                return {key: `${track}:${start}:${urls[0]}`, urls, track, start, end};
            })
            .filter((segment) => segment.urls.length > 0 && segment.end > segment.start)
            .sort((a, b) => a.start - b.start);
        this.breaks = breaks;
        this.duration = Math.max(duration, ...this.segments.map((segment) => segment.end));
        this.gaps = this.findGaps();
    }

    /** Where the first sound is; a replay begins there. */
    get firstSound() {
        return this.segments.length === 0 ? 0 : Math.max(0, this.segments[0].start);
    }

    /**
     * Segments that sound at this moment, the one that began first leading.
     * @param {number} time
     */
    at(time) {
        return this.segments.filter((segment) => segment.start <= time && time < segment.end);
    }

    /**
     * Segments that begin within so many milliseconds after this moment.
     * @param {number} time
     * @param {number} within
     */
    starting(time, within) {
        return this.segments.filter((segment) => segment.start > time && segment.start <= time + within);
    }

    /**
     * Leaves out breaks and long gaps: the moment itself, or the end of the stretch it stands in.
     * @param {number} time
     * @param {boolean} isSkipping
     */
    skip(time, isSkipping) {
        if (!isSkipping) {
            return time;
        }
        for (const gap of this.gaps) {
            if (time >= gap.start && time < gap.end - LEAD_MILLISECONDS) {
                return gap.end - LEAD_MILLISECONDS;
            }
        }
        return time;
    }

    /**
     * Stretches without any sound that are long enough, or are breaks; the end of class is one's end, too.
     */
    findGaps() {
        /** @type {{start: number, end: number}[]} */
        const gaps = [];
        let covered = this.firstSound;
        for (const segment of this.segments) {
            this.addGap(gaps, covered, segment.start);
            covered = Math.max(covered, segment.end);
        }
        this.addGap(gaps, covered, this.duration + LEAD_MILLISECONDS);
        return gaps;
    }

    /**
     * @param {{start: number, end: number}[]} gaps
     * @param {number} start
     * @param {number} end
     */
    addGap(gaps, start, end) {
        const isBreak = this.breaks.some((pause) => pause.start < end && pause.end > start);
        if (end - start > GAP_MILLISECONDS || (isBreak && end - start > LEAD_MILLISECONDS)) {
            gaps.push({start, end});
        }
    }
}
