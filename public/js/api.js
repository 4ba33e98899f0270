// @ts-check
/** Calls to the server: JSON in and out, errors as `problem+json`, never a hanging request. */

/** How far the server's clock is ahead of this one, in milliseconds; small differences are left alone. */
let clockOffset = 0;

/** @param {Response} response */
function noteClock(response) {
  const server = Date.parse(response.headers.get('Date') ?? '');
  if (Number.isNaN(server)) return;
  const offset = server + 500 - Date.now();
  clockOffset = Math.abs(offset) > 2500 ? offset : 0;
}

/**
 * The server's time, so that a timer is right on a computer whose clock is not.
 * @returns {number} milliseconds
 */
export function serverNow() {
  return Date.now() + clockOffset;
}

/** What went wrong with a call. `status` 0 means that the server was not reached. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} title
   * @param {string} detail
   * @param {any} [body] the whole problem document
   * @param {number | null} [retryAfter] seconds the server asked to wait
   */
  constructor(status, title, detail, body, retryAfter) {
    super(detail || title || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.body = body;
    this.retryAfter = retryAfter ?? null;
  }

  /** Whether the same call may do better a little later. */
  get temporary() {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/**
 * @typedef {object} CallOptions
 * @property {any} [body] sent as JSON
 * @property {string | null} [token] a bearer token
 * @property {boolean} [keepalive] for calls made while the page goes away
 * @property {AbortSignal} [signal]
 * @property {number} [timeout] milliseconds, 10 s unless told
 * @property {Record<string, string>} [headers]
 */

/**
 * The token against forged requests that the page carries for people who are logged in.
 * @returns {string | null}
 */
export function csrfToken() {
  return document.querySelector('meta[name="csrf"]')?.getAttribute('content') || null;
}

/**
 * Headers that say who is calling: a bearer token, or the page's own for the session cookie.
 * @param {string | null | undefined} token
 * @returns {Record<string, string>}
 */
export function credentials(token) {
  if (token) return { Authorization: `Bearer ${token}` };
  const csrf = csrfToken();
  return csrf ? { 'X-CSRF-Token': csrf } : {};
}

/**
 * @param {string} method
 * @param {string} path
 * @param {CallOptions} [options]
 * @returns {Promise<{status: number, data: any}>}
 */
export async function call(method, path, options = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json, application/problem+json', ...credentials(options.token), ...options.headers };
  /** @type {string | undefined} */
  let body;
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(options.body);
  }
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), options.timeout ?? 10_000);
  const outer = options.signal;
  const passOn = () => abort.abort();
  outer?.addEventListener('abort', passOn);
  try {
    const response = await fetch(path, {
      method,
      headers,
      body,
      keepalive: options.keepalive ?? false,
      signal: abort.signal,
      cache: 'no-store',
      redirect: 'error',
    });
    noteClock(response);
    const data = await readBody(response);
    if (!response.ok) throw problem(response, data);
    return { status: response.status, data };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (outer?.aborted) throw error;
    throw new ApiError(0, 'unreachable', '');
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', passOn);
  }
}

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
async function readBody(response) {
  if (response.status === 204 || response.status === 202) return null;
  const text = await response.text();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null; // A proxy's HTML page: the status says enough.
  }
}

/**
 * @param {Response} response
 * @param {any} data
 * @returns {ApiError}
 */
function problem(response, data) {
  const after = Number(response.headers.get('Retry-After'));
  return new ApiError(
    response.status,
    typeof data?.title === 'string' ? data.title : '',
    typeof data?.detail === 'string' ? data.detail : '',
    data,
    Number.isFinite(after) && after > 0 ? after : null,
  );
}

/**
 * Repeats a call that is safe to repeat while the trouble is a passing one.
 * @template T
 * @param {() => Promise<T>} action
 * @param {number} [attempts]
 * @returns {Promise<T>}
 */
export async function persist(action, attempts = 4) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ApiError) || !error.temporary || attempt >= attempts) throw error;
      const pause = error.retryAfter ? error.retryAfter * 1000 : 300 * 2 ** attempt * (0.75 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, Math.min(pause, 5000)));
    }
  }
}
