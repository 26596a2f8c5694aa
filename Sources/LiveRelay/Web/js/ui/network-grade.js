// How good a line is, in one word.

/** Up to this round trip people speak as in one room; up to the next it can be borne. */
const GOOD_ROUND_TRIP_MILLISECONDS = 150;
const FAIR_ROUND_TRIP_MILLISECONDS = 400;

/**
 * How good a line is, by its round trip.
 * @param {number} milliseconds
 * @returns {{word: 'good' | 'fair' | 'poor', tone: string}}
 */
export function networkGrade(milliseconds) {
    if (milliseconds <= GOOD_ROUND_TRIP_MILLISECONDS) {
        return {word: 'good', tone: 'ok'};
    }
    return milliseconds <= FAIR_ROUND_TRIP_MILLISECONDS ? {word: 'fair', tone: 'hand'} : {word: 'poor', tone: 'live'};
}
