// @ts-check
/**
 * What the representative says about conversations: what came of each, and notes. Saved while it is typed, so that
 * neither a reload nor the end of a wrap-up takes anything away.
 */
import { ApiError, call } from '../api.js';

/** @typedef {import('../conversation.js').SessionView} SessionView */
/** @typedef {{disposition?: string | null, notes?: string}} Said */
/** @typedef {{session: SessionView, dispositions: string[], disposition: string | null, notes: string | null, until: string | null}} WrapUpView */

/** The pause in typing after which it is saved. */
const SAVE_AFTER_MS = 600;
/** The pause after which a save that failed is tried again. */
const AGAIN_AFTER_MS = 3000;
/** Whoever typed so short a time ago is still typing. */
const TYPING_MS = 3000;
export const MAX_NOTES = 2000;

/**
 * What the server has not heard of, as this tab remembers it over a reload.
 * @param {string} key
 * @returns {Said}
 */
function remembered(key) {
  try {
    const { disposition, notes } = JSON.parse(sessionStorage.getItem(key) ?? '{}');
    return { ...(typeof disposition === 'string' && { disposition }), ...(typeof notes === 'string' && { notes }) };
  } catch {
    return {}; // No storage, or nothing of ours in it.
  }
}

/**
 * @param {string} key
 * @param {Said} said
 */
function remember(key, said) {
  try {
    if (Object.keys(said).length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(said));
  } catch {
    // No storage: what is typed is saved within the second all the same.
  }
}

