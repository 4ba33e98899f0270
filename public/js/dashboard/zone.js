// @ts-check
/** The zone in which days are cut: the viewer's own, until they choose another. */

const COOKIE = 'bannerline-zone';

/** Tells the server the viewer's zone. The page is asked for again if it was made without it. */
export function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const told = document.cookie.split('; ').find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  if (!zone || told === zone) return;
  document.cookie = `${COOKIE}=${zone}; path=/; max-age=31536000; samesite=lax`;
  const shown = document.querySelector('[data-testid="zone"]')?.textContent ?? 'UTC';
  const chosen = new URLSearchParams(window.location.search).has('tz');
  if (!chosen && shown !== zone && document.cookie.includes(`${COOKIE}=`)) window.location.reload();
}

/** Every zone that the browser knows, to choose from. */
export function offerZones() {
  const list = document.getElementById('zones');
  if (!list) return;
  for (const zone of ['UTC', ...Intl.supportedValuesOf('timeZone')]) {
    const option = document.createElement('option');
    option.value = zone;
    list.append(option);
  }
}
