// The last page of a class: why it is over for this person, and where to go from here.

import {html} from '../lib/html.js';
import {codeText, has, t} from '../i18n/i18n.js';
import {icon} from './icon.js';
import {screenElement} from './landing.js';

const LOOKS = {
    ended: {iconName: 'stop-circle', tone: ''},
    left: {iconName: 'box-arrow-right', tone: ''},
    removed: {iconName: 'box-arrow-right', tone: 'live'},
    banned: {iconName: 'shield-lock', tone: 'live'},
    replaced: {iconName: 'people-fill', tone: 'hand'},
    classFull: {iconName: 'people-fill', tone: 'hand'},
};

/** After these one may come back through the same door. */
const RETURNABLE = new Set(['left', 'replaced', 'classFull', 'alreadyInClass', 'tokenExpired', 'messageTooLong',
    'wireUnsupported', 'audioInvalid', 'joinExpected']);

/**
 * @param {{why: string, classID: string, code: string, token: string | null, role?: string,
 *     isRecorded: boolean}} options
 */
export function farewell({why, classID, code, token, role, isRecorded}) {
    const look = LOOKS[why] ?? {iconName: 'exclamation-triangle-fill', tone: 'hand'};
    const ticket = token ? `#t=${token}` : '';
    const title = `farewell.${why}`;
    const isOver = why === 'ended' || why === 'left';
    return screenElement({
        ...look,
        title: t(has(title) ? title : 'farewell.refused'),
        text: codeText(why, 'close'),
        actions: html`
            ${why === 'ended' && classID && isRecorded && html`
                <a class="button" data-kind="primary" href="/c/${classID}/replay${ticket}">
                    ${icon('play-fill')}${t('ended.replay')}</a>`}
            ${isOver && classID && token && html`
                <a class="button" href="/c/${classID}/report${ticket}">${icon('journal-text')}${
                    t(role === 'participant' || !role ? 'ended.myReport' : 'ended.report')}</a>`}
            ${RETURNABLE.has(why) && (code || token) && html`
                <a class="button" data-kind="primary" href="${code ? `/j/${code}${ticket}` : `/c/${classID}${ticket}`}">
                    ${icon('arrow-clockwise')}${t('farewell.again')}</a>`}
            <a class="button" href="/">${t('page.enterCode')}</a>`,
    });
}
