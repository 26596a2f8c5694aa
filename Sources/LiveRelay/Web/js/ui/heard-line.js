// 学员听到: whether the lecturer is heard, as the relay sees it; answers the question without asking the class.

import {attribute, element, fill, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {t} from '../i18n/i18n.js';
import {seconds, whole} from '../i18n/format.js';
import {icon} from './icon.js';

/** A track that is quiet longer than this is worth a word to the one who speaks. */
const QUIET_MILLISECONDS = 10_000;

export class HeardLine {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        this.element = element(html`
            <section class="card heard" aria-labelledby="heard-title">
                <h2 id="heard-title">${icon('headphones')} ${t('heard.title')}</h2>
                <span class="pill" data-part="verdict"></span>
                <span class="muted numeric" data-part="words"></span>
            </section>`);
        this.parts = parts(this.element);
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session}) {
        const {heard} = session;
        const isLive = session.class?.phase === 'live';
        show(this.element, isLive);
        if (!isLive) {
            return;
        }
        const condition = heardCondition(heard);
        attribute(this.parts.verdict, 'data-tone', condition === 'fine' ? 'ok' : condition === 'nobody' ? '' : 'hand');
        fill(this.parts.verdict, html`${icon(condition === 'fine' ? 'volume-up-fill' : 'volume-mute-fill')}<span>${
            t(`heard.${condition}`)}</span>`);
        text(this.parts.words, heard ? heardWords(heard) : '');
    }
}

/** @param {any} heard */
function heardCondition(heard) {
    const tracks = heard?.tracks ?? [];
    if (tracks.length === 0) {
        return 'noTrack';
    }
    if (tracks.every((track) => (track.quietMilliseconds ?? 0) > QUIET_MILLISECONDS)) {
        return 'quiet';
    }
    return (heard.playing ?? 0) + (heard.hidden ?? 0) > 0 ? 'fine' : 'nobody';
}

function heardWords(heard) {
    const words = [t('heard.playing', {count: whole((heard.playing ?? 0) + (heard.hidden ?? 0))})];
    if (heard.delay) {
        words.push(t('heard.delay', {seconds: seconds(heard.delay)}));
    }
    if (heard.silent > 0) {
        words.push(t('heard.silent', {count: whole(heard.silent)}));
    }
    if (heard.gaps > 0) {
        words.push(t('heard.gaps', {count: whole(heard.gaps)}));
    }
    return words.join(' · ');
}
