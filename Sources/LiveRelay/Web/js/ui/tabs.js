// Tabs with the keys that people expect: arrows go through them, Home and End to the ends.

import {attribute, element, parts, show, text} from '../lib/dom.js';
import {html} from '../lib/html.js';
import {t} from '../i18n/i18n.js';

export class Tabs {
    /** @param {{name: string, label: string, panel: {element: HTMLElement, update: (state: any) => void,
     *     count?: (state: any) => number | null, levels?: any, shown?: () => void}}[]} tabs */
    constructor(tabs) {
        this.tabs = tabs;
        this.element = element(html`
            <section class="card tabbed" aria-label="${t('aside.title')}">
                <div class="tabs" role="tablist">${tabs.map(({name, label}) => html`
                    <button type="button" role="tab" id="tab-${name}" aria-controls="panel-${name}" data-name="${name}">
                        ${label} <span class="numeric" data-part="count-${name}"></span></button>`)}</div>
                ${tabs.map(({name}) => html`
                    <div role="tabpanel" id="panel-${name}" aria-labelledby="tab-${name}" class="tab-panel"></div>`)}
            </section>`);
        this.parts = parts(this.element);
        this.buttons = [...this.element.querySelectorAll('[role="tab"]')];
        this.panels = [...this.element.querySelectorAll('[role="tabpanel"]')];
        tabs.forEach(({panel}, index) => this.panels[index].append(panel.element));
        this.element.firstElementChild.addEventListener('click', (event) => {
            const button = /** @type {HTMLElement} */ (event.target).closest('[role="tab"]');
            if (button) {
                this.select(button.dataset.name);
            }
        });
        this.element.firstElementChild.addEventListener('keydown', (event) => this.key(event));
        this.select(tabs[0].name);
    }

    /** @param {string} name */
    select(name) {
        this.selected = this.tabs.findIndex((tab) => tab.name === name);
        this.buttons.forEach((button, index) => {
            attribute(button, 'aria-selected', String(index === this.selected));
            attribute(button, 'tabindex', index === this.selected ? '0' : '-1');
            show(this.panels[index], index === this.selected);
        });
        this.tabs[this.selected].panel.shown?.();
    }

    /** @param {KeyboardEvent} event */
    key(event) {
        const last = this.tabs.length - 1;
        const target = {
            ArrowRight: (this.selected + 1) % (last + 1),
            ArrowLeft: (this.selected + last) % (last + 1),
            Home: 0,
            End: last,
        }[event.key];
        if (target !== undefined) {
            event.preventDefault();
            this.select(this.tabs[target].name);
            this.buttons[target].focus();
        }
    }

    /** @param {any} state */
    update(state) {
        for (const {name, panel} of this.tabs) {
            panel.update(state);
            const count = panel.count?.(state) ?? null;
            text(this.parts[`count-${name}`], count ? String(count) : '');
        }
    }

    /** @param {any} levels */
    levels(levels) {
        for (const {panel} of this.tabs) {
            panel.levels?.(levels);
        }
    }
}
