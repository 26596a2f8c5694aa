// What this lesson is: for those who look up from the chat and wonder.

import {element, fill, parts} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {lecturers} from '../model/selectors.js';
import {t} from '../i18n/i18n.js';
import {personName, when} from '../i18n/format.js';

export class AboutCard {
    constructor() {
        this.element = element(html`
            <section class="card about" aria-labelledby="about-title">
                <h2 id="about-title">${t('about.title')}</h2>
                <dl data-part="list"></dl>
            </section>`);
        this.parts = parts(this.element);
    }

    /** @param {import('../model/store.js').PageState} state */
    update({session}) {
        const held = session.class;
        if (!held) {
            return;
        }
        const facts = [
            ['about.lecturer', lecturers(session).map(personName).join(t('list.separator'))],
            ['about.when', when(held.plannedStart, held.plannedMinutes, held.timeZone)],
            ['about.organisation', (held.organisation ?? []).map(({name}) => name).join(' · ')],
            ['about.project', [held.project?.name, held.cohort?.name].filter(Boolean).join(' · ')],
            ['about.lesson', held.lesson ? t('about.lessonNumber', held.lesson) : ''],
            ['about.me', `${session.me?.name ?? ''} · ${t(`role.${session.me?.role}`)}`],
            ['about.record', t(held.isRecorded ? 'about.recorded' : 'about.notRecorded')],
        ].filter(([, words]) => words);
        fill(this.parts.list, html`${facts.map(([key, words]) => html`
            <div><dt>${t(key)}</dt><dd>${words}</dd></div>`)}`);
    }
}
