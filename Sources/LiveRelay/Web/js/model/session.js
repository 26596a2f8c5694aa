// What a page knows of a class: a fold over what the relay sends. The same names as Sources/SessionModel. Pure.
//
// A late joiner's snapshot and an early joiner's snapshot followed by the events lead to the same state; the
// tests hold both against each other.

/** Chat entries that a page keeps; the relay's snapshot holds 200. */
export const CHAT_COUNT_MAX = 500;

/**
 * @typedef {{seat: string, name: string, affiliation: string, role: string, presence: string, isMuted: boolean,
 *     isSpeaking: boolean, hand: number | null}} Person
 * @typedef {{seat: string, name: string, affiliation: string, raisedAt: number}} Hand
 * @typedef {{chat: string, seat: string, name: string, affiliation: string, role: string, at: number,
 *     text: string | null, isHidden: boolean}} ChatEntry
 * @typedef {{poll: string, question: string, options: string[], secrecy: 'named' | 'anonymous', openedAt: number,
 *     closedAt: number | null, count: number, sums: number[] | null,
 *     votes: {seat: string, name: string, option: number}[] | null}} Poll
 * @typedef {{track: number, seat: string, codec: string, channels: number}} Track
 */

/** The state before the first message. */
export const initialState = Object.freeze({
    epoch: null,
    n: 0,
    /** Unix milliseconds of session time 0, as far as known. */
    wallAtZero: null,
    me: null,
    limits: {chatCharacters: 500, pollOptions: 9},
    class: null,
    presence: {present: 0, expected: 0},
    /** Visible people by seat, in the order in which they came. */
    people: {},
    hands: {total: 0, queue: []},
    chat: [],
    polls: [],
    tracks: [],
    heard: null,
    logTrouble: null,
    /** When the class ends by itself, in session time; null while somebody teaches. */
    endsAt: null,
});

const STAFF = new Set(['lecturer', 'assistant', 'supervisor', 'administrator']);

/** Whether a role sees what only staff sees. @param {string | undefined} role */
export function isStaffRole(role) {
    return STAFF.has(role ?? '');
}

/**
 * The state after a message.
 * @param {any} state
 * @param {any} message as it came over the wire
 */
export function reduce(state, message) {
    switch (message.type) {
    case 'hello': return afterHello(state, message);
    case 'snapshot': return afterSnapshot(state, message);
    case 'event': return afterEvent(state, message);
    case 'digest': return afterDigest(state, message);
    case 'position': return afterPosition(state, message);
    case 'voted': return withMe(state, {
        voted: [...without(state.me.voted, message.poll), message.poll],
        choices: {...state.me.choices, [message.poll]: message.option},
    });
    default: return state;
    }
}

function afterHello(state, message) {
    const isSame = state.epoch === message.epoch;
    return {
        ...(isSame ? state : initialState),
        epoch: message.epoch,
        wallAtZero: wallAtZero(state, message),
        limits: {...state.limits, ...message.limits},
        me: {
            seat: message.seat, role: message.role, name: message.name, class: message.class,
            isMuted: Boolean(message.isMuted), isSpeaking: Boolean(message.isSpeaking),
            handPosition: message.handPosition ?? null, handTotal: state.me?.handTotal ?? null,
            voted: message.voted ?? [], choices: isSame ? state.me?.choices ?? {} : {},
        },
    };
}

/** What the relay leaves out of a class where there is nothing to say. */
const CLASS_DEFAULTS = Object.freeze({
    project: null, cohort: null, lesson: null, openedAt: null, startedAt: null, breakStartedAt: null,
    breakMinutes: null, endedAt: null,
});

