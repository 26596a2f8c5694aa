// The report of a class. Composes only.

import {ask} from '../lib/api.js';
import {onAct} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {claimsOf, takeToken} from '../lib/storage.js';
import {codeText, t} from '../i18n/i18n.js';
import {isStaffRole} from '../model/session.js';
import {screenElement} from '../ui/landing.js';
import {onLanguage, startPreferences} from '../ui/preferences.js';
import {reportElement} from '../ui/report-view.js';

const page = document.getElementById('page');
const classID = document.body.dataset.class || location.pathname.match(/^\/c\/([\w-]{1,64})/)?.[1] || '';

await startPreferences();
const token = takeToken(classID);
let draw = () => {};
onLanguage(() => draw());
onAct(page, (act) => act === 'print' && window.print());
open();

/** @param {() => void} drawing */
function shownBy(drawing) {
    draw = drawing;
    draw();
}

async function open() {
    shownBy(() => page.replaceChildren(screenElement({title: t('report.loading'), iconName: 'arrow-clockwise'})));
    try {
        if (token) {
            // From here on the links to CSV and JSON carry a cookie, since a link cannot carry a token.
            await ask('/visit', {method: 'POST', body: {token, class: classID}, token});
        }
        const report = await ask(`/classes/${classID}/report`, {token});
        const isOwn = !isStaffRole(claimsOf(token).role ?? 'lecturer');
        shownBy(() => {
            document.title = `${report.class.title} · ${t('report.title')} · LiveRelay`;
            page.replaceChildren(reportElement(report, {classID, isOwn}));
        });
    } catch (error) {
        shownBy(() => page.replaceChildren(screenElement({
            title: t('report.closed'), text: codeText(error.code), iconName: 'shield-lock',
            actions: html`<a class="button" href="/">${t('page.enterCode')}</a>`,
        })));
    }
}
