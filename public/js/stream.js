// @ts-check
/**
 * An event stream read with fetch, so that it can carry a bearer token. It reconnects by itself with
 * growing pauses, notices a line that died without a word by the missing heartbeat, and knows the
 * server's own words: `superseded`, `reconnect`, and 204 for "over".
 */
import { credentials } from './api.js';

/** The server's heartbeat comes every 5 s; two missed ones and a little patience mean a dead line. */
const SILENCE_MS = 13_000;
const LONGEST_PAUSE_MS = 5000;

/**
 * @typedef {object} StreamOptions
 * @property {string} url
 * @property {string | null} [token]
 * @property {(type: string, data: any) => void} onEvent
 * @property {(up: boolean) => void} onLine the line came up or went down
 * @property {(why: 'ended' | 'superseded' | 'refused', status: number) => void} onClosed for good
 * @property {() => void} onAlive told at every second heartbeat
 */

export class EventStream {
  /** @param {StreamOptions} options */
  constructor(options) {
    this.options = options;
    /** @type {string | null} */
    this.lastId = null;
    this.failures = 0;
    this.heartbeats = 0;
    this.closed = false;
    /** @type {boolean | null} */
    this.up = null;
    /** @type {AbortController | null} */
    this.abort = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.watchdog = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.pause = undefined;
    this.hurry = () => this.reconnectNow();
    this.seen = () => {
      if (document.visibilityState === 'visible') this.reconnectNow();
    };
    window.addEventListener('online', this.hurry);
    document.addEventListener('visibilitychange', this.seen);
    void this.connect();
  }

  /** Ends the stream for good. */
  close() {
    this.closed = true;
    clearTimeout(this.watchdog);
    clearTimeout(this.pause);
    window.removeEventListener('online', this.hurry);
    document.removeEventListener('visibilitychange', this.seen);
    this.abort?.abort();
  }

  /** A good moment to try: the network is back, or the person looks at the page again. */
  reconnectNow() {
    if (this.closed || this.up || this.pause === undefined) return;
    clearTimeout(this.pause);
    this.pause = undefined;
    void this.connect();
  }

  async connect() {
    if (this.closed) return;
    const abort = new AbortController();
    this.abort = abort;
    /** @type {number | null} */
    let wait = null;
    try {
      this.feedWatchdog();
      /** @type {Record<string, string>} */
      const headers = { Accept: 'text/event-stream', ...credentials(this.options.token) };
      if (this.lastId !== null) headers['Last-Event-ID'] = this.lastId;
      const response = await fetch(this.options.url, { headers, signal: abort.signal, cache: 'no-store', redirect: 'error' });
      if (response.status === 204) return this.finish('ended', 204);
      if (response.status === 401 || response.status === 403 || response.status === 404 || response.status === 410) {
        return this.finish('refused', response.status);
      }
      if (!response.ok || !response.body) {
        const after = Number(response.headers.get('Retry-After'));
        if (after > 0) wait = Math.min(after * 1000, 30_000);
      } else {
        wait = await this.read(response.body);
      }
    } catch {
      // The line broke or never came up: try again below.
    }
    clearTimeout(this.watchdog);
    if (this.closed) return;
    this.setUp(false);
    this.failures += 1;
    const backOff = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** Math.min(this.failures, 6));
    this.pause = setTimeout(() => {
      this.pause = undefined;
      void this.connect();
    }, wait ?? backOff * (0.5 + Math.random() / 2));
  }

  /**
   * Reads until the line ends. Answers how long to wait before the next attempt, or null for the usual pause.
   * @param {ReadableStream<Uint8Array>} body
   * @returns {Promise<number | null>}
   */
  async read(body) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    let event = { type: 'message', data: /** @type {string[]} */ ([]), id: /** @type {string | null} */ (null) };
    this.setUp(true);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      this.feedWatchdog();
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line !== '') {
          readField(event, line);
          continue;
        }
        const full = event;
        event = { type: 'message', data: [], id: null };
        if (full.id !== null) this.lastId = full.id;
        if (full.data.length === 0 && full.type === 'message') continue;
        this.failures = 0;
        const wait = this.dispatch(full.type, full.data.join('\n'));
        if (this.closed) return null;
        if (wait !== null) {
          void reader.cancel().catch(() => {});
          return wait;
        }
      }
    }
  }

  /**
   * @param {string} type
   * @param {string} text
   * @returns {number | null} milliseconds to wait when the server asked for a new connection
   */
  dispatch(type, text) {
    if (type === 'heartbeat') {
      this.heartbeats += 1;
      if (this.heartbeats % 2 === 0) this.options.onAlive();
      return null;
    }
    if (type === 'superseded') {
      this.finish('superseded', 200);
      return null;
    }
    if (type === 'reconnect') return 200 + Math.random() * 1800;
    /** @type {any} */
    let data = null;
    try {
      data = text ? JSON.parse(text) : null;
    } catch {
      return null;
    }
    try {
      this.options.onEvent(type, data);
    } catch (error) {
      // One event that the page could not handle must not cost it the line.
      console.error(error);
    }
    return null;
  }

  /** @param {boolean} up */
  setUp(up) {
    if (this.up === up) return;
    this.up = up;
    this.options.onLine(up);
  }

  feedWatchdog() {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.abort?.abort(), SILENCE_MS);
  }

  /**
   * @param {'ended' | 'superseded' | 'refused'} why
   * @param {number} status
   */
  finish(why, status) {
    if (this.closed) return;
    this.close();
    this.options.onClosed(why, status);
  }
}

/**
 * @param {{type: string, data: string[], id: string | null}} event
 * @param {string} line
 */
function readField(event, line) {
  const colon = line.indexOf(':');
  if (colon === 0) return; // A comment, which only keeps the line warm.
  const field = colon < 0 ? line : line.slice(0, colon);
  let value = colon < 0 ? '' : line.slice(colon + 1);
  if (value.startsWith(' ')) value = value.slice(1);
  if (field === 'event') event.type = value;
  else if (field === 'data') event.data.push(value);
  else if (field === 'id' && !value.includes('\0')) event.id = value;
}