function afterSnapshot(state, message) {
    const queue = message.hands?.queue ?? [];
    const hands = new Map(queue.map((hand) => [hand.seat, hand.raisedAt]));
    return {
        ...state,
        epoch: message.epoch,
        n: message.n,
        wallAtZero: wallAtZero(state, message),
        class: {...CLASS_DEFAULTS, ...message.class},
        presence: message.presence ?? initialState.presence,
        people: Object.fromEntries((message.people ?? [])
            .map((person) => [person.seat, {hand: hands.get(person.seat) ?? null, ...person}])),
        hands: {total: message.hands?.total ?? 0, queue},
        chat: (message.chat ?? []).map((entry) => ({...entry, text: entry.text ?? null})),
        polls: (message.polls ?? []).map((poll) => ({
            ...poll, closedAt: poll.closedAt ?? null, sums: poll.sums ?? null, votes: poll.votes ?? null,
        })),
        tracks: message.tracks ?? [],
    };
}

function afterDigest(state, message) {
    const polls = message.poll
        ? state.polls.map((poll) => poll.poll === message.poll.poll && poll.closedAt === null
            ? {...poll, count: message.poll.count} : poll)
        : state.polls;
    return {
        ...state,
        n: Math.max(state.n, message.n ?? 0),
        wallAtZero: wallAtZero(state, message),
        presence: {
            present: message.present ?? state.presence.present,
            expected: message.expected ?? state.presence.expected,
        },
        hands: message.hands === undefined ? state.hands : {...state.hands, total: message.hands},
        heard: message.heard ?? state.heard,
        logTrouble: message.log ?? null,
        endsAt: message.endsAt ?? null,
        polls,
    };
}

function afterPosition(state, message) {
    return state.me ? withMe(state, {handPosition: message.position ?? null, handTotal: message.total}) : state;
}

function afterEvent(state, message) {
    if (message.epoch !== state.epoch || message.n <= state.n) {
        return state;
    }
    const fold = FOLDS[message.event.type];
    const next = fold ? fold(state, message.event, message) : state;
    return {...next, n: message.n};
}

/** What each event does, by its type. @type {Record<string, (state: any, event: any, message: any) => any>} */
const FOLDS = {
    opened: (state, event, {t}) => withClass(state, {phase: 'open', openedAt: t}),
    started: (state, event, {t}) => withClass(state, {phase: 'live', startedAt: t}),
    breakStarted: (state, event, {t}) => withClass(state, {
        phase: 'break', breakStartedAt: t, breakMinutes: event.plannedMinutes,
    }),
    breakEnded: (state) => withClass(state, {phase: 'live', breakStartedAt: null, breakMinutes: null}),
    ended: (state, event, {t}) => withClass(
        {...state, tracks: []},
        {phase: 'ended', endedAt: t, endedBy: event.reason ?? null, breakStartedAt: null, breakMinutes: null}),

    joined: (state, event, message) => {
        const person = personOf(event.seat, message, event.role);
        const isShown = state.class?.kind !== 'largeLecture' || ['lecturer', 'assistant'].includes(person.role);
        return isShown ? withPerson(state, event.seat, {...person, presence: 'connected'}) : state;
    },
    interrupted: (state, event) => changePerson(state, event.seat, {presence: 'interrupted'}),
    resumed: (state, event) => changePerson(state, event.seat, {presence: 'connected'}),
    left: (state, event) => withoutPerson(state, event.seat),
    removed: (state, event) => withoutPerson(state, event.seat),

    chatPosted: (state, event, message) => {
        const {name, affiliation, role} = personOf(event.seat, message);
        const entry = {
            chat: event.chat, seat: event.seat, name, affiliation, role, at: message.t, text: event.text,
            isHidden: false,
        };
        return {...state, chat: [...state.chat, entry].slice(-CHAT_COUNT_MAX)};
    },
    chatHidden: (state, event) => ({
        ...state,
        chat: state.chat.map((entry) => entry.chat === event.chat
            ? {...entry, isHidden: true, text: isStaffRole(state.me?.role) ? entry.text : null} : entry),
    }),
    textsRemoved: (state) => ({...state, chat: state.chat.map((entry) => ({...entry, text: null}))}),

    handRaised: (state, event, message) => {
        const {name, affiliation} = personOf(event.seat, message);
        const queue = isStaffRole(state.me?.role)
            ? [...withoutSeat(state.hands.queue, event.seat),
                {seat: event.seat, name, affiliation, raisedAt: message.t}]
            : state.hands.queue;
        const raised = changePerson(state, event.seat, {hand: message.t});
        return {...raised, hands: {total: state.hands.total + 1, queue}};
    },
    handLowered: (state, event) => {
        const lowered = changePerson(state, event.seat, {hand: null});
        return {
            ...(state.me?.seat === event.seat ? withMe(lowered, {handPosition: null}) : lowered),
            hands: {
                total: Math.max(0, state.hands.total - 1),
                queue: withoutSeat(state.hands.queue, event.seat),
            },
        };
    },
    calledToSpeak: (state, event, message) => {
        const known = state.people[event.seat]
            ? state : withPerson(state, event.seat, personOf(event.seat, message));
        return changeSpeaker(known, event.seat, {isSpeaking: true});
    },
    turnEnded: (state, event) => {
        const ended = changeSpeaker(state, event.seat, {isSpeaking: false});
        const person = state.people[event.seat];
        return state.class?.kind === 'largeLecture' && person?.role === 'participant'
            ? withoutPerson(ended, event.seat) : ended;
    },
    muted: (state, event) => changeSpeaker(state, event.seat, {isMuted: true}),
    unmuted: (state, event) => changeSpeaker(state, event.seat, {isMuted: false}),

    pollOpened: (state, event, {t}) => ({
        ...state,
        polls: [...state.polls, {
            poll: event.poll, question: event.question, options: event.options, secrecy: event.secrecy,
            openedAt: t, closedAt: null, count: 0, sums: null,
            votes: event.secrecy === 'named' && isStaffRole(state.me?.role) ? [] : null,
        }],
    }),
    voteCast: (state, event, message) => changePoll(state, event.poll, (poll) => ({
        count: poll.count + 1,
        votes: poll.votes
            && [...poll.votes, {seat: event.seat, name: personOf(event.seat, message).name, option: event.option}],
    })),
    pollClosed: (state, event, {t}) => changePoll(state, event.poll, () => ({
        closedAt: t, count: event.count, sums: event.sums ?? null,
    })),

    trackOpened: (state, event) => ({
        ...state,
        tracks: [...state.tracks.filter((track) => track.track !== event.track), {
            track: event.track, seat: event.seat, codec: event.codec, channels: event.channels,
        }],
    }),
    trackClosed: (state, event) => ({
        ...state, tracks: state.tracks.filter((track) => track.track !== event.track),
    }),
    recordingPaused: (state, event) => withClass(state, {recording: event.reason}),
    recordingResumed: (state) => withClass(state, {recording: 'on'}),
};

