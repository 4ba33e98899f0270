// @ts-check
/**
 * The console as a state machine: ready, waiting for a customer, connecting, on a call. The server's
 * `state` events are the truth about the call; what this page does itself only runs ahead of them.
 */
import { ApiError, call, serverNow } from '../api.js';
import { Conversation, isLive } from '../conversation.js';
import { duration } from '../format.js';
import { t } from '../i18n.js';
import { Peer } from '../peer.js';
import { allowSound, chime } from '../sound.js';
import { EventStream } from '../stream.js';
import { uuid } from '../uuid.js';
import { Base } from './base.js';

/** With nobody waiting, the queue is asked again this often, beside each `queue` event. */
const ASK_AGAIN_MS = 2000;

/** @typedef {import('../conversation.js').SessionView} SessionView */

export class Console extends Base {
  /** @param {() => void} onChange */
  constructor(onChange) {
    super(onChange);
    this.pageId = uuid();
    this.wanting = false;
    this.claiming = false;
    /** Calls that this page has ended, with the epoch: an event sent before that must not bring them back. */
    /** @type {Map<string, number>} */
    this.done = new Map();
    /** @type {Conversation | null} */
    this.conversation = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.qualityTimer = undefined;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.askTimer = undefined;
    /** @type {EventStream | null} */
    this.stream = null;
  }

  get inCall() {
    return this.state.screen === 'connecting' || this.state.screen === 'conversation';
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
    if (type === 'state') this.told(data.session ?? null);
    else if (type === 'signal') {
      if (!data.sessionId || data.sessionId === this.state.session?.sessionId) this.peer?.receive(data);
    } else if (type === 'queue') {
      this.set({ queue: { waiting: data.waiting ?? 0, longestWaitSeconds: data.longestWaitSeconds ?? null, entries: data.entries ?? [] } });
      if (this.wanting && data.waiting > 0) void this.claim();
    }
  }

  /**
   * @param {'ended' | 'superseded' | 'refused'} why
   * @param {number} status
   */
  lineClosed(why, status) {
    this.stopWanting();
    this.quiet();
    this.state.media?.stop();
    if (why === 'refused' && status === 401) window.location.assign('/login?next=/rep');
    this.set({ screen: why === 'superseded' ? 'superseded' : 'refused', media: null, session: null });
  }

  // The queue --------------------------------------------------------------------------------------

  /** **Next customer**. */
  async next() {
    if (this.inCall || this.wanting || this.state.busy || this.state.screen === 'loading' || this.state.screen === 'superseded') return;
    allowSound();
    this.set({ busy: true, notice: null });
    if (!(await this.openDevices())) {
      this.set({ busy: false });
      return;
    }
    this.wanting = true;
    await this.claim();
    this.set({ busy: false });
    if (!this.wanting) return;
    this.set({ screen: 'waiting' });
    this.askTimer = setInterval(() => void this.claim(), ASK_AGAIN_MS);
  }

  /** **Cancel** the waiting. */
  cancel() {
    this.stopWanting();
    if (!this.inCall) this.set({ screen: 'ready', notice: null });
  }

  stopWanting() {
    this.wanting = false;
    clearInterval(this.askTimer);
  }

  /** Takes the next customer, if there is one. Asking twice gives the same one. */
  async claim() {
    if (this.claiming) return;
    this.claiming = true;
    try {
      const { status, data } = await call('DELETE', '/help/queue');
      // A customer who was given to us is ours, even when *Cancel* was pressed a moment before.
      if (status === 200 && data) this.take(data);
    } catch (error) {
      const present = error instanceof ApiError && error.status === 409 ? error.body?.session : null;
      if (present) this.take(present);
      else if (!(error instanceof ApiError) || !error.temporary) {
        this.stopWanting();
        this.set({ screen: 'ready', notice: { kind: 'bad', text: error instanceof ApiError && error.message ? error.message : t('error.unknown') } });
      }
    } finally {
      this.claiming = false;
    }
  }

  /** @param {SessionView} session */
  take(session) {
    this.done.delete(session.sessionId);
    this.apply({ ...session, state: session.state ?? 'offered' });
  }

  // The call ---------------------------------------------------------------------------------------

  /**
   * The server's word on the present call.
   * @param {SessionView | null} session
   */
  told(session) {
    if (session && isLive(session)) {
      if ((this.done.get(session.sessionId) ?? -1) >= session.epoch) return;
      this.apply(session);
      return;
    }
    const { session: mine } = this.state;
    if (mine) void this.verify(mine);
    else if (this.state.screen === 'loading') this.set({ screen: 'ready' });
  }

  /**
   * "No call", while this page has one: over, or an event that a new claim has overtaken? The session knows.
   * @param {SessionView} mine
   */
  async verify(mine) {
    /** @type {SessionView | null} */
    let present = null;
    try {
      present = (await this.conversation?.get()) ?? null;
    } catch (error) {
      if (error instanceof ApiError && error.temporary) return; // The next event says it again.
    }
    if (this.state.session?.sessionId !== mine.sessionId) return;
    if (present && isLive(present) && present.epoch >= mine.epoch) return;
    // An ended session may not be ours to read any more; what it was is known here too.
    this.over(present ?? { ...mine, state: 'ended', outcome: mine.state === 'offered' ? null : 'answered' });
  }

