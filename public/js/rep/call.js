// @ts-check
/** One caller of the console: the session as the server tells it, and the connection to the customer's page. */
import { ApiError, serverNow } from '../api.js';
import { Conversation, isLive } from '../conversation.js';
import { Peer } from '../peer.js';
import { chime } from '../sound.js';
import { alwaysShowsVideo } from './preferences.js';

/** @typedef {import('../conversation.js').SessionView} SessionView */

/**
 * What a call asks of the console that it belongs to.
 * @typedef {object} Desk
 * @property {() => Promise<MediaStream | null>} stream camera and microphone, asked for if need be
 * @property {(session: SessionView) => void} told an answer brought news of a session
 * @property {(call: Call, session: SessionView) => void} over the call is over; the session says how
 * @property {() => void} changed something that is shown
 */

export class Call {
  /**
   * @param {Desk} desk
   * @param {SessionView} session
   */
  constructor(desk, session) {
    this.desk = desk;
    this.session = session;
    /** When this page heard of it first: an order, and a time to show until the conversation has one. */
    this.since = serverNow();
    /** @type {Peer | null} */
    this.peer = null;
    this.conversation = new Conversation(session.sessionId, null, () => this.session.epoch, desk.told);
    /** @type {import('../peer-types.js').PeerState} */
    this.peerState = 'connecting';
    /** @type {MediaStream | null} */
    this.remote = null;
    this.remoteMedia = { microphone: true, camera: true };
    /** @type {import('../quality.js').Quality} */
    this.quality = 'unknown';
    /** Whether the customer is seen: a stranger's picture is not shown before the person here wants to see it. */
    this.revealed = alwaysShowsVideo();
    /** A hold or resume that is under way. */
    this.busy = false;
    this.closed = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.qualityTimer = undefined;
  }

  get id() {
    return this.session.sessionId;
  }

  get held() {
    return this.session.state === 'held';
  }

  /** @returns {'connecting' | 'conversation' | 'held'} */
  get screen() {
    if (this.held) return 'held';
    return this.session.state === 'talking' && this.peer?.everConnected ? 'conversation' : 'connecting';
  }

  /** When the conversation began, by the server's clock. */
  get startedAt() {
    const start = Date.parse(this.session.conversationStartTime ?? '');
    return Number.isNaN(start) ? this.since : Math.min(start, serverNow());
  }

  /**
   * The server's word on this call.
   * @param {SessionView} session
   */
  tell(session) {
    const before = this.session;
    if (session.epoch < before.epoch || (session.eventNumber ?? 0) < (before.eventNumber ?? 0)) return;
    if (!isLive(session)) {
      this.desk.over(this, session);
      return;
    }
    // A claim tells more of the customer than later events do, and the other way round.
    this.session = { ...before, ...session, passedOn: session.passedOn ?? before.passedOn };
    this.peer?.setPaused(this.held);
    if (this.held) this.quality = 'unknown';
    this.desk.changed();
    void this.connect();
  }

  /** "No such call", while this page has it: over, or an event that a new claim has overtaken? The session knows. */
  async verify() {
    const mine = this.session;
    /** @type {SessionView | null} */
    let present = null;
    try {
      present = await this.conversation.get();
    } catch (error) {
      if (error instanceof ApiError && error.temporary) return; // The next event says it again.
      // Not ours any more, and not ended: back in the queue, or somebody else's by now.
      if (error instanceof ApiError && error.status === 404) present = { ...mine, state: 'waiting', outcome: null };
    }
    if (this.closed || (present && isLive(present) && present.epoch >= mine.epoch)) return;
    // An ended session may not be ours to read any more; what it was is known here too.
    this.desk.over(this, present ?? { ...mine, state: 'ended', outcome: mine.state === 'offered' ? null : 'answered' });
  }

  // The connection ---------------------------------------------------------------------------------

  /** Builds the media connection, or says hello over the one that is being made. */
  async connect() {
    const stream = await this.desk.stream();
    if (!stream || this.closed) return;
    if (this.peer && !this.peer.closed) {
      if (this.peerState !== 'connected') this.peer.hello();
      return;
    }
    this.peerState = 'connecting';
    this.remote = null;
    this.remoteMedia = { microphone: true, camera: true };
    this.quality = 'unknown';
    const peer = new Peer({
      polite: false,
      sessionId: this.id,
      from: 'representative',
      audioOnly: this.session.audioOnly,
      stream,
      config: this.session.media ?? {},
      send: (message) => this.conversation.signal(message),
      refresh: () => this.conversation.media(),
      onState: (state) => this.peerChanged(peer, state),
      onRemote: (remote) => this.show({ remote }),
      onRemoteMedia: (remoteMedia) => this.show({ remoteMedia }),
      onFailed: () => void this.mediaFailed(peer),
    });
    this.peer = peer;
    peer.setPaused(this.held);
    peer.start();
    this.desk.changed();
  }

  /** @param {Partial<Pick<Call, 'remote' | 'remoteMedia' | 'quality' | 'busy' | 'revealed'>>} change */
  show(change) {
    Object.assign(this, change);
    this.desk.changed();
  }

  /**
   * @param {Peer} peer
   * @param {import('../peer-types.js').PeerState} peerState
   */
  peerChanged(peer, peerState) {
    if (peer !== this.peer) return;
    if (peerState === 'connected' && this.session.state === 'offered') chime();
    this.peerState = peerState;
    this.desk.changed();
    if (peerState !== 'connected') return;
    clearInterval(this.qualityTimer);
    this.qualityTimer = setInterval(async () => {
      // Nothing arrives while on hold, which says nothing about the line.
      if (!this.held) this.show({ quality: await peer.quality() });
    }, 3000);
    this.conversation.joined().then(this.desk.told, () => {
      // The next `state` event says how it stands.
    });
  }

  /** @param {Peer} peer */
  async mediaFailed(peer) {
    if (peer !== this.peer || this.closed) return;
    this.quiet();
    if (this.session.state !== 'offered') {
      // A conversation that had begun is not given up here: try anew until somebody ends it.
      void this.connect();
      return;
    }
    const ended = await this.conversation.end('media').catch(() => null);
    if (!this.closed) this.desk.over(this, ended ?? { ...this.session, state: 'ended', outcome: 'failed' });
  }

  // What the representative does -------------------------------------------------------------------

  hold() {
    return this.turn(() => this.conversation.hold());
  }

  /** Back to this one; the server puts whoever is in conversation on hold. */
  resume() {
    return this.turn(() => this.conversation.resume());
  }

  /** @param {() => Promise<SessionView>} ask */
  async turn(ask) {
    if (this.busy) return;
    this.show({ busy: true });
    try {
      this.desk.told(await ask());
    } catch {
      // Not in conversation any more: the `state` event says how it stands.
    }
    this.show({ busy: false });
  }

  /** Closes the media connection; camera and microphone stay for the other calls. */
  quiet() {
    clearInterval(this.qualityTimer);
    this.peer?.close();
    this.peer = null;
    this.remote = null;
    this.peerState = 'connecting';
    this.quality = 'unknown';
  }

  close() {
    this.closed = true;
    this.quiet();
  }
}
