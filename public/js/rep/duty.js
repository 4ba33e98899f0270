// @ts-check
/**
 * What the representative is doing, and what rings at them: their choice, their answers, and being heard while the
 * console is behind other windows. The server's `state` events are the truth; nothing rings that it does not tell.
 */
import { ApiError, call, serverNow } from '../api.js';
import { t } from '../i18n.js';
import { allowSound, chime } from '../sound.js';

/** @typedef {import('../conversation.js').SessionView} SessionView */
/** @typedef {'offline' | 'available' | 'break' | 'missed' | 'onCall' | 'wrapUp'} ActivityName */
/** @typedef {{activity: ActivityName, reason: string | null}} Choice */
/** @typedef {Choice & {since: string | null, next: Choice | null}} Activity */
/** @typedef {{offerId: string, state: string, madeAt: string, deadline: string, customer?: SessionView}} Offer */

/** How often it chimes while somebody rings. */
const CHIME_EVERY_MS = 2500;

/** Reasons of a break that are offered; others may come from other programs. */
export const REASONS = ['lunch', 'meeting', 'training'];

/**
 * @typedef {object} Console
 * @property {(change: object) => void} set
 * @property {() => Promise<boolean>} openDevices
 * @property {(session: SessionView) => void} take
 */

export class Duty {
  /** @param {Console} console */
  constructor(console) {
    this.console = console;
    /** @type {Activity | null} */
    this.activity = null;
    /** @type {Offer[]} */
    this.offers = [];
    /** Offers that this page has answered: an event sent before that must not ring again. @type {Set<string>} */
    this.answered = new Set();
    this.busy = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.chiming = undefined;
    /** @type {Notification | null} */
    this.shown = null;
  }

  /** The customer who rings, if any. */
  get ringing() {
    return this.offers[0] ?? null;
  }

  /**
   * @param {Activity | null} activity
   * @param {Offer[]} offers
   */
  told(activity, offers) {
    const was = this.activity?.activity;
    const present = was === 'available' || was === 'break' || was === 'missed';
    // Not chosen here: the choice would have been noted before it was told.
    if (present && activity?.activity === 'offline' && !this.busy) this.console.set({ notice: { kind: 'warn', text: t('rep.set_offline') } });
    this.activity = activity;
    const before = this.ringing?.offerId;
    this.offers = offers.filter(({ offerId }) => !this.answered.has(offerId));
    if (this.ringing?.offerId !== before) this.beHeard();
  }

  /** Rings until there is nobody who does. */
  beHeard() {
    clearInterval(this.chiming);
    this.shown?.close();
    this.shown = null;
    const { ringing } = this;
    if (!ringing) return;
    chime();
    this.chiming = setInterval(chime, CHIME_EVERY_MS);
    if (document.hidden && 'Notification' in window && Notification.permission === 'granted') {
      const name = ringing.customer?.name || t('rep.no_name');
      try {
        this.shown = new Notification(t('rep.ring.title', { name }), { body: ringing.customer?.problem ?? '', tag: ringing.offerId });
        this.shown.onclick = () => window.focus();
      } catch {
        // Some phones know notifications only from a service worker; it chimes all the same.
      }
    }
  }

  /**
   * Devices are checked before the first offer: who cannot be seen or heard is not available.
   * @param {ActivityName} activity
   * @param {string | null} [reason]
   * @param {boolean} [next] it follows the wrap-up, which goes on
   */
  async choose(activity, reason = null, next = false) {
    if (this.busy) return;
    this.busy = true;
    this.console.set({ notice: null });
    try {
      if (activity === 'available') {
        allowSound();
        if ('Notification' in window && Notification.permission === 'default') void Notification.requestPermission();
        if (!(await this.console.openDevices())) return;
      }
      const { data } = await call('POST', '/rep/activity', { body: { activity, ...(reason && { reason }), ...(next && { next }) } });
      this.activity = data;
    } catch (error) {
      this.console.set({ notice: { kind: 'bad', text: error instanceof ApiError && error.message ? error.message : t('error.unknown') } });
    } finally {
      this.busy = false;
      this.console.set({});
    }
  }

  async accept() {
    const { ringing } = this;
    if (!ringing || this.busy) return;
    this.busy = true;
    allowSound();
    try {
      // Asked for before the call is ours: a customer must not wait for a permission.
      if (!(await this.console.openDevices())) return;
      this.answer(ringing);
      const { data } = await call('POST', `/rep/offers/${ringing.offerId}/accept`, { body: {} });
      this.console.take(data);
    } catch (error) {
      this.tooLate(ringing, error);
    } finally {
      this.busy = false;
      this.console.set({});
    }
  }

  async reject() {
    const { ringing } = this;
    if (!ringing || this.busy) return;
    this.answer(ringing);
    try {
      await call('POST', `/rep/offers/${ringing.offerId}/reject`, { body: {} });
    } catch (error) {
      this.tooLate(ringing, error);
    }
  }

  /** @param {Offer} offer */
  answer(offer) {
    this.answered.add(offer.offerId);
    this.told(this.activity, this.offers);
    this.console.set({});
  }

  /**
   * @param {Offer} offer
   * @param {unknown} error
   */
  tooLate(offer, error) {
    // Nobody heard the answer: it rings on, and may be answered again.
    if (error instanceof ApiError && error.temporary) {
      this.answered.delete(offer.offerId);
      if (Date.parse(offer.deadline) > serverNow()) this.told(this.activity, [offer, ...this.offers]);
    }
    const over = error instanceof ApiError && error.status === 409 ? error.body?.offer?.state : null;
    const known = ['timedOut', 'rescinded', 'canceled'].includes(over);
    const text = known ? t(`rep.ring.over.${over}`) : error instanceof ApiError && error.message ? error.message : t('error.unknown');
    this.console.set({ notice: { kind: 'warn', text } });
  }

  /** Nothing rings in a tab that takes no calls any more. */
  close() {
    this.told(null, []);
  }
}