/** What is said about one conversation. */
export class Draft {
  /**
   * @param {string} sessionId
   * @param {() => void} onChange
   */
  constructor(sessionId, onChange) {
    this.sessionId = sessionId;
    this.onChange = onChange;
    /** @type {string[]} */
    this.dispositions = [];
    this.typedAt = 0;
    this.caret = 0;
    /** @type {'' | 'saving' | 'saved' | 'failed'} */
    this.status = '';
    this.key = `wrap-up:${sessionId}`;
    /** What the server has not heard of. @type {Said} */
    this.unsaved = remembered(this.key);
    /** @type {string | null} */
    this.disposition = this.unsaved.disposition ?? null;
    this.notes = this.unsaved.notes ?? '';
    /** What is on its way there. @type {Said} */
    this.underWay = {};
    /** How often something was sent, or had arrived. */
    this.turns = 0;
    /** @type {Promise<boolean>} */
    this.saving = Promise.resolve(true);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  get path() {
    return `/help/session/${this.sessionId}/wrap-up`;
  }

  get isTyped() {
    return Date.now() - this.typedAt < TYPING_MS;
  }

  /** What was said here and may not have arrived. */
  get ours() {
    return { ...this.underWay, ...this.unsaved };
  }

  /** What the server knows; what was said here since then stays. @param {WrapUpView} view */
  told(view) {
    const { ours } = this;
    this.dispositions = view.dispositions;
    if (ours.disposition === undefined) this.disposition = view.disposition;
    if (ours.notes === undefined) this.notes = view.notes ?? '';
    this.onChange();
  }

  async load() {
    const { turns } = this;
    try {
      const { data } = await call('GET', this.path);
      // An answer that was under way while something was sent may not know of it, and would take it off the page.
      if (this.turns !== turns) return void this.load();
      this.told(data);
      void this.save();
    } catch (error) {
      // A session that is not ours any more has nothing to tell.
      if (error instanceof ApiError && error.temporary) this.later(() => void this.load());
    }
  }

  /** @param {() => void} action */
  later(action) {
    clearTimeout(this.timer);
    this.timer = setTimeout(action, AGAIN_AFTER_MS);
  }

  /**
   * @param {string} notes
   * @param {number} caret
   */
  type(notes, caret) {
    Object.assign(this, { notes, caret, typedAt: Date.now(), status: 'saving' });
    this.unsaved.notes = notes;
    remember(this.key, this.ours);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
    this.onChange();
  }

  /** @param {string} disposition */
  choose(disposition) {
    this.disposition = disposition;
    this.unsaved.disposition = disposition;
    remember(this.key, this.ours);
    void this.save();
  }

  /**
   * Saves what is not saved, after what is on its way.
   * @param {boolean} [done] ends the wrap-up too
   * @returns {Promise<boolean>} whether all of it has been kept
   */
  save(done = false) {
    clearTimeout(this.timer);
    this.saving = this.saving.then(() => this.send(done));
    return this.saving;
  }

  /** @param {boolean} done */
  async send(done) {
    if (!done && Object.keys(this.unsaved).length === 0) return true;
    this.turns += 1;
    this.underWay = this.unsaved;
    this.unsaved = {};
    this.status = 'saving';
    this.onChange();
    try {
      const { data } = await call('POST', this.path, { body: done ? { ...this.underWay, done } : this.underWay });
      this.told(data);
      this.status = Object.keys(this.unsaved).length === 0 ? 'saved' : 'saving';
      return true;
    } catch (error) {
      this.unsaved = { ...this.underWay, ...this.unsaved };
      this.status = 'failed';
      const refused = error instanceof ApiError && !error.temporary;
      if (refused && error.status === 400) await this.withoutDisposition();
      else if (!refused) this.later(() => void this.save());
      // What was typed stays remembered here, whatever the server says.
      return false;
    } finally {
      this.turns += 1;
      this.underWay = {};
      if (this.status !== 'failed') remember(this.key, this.unsaved);
      this.onChange();
    }
  }

  /** The word that was chosen is not one of the campaign's any more: the notes are not to be lost with it. */
  async withoutDisposition() {
    const { disposition, ...rest } = this.unsaved;
    if (disposition === undefined) return;
    this.unsaved = rest;
    this.disposition = '';
    remember(this.key, this.ours);
    // It saves what is left, too.
    await this.load();
  }

  /** The page goes away: what is on its way may not arrive. */
  leave() {
    const { ours } = this;
    if (Object.keys(ours).length === 0) return;
    call('POST', this.path, { body: ours, keepalive: true }).catch(() => {
      // Nobody is there any more to be told.
    });
  }
}

export class WrapUps {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Map<string, Draft>} */
    this.drafts = new Map();
    /** What the representative wraps up now. @type {{session: SessionView, until: number, draft: Draft} | null} */
    this.present = null;
    /** Sessions that are done: an event sent before that must not bring them back. @type {Set<string>} */
    this.done = new Set();
    this.busy = false;
  }

  /** What is said about a session; asked for when it is not known here. @param {string} sessionId */
  of(sessionId) {
    let draft = this.drafts.get(sessionId);
    if (!draft) {
      draft = new Draft(sessionId, this.onChange);
      this.drafts.set(sessionId, draft);
      void draft.load();
    }
    return draft;
  }

  /** @param {WrapUpView | null} view */
  told(view) {
    const id = view?.session.sessionId;
    if (this.present && this.present.session.sessionId !== id) void this.present.draft.save();
    if (!view || !id || this.done.has(id)) {
      this.present = null;
      return;
    }
    const draft = this.of(id);
    this.present = { session: view.session, until: Date.parse(view.until ?? ''), draft };
    // What was read before something was sent from here would take that off the page: then it is asked for again.
    if (draft.turns === 0) draft.told(view);
    else void draft.load();
  }

  /** A customer who was passed on may come back: another conversation to wrap up, and others may have said something. @param {string} sessionId */
  comesAgain(sessionId) {
    this.done.delete(sessionId);
    void this.drafts.get(sessionId)?.load();
  }

  /** **Done**: what follows the wrap-up follows now. */
  async finish() {
    const { present } = this;
    if (!present || this.busy) return;
    this.busy = true;
    this.onChange();
    const id = present.session.sessionId;
    if (await present.draft.save(true)) {
      this.done.add(id);
      if (this.present?.session.sessionId === id) this.present = null;
    }
    this.busy = false;
    this.onChange();
  }

  leave() {
    for (const draft of this.drafts.values()) draft.leave();
  }
}
