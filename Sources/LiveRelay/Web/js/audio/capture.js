// A microphone in the page: permission, the device, and an audio thread that hands 10 ms blocks to a port.

/** Wanted everywhere, so that one second is the same number of samples from microphone to disk. */
const SAMPLE_RATE = 48000;

/** Why there is no sound from a microphone; `code` is for the page to translate. */
export class MicrophoneFailure extends Error {
    /** @param {string} code */
    constructor(code) {
        super(code);
        this.name = 'MicrophoneFailure';
        this.code = code;
    }
}

/** Names of `getUserMedia`'s refusals (W3C Media Capture and Streams §10.3). */
const FAILURE_CODES = new Map([
    ['NotAllowedError', 'microphoneDenied'],
    ['SecurityError', 'microphoneDenied'],
    ['NotFoundError', 'microphoneMissing'],
    ['OverconstrainedError', 'microphoneMissing'],
    ['NotReadableError', 'microphoneBusy'],
    ['AbortError', 'microphoneBusy'],
]);

/**
 * @param {{deviceId?: string, processing?: boolean}} choice processing: echo cancellation, noise suppression
 *     and gain
 * @returns {MediaStreamConstraints}
 */
export function microphoneConstraints({deviceId, processing = true}) {
    return {
        audio: {
            ...(deviceId ? {deviceId: {exact: deviceId}} : {}),
            channelCount: {ideal: 1},
            echoCancellation: processing,
            noiseSuppression: processing,
            autoGainControl: processing,
        },
    };
}

export class Capture {
    /**
     * Opens a microphone. Asks for permission where it was not given.
     * @param {object} options
     * @param {string} [options.deviceId]
     * @param {boolean} [options.processing]
     * @param {MessagePort} options.destination gets {samples, capturedAt} for every 10 ms
     * @param {() => void} [options.onEnd] the device went away
     * @returns {Promise<Capture>}
     */
    static async open({deviceId, processing, destination, onEnd}) {
        if (globalThis.navigator.mediaDevices === undefined) {
            throw new MicrophoneFailure('speakUnsupported');
        }
        let stream;
        try {
            stream = await navigator.mediaDevices.getUserMedia(microphoneConstraints({deviceId, processing}));
        } catch (error) {
            const name = error instanceof Error ? error.name : '';
            throw new MicrophoneFailure(FAILURE_CODES.get(name) ?? 'microphoneBusy');
        }
        try {
            return await Capture.connect(stream, destination, onEnd);
        } catch {
            stream.getTracks().forEach((track) => track.stop());
            throw new MicrophoneFailure('microphoneBusy');
        }
    }

    /**
     * @param {MediaStream} stream
     * @param {MessagePort} destination
     * @param {(() => void) | undefined} onEnd
     */
    static async connect(stream, destination, onEnd) {
        const {context, source} = sourceOf(stream);
        await context.audioWorklet.addModule(new URL('./capture-worklet.js', import.meta.url));
        const node = new AudioWorkletNode(context, 'liverelay-capture');
        node.port.postMessage({destination}, [destination]);
        source.connect(node);
        // A node without a way to the output may never be asked to work; this one adds silence to it.
        node.connect(context.destination);
        await context.resume();
        return new Capture(stream, context, source, node, onEnd);
    }

    /**
     * @param {MediaStream} stream
     * @param {AudioContext} context
     * @param {MediaStreamAudioSourceNode} source
     * @param {AudioWorkletNode} node
     * @param {(() => void) | undefined} onEnd
     */
    constructor(stream, context, source, node, onEnd) {
        this.stream = stream;
        this.context = context;
        this.source = source;
        this.node = node;
        const [track] = stream.getAudioTracks();
        track.onended = () => onEnd?.();
    }

    get sampleRate() {
        return this.context.sampleRate;
    }

    close() {
        this.node.port.postMessage({end: true});
        this.source.disconnect();
        this.node.disconnect();
        this.stream.getTracks().forEach((track) => track.stop());
        void this.context.close();
    }
}

/**
 * Some browsers refuse to connect a microphone to a context of another rate; then the device's own rate is
 * used and
 * the encoder converts.
 * @param {MediaStream} stream
 */
function sourceOf(stream) {
    const wanted = new AudioContext({sampleRate: SAMPLE_RATE, latencyHint: 'interactive'});
    try {
        return {context: wanted, source: wanted.createMediaStreamSource(stream)};
    } catch {
        void wanted.close();
        const context = new AudioContext({latencyHint: 'interactive'});
        return {context, source: context.createMediaStreamSource(stream)};
    }
}
