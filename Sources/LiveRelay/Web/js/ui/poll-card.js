// The poll as a learner answers it; stays in sight until it is answered, then shows that it was, then the result.

import {attribute, element, fill, onAct, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {closedPolls, isParticipant, openPoll} from '../model/selectors.js';
import {t} from '../i18n/i18n.js';
import {whole} from '../i18n/format.js';
import {icon} from './icon.js';
import {resultMarkup, setBars} from './poll-result.js';
import {announce} from './toast.js';

/** A result stays in sight this long after its poll closed, unless it is put away before. */
const RESULT_MILLISECONDS = 120_000;

export class PollCard {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        this.putAway = null;
        this.shownPoll = null;
        this.element = element(html`
            <section class="card poll-card" aria-labelledby="poll-title" hidden>
                <header class="row"><h2 id="poll-title" data-grow>${icon('bar-chart-line')}
                    <span data-part="question"></span></h2>
                    <button type="button" class="button" data-kind="quiet" data-act="putAway" data-part="away">
                        ${t('poll.putAway')}</button></header>
                <div class="poll-options" data-part="options"></div>
                <div data-part="result"></div>
                <p><small data-part="note"></small></p>
            </section>`);
        this.parts = parts(this.element);
        onAct(this.element, (act, target) => {
            if (act === 'putAway') {
                this.putAway = this.shownPoll;
                desk.store.touch();
            } else {
                desk.actions.vote(this.shownPoll, Number(target.dataset.option));
            }
        });
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session}) {
        const poll = this.wanted(session);
        show(this.element, Boolean(poll));
        if (!poll) {
            this.shownPoll = null;
            return;
        }
        if (this.shownPoll !== poll.poll) {
            this.shownPoll = poll.poll;
            announce(t('poll.announced', {question: poll.question}));
        }
        const isOpen = poll.closedAt === null;
        const hasVoted = session.me.voted.includes(poll.poll);
        const choice = session.me.choices[poll.poll];
        const canVote = isOpen && !hasVoted && isParticipant(session);
        attribute(this.element, 'data-open', canVote ? '' : null);
        text(this.parts.question, poll.question);
        show(this.parts.away, !isOpen);
        show(this.parts.options, isOpen);
        if (isOpen) {
            fill(this.parts.options, html`${poll.options.map((option, index) => html`
                <button type="button" class="button poll-option" data-act="vote" data-option="${index}"
                    aria-pressed="${choice === index}" ${canVote ? html`` : html`aria-disabled="true"`}>
                    <kbd>${index + 1}</kbd><span>${option}</span>
                    ${choice === index && html`<span class="poll-mine">${icon('check2-square')}</span>`}</button>`)}`);
        }
        show(this.parts.result, !isOpen);
        if (!isOpen) {
            fill(this.parts.result, resultMarkup(poll, choice));
            setBars(this.parts.result, poll);
        }
        const status = !isOpen ? 'poll.isClosed' : hasVoted ? 'poll.answered' : 'poll.keys';
        text(this.parts.note, `${t(`poll.${poll.secrecy}`)} · ${t('poll.count', {count: whole(poll.count)})} · ${
            t(status)}`);
    }

    wanted(session) {
        const open = openPoll(session);
        if (open || session.class?.phase === 'ended') {
            return open;
        }
        const last = closedPolls(session)[0];
        const now = this.desk.now();
        return last && last.poll !== this.putAway && now !== null && now - last.closedAt < RESULT_MILLISECONDS
            ? last : null;
    }
}
