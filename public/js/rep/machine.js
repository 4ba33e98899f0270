// @ts-check
/**
 * The console as a state machine: ready, waiting for a customer, the callers there are (`call.js`), one of them on the
 * stage, and the wrap-up after the last. The server's `state` events are the truth about the calls; what this page does itself only runs ahead of
 * them.
 */
import { ApiError, call, serverNow } from '../api.js';
import { Conversation, isLive } from '../conversation.js';
import { dateAndTime, duration } from '../format.js';
import { t } from '../i18n.js';
import { allowSound } from '../sound.js';
import { EventStream } from '../stream.js';
import { uuid } from '../uuid.js';
import { Base } from './base.js';
import { Call } from './call.js';
import { Duty } from './duty.js';
import { List } from './list.js';
import { Talks } from './talk.js';
import { Transfers } from './transfer.js';
import { chooseAlwaysShow } from './preferences.js';
import { Today } from './today.js';
import { WrapUps } from './wrap_up.js';

/** With nobody waiting, the queue is asked again this often, beside each `queue` event. */
const ASK_AGAIN_MS = 2000;

/** @typedef {import('../conversation.js').SessionView} SessionView */

export class Console extends Base {
  /** @param {() => void} onChange */
  constructor(onChange) {
    super(onChange);
    this.pageId = uuid();
    this.claiming = false;
    /** Sessions whose visitors were blocked here, and until when. @type {Map<string, string>} */
    this.blocked = new Map();
    /** With whom a call went on in the tab that took over. @type {string | null} */
    this.moved = null;
    /** Calls that this page has ended, with the epoch: an event sent before that must not bring them back. */
    /** @type {Map<string, number>} */
    this.done = new Map();
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.askTimer = undefined;
    /** @type {EventStream | null} */
    this.stream = null;
    this.duty = new Duty(this);
    this.list = new List(this);
    this.wrapUps = new WrapUps(() => this.refresh());
    this.transfers = new Transfers(this);
    this.talks = new Talks(this);
    this.today = new Today(() => this.refresh());
    /** @type {import('./call.js').Desk} */
    this.desk = {
      stream: async () => ((await this.openDevices()) ? (this.state.media?.stream ?? null) : null),
      told: (session) => this.apply(session),
      over: (over, session) => this.over(over, session),
      changed: () => this.refresh(),
    };
  }

  get inCall() {
    return this.calls.length > 0 || this.talk !== null;
  }

  /** Of how many places one is taken: by a caller each, and by a talk about a colleague's. */
  get taken() {
    return this.calls.length + (this.talk && !this.talk.leads ? 1 : 0);
  }

  /** Whether **Next customer** may be pressed: there is room, and nobody is being connected. */
  get mayTakeAnother() {
    const { screen, wanting, busy, capacity } = this.state;
    const on = screen !== 'loading' && screen !== 'superseded' && screen !== 'refused';
    const connecting = this.calls.some(({ session }) => session.state === 'offered');
    return on && !wanting && !busy && !connecting && (!this.inCall || this.taken < capacity);
  }

  begin() {
    this.stream = new EventStream({
      url: `/rep/events?page=${this.pageId}`,
      onEvent: (type, data) => this.heard(type, data),
      onLine: (lineUp) => this.set({ lineUp }),
      onAlive: () => this.alive(),
      onClosed: (why, status) => this.lineClosed(why, status),
    });
  }

  alive() {
    call('POST', '/rep/alive', { body: {} }).catch(() => {
      // The next heartbeat asks again.
    });
  }

  /**
   * @param {string} type
   * @param {any} data
   */
  heard(type, data) {
    if (type === 'state') {
      this.duty.told(data.activity ?? null, data.offers ?? []);
      this.list.told(data.list ?? []);
      this.wrapUps.told(data.wrapUp ?? null);
      this.set({ capacity: data.rep?.capacity ?? 1 });
      const sessions = data.sessions ?? (data.session ? [data.session] : []);
      this.told(sessions);
      this.talks.told(sessions, data.consulted ?? null);
      const { activity, since } = data.activity ?? {};
      this.today.told(`${activity} ${since} ${this.calls.map(({ session }) => session.conversationStartTime)}`);
    } else if (type === 'signal') this.signalled(data);
    else if (type === 'queue') {
      this.set({ queue: { waiting: data.waiting ?? 0, longestWaitSeconds: data.longestWaitSeconds ?? null, entries: data.entries ?? [] } });
      if (this.state.wanting && data.waiting > 0) void this.claim();
    }
  }

  /** What a customer's page says, or the console of the colleague who is talked with. @param {any} data */
  signalled(data) {
    if (data.from !== 'representative') this.find(data.sessionId)?.peer?.receive(data);
    else if (this.talk?.id === data.sessionId) this.talk?.peer?.receive(data);
  }

