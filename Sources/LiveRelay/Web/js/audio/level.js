// Loudness for meters: root mean square over a short time, on a scale that follows what people hear. Pure.

/** A meter at 0 shows −60 dB of full scale, the noise of a quiet room. */
const FLOOR_DECIBELS = -60;

/**
 * @param {number} meanSquare of samples between −1 and 1
 * @returns {number} 0 to 1
 */
export function levelOfMeanSquare(meanSquare) {
    if (!(meanSquare > 0)) {
        return 0;
    }
    const decibels = 10 * Math.log10(meanSquare);
    return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DECIBELS));
}

/** @param {Float32Array} samples */
export function meanSquare(samples) {
    let sum = 0;
    for (let index = 0; index < samples.length; index += 1) {
        sum += samples[index] * samples[index];
    }
    return samples.length === 0 ? 0 : sum / samples.length;
}

/** Gathers samples until a level is asked for. */
export class LevelMeter {
    constructor() {
        this.sum = 0;
        this.count = 0;
    }

    /** @param {Float32Array} samples */
    add(samples) {
        for (let index = 0; index < samples.length; index += 1) {
            this.sum += samples[index] * samples[index];
        }
        this.count += samples.length;
    }

    /** The level since the last call, 0 to 1. */
    take() {
        const level = this.count === 0 ? 0 : levelOfMeanSquare(this.sum / this.count);
        this.sum = 0;
        this.count = 0;
        return level;
    }
}
