// How lively a class was, as bars, with its breaks: inline SVG from numbers alone.

import {html} from '../lib/html.js';

/** Units of the drawing; it is stretched to the width of its place. */
const WIDTH = 1000;
const HEIGHT = 40;

/**
 * @param {{bars: number[], from: number, to: number, breaks: {from: number, to: number}[],
 *     pauses?: {from: number, to: number}[], label: string}} options
 */
export function densityStrip({bars, from, to, breaks, pauses = [], label}) {
    const most = Math.max(1, ...bars);
    const step = WIDTH / bars.length;
    const place = (time) => (Math.min(Math.max(time, from), to) - from) / Math.max(1, to - from) * WIDTH;
    return html`
        <svg class="density" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img"
            aria-label="${label}">
            ${breaks.map((each) => html`<rect class="density-break" x="${place(each.from).toFixed(1)}" y="0"
                width="${(place(each.to) - place(each.from)).toFixed(1)}" height="${HEIGHT}"></rect>`)}
            ${pauses.map((each) => html`<rect class="density-pause" x="${place(each.from).toFixed(1)}" y="0"
                width="${(place(each.to) - place(each.from)).toFixed(1)}" height="${HEIGHT}"></rect>`)}
            ${bars.map((count, index) => {
                const height = count === 0 ? 1.5 : 4 + (HEIGHT - 4) * Math.sqrt(count / most);
                return html`<rect class="density-bar" x="${(index * step + step * 0.15).toFixed(1)}"
                    y="${(HEIGHT - height).toFixed(1)}" width="${(step * 0.7).toFixed(1)}"
                    height="${height.toFixed(1)}"></rect>`;
            })}
        </svg>`;
}
