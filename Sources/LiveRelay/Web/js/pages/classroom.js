// The page of a class: landing, class and end in one document. Composes only.

import {Store} from '../model/store.js';
import {ClassConnection} from '../protocol/connection.js';
import {ClassVisit} from '../ui/class-visit.js';
import {onLanguage, startPreferences} from '../ui/preferences.js';
import {listenForKeys} from '../ui/shortcuts.js';

/** A page that is out of sight is drawn this seldom; browsers give it no frames. */
const HIDDEN_MILLISECONDS = 100;

const shell = document.body.dataset;
const place = {
    classID: shell.class || location.pathname.match(/^\/c\/([\w-]{1,64})/)?.[1] || '',
    code: shell.code || location.pathname.match(/^\/j\/([\d-]{9,11})$/)?.[1].replaceAll('-', '') || '',
    isKnown: Boolean(shell.class),
    plan: {
        id: shell.class, title: shell.title, phase: shell.phase, plannedStart: Number(shell.start),
        plannedMinutes: Number(shell.minutes), timeZone: shell.zone, isRecorded: shell.recorded !== 'false',
        lecturerName: shell.lecturer ?? '',
    },
};

await startPreferences();
const connection = new ClassConnection();
const {sound} = connection;
const store = new Store((tell) => (document.hidden
    ? setTimeout(tell, HIDDEN_MILLISECONDS) : requestAnimationFrame(() => tell())));
const visit = new ClassVisit({page: document.getElementById('page'), place, connection, store});

connection.addEventListener('message', ({detail}) => visit.receive(detail));
connection.addEventListener('state', ({detail}) => visit.lineChanged(detail));
connection.addEventListener('round-trip', ({detail}) => store.change({roundTrip: detail}));
sound.addEventListener('output', ({detail}) => store.change({output: detail.state}));
sound.addEventListener('playback', ({detail}) => store.change({playback: detail}));
sound.addEventListener('microphone', ({detail}) => store.change({microphone: detail}));
sound.addEventListener('unrecorded', ({detail}) => visit.unrecordedChanged(detail.seconds));
sound.addEventListener('levels', ({detail}) => visit.view?.levels(detail));
store.subscribe((state) => visit.view?.update(state));
setInterval(() => visit.tick(), 1000);
listenForKeys({actions: visit.actions, view: () => visit.view});
// "Enter again" leads to this very page, with another ticket behind the #.
globalThis.addEventListener('hashchange', () => location.reload());
onLanguage(() => visit.redraw());
visit.start();
