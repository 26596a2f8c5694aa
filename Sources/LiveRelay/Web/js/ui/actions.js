// What a person can do in class. Every action ends in a visible result or in words that say why not.

import {element, parts} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {lastingStorage} from '../lib/storage.js';
import {codeText, t} from '../i18n/i18n.js';
import {classCode} from '../i18n/format.js';
import {openPoll} from '../model/selectors.js';
import {askFirst} from './dialog.js';
import {preferencesElement} from './preferences.js';
import {askForKeys} from './shortcuts.js';
import {toast} from './toast.js';

/** Usual lengths of a break, and the limits of the relay. */
const BREAK_MINUTES = [5, 10, 15, 20];
const BREAK_MINUTES_USUAL = 10;
/** Ending waits no longer for the recording: a minute offline is through by then. */
const CATCH_UP_MILLISECONDS_MAX = 45_000;

export class Actions {
    /**
     * @param {{connection: any, store: import('../model/store.js').Store, code: string, left: () => void}} options
     */
    constructor({connection, store, code, left}) {
        this.connection = connection;
        this.sound = connection.sound;
        this.store = store;
        this.code = code;
        this.left = left;
        this.outboxNumber = 0;
    }

    get session() {
        return this.store.state.session;
    }

    /** Sends a command and says why where it is refused. @param {string} type @param {object} [fields] */
    async command(type, fields = {}) {
        const answer = await this.connection.command(type, fields);
        if (!answer.accepted) {
            toast(codeText(answer.code));
        }
        return answer;
    }

    // The class as a whole

    open() {
        return this.command('open');
    }

    async start() {
        if (this.session.class.phase === 'scheduled') {
            const opened = await this.command('open');
            if (!opened.accepted) {
                return;
            }
        }
        const started = await this.command('start');
        if (started.accepted && this.session.me.role === 'lecturer' && this.sound.microphoneState === 'closed') {
            await this.openMicrophone();
        }
    }

    async startBreak() {
        const content = element(html`
            <fieldset><legend class="label">${t('break.length')}</legend>
                <div class="row">${BREAK_MINUTES.map((minutes) => html`
                    <label class="choice"><input type="radio" name="minutes" value="${minutes}"
                        ${minutes === BREAK_MINUTES_USUAL ? html`checked` : html``}>
                        ${t('time.minutes', {count: minutes})}</label>`)}</div></fieldset>`);
        const fields = await askFirst({
            title: t('break.ask'), text: t('break.askText'), yes: t('lifecycle.startBreak'), content,
        });
        if (fields) {
            await this.command('startBreak', {minutes: Number(fields.get('minutes'))});
        }
    }

    endBreak() {
        return this.command('endBreak');
    }

    async end() {
        const fields = await askFirst({
            title: t('end.ask'), text: t('end.askText'), yes: t('lifecycle.end'), kind: 'danger-filled',
            other: t('end.onlyMe'),
        });
        if (fields?.get('answer') === 'yes') {
            await this.recordingIsWhole();
            await this.command('end');
        } else if (fields) {
            this.connection.leave();
            this.left();
        }
    }

    /** After the end nothing is recorded any more, so what was said while offline goes first. */
    recordingIsWhole() {
        const giveUpAt = performance.now() + CATCH_UP_MILLISECONDS_MAX;
        return new Promise((resolve) => {
            if (this.store.state.unrecorded > 0) {
                toast(t('end.catchingUp', {count: this.store.state.unrecorded}));
            }
            const stop = this.store.subscribe(({unrecorded}) => {
                if (unrecorded === 0 || performance.now() > giveUpAt) {
                    queueMicrotask(() => stop());
                    resolve(undefined);
                }
            });
        });
    }

    async leave() {
        const {phase} = this.session.class ?? {};
        const isLecturer = this.session.me?.role === 'lecturer';
        const fields = phase === 'ended' || await askFirst({
            title: t('leave.ask'), text: t(isLecturer ? 'leave.lecturerText' : 'leave.askText'), yes: t('dock.leave'),
        });
        if (fields) {
            this.connection.leave();
            this.left();
        }
    }

    async invite() {
        const address = `${location.origin}/j/${this.code}`;
        const words = t('invite.text', {
            title: this.session.class.title, code: classCode(this.code), address,
        });
        try {
            await navigator.clipboard.writeText(words);
            toast(t('invite.copied'));
        } catch {
            const content = element(html`<textarea class="input" rows="4" readonly
                aria-label="${t('header.invite')}"></textarea>`);
            /** @type {HTMLTextAreaElement} */ (content).value = words;
            await askFirst({title: t('invite.copyByHand'), yes: t('dialog.done'), content});
        }
    }

    // Chat

    /** Keeps an entry until the relay has it. @param {string} text */
    say(text) {
        const id = ++this.outboxNumber;
        this.store.change({outbox: [...this.store.state.outbox, {id, text, status: 'waiting'}]});
        this.flush();
    }

    /** Sends what waits, in order; called again when the line is back. */
    flush() {
        if (this.connection.state.state !== 'online') {
            return;
        }
        for (const entry of this.store.state.outbox.filter(({status}) => status === 'waiting')) {
            this.send(entry);
        }
    }

