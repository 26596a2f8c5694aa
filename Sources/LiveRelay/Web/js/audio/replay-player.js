// Plays the recorded segments of a class as one timeline of session time, through `<audio>` elements, so that
// seeking, speed and kept pitch are the browser's. Segments of several tracks may overlap and are played
// together.

import {ReplayTimeline} from './replay-timeline.js';

/** How often the position is compared and told. */
const TICK_MILLISECONDS = 100;
/**
 * Segments further from their place than this are set right; closer ones are left alone, for a seek is heard.
 */
const SYNC_MILLISECONDS = 120;
/** A segment that begins this soon is loaded ahead. */
const AHEAD_MILLISECONDS = 5000;
/** A page may sleep; time that went by in it is not played. */
const STEP_MILLISECONDS_MAX = 1000;
export const RATE_MIN = 0.75;
export const RATE_MAX = 2;

/**
 * Events (CustomEvent): `time` {time, playing}; `state` {playing, waiting}; `end`; `failure` {code, url}.
 */
export class ReplayPlayer extends EventTarget {
    /**
     * @param {object} recording
     * @param {import('./replay-timeline.js').Segment[]} recording.segments
     * @param {{start: number, end: number}[]} [recording.breaks]
     * @param {number} recording.duration end of the class in session milliseconds
     */
    constructor({segments, breaks = [], duration}) {
        super();
        this.timeline = new ReplayTimeline({segments, breaks, duration});
        /** @type {Map<string, HTMLAudioElement>} by key of the segment */
        this.elements = new Map();
        /** @type {Set<string>} segments that cannot be played */
        this.broken = new Set();
        this.position = this.timeline.firstSound;
        this.isPlaying = false;
        this.isWaiting = false;
        this.speed = 1;
        this.loudness = 1;
        this.skipBreaks = true;
        this.tickedAt = 0;
        /** @type {number | null} */
        this.timer = null;
    }

    /** Session time in milliseconds. */
    get time() {
        return this.position;
    }

    get duration() {
        return this.timeline.duration;
    }

    get playing() {
        return this.isPlaying;
    }

    get rate() {
        return this.speed;
    }

    set rate(rate) {
        this.speed = Math.min(RATE_MAX, Math.max(RATE_MIN, Number(rate) || 1));
        this.elements.forEach((element) => {
            element.playbackRate = this.speed;
        });
    }

    get volume() {
        return this.loudness;
    }

    set volume(volume) {
        this.loudness = Math.min(1, Math.max(0, Number(volume) || 0));
        this.elements.forEach((element) => {
            element.volume = this.loudness;
        });
    }

    /**
     * The recording has grown.
     * @param {import('./replay-timeline.js').Segment[]} segments
     * @param {number} [duration]
     */
    setSegments(segments, duration = this.timeline.duration) {
        this.timeline = new ReplayTimeline({segments, breaks: this.timeline.breaks, duration});
        const keys = new Set(this.timeline.segments.map((segment) => segment.key));
        [...this.elements.keys()].filter((key) => !keys.has(key)).forEach((key) => this.drop(key));
    }

    /** Plays from where it stands; to be called inside a click. */
    play() {
        if (this.isPlaying) {
            return;
        }
        if (this.position >= this.duration) {
            this.position = this.timeline.firstSound;
        }
        this.isPlaying = true;
        this.tickedAt = performance.now();
        this.timer = setInterval(() => this.tick(), TICK_MILLISECONDS);
        this.arrange(true);
        this.tellState();
    }

    pause() {
        if (!this.isPlaying) {
            return;
        }
        this.isPlaying = false;
        if (this.timer !== null) {
            clearInterval(this.timer);
            this.timer = null;
        }
        this.elements.forEach((element) => element.pause());
        this.tellTime();
        this.tellState();
    }

    /** @param {number} time session milliseconds */
    seek(time) {
        this.position = Math.min(this.duration, Math.max(0, Number(time) || 0));
        this.tickedAt = performance.now();
        this.arrange(true);
        this.tellTime();
    }

    /** Stops and lets everything go. */
    close() {
        this.pause();
        [...this.elements.keys()].forEach((key) => this.drop(key));
    }

