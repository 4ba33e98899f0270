// @ts-check
/** The representative's own figures since midnight, as this browser's clock has it. Asked for when something happened, and every minute. */
import { call } from '../api.js';

const EVERY_MS = 60_000;

/**
 * @typedef {object} Day
 * @property {string} at
 * @property {number} answered
 * @property {number | null} meanTalkSeconds
 * @property {number} missedOffers
 * @property {number} ratings
 * @property {number | null} meanRating
 * @property {Record<string, number>} activities seconds in each
 */

/** @returns {string} RFC 3339 */
function midnight() {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  return day.toISOString();
}

export class Today {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Day | null} */
    this.day = null;
    this.key = '';
    this.closed = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Something happened: the figures are others when this is another word than the last. @param {string} key */
  told(key) {
    if (this.closed || key === this.key) return;
    this.key = key;
    void this.load();
  }

  async load() {
    clearTimeout(this.timer);
    try {
      const { data } = await call('GET', `/rep/today?from=${encodeURIComponent(midnight())}`);
      this.day = data;
      this.onChange();
    } catch {
      // What is shown stays; the next minute asks again.
    }
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(() => void this.load(), EVERY_MS);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
  }
}
