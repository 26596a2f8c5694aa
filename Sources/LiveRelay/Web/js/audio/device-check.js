// The device check on the way into a class: microphones, level, three seconds recorded and played back, a
// test tone. Nothing leaves the page.

import {Capture} from './capture.js';
import {LevelMeter} from './level.js';

const SAMPLE_RATE = 48000;
/** Blocks come every 10 ms, the meter moves ten times a second. */
const BLOCKS_PER_LEVEL = 10;
/** The longest take: enough for a sentence. */
const TAKE_SECONDS_MAX = 10;
/** A440, which small speakers can play, soft enough for headphones. */
const TONE_HERTZ = 440;
const TONE_AMPLITUDE = 0.2;
const TONE_RAMP_SECONDS = 0.03;

/** Events (CustomEvent): `level` {level} ten times a second; `end` when the device goes away. */
export class DeviceCheck extends EventTarget {
    constructor() {
        super();
        /** @type {Capture | null} */
        this.capture = null;
        /** @type {AudioContext | null} */
        this.output = null;
        this.meter = new LevelMeter();
        this.blocks = 0;
        /** @type {{samples: Float32Array, filled: number, resolve: (take: Take) => void} | null} */
        this.recording = null;
    }

    /** @returns {Promise<{deviceId: string, label: string}[]>} labels are empty before permission */
    async microphones() {
        const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
        return devices
            .filter((device) => device.kind === 'audioinput')
            .map(({deviceId, label}) => ({deviceId, label}));
    }

    /** @param {{deviceId?: string, processing?: boolean}} [choice] fails with a MicrophoneFailure */
    async openMicrophone(choice = {}) {
        this.closeMicrophone();
        const {port1, port2} = new MessageChannel();
        port2.onmessage = (event) => this.takeBlock(event.data.samples);
        const onEnd = () => this.dispatchEvent(new CustomEvent('end', {detail: {}}));
        this.capture = await Capture.open({...choice, destination: port1, onEnd});
    }

    /**
     * Records what is said now.
     * @param {number} seconds
     * @returns {Promise<Take>}
     */
    record(seconds) {
        const rate = this.capture?.sampleRate ?? SAMPLE_RATE;
        const length = Math.round(Math.min(TAKE_SECONDS_MAX, seconds) * rate);
        return new Promise((resolve) => {
            this.recording = {samples: new Float32Array(length), filled: 0, resolve};
        });
    }

    /** @param {Float32Array} block */
    takeBlock(block) {
        this.meter.add(block);
        this.blocks += 1;
        if (this.blocks % BLOCKS_PER_LEVEL === 0) {
            this.dispatchEvent(new CustomEvent('level', {detail: {level: this.meter.take()}}));
        }
        const recording = this.recording;
        if (recording === null) {
            return;
        }
        const count = Math.min(block.length, recording.samples.length - recording.filled);
        recording.samples.set(block.subarray(0, count), recording.filled);
        recording.filled += count;
        if (recording.filled === recording.samples.length) {
            this.recording = null;
            recording.resolve(new Take(this, recording.samples, this.capture?.sampleRate ?? SAMPLE_RATE));
        }
    }

    /** @param {number} seconds of a tone on the speakers; resolves when it has ended */
    async playTone(seconds) {
        const context = await this.openOutput();
        const oscillator = new OscillatorNode(context, {frequency: TONE_HERTZ});
        const gain = new GainNode(context, {gain: 0});
        const start = context.currentTime;
        gain.gain.linearRampToValueAtTime(TONE_AMPLITUDE, start + TONE_RAMP_SECONDS);
        const fallAt = start + Math.max(TONE_RAMP_SECONDS, seconds - TONE_RAMP_SECONDS);
        gain.gain.setValueAtTime(TONE_AMPLITUDE, fallAt);
        gain.gain.linearRampToValueAtTime(0, start + seconds);
        oscillator.connect(gain).connect(context.destination);
        oscillator.start(start);
        oscillator.stop(start + seconds);
        await new Promise((resolve) => {
            oscillator.onended = resolve;
        });
    }

    async openOutput() {
        this.output ??= new AudioContext();
        await this.output.resume();
        return this.output;
    }

    closeMicrophone() {
        this.capture?.close();
        this.capture = null;
        this.recording = null;
    }

    close() {
        this.closeMicrophone();
        void this.output?.close();
        this.output = null;
    }
}

/** A few recorded seconds. */
export class Take {
    /**
     * @param {DeviceCheck} check
     * @param {Float32Array} samples
     * @param {number} sampleRate
     */
    constructor(check, samples, sampleRate) {
        this.check = check;
        this.samples = samples;
        this.sampleRate = sampleRate;
        this.seconds = samples.length / sampleRate;
        let sum = 0;
        let peak = 0;
        for (const sample of samples) {
            sum += sample * sample;
            peak = Math.max(peak, Math.abs(sample));
        }
        /** Decibels of full scale; −Infinity where nothing at all came in. */
        this.peak = 20 * Math.log10(peak);
        this.rms = 10 * Math.log10(sum / Math.max(1, samples.length));
    }

    /** Plays the take on the speakers; resolves when it has ended. */
    async play() {
        const context = await this.check.openOutput();
        const {samples, sampleRate} = this;
        const buffer = new AudioBuffer({length: samples.length, numberOfChannels: 1, sampleRate});
        buffer.copyToChannel(samples, 0);
        const source = new AudioBufferSourceNode(context, {buffer});
        source.connect(context.destination);
        source.start();
        await new Promise((resolve) => {
            source.onended = resolve;
        });
    }
}