    tick() {
        const now = performance.now();
        const step = Math.min(STEP_MILLISECONDS_MAX, now - this.tickedAt) * this.speed;
        this.tickedAt = now;
        const leader = this.leader();
        if (leader === null) {
            this.position += step;
        } else if (leader.element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || leader.element.ended) {
            // The sound itself is the clock: a page that was held up must not run ahead of it.
            const played = leader.segment.start + leader.element.currentTime * 1000;
            this.position = leader.element.ended
                ? Math.max(this.position + step, played)
                : Math.max(played, this.position - step);
        }
        this.setWaiting(leader !== null && !leader.element.ended
            && leader.element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
        this.position = this.timeline.skip(this.position, this.skipBreaks);
        if (this.position >= this.duration) {
            this.position = this.duration;
            this.pause();
            this.dispatchEvent(new CustomEvent('end', {detail: {}}));
            return;
        }
        this.arrange(false);
        this.tellTime();
    }

    /** The segment whose element tells the time: the one that has been playing longest. */
    leader() {
        for (const segment of this.timeline.at(this.position)) {
            const element = this.elements.get(segment.key);
            if (element !== undefined && !this.broken.has(segment.key)) {
                return {segment, element};
            }
        }
        return null;
    }

    /**
     * Lets play what belongs to the position and nothing else, each at its place.
     * @param {boolean} isExact after a seek even small differences are set right
     */
    arrange(isExact) {
        const current = new Set();
        for (const segment of this.timeline.at(this.position)) {
            if (!this.broken.has(segment.key)) {
                current.add(segment.key);
                this.place(segment, this.element(segment), isExact);
            }
        }
        const soon = this.timeline.starting(this.position, AHEAD_MILLISECONDS * this.speed);
        soon.filter((segment) => !this.broken.has(segment.key)).forEach((segment) => this.element(segment));
        const near = new Set([...current, ...soon.map((segment) => segment.key)]);
        for (const [key, element] of this.elements) {
            if (!near.has(key)) {
                this.drop(key);
            } else if (!current.has(key)) {
                element.pause();
            }
        }
    }

    /**
     * @param {import('./replay-timeline.js').PlacedSegment} segment
     * @param {HTMLAudioElement} element
     * @param {boolean} isExact
     */
    place(segment, element, isExact) {
        const wanted = (this.position - segment.start) / 1000;
        const difference = Math.abs(element.currentTime - wanted) * 1000;
        if (difference > (isExact ? 1 : SYNC_MILLISECONDS * this.speed) && !element.ended) {
            element.currentTime = wanted;
        } else if (isExact && element.ended) {
            element.currentTime = wanted;
        }
        if (this.isPlaying && element.paused && !element.ended) {
            element.play().catch((error) => this.refuse(segment, error));
        }
    }

    /**
     * @param {import('./replay-timeline.js').PlacedSegment} segment
     * @param {unknown} error
     */
    refuse(segment, error) {
        const name = error instanceof Error ? error.name : '';
        if (name === 'NotAllowedError') {
            this.pause();
            this.fail('clickNeeded', segment.urls[0]);
        } else if (name === 'NotSupportedError') {
            this.breakSegment(segment);
        }
    }

    /** @param {import('./replay-timeline.js').PlacedSegment} segment */
    breakSegment(segment) {
        if (!this.broken.has(segment.key)) {
            this.broken.add(segment.key);
            this.drop(segment.key);
            this.fail('segmentUnplayable', segment.urls[0]);
        }
    }

    /** @param {import('./replay-timeline.js').PlacedSegment} segment */
    element(segment) {
        const known = this.elements.get(segment.key);
        if (known !== undefined) {
            return known;
        }
        const element = document.createElement('audio');
        element.preload = 'auto';
        element.preservesPitch = true;
        element.playbackRate = this.speed;
        element.defaultPlaybackRate = this.speed;
        element.volume = this.loudness;
        for (const url of segment.urls) {
            const source = document.createElement('source');
            source.src = url;
            element.append(source);
        }
        // Each source says for itself that it cannot be used; when the last one has, the segment cannot be
        // played.
        element.lastElementChild?.addEventListener('error', () => this.breakSegment(segment));
        element.addEventListener('error', () => this.breakSegment(segment));
        this.elements.set(segment.key, element);
        return element;
    }

    /** @param {string} key */
    drop(key) {
        const element = this.elements.get(key);
        if (element !== undefined) {
            this.elements.delete(key);
            element.pause();
            element.replaceChildren();
            element.removeAttribute('src');
            element.load();
        }
    }

    /** @param {boolean} isWaiting */
    setWaiting(isWaiting) {
        if (this.isWaiting !== isWaiting) {
            this.isWaiting = isWaiting;
            this.tellState();
        }
    }

    tellTime() {
        this.dispatchEvent(new CustomEvent('time', {detail: {time: this.position, playing: this.isPlaying}}));
    }

    tellState() {
        const detail = {playing: this.isPlaying, waiting: this.isWaiting};
        this.dispatchEvent(new CustomEvent('state', {detail}));
    }

    /**
     * @param {string} code
     * @param {string} url
     */
    fail(code, url) {
        this.dispatchEvent(new CustomEvent('failure', {detail: {code, url}}));
    }
}
