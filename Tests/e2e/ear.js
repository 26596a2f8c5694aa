// Put into a page before its own scripts: hears what the page sends to its loudspeaker, through AudioContexts and
// through <audio> elements. It listens beside the page; the page itself is unchanged. The recording is the browser's
// own, off the main thread, so that a busy page does not make gaps that nobody would hear.
(() => {
    if (window.liverelayEar || typeof AudioNode === "undefined") return;
    const connect = AudioNode.prototype.connect;
    const outlets = new Map();
    const microphones = new WeakSet();

    // Where a context's sound can be recorded.
    const outletOf = (context) => {
        if (!outlets.has(context)) outlets.set(context, context.createMediaStreamDestination());
        return outlets.get(context);
    };

    // The context that plays: the last one that is running and does not serve a microphone.
    const playing = () => [...outlets.values()].reverse().find(
        ({ context }) => context.state === "running" && !microphones.has(context));

    const openSource = AudioContext.prototype.createMediaStreamSource;
    AudioContext.prototype.createMediaStreamSource = function (stream) {
        microphones.add(this);
        return openSource.call(this, stream);
    };

    AudioNode.prototype.connect = function (target, ...rest) {
        const result = connect.call(this, target, ...rest);
        if (target instanceof AudioDestinationNode && target.context instanceof AudioContext) {
            connect.call(this, outletOf(target.context));
        }
        return result;
    };

    let elementContext = null;
    const known = new WeakSet();
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
        elementContext ??= new AudioContext({ sampleRate: 48000 });
        if (!known.has(this)) {
            known.add(this);
            this.addEventListener("playing", () => {
                const stream = this.captureStream ? this.captureStream() : this.mozCaptureStream();
                connect.call(openSource.call(elementContext, stream), outletOf(elementContext));
            }, { once: true });
        }
        return play.call(this);
    };

    // Whether there is something to hear, and the recording of so many seconds of it: WebM or Ogg, in base64.
    window.liverelayEar = {
        get isReady() {
            return playing() !== undefined;
        },
        async hear(seconds) {
            const recorder = new MediaRecorder(playing().stream, { audioBitsPerSecond: 96000 });
            const pieces = [];
            recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
            const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
            recorder.start();
            setTimeout(() => recorder.stop(), seconds * 1000);
            await stopped;
            const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
            let text = "";
            for (let at = 0; at < bytes.length; at += 8192) {
                text += String.fromCharCode(...bytes.subarray(at, at + 8192));
            }
            return btoa(text);
        },
    };
})();
