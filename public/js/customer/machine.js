// @ts-check
/**
 * The customer's page as a state machine: which screen, and what moves it on. The server decides about
 * the conversation; this file follows its `state` events and never runs ahead of them.
 */
import { ApiError, call, persist, serverNow } from '../api.js';
import { Conversation, isLive } from '../conversation.js';
import { t } from '../i18n.js';
import { Peer } from '../peer.js';
import { allowSound, chime } from '../sound.js';
import { EventStream } from '../stream.js';
import { uuid } from '../uuid.js';
import { Steps } from './steps.js';
import * as store from './store.js';
import { rememberVisitor, visitorId } from './visitor.js';

/** @typedef {import('../conversation.js').SessionView} SessionView */

export class Customer extends Steps {
  /**
   * @param {import('./state.js').Page} page
   * @param {() => void} onChange
   */
  constructor(page, onChange) {
    super(page, onChange);
    this.pageId = uuid();
    /** @type {import('./store.js').Kept | null} */
    this.kept = null;
    /** @type {Conversation | null} */
    this.conversation = null;
    /** @type {EventStream | null} */
    this.stream = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.qualityTimer = undefined;
  }

  // The start --------------------------------------------------------------------------------------

  begin() {
    const kept = store.load();
    // Another ad's page in the same tab is another wish; the old place ends by its own grace.
    if (kept && kept.campaignId === this.page.campaignId && kept.bannerId === this.page.bannerId) {
      this.resume(kept);
      return;
    }
    store.clear();
    this.reporter.seen();
    void this.watchAvailability();
  }

  // The queue --------------------------------------------------------------------------------------

  /** Asks for a representative: makes the session and joins the queue. */
  async request() {
    if (this.state.busy) return;
    allowSound();
    this.set({ busy: true, error: null });
    const { form, media } = this.state;
    const audioOnly = form.audioOnly || media?.hasCamera === false;
    // Should the answer get lost, the repeated request makes no second session.
    const headers = { 'Idempotency-Key': uuid() };
    try {
      if (!this.kept) {
        const { data } = await this.ask(audioOnly, headers);
        rememberVisitor(data.visitorId);
        this.kept = {
          sessionId: data.sessionId,
          token: data.token,
          queueId: null,
          visitId: this.page.visitId,
          campaignId: this.page.campaignId,
          bannerId: this.page.bannerId,
          name: form.name,
          problem: form.problem,
          queue: form.queue,
          audioOnly,
          media: data.media ?? null,
        };
      }
      const kept = this.kept;
      const { data } = await persist(() => call('POST', '/help/queue', { token: kept.token, body: { sessionId: kept.sessionId } }));
      kept.queueId = data.queueId;
      store.save(kept);
      this.set({ busy: false });
      this.follow(kept);
      this.apply({ ...this.blankView(kept), state: 'waiting', position: data.position, estimatedWaitSeconds: data.estimatedWaitSeconds });
    } catch (error) {
      const refused = error instanceof ApiError && !error.temporary;
      if (refused) this.kept = null; // A second attempt starts from a clean slate.
      this.set({ busy: false, error: sentence(error) });
    }
  }

  /**
   * Makes the session. Where the queue that was chosen is not led to any more, the first one has to do: the click was
   * paid for.
   * @param {boolean} audioOnly
   * @param {Record<string, string>} headers
   */
  async ask(audioOnly, headers) {
    const body = this.sessionBody(audioOnly);
    const post = (/** @type {object} */ what, /** @type {Record<string, string>} */ how) => persist(() => call('POST', '/help/session', { body: what, headers: how }), 2);
    try {
      return await post(body, headers);
    } catch (error) {
      const { queue, ...rest } = body;
      if (!(error instanceof ApiError) || error.status !== 400 || !queue) throw error;
      return await post(rest, { 'Idempotency-Key': uuid() });
    }
  }

  /**
   * @param {boolean} audioOnly
   * @returns {{queue?: string} & Record<string, unknown>}
   */
  sessionBody(audioOnly) {
    const { page } = this;
    const { form } = this.state;
    const visitor = visitorId();
    const from = page.visitId
      ? { visitId: page.visitId }
      : page.direct || !page.campaignId || !page.bannerId
        ? {}
        : { campaignId: page.campaignId, bannerId: page.bannerId };
    return {
      ...from,
      ...(visitor ? { visitorId: visitor } : {}),
      ...(page.queues.length > 1 && form.queue ? { queue: form.queue } : {}),
      ...(form.name.trim() ? { name: form.name.trim() } : {}),
      ...(form.problem.trim() ? { problem: form.problem.trim() } : {}),
      audioOnly,
      consent: form.consent,
    };
  }

