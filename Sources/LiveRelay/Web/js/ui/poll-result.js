// How a poll came out, as bars with numbers.

import {html} from '../lib/html.js';
import {pollResult} from '../model/selectors.js';
import {t} from '../i18n/i18n.js';
import {percent, whole} from '../i18n/format.js';

/**
 * @param {any} poll
 * @param {number} [choice] what this person chose
 */
export function resultMarkup(poll, choice) {
    const result = pollResult(poll);
    if (result.every(({votes}) => votes === null)) {
        return html`
            <ul class="poll-bars">${result.map(({option}) => html`<li><span>${option}</span></li>`)}</ul>
            <p class="muted">${t(poll.closedAt === null ? 'poll.sumsLater' : 'poll.tooFew')}</p>`;
    }
    const total = result.reduce((sum, {votes}) => sum + votes, 0);
    return html`
        <ul class="poll-bars">${result.map(({option, votes}, index) => html`
            <li data-mine="${index === choice}"><span>${option}${index === choice ? ` · ${t('poll.mine')}` : ''}</span>
                <span class="numeric">${t('poll.votes', {count: whole(votes),
                    share: percent(total > 0 ? votes / total : 0)})}</span>
                <div class="meter" data-bar="${index}"><span></span></div></li>`)}</ul>`;
}

/** Gives the bars their lengths; style attributes in markup are against the page's policy. */
export function setBars(root, poll) {
    const result = pollResult(poll);
    const most = Math.max(1, ...result.map(({votes}) => votes ?? 0));
    for (const bar of root.querySelectorAll('[data-bar]')) {
        bar.firstElementChild.style.transform = `scaleX(${(result[Number(bar.dataset.bar)].votes ?? 0) / most})`;
    }
}
