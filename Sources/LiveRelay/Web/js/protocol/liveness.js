// Whether the line is alive, judged by what comes in. Pure: time comes in as an argument.

/** The relay says something at least every 2 s, so 5 s without a word is a dead line. */
const SILENCE_MILLISECONDS_MAX = 5000;
/** Where sound flows something comes every few hundredths of a second. */
const SOUND_SILENCE_MILLISECONDS_MAX = 1500;
/** Sound counts as flowing until other messages have come this long without any. */
const SOUND_GONE_MILLISECONDS = 1000;
/** When a speaker's line dies the listeners' lines are well: their next sign of life is a digest. */
const DIGEST_GRACE_MILLISECONDS = 500;

export class Liveness {
    /** @param {number} now */
    constructor(now) {
        this.heardAt = now;
        /** @type {number | null} */
        this.soundAt = null;
        this.digestMilliseconds = 1000;
    }

    /** @param {number} now */
    heardText(now) {
        this.heardAt = now;
        if (this.soundAt !== null && now - this.soundAt > SOUND_GONE_MILLISECONDS) {
            this.soundAt = null;
        }
    }

    /**
     * @param {boolean} isQuiet a message that stands for silence
     * @param {number} now
     */
    heardAudio(isQuiet, now) {
        this.heardAt = now;
        this.soundAt = isQuiet ? null : now;
    }

    /**
     * Something happened that may have cut the line: it must be heard within this time.
     * @param {number} now
     * @param {number} milliseconds
     */
    doubt(now, milliseconds) {
        this.heardAt = Math.min(this.heardAt, now + milliseconds - this.patience);
    }

    get patience() {
        return this.soundAt === null
            ? SILENCE_MILLISECONDS_MAX
            : Math.max(SOUND_SILENCE_MILLISECONDS_MAX, this.digestMilliseconds + DIGEST_GRACE_MILLISECONDS);
    }

    /** When the line must be given up unless something comes. */
    get deadline() {
        return this.heardAt + this.patience;
    }
}
