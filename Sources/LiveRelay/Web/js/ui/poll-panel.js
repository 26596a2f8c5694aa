// Polls as those who run the class see them: ask, watch the count, close, see the result.

import {element, fill, onAct, parts, show, syncList, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {closedPolls, openPoll} from '../model/selectors.js';
import {t} from '../i18n/i18n.js';
import {whole} from '../i18n/format.js';
import {icon} from './icon.js';
import {resultMarkup, setBars} from './poll-result.js';

/** The relay's limits, so that nobody types what it would refuse. */
const QUESTION_CHARACTERS_MAX = 300;
const OPTION_CHARACTERS_MAX = 100;
const OPTIONS_COUNT_MIN = 2;

export class PollPanel {
    /** @param {import('./class-view.js').Desk} desk */
    constructor(desk) {
        this.desk = desk;
        this.optionsMax = desk.store.state.session.limits.pollOptions;
        this.element = element(html`
            <div class="poll-panel">
                <div data-part="open" class="card poll-card" hidden>
                    <h3 data-part="question"></h3>
                    <p class="numeric"><strong data-part="count"></strong> · <span data-part="secrecy"></span></p>
                    <div data-part="result"></div>
                    <button type="button" class="button" data-kind="primary" data-act="closePoll">
                        ${icon('stop-circle')}${t('poll.close')}</button></div>
                <button type="button" class="button" data-kind="primary" data-act="another" data-part="another" hidden>
                    ${icon('bar-chart-line')}${t('poll.another')}</button>
                <form data-part="form" class="stack" novalidate>
                    <div class="field"><label for="poll-question">${t('poll.question')}</label>
                        <input class="input" id="poll-question" data-part="ask" autocomplete="off"
                            maxlength="${QUESTION_CHARACTERS_MAX}"></div>
                    <fieldset><legend class="label">${t('poll.options')}</legend>
                        <div class="stack" data-part="options"></div></fieldset>
                    <div class="row">
                        <button type="button" class="button" data-act="addOption" data-part="add">
                            ${t('poll.addOption')}</button></div>
                    <fieldset><legend class="label">${t('poll.secrecy')}</legend>
                        <div class="row">
                            <label class="choice"><input type="radio" name="secrecy" value="anonymous" checked>
                                ${t('poll.anonymous')}</label>
                            <label class="choice"><input type="radio" name="secrecy" value="named">
                                ${t('poll.named')}</label></div>
                        <small>${t('poll.secrecyHint')}</small></fieldset>
                    <p class="field-error" role="alert" data-part="error" hidden></p>
                    <button class="button" data-kind="primary">${icon('bar-chart-line')}${t('poll.start')}</button>
                </form>
                <ul class="stack" data-part="closed"></ul>
            </div>`);
        this.parts = parts(this.element);
        this.isAsking = desk.store.state.session.polls.length === 0;
        for (const words of [t('poll.optionYes'), t('poll.optionNo')]) {
            this.addOption(words);
        }
        onAct(this.element, (act, target) => this.act(act, target));
        this.parts.form.addEventListener('submit', (event) => {
            event.preventDefault();
            this.start();
        });
    }

    act(act, target) {
        if (act === 'addOption') {
            this.addOption('').focus();
        } else if (act === 'dropOption') {
            target.closest('.poll-edit').remove();
            this.numberOptions();
            this.parts.add.focus();
        } else if (act === 'another') {
            this.isAsking = true;
            this.desk.store.touch();
            show(this.parts.form, true);
            this.parts.ask.focus();
        } else if (act === 'closePoll') {
            this.isAsking = false;
            this.desk.actions.closePoll(this.openPoll);
        }
    }

    addOption(words) {
        const row = element(html`
            <div class="poll-edit row">
                <input class="input" data-grow maxlength="${OPTION_CHARACTERS_MAX}" autocomplete="off">
                <button type="button" class="button" data-kind="quiet" data-act="dropOption">
                    ${t('poll.dropOption')}</button></div>`);
        row.querySelector('input').value = words;
        this.parts.options.append(row);
        this.numberOptions();
        return row.querySelector('input');
    }

    numberOptions() {
        const rows = [...this.parts.options.children];
        rows.forEach((row, index) => {
            row.querySelector('input').setAttribute('aria-label', t('poll.optionNumber', {number: index + 1}));
            row.querySelector('button').setAttribute('aria-label', t('poll.dropOptionNumber', {number: index + 1}));
            show(row.querySelector('button'), rows.length > OPTIONS_COUNT_MIN);
        });
        show(this.parts.add, rows.length < this.optionsMax);
    }

    async start() {
        const question = this.parts.ask.value.trim();
        const options = [...this.parts.options.querySelectorAll('input')]
            .map((input) => input.value.trim()).filter(Boolean);
        const problem = !question ? 'poll.questionMissing'
            : options.length < OPTIONS_COUNT_MIN ? 'poll.optionsMissing'
                : new Set(options).size < options.length ? 'poll.optionsEqual' : null;
        text(this.parts.error, problem ? t(problem) : '');
        show(this.parts.error, Boolean(problem));
        if (problem) {
            return;
        }
        const secrecy = new FormData(this.parts.form).get('secrecy');
        const answer = await this.desk.actions.openPoll(question, options, secrecy);
        if (answer.accepted) {
            this.parts.ask.value = '';
        }
    }

    /** @param {any} state */
    count({session}) {
        return openPoll(session)?.count ?? null;
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session}) {
        const poll = openPoll(session);
        const isOver = session.class?.phase === 'ended';
        this.openPoll = poll?.poll;
        show(this.parts.open, Boolean(poll));
        const mayAsk = !poll && !isOver;
        show(this.parts.form, mayAsk && this.isAsking);
        show(this.parts.another, mayAsk && !this.isAsking);
        if (poll) {
            text(this.parts.question, poll.question);
            text(this.parts.count, t('poll.countOf', {
                count: whole(poll.count), present: whole(session.presence.present),
            }));
            text(this.parts.secrecy, t(`poll.${poll.secrecy}`));
            fill(this.parts.result, resultMarkup(poll));
            setBars(this.parts.result, poll);
        }
        syncList(this.parts.closed, closedPolls(session), (each) => each.poll, closedElement);
    }
}

function closedElement(poll) {
    const root = element(html`
        <li class="card poll-card"><h3>${poll.question}</h3>
            <p><small>${t(`poll.${poll.secrecy}`)} · ${t('poll.count', {count: whole(poll.count)})} · ${
                t('poll.isClosed')}</small></p>
            ${resultMarkup(poll)}</li>`);
    setBars(root, poll);
    return root;
}
