// When to try again after the line was lost. Pure: randomness comes in as a function that gives 0 to 1.

/** The first try comes within a second, or what the relay said, so that a class does not come back in one instant. */
const FIRST_MILLISECONDS_MAX = 1000;
/** For ten seconds the line may just have hiccuped: about one try a second. */
const EAGER_MILLISECONDS = 10000;
const EAGER_PAUSE_MILLISECONDS_MIN = 500;
const EAGER_PAUSE_MILLISECONDS_MAX = 1500;
/** Later on tries are spread over half the time that the line has been away, and over half a minute at most. */
const PATIENT_PAUSE_SHARE = 0.5;
const PATIENT_PAUSE_MILLISECONDS_MAX = 30000;
/** A door that is still closed is asked again every few seconds: people wait in front of it. */
const DOOR_PAUSE_MILLISECONDS_MIN = 2000;
const DOOR_PAUSE_MILLISECONDS_MAX = 4000;
/** The relay may ask for a longer pause, but a page that waits for minutes looks broken. */
const ASKED_PAUSE_MILLISECONDS_MAX = 120000;
/** A try at a line that was good: none waits for the third repetition of a packet that got lost (RFC 6298 §5). */
const TRY_MILLISECONDS_MIN = 3500;
/** Whoever comes for the first time stands before a busy door rather than at a broken line. */
const FIRST_TRY_MILLISECONDS_MIN = 10000;
/** The longer nobody answers, the more likely too many ask: a try gets half the time away, up to this. */
const TRY_MILLISECONDS_MAX = 15000;

export class ReconnectSchedule {
    /** @param {() => number} random */
    constructor(random) {
        this.random = random;
        /** @type {number | null} */
        this.lostAt = null;
        this.tries = 0;
        /** @type {{after: number, jitter: number} | null} */
        this.asked = null;
        this.wasGood = false;
        /** Over how long people spread; the relay says more where there are many. */
        this.spreadMilliseconds = FIRST_MILLISECONDS_MAX;
    }

    /** The line is good: the next loss starts from the beginning. */
    reset() {
        this.lostAt = null;
        this.tries = 0;
        this.asked = null;
        this.wasGood = true;
    }

    /**
     * How long a try that begins now may take.
     * @param {number} now
     */
    tryMilliseconds(now) {
        const least = this.wasGood ? TRY_MILLISECONDS_MIN : FIRST_TRY_MILLISECONDS_MIN;
        const away = (now - (this.lostAt ?? now)) * PATIENT_PAUSE_SHARE;
        return Math.min(Math.max(least, away), TRY_MILLISECONDS_MAX);
    }

    /**
     * Over how long people spread if the relay dies.
     * @param {unknown} milliseconds undefined for the usual second
     */
    spread(milliseconds) {
        const told = typeof milliseconds === 'number' && Number.isFinite(milliseconds) ? milliseconds : 0;
        this.spreadMilliseconds = Math.min(Math.max(told, FIRST_MILLISECONDS_MAX), PATIENT_PAUSE_MILLISECONDS_MAX);
    }

    /**
     * The relay said when to come back; this overrides the next pause.
     * @param {number} after milliseconds
     * @param {number} jitter milliseconds
     */
    ask(after, jitter) {
        this.asked = {after: bounded(after), jitter: bounded(jitter)};
    }

    /**
     * The line was lost or a try failed.
     * @param {number} now
     * @param {boolean} isDoorClosed the class is not open yet
     * @returns {number} the time of the next try
     */
    nextTry(now, isDoorClosed) {
        if (this.lostAt === null) {
            this.lostAt = now;
        }
        const asked = this.asked;
        this.asked = null;
        this.tries += 1;
        if (asked !== null) {
            return now + asked.after + this.random() * asked.jitter;
        }
        if (isDoorClosed) {
            return now + this.between(DOOR_PAUSE_MILLISECONDS_MIN, DOOR_PAUSE_MILLISECONDS_MAX);
        }
        if (this.tries === 1) {
            return now + this.between(0, this.spreadMilliseconds);
        }
        if (now - this.lostAt < EAGER_MILLISECONDS) {
            const most = Math.max(EAGER_PAUSE_MILLISECONDS_MAX, this.spreadMilliseconds);
            return now + this.between(EAGER_PAUSE_MILLISECONDS_MIN, most);
        }
        const away = Math.min((now - this.lostAt) * PATIENT_PAUSE_SHARE, PATIENT_PAUSE_MILLISECONDS_MAX);
        return now + this.between(0, Math.max(away, this.spreadMilliseconds));
    }

    /**
     * The device is on a network again: try soon, whatever was planned.
     * @param {number} now
     */
    soon(now) {
        return now + this.between(0, FIRST_MILLISECONDS_MAX);
    }

    /**
     * @param {number} low
     * @param {number} high
     */
    between(low, high) {
        return low + this.random() * (high - low);
    }
}

/** @param {unknown} milliseconds */
function bounded(milliseconds) {
    const value = Number(milliseconds);
    return Number.isFinite(value) ? Math.min(ASKED_PAUSE_MILLISECONDS_MAX, Math.max(0, value)) : 0;
}
