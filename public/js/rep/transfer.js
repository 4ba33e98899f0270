// @ts-check
/** Passing a customer on: where to is chosen in a dialog; a colleague is asked while the customer is on hold. */
import { ApiError, call } from '../api.js';
import { t } from '../i18n.js';

/** @typedef {import('./call.js').Call} Call */
/** @typedef {{name: string, title: string, wasThere: boolean, servedBy: number}} QueueChoice */
/** @typedef {{username: string, name: string, unfit: string | null}} RepChoice */
/** @typedef {{queues: QueueChoice[], reps: RepChoice[]}} Destinations */
/** @typedef {{queue?: string, rep?: string, warm?: true, note?: string}} Wish */

/** While the dialog is open, who can be asked is looked up this often. */
const LOOK_EVERY_MS = 3000;

export class Transfers {
  /** @param {import('./machine.js').Console} console */
  constructor(console) {
    this.console = console;
    /** The caller who is to be passed on. @type {Call | null} */
    this.call = null;
    /** @type {Destinations | null} */
    this.choices = null;
    this.wrong = '';
    this.busy = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.looking = undefined;
  }

  /** The caller whose dialog is open. */
  get open() {
    return this.call && this.console.calls.includes(this.call) ? this.call : null;
  }

  /** Whether this caller can be passed on now: in conversation or on hold, and nobody is asked or talked with. @param {Call | null} one */
  may(one) {
    const { session } = one ?? {};
    return (session?.state === 'talking' || session?.state === 'held') && !session.consultation && !this.isAsking(one);
  }

  /** @param {Call | null} one */
  isAsking(one) {
    return one?.session.state === 'held' && one.session.asked?.state === 'pending';
  }

  /** Opens the dialog for the caller on the stage. */
  begin() {
    if (this.open || !this.may(this.console.live)) return;
    this.call = this.console.live;
    this.choices = null;
    this.wrong = '';
    clearInterval(this.looking);
    this.looking = setInterval(() => void this.look(), LOOK_EVERY_MS);
    void this.look();
    this.console.refresh();
  }

  close() {
    clearInterval(this.looking);
    this.call = null;
    this.console.refresh();
  }

  async look() {
    const { open } = this;
    if (!open) return clearInterval(this.looking);
    try {
      const { data } = await call('GET', `${open.conversation.path}/transfer`);
      if (this.open === open) this.choices = data;
    } catch (error) {
      if (!this.choices) this.wrong = reason(error);
    }
    this.console.refresh();
  }

  /**
   * @param {Wish} wish
   * @param {string} where the queue's title, for what is told afterwards
   */
  async pass(wish, where) {
    const { open: one, console } = this;
    if (!one || this.busy) return;
    this.busy = true;
    this.wrong = '';
    console.refresh();
    try {
      const { data } = await call('POST', `${one.conversation.path}/transfer`, { body: { epoch: one.session.epoch, ...wish } });
      this.close();
      if (data.session.state === 'waiting') {
        console.over(one, data.session, true);
        console.set({ notice: { kind: data.warning ? 'warn' : 'good', text: t(data.warning ? 'rep.transfer.done_nobody' : 'rep.transfer.done', { queue: where }) } });
      } else console.apply(data.session);
    } catch (error) {
      this.wrong = reason(error);
    } finally {
      this.busy = false;
      console.refresh();
    }
  }

  /** Asks no more; the customer stays on hold. @param {Call} one */
  cancel(one) {
    return one.turn(async () => (await call('DELETE', `${one.conversation.path}/transfer`)).data);
  }
}

/** @param {unknown} error */
function reason(error) {
  if (!(error instanceof ApiError)) return t('error.unknown');
  if (error.status === 0) return t('error.unreachable');
  return error.message || t('error.unknown');
}