  /**
   * @param {'ended' | 'superseded' | 'refused'} why
   * @param {number} status
   */
  lineClosed(why, status) {
    this.stopWanting();
    this.duty.close();
    this.list.told([]);
    this.today.close();
    this.moved = this.onStage?.name ?? this.live?.session.name ?? (this.live ? t('rep.no_name') : null);
    for (const one of this.calls) one.close();
    this.calls = [];
    this.live = null;
    this.talk?.close();
    this.talk = null;
    this.state.media?.stop();
    if (why === 'refused' && status === 401) window.location.assign('/login?next=/rep');
    this.set({ screen: why === 'superseded' ? 'superseded' : 'refused', media: null });
  }

  // The queue --------------------------------------------------------------------------------------

  /** **Next customer**: who rings, or the first, or one more beside those there are. */
  async next() {
    if (this.duty.ringing) return void this.duty.accept();
    if (!this.mayTakeAnother) return;
    allowSound();
    this.set({ busy: true, notice: null });
    if (!(await this.openDevices())) {
      this.set({ busy: false });
      return;
    }
    this.state.wanting = true;
    await this.claim();
    this.state.busy = false;
    if (this.state.wanting) this.askTimer = setInterval(() => void this.claim(), ASK_AGAIN_MS);
    this.refresh();
  }

  /** **Cancel** the waiting. */
  cancel() {
    this.stopWanting();
    this.set({ notice: null });
    this.refresh();
  }

  stopWanting() {
    this.state.wanting = false;
    clearInterval(this.askTimer);
  }

  /** Takes the next customer, if there is one. Asking twice gives the same one, as long as they are being connected. */
  async claim() {
    if (this.claiming) return;
    this.claiming = true;
    try {
      const { status, data } = await call('DELETE', this.inCall ? '/help/queue?another=true' : '/help/queue');
      // A customer who was given to us is ours, even when *Cancel* was pressed a moment before.
      if (status === 200 && data) this.take(data);
    } catch (error) {
      const full = error instanceof ApiError && error.status === 409;
      if (full) this.stopWanting();
      if (full && error.body?.session) this.take(error.body.session);
      else if (!(error instanceof ApiError) || !error.temporary) {
        this.stopWanting();
        this.set({ notice: { kind: 'bad', text: error instanceof ApiError && error.message ? error.message : t('error.unknown') } });
      }
    } finally {
      this.claiming = false;
      this.refresh();
    }
  }

  /** @param {SessionView} session */
  take(session) {
    // A colleague asks to talk first: the customer stays with them.
    if (session.consultation && !this.find(session.sessionId)) return this.talks.tell(session, false);
    this.done.delete(session.sessionId);
    this.apply({ ...session, state: session.state ?? 'offered' });
  }

  // The calls --------------------------------------------------------------------------------------

  /** @param {string | undefined} id a message without one is for the only call there is */
  find(id) {
    return id ? this.calls.find((one) => one.id === id) : this.calls[0];
  }

  /**
   * The server's word on all calls, oldest claim first.
   * @param {SessionView[]} sessions
   */
  told(sessions) {
    const live = sessions.filter((session) => isLive(session) && (this.done.get(session.sessionId) ?? -1) < session.epoch);
    for (const session of live) this.apply(session);
    const order = live.map(({ sessionId }) => sessionId);
    const place = (/** @type {Call} */ one) => (order.includes(one.id) ? order.indexOf(one.id) : order.length);
    this.calls.sort((one, other) => place(one) - place(other));
    for (const one of this.calls) {
      if (!order.includes(one.id)) void one.verify();
    }
    if (this.state.screen === 'loading') this.state.screen = 'ready';
    this.refresh();
  }

  /**
   * The server's word on one call.
   * @param {SessionView} session
   */
  apply(session) {
    const known = this.find(session.sessionId);
    if (known) known.tell(session);
    else if (isLive(session) && (this.done.get(session.sessionId) ?? -1) < session.epoch) {
      this.stopWanting();
      this.wrapUps.comesAgain(session.sessionId);
      const added = new Call(this.desk, session);
      this.calls.push(added);
      this.set({ notice: null });
      this.refresh();
      void added.connect();
    }
  }