  /**
   * @param {import('./store.js').Kept} kept
   * @returns {SessionView}
   */
  blankView(kept) {
    return {
      sessionId: kept.sessionId,
      queueId: kept.queueId,
      state: 'created',
      outcome: null,
      epoch: -1,
      eventNumber: -1,
      campaignId: kept.campaignId,
      bannerId: kept.bannerId,
      name: kept.name || null,
      problem: kept.problem || null,
      audioOnly: kept.audioOnly,
      country: null,
      waitedSeconds: 0,
    };
  }

  /**
   * A reload: take the old place, or the conversation, up again.
   * @param {import('./store.js').Kept} kept
   */
  resume(kept) {
    this.kept = kept;
    // This load is no visit of its own.
    this.reporter.reached('resumed');
    this.page.visitId = kept.visitId;
    this.set({ screen: 'resuming', form: { name: kept.name, problem: kept.problem, queue: kept.queue ?? '', audioOnly: kept.audioOnly, consent: true } });
    this.follow(kept);
    void this.openDevices({}).then(() => this.connect());
  }

  /** @param {import('./store.js').Kept} kept */
  follow(kept) {
    this.stream?.close();
    this.conversation = new Conversation(kept.sessionId, kept.token, () => (this.state.session && this.state.session.epoch >= 0 ? this.state.session.epoch : undefined), (session) => this.apply(session));
    const conversation = this.conversation;
    this.stream = new EventStream({
      url: `/help/session/${kept.sessionId}/events?page=${this.pageId}`,
      token: kept.token,
      onEvent: (type, data) => this.heard(type, data),
      onLine: (up) => this.set({ lineUp: up }),
      onAlive: () => conversation.alive(),
      onClosed: (why) => void this.lineClosed(why),
    });
  }

  /**
   * @param {string} type
   * @param {any} data
   */
  heard(type, data) {
    if (type === 'state') this.apply(data);
    else if (type === 'signal') this.peer?.receive(data);
    else if (type === 'position' && this.state.session) {
      const { position, estimatedWaitSeconds } = data;
      this.set({ session: { ...this.state.session, position, estimatedWaitSeconds } });
    }
  }

  /** @param {'ended' | 'superseded' | 'refused'} why */
  async lineClosed(why) {
    if (this.state.screen === 'ended' || this.state.screen === 'thanks') return;
    if (why === 'superseded') {
      this.quiet();
      this.state.media?.stop();
      this.set({ screen: 'superseded', media: null });
      return;
    }
    try {
      const session = await this.conversation?.get();
      if (session) this.finish(session);
    } catch {
      // The session is not known any more: start again from the invitation.
      this.finish(null);
      this.set({ screen: 'invitation', error: t('error.session_gone') });
      void this.watchAvailability();
    }
  }

  // The conversation -------------------------------------------------------------------------------

  /**
   * The one place where the server's word about the session arrives.
   * @param {SessionView} session
   */
  apply(session) {
    const before = this.state.session;
    if (!this.kept || session.sessionId !== this.kept.sessionId) return;
    // An answer can be overtaken by the event that came after it.
    if (before && (session.eventNumber ?? 0) < (before.eventNumber ?? 0)) return;
    if (session.state === 'ended') return this.finish(session);
    this.set({ session });
    if (session.state === 'created') {
      // The place in the queue was never taken (a reload in between): the device check leads on.
      this.set({ screen: 'devices' });
      return;
    }
    if (session.state === 'waiting') {
      if (isLive(before)) this.quiet();
      this.set({ screen: 'waiting', waitingSince: serverNow() - (session.waitedSeconds ?? 0) * 1000 });
      return;
    }
    // Passed on to a colleague: what connects to the one before is over.
    if (session.state === 'offered' && isLive(before) && before?.epoch !== session.epoch) this.quiet();
    if (session.state === 'offered' && before?.state !== 'offered') chime();
    if (session.state === 'offered') this.set({ screen: 'connecting' });
    const held = session.state === 'held';
    if (session.state === 'talking' || held) {
      const since = Date.parse(session.conversationStartTime ?? '');
      const talkingSince = Number.isNaN(since) ? serverNow() : Math.min(since, serverNow());
      this.set({ talkingSince, screen: held ? 'held' : this.peer?.everConnected ? 'conversation' : 'connecting' });
    }
    // Back from hold: whoever looked elsewhere meanwhile is called.
    if (before?.state === 'held' && !held) chime();
    // Nobody is seen or heard while on hold.
    this.peer?.setPaused(held);
    this.connect();
  }

  /** Builds the media connection, or says hello over the one that is there. */
  connect() {
    const { session, media } = this.state;
    if (!session || !isLive(session) || !this.conversation) return;
    if (!media) {
      // The camera is still being asked for; without a word of ours the server would take the call back.
      this.conversation.alive();
      return;
    }
    if (this.peer && !this.peer.closed) {
      this.peer.hello();
      return;
    }
    const conversation = this.conversation;
    this.set({ peerState: 'connecting', remote: null, remoteMedia: { microphone: true, camera: true }, quality: 'unknown' });
    const peer = new Peer({
      polite: true,
      sessionId: session.sessionId,
      from: 'customer',
      audioOnly: session.audioOnly,
      stream: media.stream,
      config: session.media ?? this.kept?.media ?? {},
      send: (message) => conversation.signal(message),
      refresh: () => conversation.media(),
      onState: (peerState) => this.peerChanged(peer, peerState),
      onRemote: (remote) => this.set({ remote }),
      onRemoteMedia: (remoteMedia) => this.set({ remoteMedia }),
      onFailed: () => void this.mediaFailed(peer),
    });
    this.use(peer);
    peer.setPaused(session.state === 'held');
    peer.start();
  }

