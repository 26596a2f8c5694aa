// Audio thread of a microphone: hands blocks of 10 ms mono sound to a port, with their level.

/** 100 blocks a second. */
const BLOCKS_PER_SECOND = 100;

class CaptureProcessor extends AudioWorkletProcessor {
    constructor() {
        super();
        this.block = new Float32Array(Math.round(sampleRate / BLOCKS_PER_SECOND));
        this.filled = 0;
        /** @type {MessagePort | null} */
        this.destination = null;
        this.ended = false;
        this.port.onmessage = (event) => {
            if (event.data.destination !== undefined) {
                this.destination = event.data.destination;
            }
            if (event.data.end === true) {
                this.ended = true;
            }
        };
    }

    /** @param {Float32Array[][]} inputs */
    process(inputs) {
        const channels = inputs[0];
        const length = channels.length === 0 ? 0 : channels[0].length;
        for (let index = 0; index < length; index += 1) {
            let sum = 0;
            for (const channel of channels) {
                sum += channel[index];
            }
            this.block[this.filled] = sum / channels.length;
            this.filled += 1;
            if (this.filled === this.block.length) {
                this.deliver();
            }
        }
        return !this.ended;
    }

    deliver() {
        // Date.now() is the only clock that an audio thread shares with the others.
        const capturedAt = Date.now();
        if (this.destination !== null) {
            this.destination.postMessage({samples: this.block, capturedAt}, [this.block.buffer]);
            this.block = new Float32Array(Math.round(sampleRate / BLOCKS_PER_SECOND));
        }
        this.filled = 0;
    }
}

registerProcessor('liverelay-capture', CaptureProcessor);
