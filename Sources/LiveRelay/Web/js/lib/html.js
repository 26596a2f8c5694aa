// Markup from template literals, with every value escaped: what a person typed can never become a tag.

const ESCAPES = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'};

/** A piece of markup that was made by `html` and is safe to put into a page. */
export class Markup {
    /** @param {string} text */
    constructor(text) {
        this.text = text;
    }

    toString() {
        return this.text;
    }
}

/**
 * Escapes what stands for itself in markup.
 * @param {unknown} value
 * @returns {string}
 */
export function escape(value) {
    return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

/**
 * Tag of a template literal. Values are escaped, markup stays markup, lists are joined; null, undefined and
 * false leave nothing behind. Values may stand between tags and inside quoted attributes.
 * @param {TemplateStringsArray} strings
 * @param {...unknown} values
 * @returns {Markup}
 */
export function html(strings, ...values) {
    return new Markup(strings.reduce((text, part, index) => text + written(values[index - 1]) + part));
}

function written(value) {
    if (value === null || value === undefined || value === false) {
        return '';
    }
    if (value instanceof Markup) {
        return value.text;
    }
    if (Array.isArray(value)) {
        return value.map(written).join('');
    }
    return escape(value);
}
