// @ts-check
/**
 * The one owner of RTCPeerConnection: a conversation's media, browser to browser.
 *
 * The representative is the impolite side and makes the first offer as soon as it hears from a new page
 * of the customer's; the customer is polite and says `hello`. So the usual connection has no glare, and
 * when two restarts do cross, perfect negotiation settles it. Incoming messages are handled in one
 * chain, outgoing ones sent in one chain: in parallel they would overtake each other.
 *
 * A `Peer` has a page id of its own. A peer that is built anew (a reload, the customer called again
 * after going back to the queue) is therefore a new page to the other side, which then builds anew too.
 */
import { readQuality } from './quality.js';
import { uuid } from './uuid.js';

const CONNECT_MS = 15_000;
const HELLO_AGAIN_MS = 4000;
const DISCONNECTED_MS = 3000;
const RESTART_AGAIN_MS = 8000;
/** A description younger than this may still be answered; an older one is taken for lost. */
const STALE_MS = 2500;

/** @typedef {import('./peer-types.js').Signal} Signal */
/** @typedef {import('./peer-types.js').PeerState} PeerState */
/** @typedef {import('./peer-types.js').PeerOptions} PeerOptions */

export class Peer {
  /** @param {PeerOptions} options */
  constructor(options) {
    this.options = options;
    this.page = uuid();
    this.seq = 0;
    this.closed = false;
    this.paused = false;
    this.everConnected = false;
    /** @type {PeerState} */
    this.state = 'connecting';
    this.config = options.config;
    /** @type {RTCPeerConnection | null} */
    this.pc = null;
    /** @type {RTCDataChannel | null} */
    this.channel = null;
    this.remote = new MediaStream();
    /** @type {string | null} */
    this.remotePage = null;
    this.remoteSeq = -1;
    /** @type {Set<string>} */
    this.oldPages = new Set();
    this.makingOffer = false;
    this.ignoreOffer = false;
    this.describedAt = 0;
    this.repliedAt = 0;
    /** @type {(RTCIceCandidateInit | null)[]} */
    this.candidates = [];
    this.incoming = Promise.resolve();
    this.outgoing = Promise.resolve();
    this.switching = Promise.resolve();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.connectTimer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.restartTimer = undefined;
    this.helloTimer = setInterval(() => {
      if (this.state === 'connecting') this.hello();
    }, HELLO_AGAIN_MS);
    this.online = () => {
      if (this.pc && this.everConnected) void this.restart();
    };
    window.addEventListener('online', this.online);
  }

  /** Says that this page is there, and starts the clock for the connection. */
  start() {
    this.startConnectTimer();
    this.hello();
  }

  /** Says that this page is there: on every word of the server's about this conversation. */
  hello() {
    if (!this.closed) this.send({ hello: true });
  }

  /**
   * A message of the other side's.
   * @param {Signal} message
   */
  receive(message) {
    this.incoming = this.incoming.then(() => this.handle(message)).catch((error) => console.warn('signal', error));
  }

  /** Tells the other side what is switched on here; the tracks themselves are the page's. */
  announceMedia() {
    if (this.channel?.readyState !== 'open') return;
    const on = (/** @type {MediaStreamTrack[]} */ tracks) => !this.paused && tracks.some((track) => track.enabled && track.readyState === 'live');
    this.channel.send(JSON.stringify({
      microphone: on(this.options.stream.getAudioTracks()),
      camera: !this.options.audioOnly && on(this.options.stream.getVideoTracks()),
    }));
  }

  /** Sends other tracks from now on (another microphone or camera was chosen). @param {MediaStream} stream */
  async replaceStream(stream) {
    this.options.stream = stream;
    await this.sendTracks();
  }

  /** On hold nothing is sent at all; the connection stays for the way back. @param {boolean} paused */
  setPaused(paused) {
    if (this.paused === paused) return;
    this.paused = paused;
    void this.sendTracks();
  }

  /** Lets what is to be sent be sent, from now on. One at a time: the last word counts. */
  sendTracks() {
    this.switching = this.switching.then(async () => {
      for (const transceiver of this.pc?.getTransceivers() ?? []) {
        const kind = transceiver.receiver.track.kind;
        if (kind === 'video' && this.options.audioOnly) continue;
        const track = this.options.stream.getTracks().find((one) => one.kind === kind);
        await transceiver.sender.replaceTrack((!this.paused && track) || null);
      }
      this.announceMedia();
    }).catch((error) => console.warn('tracks', error)); // A connection that was closed meanwhile.
    return this.switching;
  }