function personOf(seat, message, role) {
    const named = message.people?.[seat] ?? {};
    return {
        seat, name: named.name ?? '', affiliation: named.affiliation ?? '',
        role: role ?? named.role ?? 'participant', presence: 'connected', isMuted: false, isSpeaking: false,
        hand: null,
    };
}

function wallAtZero(state, {wall, t}) {
    return Number.isFinite(wall) && Number.isFinite(t) ? wall - t : state.wallAtZero;
}

function withMe(state, change) {
    return state.me ? {...state, me: {...state.me, ...change}} : state;
}

function withClass(state, change) {
    return state.class ? {...state, class: {...state.class, ...change}} : state;
}

function withPerson(state, seat, person) {
    return {...state, people: {...state.people, [seat]: person}};
}

function withoutPerson(state, seat) {
    const {[seat]: gone, ...rest} = state.people;
    return gone ? {...state, people: rest} : state;
}

function changePerson(state, seat, change) {
    const person = state.people[seat];
    return person ? withPerson(state, seat, {...person, ...change}) : state;
}

/** Changes somebody, and also oneself where it is about oneself. */
function changeSpeaker(state, seat, change) {
    const changed = changePerson(state, seat, change);
    return state.me?.seat === seat ? withMe(changed, change) : changed;
}

function changePoll(state, poll, change) {
    return {
        ...state,
        polls: state.polls.map((each) => each.poll === poll ? {...each, ...change(each)} : each),
    };
}

function withoutSeat(list, seat) {
    return list.filter((each) => each.seat !== seat);
}

function without(list, value) {
    return list.filter((each) => each !== value);
}