  /**
   * Who is on the stage: who is in conversation, or else who is being connected, or else one who is on hold. A choice
   * between equals stays with who was there.
   */
  refresh() {
    const { screen, wanting } = this.state;
    if (screen === 'superseded' || screen === 'refused') return;
    const rank = (/** @type {Call} */ one) => ['talking', 'offered', 'held'].indexOf(one.session.state) * 2 - (one === this.live ? 1 : 0);
    this.live = [...this.calls].sort((one, other) => rank(one) - rank(other))[0] ?? null;
    for (const { id, session } of this.calls) {
      if (session.state === 'talking' || session.state === 'held') this.wrapUps.of(id);
    }
    const idle = screen === 'loading' ? 'loading' : wanting ? 'waiting' : this.wrapUps.present ? 'wrapUp' : 'ready';
    this.set({ screen: this.onStage ? 'talk' : this.live ? this.live.screen : idle });
  }

  /** The talk, as long as nobody else is spoken with: the server ends it then. */
  get onStage() {
    return this.live?.session.state === 'talking' ? null : this.talk;
  }

  /** The call that the person is busy with: on the stage, talked about, or wrapped up. */
  get about() {
    return this.onStage?.session ?? this.live?.session ?? this.wrapUps.present?.session ?? null;
  }

  /** **Hold**, or back: the one on the stage. */
  toggleHold() {
    if (this.onStage) void this.talks.takeBack();
    else if (this.live?.held) void this.live.resume();
    else if (this.live?.session.state === 'talking') void this.live.hold();
  }

  /** **Show video**, or blur it again: the one on the stage, for this call. */
  toggleBlur() {
    const { live } = this;
    if (live && !this.onStage && !live.session.audioOnly) live.show({ revealed: !live.revealed });
  }

  /** @param {boolean} on from the next call on */
  alwaysShow(on) {
    chooseAlwaysShow(on);
    this.refresh();
  }

  /**
   * **End**: at once for the person, and as soon as it can be told for the server.
   * @param {Call | null} [one] the one on the stage when nobody is named
   */
  end(one = this.live) {
    if (!one) return;
    const { session } = one;
    one.conversation.end().catch(() => {
      // Told eight times; a claim would bring the call back if the server still has it.
    });
    this.over(one, { ...session, state: 'ended', outcome: session.state === 'offered' ? 'missed' : 'answered' }, true);
  }

  /**
   * **End and block**: ends the session, if it has not ended, and lets this visitor wait behind everybody from now on.
   * @param {SessionView} session
   * @param {string} reason
   * @returns {Promise<boolean>}
   */
  async block(session, reason) {
    const one = this.calls.find(({ id }) => id === session.sessionId);
    const conversation = one?.conversation ?? new Conversation(session.sessionId, null, () => session.epoch, this.desk.told);
    try {
      const blocked = await conversation.block(reason);
      if (one) this.over(one, blocked.session, true);
      this.blocked.set(session.sessionId, blocked.until);
      const name = session.name || t('rep.no_name');
      this.set({ notice: { kind: '', text: t('rep.block.done', { name, date: dateAndTime(blocked.until) }) } });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * @param {Call} one
   * @param {SessionView} session how it ended
   * @param {boolean} [mine] this page ended it
   */
  over(one, session, mine = false) {
    if (!this.calls.includes(one)) return;
    this.done.set(one.id, Math.max(one.session.epoch, session.epoch));
    one.close();
    this.calls = this.calls.filter((other) => other !== one);
    const start = Date.parse(session.conversationStartTime ?? one.session.conversationStartTime ?? '');
    const end = Date.parse(session.sessionEndTime ?? '') || serverNow();
    this.set({ notice: endNotice(session, mine, Number.isNaN(start) ? null : (end - start) / 1000) });
    this.refresh();
  }

  leaving() {
    this.wrapUps.leave();
    if (!this.stream || this.stream.closed) return;
    call('POST', '/rep/leaving', { keepalive: true, body: { page: this.pageId } }).catch(() => {
      // The server notices the closed stream as well.
    });
  }
}

/**
 * @param {SessionView} session
 * @param {boolean} mine
 * @param {number | null} seconds
 * @returns {import('./base.js').State['notice']}
 */
function endNotice(session, mine, seconds) {
  const time = seconds === null ? '' : duration(seconds);
  if (session.state === 'waiting' && session.asked?.state === 'pending') return { kind: 'good', text: t('rep.transfer.taken', { name: session.asked.name }) };
  if (session.endedBy === 'admin') return { kind: 'warn', text: seconds === null ? t('rep.over.supervisor_before') : t('rep.over.supervisor', { time }) };
  if (session.outcome === 'answered') return { kind: 'good', text: t(mine ? 'rep.over.mine' : 'rep.over.answered', { time }) };
  if (session.outcome === 'failed') return { kind: 'warn', text: t('rep.over.failed') };
  if (mine) return { kind: '', text: t('rep.over.missed') };
  if (session.state === 'waiting') return { kind: 'warn', text: t('rep.over.requeued') };
  return { kind: 'warn', text: t('rep.over.left') };
}