  /** @param {SessionView} session */
  apply(session) {
    const before = this.state.session;
    const same = before?.sessionId === session.sessionId;
    if (same && before && (session.epoch < before.epoch || (session.eventNumber ?? 0) < (before.eventNumber ?? 0))) return;
    if (!isLive(session)) {
      if (same) this.over(session);
      return;
    }
    this.stopWanting();
    if (!same) {
      this.quiet();
      this.conversation = new Conversation(session.sessionId, null, () => this.state.session?.epoch, (news) => this.apply(news));
    }
    // A claim tells more of the customer than later events do, and the other way round.
    const merged = same ? { ...before, ...session } : session;
    const start = Date.parse(merged.conversationStartTime ?? '');
    const talking = merged.state === 'talking' || merged.state === 'held';
    const screen = talking && this.peer?.everConnected ? 'conversation' : 'connecting';
    this.set({ session: merged, notice: null, screen });
    if (screen === 'conversation') this.set({ since: Number.isNaN(start) ? this.state.since : Math.min(start, serverNow()) });
    void this.connect();
  }

  /** Builds the media connection, or says hello over the one that is there. */
  async connect() {
    const ready = await this.openDevices();
    const { session, media } = this.state;
    const { conversation } = this;
    if (!ready || !media || !session || !conversation || !isLive(session)) return;
    if (this.peer && !this.peer.closed) {
      this.peer.hello();
      return;
    }
    this.set({ peerState: 'connecting', remote: null, remoteMedia: { microphone: true, camera: true }, quality: 'unknown' });
    const peer = new Peer({
      polite: false,
      sessionId: session.sessionId,
      from: 'representative',
      audioOnly: session.audioOnly,
      stream: media.stream,
      config: session.media ?? {},
      send: (message) => conversation.signal(message),
      refresh: () => conversation.media(),
      onState: (state) => this.peerChanged(peer, state),
      onRemote: (remote) => this.set({ remote }),
      onRemoteMedia: (remoteMedia) => this.set({ remoteMedia }),
      onFailed: () => void this.mediaFailed(peer),
    });
    this.use(peer);
    peer.start();
  }

  /**
   * @param {Peer} peer
   * @param {import('../peer-types.js').PeerState} peerState
   */
  peerChanged(peer, peerState) {
    if (peer !== this.peer) return;
    const first = peerState === 'connected' && this.state.session?.state === 'offered';
    this.set({ peerState });
    if (peerState !== 'connected') return;
    if (first) chime();
    clearInterval(this.qualityTimer);
    this.qualityTimer = setInterval(async () => this.set({ quality: await peer.quality() }), 3000);
    const { session } = this.state;
    // After a reload the conversation goes on without a new event.
    if (session && session.state !== 'offered') this.apply(session);
    this.conversation?.joined().then(
      (news) => this.apply(news),
      () => {
        // The next `state` event says how it stands.
      },
    );
  }

  /** @param {Peer} peer */
  async mediaFailed(peer) {
    const { session } = this.state;
    if (peer !== this.peer || !session || !this.conversation) return;
    this.quiet();
    if (session.state !== 'offered') {
      // A conversation that had begun is not given up here: try anew until somebody ends it.
      void this.connect();
      return;
    }
    const ended = await this.conversation.end('media').catch(() => null);
    this.over(ended ?? { ...session, state: 'ended', outcome: 'failed' });
  }

  /** **End**: at once for the person, and as soon as it can be told for the server. */
  end() {
    const { session } = this.state;
    if (!session || !this.conversation) return;
    this.conversation.end().catch(() => {
      // Told eight times; a claim would bring the call back if the server still has it.
    });
    this.over({ ...session, state: 'ended', outcome: session.state === 'offered' ? 'missed' : 'answered' }, true);
  }

  /**
   * @param {SessionView} session how it ended
   * @param {boolean} [mine] this page ended it
   */
  over(session, mine = false) {
    const before = this.state.session;
    if (!before || before.sessionId !== session.sessionId) return;
    this.done.set(before.sessionId, Math.max(before.epoch, session.epoch));
    this.quiet();
    this.conversation = null;
    const start = Date.parse(session.conversationStartTime ?? before.conversationStartTime ?? '');
    const end = Date.parse(session.sessionEndTime ?? '') || serverNow();
    this.set({ session: null, screen: 'ready', notice: endNotice(session, mine, Number.isNaN(start) ? null : (end - start) / 1000) });
  }

  /** Closes the media connection; camera and microphone stay for the next call. */
  quiet() {
    clearInterval(this.qualityTimer);
    this.peer?.close();
    this.use(null);
    this.set({ remote: null, peerState: 'connecting', quality: 'unknown' });
  }

  leaving() {
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
  if (session.outcome === 'answered') return { kind: 'good', text: t(mine ? 'rep.over.mine' : 'rep.over.answered', { time }) };
  if (session.outcome === 'failed') return { kind: 'warn', text: t('rep.over.failed') };
  if (mine) return { kind: '', text: t('rep.over.missed') };
  if (session.state === 'waiting') return { kind: 'warn', text: t('rep.over.requeued') };
  return { kind: 'warn', text: t('rep.over.left') };
}
