// @ts-check
/**
 * Tells the server how far the person came before they asked for a representative, so that a marketer sees where a banner's
 * visitors are lost. Nothing about the person is told.
 */
import { call, persist } from '../api.js';

/** @typedef {import('../devices.js').ProblemKind} ProblemKind */
/** @typedef {'resumed' | 'formOpened' | 'devicesReady' | 'nobodyThere' | 'inAppBrowser' | 'permissionDenied' | 'noDevice' | 'deviceInUse' | 'insecurePage' | 'unknown'} Step */

/** @type {Record<ProblemKind, Step>} */
const OBSTACLES = {
  denied: 'permissionDenied',
  missing: 'noDevice',
  'in-use': 'deviceInUse',
  insecure: 'insecurePage',
  'in-app': 'inAppBrowser',
  unknown: 'unknown',
};

/** @param {ProblemKind} kind */
export const obstacle = (kind) => OBSTACLES[kind];

export class Reporter {
  /** @param {() => string | null} visitId */
  constructor(visitId) {
    this.visitId = visitId;
    /** @type {Step | null} */
    this.last = null;
  }

  /** The page's script runs, and a person is looking: not while the browser makes the page ahead, unasked. */
  seen() {
    if (/** @type {any} */ (document).prerendering) document.addEventListener('prerenderingchange', () => this.tell('seen', {}), { once: true });
    else this.tell('seen', {});
  }

  /** @param {Step} step */
  reached(step) {
    if (step === this.last) return;
    this.last = step;
    this.tell('step', { step });
  }

  /**
   * @param {string} what
   * @param {object} body
   */
  tell(what, body) {
    const visit = this.visitId();
    if (!visit) return;
    persist(() => call('POST', `/help/visit/${visit}/${what}`, { body, keepalive: true })).catch(() => {
      // The visit itself is counted by the server; the person has nothing to do with the rest.
    });
  }
}