    async send({id, text}) {
        this.mark(id, {status: 'sending', code: undefined});
        const answer = await this.connection.command('postChat', {text});
        if (answer.accepted) {
            this.forget(id);
        } else {
            this.mark(id, {status: 'failed', code: answer.code});
        }
    }

    /** @param {number} id */
    sendAgain(id) {
        this.mark(id, {status: 'waiting', code: undefined});
        this.flush();
    }

    /** @param {number} id */
    forget(id) {
        this.store.change({outbox: this.store.state.outbox.filter((entry) => entry.id !== id)});
    }

    mark(id, change) {
        this.store.change({
            outbox: this.store.state.outbox.map((entry) => entry.id === id ? {...entry, ...change} : entry),
        });
    }

    hideChat(chat) {
        return this.command('hideChat', {chat});
    }

    // Hands and turns

    toggleHand() {
        return this.session.me.handPosition === null ? this.command('raiseHand') : this.command('lowerHand');
    }

    callToSpeak(seat) {
        return this.command('callToSpeak', {seat});
    }

    /** Calls the first in the queue. */
    callNext() {
        const first = this.session.hands.queue[0];
        return first ? this.callToSpeak(first.seat) : toast(t('hand.none'));
    }

    lowerHandOf(seat) {
        return this.command('lowerHand', {seat});
    }

    async lowerAll() {
        const queue = [...this.session.hands.queue];
        const fields = await askFirst({
            title: t('hand.lowerAllAsk', {count: queue.length}), yes: t('hand.lowerAll'),
        });
        for (const {seat} of fields ? queue : []) {
            await this.connection.command('lowerHand', {seat});
        }
    }

    async endTurn() {
        this.sound.closeMicrophone();
        this.store.change({microphone: {state: 'closed'}});
        await this.command('endTurn');
    }

    endTurnOf(seat) {
        return this.command('endTurn', {seat});
    }

    mute(seat) {
        return this.command('mute', {seat});
    }

    unmute(seat) {
        return this.command('unmute', {seat});
    }

    /** @param {string} seat @param {string} name */
    async remove(seat, name) {
        const content = element(html`<label class="choice"><input type="checkbox" name="ban" value="ban">
            ${t('remove.ban')}</label>`);
        const fields = await askFirst({
            title: t('remove.ask', {name}), text: t('remove.askText'), yes: t('person.remove'), kind: 'danger-filled',
            content,
        });
        if (fields) {
            await this.command('remove', {seat, isBanned: fields.get('ban') === 'ban'});
        }
    }

    /** People by page and search, or null where the relay does not answer. @param {string} search */
    async findPeople(search, offset) {
        const answer = await this.connection.command('findPeople', {search, offset});
        return Array.isArray(answer.rows) ? answer : null;
    }

    // Polls

    openPoll(question, options, secrecy) {
        return this.command('openPoll', {question, options, secrecy});
    }

    closePoll(poll) {
        return this.command('closePoll', {poll});
    }

    async vote(poll, option) {
        const answer = await this.command('vote', {poll, option});
        if (answer.accepted || answer.code === 'alreadyVoted') {
            this.store.receive({type: 'voted', poll, option: answer.accepted ? option : undefined});
        }
    }

    /** Answers the open poll by the number of the option. @param {number} option */
    voteByKey(option) {
        const poll = openPoll(this.session);
        if (poll && option < poll.options.length && !this.session.me.voted.includes(poll.poll)) {
            this.vote(poll.poll, option);
        }
    }

    // Sound

    resumeSound() {
        return this.sound.resume();
    }

    async openMicrophone() {
        this.store.change({microphone: {state: 'opening'}});
        try {
            await this.sound.openMicrophone({deviceId: lastingStorage.get('microphone') ?? undefined});
            this.store.change({microphone: {state: this.sound.microphoneState}});
        } catch (error) {
            this.store.change({microphone: {state: 'closed', code: error.code ?? 'microphoneMissing'}});
        }
    }

    toggleMicrophone() {
        const {microphoneState} = this.sound;
        if (microphoneState === 'open' || microphoneState === 'muted') {
            this.sound.muteMicrophone(microphoneState === 'open');
            this.store.change({microphone: {state: microphoneState === 'open' ? 'muted' : 'open'}});
            return undefined;
        }
        return microphoneState === 'opening' ? undefined : this.openMicrophone();
    }

    /** What has no place in the narrow bar of a phone. */
    async more() {
        const content = element(html`
            <div class="stack"><label class="field"><span class="label">${t('dock.volume')}</span>
                <input class="input" type="range" min="0" max="100" value="${Math.round(this.sound.volume * 100)}"
                    data-part="volume"></label><div data-part="preferences"></div></div>`);
        const {volume, preferences} = parts(content);
        volume.addEventListener('input', () => {
            this.sound.volume = Number(volume.value) / 100;
        });
        preferences.append(preferencesElement());
        const fields = await askFirst({
            title: t('dock.more'), content, yes: t('dock.leave'), no: t('dialog.done'), kind: 'danger',
        });
        if (fields) {
            await this.leave();
        }
    }

    keys() {
        return askForKeys(this.session.me.role);
    }
}

