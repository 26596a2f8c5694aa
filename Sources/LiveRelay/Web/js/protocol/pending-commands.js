// Commands that wait for their answer, across reconnects. Pure: time comes in as an argument.

/**
 * A command is kept at least 15 s; a little more, so that a retry asked for at the last moment still counts.
 */
const KEPT_MILLISECONDS = 20000;
/** A line of chat is still meant minutes later; what one does to a class is not. */
const KEPT_CHAT_MILLISECONDS = 300000;
/** The relay refuses more than 16 at once. */
export const IN_FLIGHT_COUNT_MAX = 16;

/**
 * @typedef {object} PendingCommand
 * @property {number} request the page's own number
 * @property {string} id on the wire, the same on every try
 * @property {string} text
 * @property {number} expiresAt
 * @property {number | null} sendAt when to send; null while an answer is awaited
 */

export class PendingCommands {
    /** @param {string} prefix makes ids of this page differ from those of another of the same seat */
    constructor(prefix) {
        this.prefix = prefix;
        /** @type {Map<string, PendingCommand>} in order of age */
        this.commands = new Map();
    }

    get isFull() {
        return this.commands.size >= IN_FLIGHT_COUNT_MAX;
    }

    /**
     * @param {number} request
     * @param {string} type
     * @param {Record<string, unknown>} fields
     * @param {number} now
     */
    add(request, type, fields, now) {
        const id = `${this.prefix}-${request}`;
        const text = JSON.stringify({...fields, type, id});
        const kept = type === 'postChat' ? KEPT_CHAT_MILLISECONDS : KEPT_MILLISECONDS;
        this.commands.set(id, {request, id, text, expiresAt: now + kept, sendAt: now});
    }

    /**
     * The line is new: everything unanswered goes out again under its old id.
     * @param {number} now
     */
    sendAllAgain(now) {
        for (const command of this.commands.values()) {
            command.sendAt = now;
        }
    }

    /**
     * Texts that are to be sent now, oldest first.
     * @param {number} now
     */
    due(now) {
        const texts = [];
        for (const command of this.commands.values()) {
            if (command.sendAt !== null && command.sendAt <= now) {
                command.sendAt = null;
                texts.push(command.text);
            }
        }
        return texts;
    }

    /**
     * Takes a command out because it was answered; null for an id that is not ours.
     * @param {unknown} id
     */
    answered(id) {
        const command = typeof id === 'string' ? this.commands.get(id) : undefined;
        if (command === undefined) {
            return null;
        }
        this.commands.delete(command.id);
        return command;
    }

    /**
     * @param {unknown} id
     * @param {number} after milliseconds
     * @param {number} now
     */
    retry(id, after, now) {
        const command = typeof id === 'string' ? this.commands.get(id) : undefined;
        if (command !== undefined) {
            command.sendAt = now + (Number.isFinite(after) ? Math.max(0, after) : 0);
        }
    }

    /**
     * Takes out what has waited too long.
     * @param {number} now
     */
    expired(now) {
        const gone = [...this.commands.values()].filter((command) => command.expiresAt <= now);
        for (const command of gone) {
            this.commands.delete(command.id);
        }
        return gone;
    }

    /** Takes out everything: no answer can come any more. */
    abandon() {
        const gone = [...this.commands.values()];
        this.commands.clear();
        return gone;
    }

    /**
     * The next time at which something is due, null when nothing is.
     * @param {boolean} isOnline sending counts only while it is possible
     * @returns {number | null}
     */
    nextDeadline(isOnline) {
        let deadline = null;
        for (const {expiresAt, sendAt} of this.commands.values()) {
            const at = isOnline && sendAt !== null ? Math.min(sendAt, expiresAt) : expiresAt;
            deadline = deadline === null ? at : Math.min(deadline, at);
        }
        return deadline;
    }
}
