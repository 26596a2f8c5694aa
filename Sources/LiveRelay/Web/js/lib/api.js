// The HTTP interface, as pages use it. Failures are codes, as everywhere.

/** How long a page waits for an answer. */
const ANSWER_MILLISECONDS_MAX = 15_000;

/** A refusal of the server, or `offline` where no answer came. */
export class ApiError extends Error {
    /** @param {string} code @param {number} status */
    constructor(code, status) {
        super(code);
        this.code = code;
        this.status = status;
    }
}

/**
 * Asks the server.
 * @param {string} path below `/api/v1`
 * @param {{method?: string, token?: string | null, body?: unknown}} [options]
 * @returns {Promise<any>} the JSON of the answer, or null where it has none
 */
export async function ask(path, {method = 'GET', token = null, body} = {}) {
    const headers = {Accept: 'application/json'};
    if (token) {
        headers.Authorization = `Bearer ${token}`;
    }
    if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
    }
    const patience = new AbortController();
    const deadline = setTimeout(() => patience.abort(), ANSWER_MILLISECONDS_MAX);
    try {
        const response = await fetch(`/api/v1${path}`, {
            method, headers, signal: patience.signal, cache: 'no-store',
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const answer = await response.json().catch(() => null);
        if (!response.ok) {
            throw new ApiError(answer?.code ?? 'serverFailed', response.status);
        }
        return answer;
    } catch (error) {
        throw error instanceof ApiError ? error : new ApiError('offline', 0);
    } finally {
        clearTimeout(deadline);
    }
}
