// What the relay means when it closes a connection. 4000–4499: come back; 4500–4999: do not.

const NAMES = new Map([
    [4000, 'shutdown'],
    [4001, 'tooSlow'],
    [4002, 'silentTooLong'],
    [4003, 'storageFailed'],
    [4004, 'busy'],
    [4005, 'notYetOpen'],
    [4500, 'ended'],
    [4501, 'removed'],
    [4502, 'banned'],
    [4503, 'replaced'],
    [4504, 'tokenInvalid'],
    [4505, 'tokenExpired'],
    [4506, 'classUnknown'],
    [4507, 'classFull'],
    [4508, 'codeUnknown'],
    [4509, 'tooManyAttempts'],
    [4510, 'alreadyInClass'],
    [4511, 'nameInvalid'],
    [4512, 'joinExpected'],
    [4513, 'wireUnsupported'],
    [4514, 'left'],
    [4515, 'messageTooLong'],
    [4516, 'audioInvalid'],
    [4517, 'roleCannotJoin'],
]);

/** Closings after which the class is over for this person, in contrast to never having been let in. */
const ENDINGS = new Set([4500, 4514]);

/** Closings that a resume may meet although joining anew would be welcome. */
const STALE_RESUMES = new Set([4504, 4505, 4506]);

/**
 * The stable name of a close code, `closed` for those of RFC 6455.
 * @param {number} code
 */
export function closeCodeName(code) {
    return NAMES.get(code) ?? (code >= 4500 && code <= 4999 ? 'refused' : 'closed');
}

/** @param {number} code */
export function mayComeBack(code) {
    return code < 4500 || code > 4999;
}

/** @param {number} code */
export function isEnding(code) {
    return ENDINGS.has(code);
}

/** @param {number} code */
export function mayJoinInsteadOfResume(code) {
    return STALE_RESUMES.has(code);
}

/** @param {number} code */
export function isDoorClosed(code) {
    return code === 4005;
}
