// @ts-check
/** The messages of this page, put into it by the server in the reader's language. */

/** @type {Record<string, string>} */
let catalogue = {};

const holder = document.getElementById('messages');
if (holder?.textContent) {
  try {
    catalogue = JSON.parse(holder.textContent);
  } catch {
    // Without a catalogue the keys themselves are shown: ugly, but nothing breaks.
  }
}

/** The page's language, as the server chose it. */
export const lang = document.documentElement.lang || 'en';

const plurals = new Intl.PluralRules(lang);

/**
 * One message; `{name}` places are filled from `values`.
 * @param {string} key without the `js.` in front
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values) {
  const text = catalogue[`js.${key}`] ?? catalogue[key] ?? key;
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * A message that depends on a number: `key.one`, `key.other`, with `{n}` filled.
 * @param {string} key
 * @param {number} n
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function tn(key, n, values) {
  return t(`${key}.${plurals.select(n) === 'one' ? 'one' : 'other'}`, { n, ...values });
}
