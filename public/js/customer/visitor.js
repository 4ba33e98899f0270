// @ts-check
/** Who this browser is to the house, from its first request for a conversation on. Kept here, in no cookie. */

const KEY = 'bannerline.visitor';

/** @returns {string | null} */
export function visitorId() {
  try {
    const id = window.localStorage.getItem(KEY) ?? '';
    return /^[0-9a-f]{32}$/.test(id) ? id : null;
  } catch {
    return null; // Nothing can be kept: somebody new each time.
  }
}

/** @param {unknown} id */
export function rememberVisitor(id) {
  if (typeof id !== 'string') return;
  try {
    window.localStorage.setItem(KEY, id);
  } catch {
    // As above.
  }
}
