// @ts-check
/**
 * Two representatives talk about a customer who is on hold: a room of their own, with a connection of its own. The server's
 * `state` events say whether they do; who has the customer may hand them over or take them back, and either may leave.
 */
import { ApiError, call, serverNow } from '../api.js';
import { t } from '../i18n.js';
import { Peer } from '../peer.js';
import { chime } from '../sound.js';

/** @typedef {import('../conversation.js').SessionView} SessionView */

/** How often the line is judged. */
const QUALITY_EVERY_MS = 3000;
/** So long the event may take that tells of an end. */
const LOST_MS = 3000;

export class Talk {
  /**
   * @param {import('./call.js').Desk} desk
   * @param {SessionView} session the customer's
   * @param {boolean} leads whether the customer is on hold here
   * @param {() => void} onLost the server knows of no such talk
   */
  constructor(desk, session, leads, onLost) {
    this.desk = desk;
    this.onLost = onLost;
    this.session = session;
    this.leads = leads;
    /** @type {Peer | null} */
    this.peer = null;
    /** @type {import('../peer-types.js').PeerState} */
    this.peerState = 'connecting';
    /** @type {MediaStream | null} */
    this.remote = null;
    this.remoteMedia = { microphone: true, camera: true };
    /** @type {import('../quality.js').Quality} */
    this.quality = 'unknown';
    /** Whether the two were ever connected. */
    this.met = false;
    /** A hand-over or an end that is under way. */
    this.busy = false;
    this.closed = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.qualityTimer = undefined;
  }

  get id() {
    return this.session.sessionId;
  }

  /** The other's name. */
  get name() {
    return this.session.consultation?.name ?? '';
  }

  /** When it began, by the server's clock: what tells it from an earlier one about the same customer. */
  get since() {
    return this.session.consultation?.since ?? '';
  }

  get startedAt() {
    const start = Date.parse(this.since);
    return Number.isNaN(start) ? serverNow() : Math.min(start, serverNow());
  }

  /** Builds the connection, or says hello over the one that is being made. */
  async connect() {
    const stream = await this.desk.stream();
    if (!stream || this.closed) return;
    if (this.peer && !this.peer.closed) {
      if (this.peerState !== 'connected') this.peer.hello();
      return;
    }
    this.peerState = 'connecting';
    this.remote = null;
    const peer = new Peer({
      polite: !this.leads,
      sessionId: this.id,
      from: 'representative',
      audioOnly: false,
      stream,
      config: this.session.media ?? {},
      send: (message) => this.signal(message),
      refresh: async () => this.session.media ?? null,
      onState: (state) => this.peerChanged(peer, state),
      onRemote: (remote) => this.show({ remote }),
      onRemoteMedia: (remoteMedia) => this.show({ remoteMedia }),
      onFailed: () => {
        // As long as the server says that the two talk, they try anew.
        if (peer !== this.peer || this.closed) return;
        this.quiet();
        void this.connect();
      },
    });
    this.peer = peer;
    peer.start();
    this.desk.changed();
  }

  /**
   * @param {object} message
   * @returns {Promise<boolean>} false when they talk no more
   */
  async signal(message) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await call('POST', `/rep/consultations/${this.id}/signal`, { body: message });
        return true;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.temporary) {
          this.onLost();
          return false;
        }
        if (attempt === 6 || this.closed) return true;
        await new Promise((resolve) => { setTimeout(resolve, 300 * attempt); });
      }
    }
  }

  /** @param {Partial<Pick<Talk, 'remote' | 'remoteMedia' | 'quality' | 'busy'>>} change */
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
    if (peerState === 'connected' && !this.met) chime();
    this.met ||= peerState === 'connected';
    this.peerState = peerState;
    this.desk.changed();
    clearInterval(this.qualityTimer);
    if (peerState !== 'connected') return;
    this.qualityTimer = setInterval(async () => this.show({ quality: await peer.quality() }), QUALITY_EVERY_MS);
  }

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

/** The talk there is, as the console sees it. */
export class Talks {
  /** @param {import('./machine.js').Console} console */
  constructor(console) {
    this.console = console;
    /** Ended here: an event sent before that must not bring it back, nor say that the other left. @type {Set<string>} */
    this.ended = new Set();
  }

  get present() {
    return this.console.talk;
  }

