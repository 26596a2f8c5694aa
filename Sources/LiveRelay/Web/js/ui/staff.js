// What only those see who run or watch over the class; loaded for them alone.

export {HandQueue} from './hand-queue.js';
export {HeardLine} from './heard-line.js';
export {PollPanel} from './poll-panel.js';