  /**
   * How good the line is at the moment.
   * @returns {Promise<import('./quality.js').Quality>}
   */
  async quality() {
    if (!this.pc || this.state !== 'connected') return this.everConnected ? 'poor' : 'unknown';
    return readQuality(this.pc);
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.connectTimer);
    clearInterval(this.helloTimer);
    window.removeEventListener('online', this.online);
    this.closeConnection();
  }

  // Outgoing ---------------------------------------------------------------------------------------

  /** @param {{hello?: true, description?: RTCSessionDescriptionInit | null, candidate?: RTCIceCandidateInit | null}} content */
  send(content) {
    const { sessionId, from } = this.options;
    const message = { v: 1, sessionId, from, page: this.page, seq: this.seq, ...content };
    this.seq += 1;
    this.outgoing = this.outgoing.then(async () => {
      if (this.closed) return;
      if (!(await this.options.send(message))) this.close();
    }).catch((error) => console.warn('signal not sent', error));
  }

  // Incoming ---------------------------------------------------------------------------------------

  /** @param {Signal} message */
  async handle(message) {
    if (this.closed || typeof message?.page !== 'string' || this.oldPages.has(message.page)) return;
    const isNew = message.page !== this.remotePage;
    if (isNew) this.meet(message.page);
    // A sender that was not sure of its request sends it again with the same number.
    if (message.seq <= this.remoteSeq) return;
    this.remoteSeq = message.seq;

    if (message.hello) this.greeted(isNew);
    else if (message.description) await this.described(message.description);
    else if (message.candidate !== undefined) await this.candidate(message.candidate);
  }

  /**
   * The other side has a new page: what stood before belongs to a page that is gone.
   * @param {string} page
   */
  meet(page) {
    if (this.remotePage) this.oldPages.add(this.remotePage);
    this.remotePage = page;
    this.remoteSeq = -1;
    this.closeConnection();
    this.setState('connecting');
    this.startConnectTimer();
    if (!this.options.polite) this.open();
  }

  /** @param {boolean} isNew */
  greeted(isNew) {
    if (this.state === 'connected') return;
    if (this.options.polite) {
      // The offer comes from the other side, which may not know yet that somebody is here.
      if (Date.now() - this.repliedAt < 1000) return;
      this.repliedAt = Date.now();
      this.hello();
      return;
    }
    if (isNew || !this.pc) return; // `meet` has opened a connection, and its offer is on the way.
    if (this.pc.signalingState === 'have-local-offer') {
      this.send({ description: this.pc.localDescription?.toJSON() });
    } else if (Date.now() - this.describedAt > STALE_MS) {
      void this.restart();
    }
  }

  /** @param {RTCSessionDescriptionInit} description */
  async described(description) {
    if (!this.pc) {
      if (description.type !== 'offer') return;
      this.open();
    }
    const pc = /** @type {RTCPeerConnection} */ (this.pc);
    const collision = description.type === 'offer' && (this.makingOffer || pc.signalingState !== 'stable');
    this.ignoreOffer = !this.options.polite && collision;
    if (this.ignoreOffer) return;
    if (description.type === 'answer' && pc.signalingState !== 'have-local-offer') return; // The answer to an offer sent twice.
    this.describedAt = Date.now();
    await pc.setRemoteDescription(description);
    if (description.type === 'offer') {
      this.openVideoDirection(pc);
      await pc.setLocalDescription();
      this.send({ description: pc.localDescription?.toJSON() });
    }
    const waiting = this.candidates;
    this.candidates = [];
    for (const candidate of waiting) await this.addCandidate(pc, candidate);
  }

  /** @param {RTCIceCandidateInit | null} candidate */
  async candidate(candidate) {
    if (!this.pc || !this.pc.remoteDescription) {
      this.candidates.push(candidate);
      return;
    }
    await this.addCandidate(this.pc, candidate);
  }

  /**
   * @param {RTCPeerConnection} pc
   * @param {RTCIceCandidateInit | null} candidate
   */
  async addCandidate(pc, candidate) {
    try {
      await pc.addIceCandidate(candidate ?? undefined);
    } catch (error) {
      // Candidates of an offer that was not taken, or of the round before a restart.
      if (!this.ignoreOffer) console.debug('candidate', error);
    }
  }

  // The connection ---------------------------------------------------------------------------------

  /** Builds the connection with the local tracks; the impolite side's first offer follows by itself. */
  open() {
    const { stream, audioOnly, polite } = this.options;
    const pc = new RTCPeerConnection({
      iceServers: this.config.iceServers ?? [],
      iceTransportPolicy: this.config.iceTransportPolicy ?? 'all',
      bundlePolicy: 'max-bundle',
    });
    this.pc = pc;
    this.remote = new MediaStream();
    pc.onicecandidate = ({ candidate }) => {
      if (this.pc === pc) this.send({ candidate: candidate ? candidate.toJSON() : null });
    };
    pc.ontrack = ({ track }) => this.trackArrived(track, this.remote);
    pc.onnegotiationneeded = () => void this.offer(pc);
    pc.onconnectionstatechange = () => this.connectionChanged(pc);

    // Before the tracks, so that both sides have it in the first description.
    this.channel = pc.createDataChannel('media', { negotiated: true, id: 0 });
    this.channel.onopen = () => this.announceMedia();
    this.channel.onmessage = ({ data }) => this.heardMedia(data);

    for (const track of stream.getAudioTracks()) pc.addTrack(track, stream);
    const camera = audioOnly ? undefined : stream.getVideoTracks()[0];
    if (camera) pc.addTrack(camera, stream);
    // An empty place for video: adding a camera later is then one replaceTrack. The polite side takes the
    // place that the offer brings (a transceiver of its own would make a second one).
    else if (!polite) pc.addTransceiver('video', { direction: 'sendrecv' });
    if (this.paused) void this.sendTracks();
  }

  /**
   * An empty place for video is no picture: a player that waits for its first frame would hold back the sound.
   * @param {MediaStreamTrack} track
   * @param {MediaStream} remote
   */
  trackArrived(track, remote) {
    if (track.kind === 'video' && track.muted) {
      track.addEventListener('unmute', () => this.trackArrived(track, remote), { once: true });
      return;
    }
    remote.addTrack(track);
    if (remote === this.remote) this.options.onRemote(remote);
  }

  /** @param {RTCPeerConnection} pc */
  openVideoDirection(pc) {
    for (const transceiver of pc.getTransceivers()) {
      if (transceiver.receiver.track.kind === 'video' && transceiver.direction !== 'stopped') transceiver.direction = 'sendrecv';
    }
  }

  /** @param {RTCPeerConnection} pc */
  async offer(pc) {
    if (this.closed || this.pc !== pc) return;
    if (this.options.polite && !pc.remoteDescription) return; // The first offer is the other side's.
    try {
      this.makingOffer = true;
      await pc.setLocalDescription();
      this.describedAt = Date.now();
      if (this.pc === pc) this.send({ description: pc.localDescription?.toJSON() });
    } catch (error) {
      console.warn('offer', error);
    } finally {
      this.makingOffer = false;
    }
  }

  /** @param {string} data */
  heardMedia(data) {
    try {
      const about = JSON.parse(data);
      this.options.onRemoteMedia({ microphone: about.microphone === true, camera: about.camera === true });
    } catch {
      // Not ours.
    }
  }

  /** @param {RTCPeerConnection} pc */
  connectionChanged(pc) {
    if (this.closed || this.pc !== pc) return;
    clearTimeout(this.restartTimer);
    if (pc.connectionState === 'connected') {
      this.everConnected = true;
      clearTimeout(this.connectTimer);
      this.setState('connected');
    } else if (pc.connectionState === 'disconnected') {
      // Often a hiccup that heals by itself; the picture stands still, so the page says it at once.
      if (this.everConnected) this.setState('interrupted');
      this.restartTimer = setTimeout(() => void this.restart(), DISCONNECTED_MS);
    } else if (pc.connectionState === 'failed') {
      if (this.everConnected) this.setState('interrupted');
      void this.restart();
    }
  }

  /** A new ICE round over the same connection, with fresh relay credentials. */
  async restart() {
    clearTimeout(this.restartTimer);
    const pc = this.pc;
    if (this.closed || !pc) return;
    // Keeps trying for as long as the server holds the conversation.
    this.restartTimer = setTimeout(() => void this.restart(), RESTART_AGAIN_MS);
    const config = await this.options.refresh().catch(() => null);
    if (this.closed || this.pc !== pc) return;
    if (config) {
      this.config = config;
      try {
        pc.setConfiguration({ ...pc.getConfiguration(), iceServers: config.iceServers ?? [] });
      } catch (error) {
        console.warn('configuration', error);
      }
    }
    // An offer that never got its answer was lost: nothing new starts before that one is settled.
    if (pc.signalingState === 'have-local-offer') this.send({ description: pc.localDescription?.toJSON() });
    pc.restartIce();
  }

  closeConnection() {
    clearTimeout(this.restartTimer);
    this.candidates = [];
    this.channel?.close();
    this.channel = null;
    const pc = this.pc;
    this.pc = null;
    this.makingOffer = false;
    this.ignoreOffer = false;
    if (!pc) return;
    pc.onicecandidate = pc.ontrack = pc.onnegotiationneeded = pc.onconnectionstatechange = null;
    pc.close();
  }

  startConnectTimer() {
    clearTimeout(this.connectTimer);
    this.connectTimer = setTimeout(() => {
      if (!this.closed && this.state !== 'connected') this.options.onFailed();
    }, CONNECT_MS);
  }

  /** @param {PeerState} state */
  setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.options.onState(state);
  }
}