  /**
   * The server's word: whose customer is talked about here, if anybody's.
   * @param {SessionView[]} sessions those of this representative
   * @param {SessionView | null} consulted a colleague's, about whom this one is asked
   */
  told(sessions, consulted) {
    const own = sessions.find(({ consultation }) => consultation);
    const session = own ?? consulted;
    if (session?.consultation && !this.ended.has(keyOf(session))) this.tell(session, session === own);
    else if (this.present) this.over(this.present, sessions);
  }

  /**
   * @param {SessionView} session
   * @param {boolean} leads
   */
  tell(session, leads) {
    const { present, console } = this;
    if (present && present.leads === leads && keyOf(present.session) === keyOf(session)) {
      // An answer tells less of the customer than the `state` events do.
      present.session = { ...present.session, ...session, passedOn: session.passedOn ?? present.session.passedOn };
    } else {
      present?.close();
      console.stopWanting();
      const talk = new Talk(console.desk, session, leads, () => this.lost(talk));
      console.talk = talk;
      console.set({ notice: null });
    }
    void console.talk?.connect();
    console.refresh();
  }

  /**
   * It is over, not by what was done here.
   * @param {Talk} talk
   * @param {SessionView[]} sessions
   */
  over(talk, sessions) {
    const mine = this.ended.has(keyOf(talk.session));
    const present = sessions.find(({ sessionId }) => sessionId === talk.id);
    this.close();
    if (mine) return;
    const { name } = talk;
    const customer = talk.session.name || t('rep.no_name');
    if (!talk.leads) this.console.set({ notice: present ? { kind: 'good', text: t('rep.talk.handed', { name, customer }) } : { kind: 'warn', text: t('rep.talk.over', { name }) } });
    else if (present?.state === 'held') this.console.set({ notice: { kind: 'warn', text: t('rep.talk.over_held', { name, customer }) } });
  }

  /**
   * An event that tells so is on the way, unless an answer has overtaken it.
   * @param {Talk} talk
   */
  lost(talk) {
    setTimeout(() => {
      if (this.present === talk) this.over(talk, []);
    }, LOST_MS);
  }

  close() {
    this.present?.close();
    this.console.talk = null;
    this.console.refresh();
  }

  /** Hands the customer over to the colleague. */
  handOver() {
    return this.step(async (talk) => {
      if (!talk.leads) return;
      const one = this.console.find(talk.id);
      const { data } = await call('POST', `/help/session/${talk.id}/transfer/hand-over`, { body: { epoch: talk.session.epoch } });
      this.finish(talk);
      if (one) this.console.over(one, { ...data, state: 'waiting', outcome: null }, true);
      this.console.set({ notice: { kind: 'good', text: t('rep.talk.given', { name: talk.name, customer: talk.session.name || t('rep.no_name') }) } });
    });
  }

  /** Back to the customer; the talk is over. */
  takeBack() {
    return this.step(async (talk) => {
      if (!talk.leads) return;
      const session = await this.console.find(talk.id)?.conversation.resume();
      this.finish(talk);
      if (session) this.console.apply(session);
    });
  }

  /** Talks no more; the customer stays on hold with who has them. */
  leave() {
    return this.step(async (talk) => {
      const { data } = await call('DELETE', `/help/session/${talk.id}/transfer`).catch((error) => {
        // Nothing of it is theirs any more: it is over already.
        if (error instanceof ApiError && error.status === 404) return { data: null };
        throw error;
      });
      this.finish(talk);
      if (talk.leads && data) this.console.apply(data);
    });
  }

  /** @param {(talk: Talk) => Promise<void>} ask */
  async step(ask) {
    const { present: talk } = this;
    if (!talk || talk.busy) return;
    talk.show({ busy: true });
    try {
      await ask(talk);
    } catch (error) {
      // What became of it meanwhile is told by the `state` event.
      const text = error instanceof ApiError && error.message ? error.message : t('error.unknown');
      if (!talk.closed) this.console.set({ notice: { kind: 'warn', text } });
    }
    talk.show({ busy: false });
  }

  /** @param {Talk} talk */
  finish(talk) {
    this.ended.add(keyOf(talk.session));
    if (this.present === talk) this.close();
  }
}

/** @param {SessionView} session */
function keyOf({ sessionId, consultation }) {
  return `${sessionId} ${consultation?.since}`;
}
