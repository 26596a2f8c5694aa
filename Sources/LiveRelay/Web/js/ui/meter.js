// A level that moves ten times a second and is told to screen readers far less often.

/** Screen readers get a new value after a step of so many hundredths. */
const SPOKEN_STEP = 20;

/**
 * @param {HTMLElement} meter with one span inside
 * @param {number} level 0..1
 */
export function setMeter(meter, level) {
    const value = Math.max(0, Math.min(1, level || 0));
    /** @type {HTMLElement} */ (meter.firstElementChild).style.transform = `scaleX(${value.toFixed(3)})`;
    const spoken = Math.round(value * 100 / SPOKEN_STEP) * SPOKEN_STEP;
    if (meter.hasAttribute('role') && meter.getAttribute('aria-valuenow') !== String(spoken)) {
        meter.setAttribute('aria-valuenow', String(spoken));
    }
}
