// What a browser lacks for hearing or speaking, as codes. Pure over the global object it is given.

/**
 * @param {any} scope a page's global object
 * @returns {string[]} empty when nothing is missing
 */
export function missingForListening(scope) {
    const missing = missingForConnection(scope);
    if (scope.isSecureContext !== true) {
        missing.push('secureContext');
    }
    if (typeof scope.AudioDecoder !== 'function') {
        missing.push('audioDecoder');
    }
    if (typeof scope.AudioContext !== 'function' || typeof scope.AudioWorkletNode !== 'function') {
        missing.push('audioWorklet');
    }
    return missing;
}

/**
 * @param {any} scope a page's global object
 * @returns {string[]} empty when nothing is missing
 */
export function missingForSpeaking(scope) {
    const missing = missingForListening(scope);
    if (typeof scope.AudioEncoder !== 'function') {
        missing.push('audioEncoder');
    }
    if (typeof scope.navigator?.mediaDevices?.getUserMedia !== 'function') {
        missing.push('mediaDevices');
    }
    return missing;
}

/**
 * Without these there is no class at all, not even chat.
 * @param {any} scope
 * @returns {string[]}
 */
export function missingForConnection(scope) {
    const missing = [];
    if (typeof scope.WebSocket !== 'function') {
        missing.push('webSocket');
    }
    if (typeof scope.Worker !== 'function') {
        missing.push('moduleWorker');
    }
    return missing;
}
