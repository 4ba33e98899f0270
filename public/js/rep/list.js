// @ts-check
/** Who waits for this representative in queues whose customers are dealt: heard once, and taken in any order. */
import { ApiError, call } from '../api.js';
import { t } from '../i18n.js';
import { chime } from '../sound.js';

/** @typedef {import('../conversation.js').SessionView} SessionView */
/** @typedef {Pick<import('./machine.js').Console, 'inCall' | 'mayTakeAnother' | 'set' | 'openDevices' | 'take'>} Console */

export class List {
  /** @param {Console} console */
  constructor(console) {
    this.console = console;
    /** In the order of the line. @type {SessionView[]} */
    this.waiting = [];
    /** Who is being taken. @type {string | null} */
    this.taking = null;
  }

  /** @param {SessionView[]} waiting */
  told(waiting) {
    const known = new Set(this.waiting.map(({ sessionId }) => sessionId));
    const isNews = waiting.some(({ sessionId }) => !known.has(sessionId));
    this.waiting = waiting;
    // Not into a conversation: who waits can be seen there.
    if (isNews && !this.console.inCall) chime();
  }

  /** **Take**. @param {SessionView} session */
  async take({ sessionId }) {
    if (this.taking || !this.console.mayTakeAnother) return;
    this.taking = sessionId;
    this.console.set({ notice: null });
    try {
      // Asked for before the call is ours: a customer must not wait for a permission.
      if (!(await this.console.openDevices())) return;
      const { data } = await call('POST', `/rep/list/${sessionId}/pick`, { body: {} });
      this.waiting = this.waiting.filter((one) => one.sessionId !== sessionId);
      this.console.take(data);
    } catch (error) {
      const gone = error instanceof ApiError && error.status === 409 && !error.body?.session;
      const text = gone ? t('rep.list.over') : error instanceof ApiError && error.message ? error.message : t('error.unknown');
      this.console.set({ notice: { kind: 'warn', text } });
    } finally {
      this.taking = null;
      this.console.set({});
    }
  }
}
