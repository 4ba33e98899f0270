// @ts-check
/** What a representative prefers on this machine. */

const ALWAYS_SHOW = 'bannerline.always_show_video';
/** Where nothing can be kept, it holds for this page. */
let alwaysShowHere = false;

/** Whether customers are seen from the beginning of a call. */
export function alwaysShowsVideo() {
  try {
    return window.localStorage.getItem(ALWAYS_SHOW) === 'on';
  } catch {
    return alwaysShowHere;
  }
}

/** @param {boolean} on */
export function chooseAlwaysShow(on) {
  alwaysShowHere = on;
  try {
    if (on) window.localStorage.setItem(ALWAYS_SHOW, 'on');
    else window.localStorage.removeItem(ALWAYS_SHOW);
  } catch {
    // Kept above.
  }
}
