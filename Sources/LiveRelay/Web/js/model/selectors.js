// Questions about a class that more than one part of a page asks. Pure.

import {isStaffRole} from './session.js';

/** @typedef {typeof import('./session.js').initialState} State */

/** Whether this page's person sees what only staff sees. @param {any} state */
export function isStaff(state) {
    return isStaffRole(state.me?.role);
}

/** Whether this page's person runs the class. @param {any} state */
export function isHost(state) {
    return state.me?.role === 'lecturer' || state.me?.role === 'assistant';
}

/** Whether this page's person may chat, raise a hand and so on, as a learner does. @param {any} state */
export function isParticipant(state) {
    return state.me?.role === 'participant';
}

/** Whether the lesson runs or pauses. @param {any} state */
export function hasStarted(state) {
    return state.class?.phase === 'live' || state.class?.phase === 'break';
}

/** The poll that is open, if any. @param {any} state */
export function openPoll(state) {
    return state.polls.find((poll) => poll.closedAt === null) ?? null;
}

/** The polls that are closed, newest first. @param {any} state */
export function closedPolls(state) {
    return state.polls.filter((poll) => poll.closedAt !== null).reverse();
}

/** The open poll where this person has not answered it. @param {any} state */
export function unansweredPoll(state) {
    const poll = openPoll(state);
    return poll && isParticipant(state) && !state.me.voted.includes(poll.poll) ? poll : null;
}

/** Lecturers in class. @param {any} state */
export function lecturers(state) {
    return Object.values(state.people).filter((person) => person.role === 'lecturer');
}

/** People who were called to speak. @param {any} state */
export function calledSpeakers(state) {
    return Object.values(state.people).filter((person) => person.isSpeaking && person.role === 'participant');
}

/** Whom one may hear: lecturers, assistants whose microphone is open, people who were called. @param {any} state */
export function peopleOnStage(state) {
    const assistants = Object.values(state.people).filter((person) => person.role === 'assistant'
        && state.tracks.some((track) => track.seat === person.seat));
    return [...lecturers(state), ...assistants, ...calledSpeakers(state)];
}

/**
 * How the lecturer stands: `absent`, `interrupted`, `muted`, `silent` (no track), `speaking` (a track is open).
 * @param {any} state
 */
export function lecturerCondition(state) {
    const found = lecturers(state);
    if (found.length === 0) {
        return 'absent';
    }
    const here = found.filter((person) => person.presence === 'connected');
    if (here.length === 0) {
        return 'interrupted';
    }
    const publishing = here.filter((person) => state.tracks.some((track) => track.seat === person.seat));
    if (publishing.length === 0) {
        return 'silent';
    }
    return publishing.every((person) => person.isMuted) ? 'muted' : 'speaking';
}

/** Milliseconds since the lesson began, or null before. @param {any} state @param {number | null} now session time */
export function lessonTime(state, now) {
    const started = state.class?.startedAt ?? null;
    if (started === null || now === null) {
        return null;
    }
    return Math.max(0, (state.class.endedAt ?? now) - started);
}

/**
 * Milliseconds that are left of the break; negative once it takes longer.
 * @param {any} state
 * @param {number | null} now session time
 */
export function breakRemaining(state, now) {
    const {phase, breakStartedAt, breakMinutes} = state.class ?? {};
    if (phase !== 'break' || breakStartedAt === null || now === null) {
        return null;
    }
    return breakStartedAt + (breakMinutes ?? 0) * 60_000 - now;
}

/** Milliseconds until the planned start; negative after it. @param {any} plan @param {number} wall Unix milliseconds */
export function untilStart(plan, wall) {
    return plan.plannedStart - wall;
}

/** People in class sorted for a list: those who run it, then those with a hand up, then by name. @param {any} state */
export function sortedPeople(state, compare = (a, b) => a.localeCompare(b)) {
    return Object.values(state.people).sort((a, b) => rank(a) - rank(b) || compare(a.name, b.name)
        || a.seat.localeCompare(b.seat));
}

function rank(person) {
    if (person.role === 'lecturer') {
        return 0;
    }
    if (person.role === 'assistant') {
        return 1;
    }
    return person.isSpeaking ? 2 : person.hand !== null ? 3 : 4;
}

/**
 * Entries of a poll for a chart: each option with its votes, where they may be shown.
 * @param {any} poll
 * @returns {{option: string, votes: number | null}[]}
 */
export function pollResult(poll) {
    const sums = poll.sums ?? (poll.votes
        ? poll.options.map((option, index) => poll.votes.filter((vote) => vote.option === index).length) : null);
    return poll.options.map((option, index) => ({option, votes: sums ? sums[index] : null}));
}