  /**
   * @param {Peer} peer
   * @param {import('../peer-types.js').PeerState} peerState
   */
  peerChanged(peer, peerState) {
    if (peer !== this.peer) return;
    this.set({ peerState });
    if (peerState !== 'connected') return;
    if (this.state.session?.state === 'talking') this.set({ screen: 'conversation' });
    clearInterval(this.qualityTimer);
    this.qualityTimer = setInterval(async () => {
      // Nothing arrives while on hold, which says nothing about the line.
      this.set({ quality: this.state.session?.state === 'held' ? 'unknown' : await peer.quality() });
    }, 3000);
    this.conversation?.joined().then(
      (session) => this.apply(session),
      () => {
        // The next `state` event says how it stands.
      },
    );
  }

  /** @param {Peer} peer */
  async mediaFailed(peer) {
    if (peer !== this.peer || !this.conversation) return;
    if (this.state.session?.state !== 'offered') {
      // A conversation that had begun is not given up here: try anew until somebody ends it.
      this.quiet();
      this.connect();
      return;
    }
    this.quiet();
    const session = await this.conversation.end('media').catch(() => null);
    this.finish(session ?? { ...this.state.session, state: 'ended', outcome: 'failed' });
  }

  /** **Leave** while waiting: the place is given up. */
  leave() {
    const { kept } = this;
    const queueId = this.state.session?.queueId ?? kept?.queueId;
    if (!kept || !this.state.session) return;
    if (isLive(this.state.session) || !queueId) {
      this.end();
      return;
    }
    persist(() => call('DELETE', `/help/queue/${queueId}`, { token: kept.token }), 8).catch(() => {
      // The closed stream ends the session all the same, a little later.
    });
    this.finish({ ...this.state.session, state: 'ended', outcome: 'cancelled' });
  }

  /** **End**: at once for the person, and as soon as it can be told for the server. */
  end() {
    const { session } = this.state;
    if (!session || !this.conversation) return;
    const answered = session.state === 'talking' || session.state === 'held';
    this.conversation.end().catch(() => {
      // Told eight times; the closed stream says it too.
    });
    this.finish({ ...session, state: 'ended', outcome: answered ? 'answered' : 'cancelled' });
  }

  /** @param {SessionView | null} session how it ended; null when nothing is known */
  finish(session) {
    const { talkingSince, session: before } = this.state;
    const end = Date.parse(session?.sessionEndTime ?? '');
    const start = Date.parse(session?.conversationStartTime ?? '') || talkingSince;
    const ending = {
      outcome: session?.outcome ?? null,
      stopped: session?.endedBy === 'admin',
      seconds: start ? ((Number.isNaN(end) ? serverNow() : end) - start) / 1000 : null,
      name: session?.representative?.name ?? before?.representative?.name ?? null,
      rateable: session?.outcome === 'answered' && this.kept ? { sessionId: this.kept.sessionId, token: this.kept.token } : null,
    };
    this.stream?.close();
    this.stream = null;
    this.quiet();
    this.state.media?.stop();
    store.clear();
    this.kept = null;
    this.set({ screen: 'ended', ending, media: null, session: null, talkingSince: 0, lineUp: true, busy: false, error: null, deviceLost: false });
  }

  /** Closes the media connection; the session goes on. */
  quiet() {
    clearInterval(this.qualityTimer);
    this.peer?.close();
    this.use(null);
    this.set({ remote: null, peerState: 'connecting', quality: 'unknown' });
  }

  /** *Talk again*: a new session of the same visit. */
  again() {
    this.set({ ending: null, microphoneOn: true });
    void this.checkDevices();
  }

  done() {
    this.set({ screen: 'thanks' });
  }

  /** The page goes away: start the grace now instead of when the line is found dead. */
  leaving() {
    if (!this.kept || !this.stream) return;
    call('POST', `/help/session/${this.kept.sessionId}/leaving`, { token: this.kept.token, keepalive: true, body: { page: this.pageId } }).catch(() => {
      // The server notices the closed stream as well.
    });
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function sentence(error) {
  if (!(error instanceof ApiError)) return t('error.unknown');
  if (error.status === 0) return t('error.unreachable');
  if (error.status === 429) return t('error.busy');
  if (error.status >= 500) return t('error.server');
  return error.detail || error.title || t('error.unknown');
}
