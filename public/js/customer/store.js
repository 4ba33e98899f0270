// @ts-check
/** What a reload needs to find its place again. It lives as long as the tab, and in this tab only. */

const KEY = 'bannerline.session';

/**
 * @typedef {object} Kept
 * @property {string} sessionId
 * @property {string} token
 * @property {string | null} queueId
 * @property {string | null} visitId
 * @property {string} campaignId
 * @property {string} bannerId
 * @property {string} name
 * @property {string} problem
 * @property {string} [queue] the one that was chosen
 * @property {boolean} audioOnly
 * @property {import('../peer-types.js').MediaConfig | null} media
 */

/** @returns {Kept | null} */
export function load() {
  try {
    const kept = JSON.parse(window.sessionStorage.getItem(KEY) ?? 'null');
    return kept && typeof kept.sessionId === 'string' && typeof kept.token === 'string' ? kept : null;
  } catch {
    return null;
  }
}

/** @param {Kept} kept */
export function save(kept) {
  try {
    window.sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Without storage a reload starts afresh; the conversation itself is not touched.
  }
}

export function clear() {
  try {
    window.sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept then.
  }
}
