// @ts-check
/** The live strip: who waits and talks now, told by the server's stream. */
import { elapsed } from '../format.js';
import { EventStream } from '../stream.js';

/** @typedef {{waiting: number, longestWaitSeconds: number | null, talking: number, held: number, available: number, onCall: number, wrapUp: number, away: number}} Totals */

/** @param {string} name */
const place = (name) => document.querySelector(`[data-live="${name}"]`);

/** @param {string} name @param {string} text */
function put(name, text) {
  const element = place(name);
  // Only what changed is written: nothing flashes.
  if (element && element.textContent !== text) element.textContent = text;
}

/** Shows it, and keeps it true. */
export function live() {
  const strip = document.querySelector('[data-testid="live"]');
  if (!(strip instanceof HTMLElement)) return;
  /** @type {number | null} when whoever waits longest came */
  let oldest = null;
  const longest = () => put('longest', oldest === null ? '–' : elapsed((Date.now() - oldest) / 1000));
  setInterval(longest, 1000);
  const stream = new EventStream({
    url: '/dashboard/events',
    onEvent: (type, data) => {
      if (type !== 'state') return;
      const totals = /** @type {Totals} */ (data);
      strip.hidden = false;
      oldest = totals.longestWaitSeconds === null ? null : Date.now() - totals.longestWaitSeconds * 1000;
      longest();
      put('waiting', String(totals.waiting));
      put('talking', String(totals.talking + totals.held));
      for (const name of /** @type {const} */ (['available', 'onCall', 'wrapUp', 'away'])) put(name, String(totals[name]));
    },
    onLine: (up) => {
      const line = place('line');
      if (line instanceof HTMLElement) line.hidden = up;
    },
    onClosed: () => {
      strip.hidden = true;
    },
    onAlive: () => {},
  });
  // A page that goes away keeps no stream; one that comes back from the browser's memory opens another.
  window.addEventListener('pagehide', () => stream.close());
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload();
  });
}
