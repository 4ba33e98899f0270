// @ts-check
/** The zone in which days are cut: the viewer's own, until they choose another. */

const COOKIE = 'bannerline-zone';
const ASKED = 'bannerline.zone-asked';

/** What the page says. */
const shown = () => document.querySelector('[data-testid="zone"]')?.textContent?.trim() || 'UTC';

/**
 * The zone of the page, where this browser knows it.
 * @returns {string}
 */
export function pageZone() {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: shown() }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

/** What the server is told: the first cookie of this name. */
const told = () => document.cookie.split('; ').find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);

/** Whether the page was asked for again in this tab before: once is enough, whatever becomes of it. */
function askedBefore() {
  try {
    if (window.sessionStorage.getItem(ASKED)) return true;
    window.sessionStorage.setItem(ASKED, '1');
    return false;
  } catch {
    return true;
  }
}

/** Tells the server the viewer's zone. The page is asked for again if it was made without it. */
export function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || told() === zone) return;
  document.cookie = `${COOKIE}=${zone}; path=/; max-age=31536000; samesite=lax`;
  const chosen = new URLSearchParams(window.location.search).has('tz');
  if (!chosen && shown() !== zone && told() === zone && !askedBefore()) window.location.reload();
}

/** Every zone that the browser knows, to choose from. */
export function offerZones() {
  const list = document.getElementById('zones');
  if (!list) return;
  for (const zone of ['UTC', ...(Intl.supportedValuesOf?.('timeZone') ?? [])]) {
    const option = document.createElement('option');
    option.value = zone;
    list.append(option);
  }
}
