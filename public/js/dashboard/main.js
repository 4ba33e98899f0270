// @ts-check
/** What makes the dashboard comfortable: plots, local times, quick periods, copying. Every number stands on the page without it. */
import { t } from '../i18n.js';
import { kept } from './kept.js';
import { live } from './live.js';
import { localise } from './local.js';
import { draw } from './plots.js';
import { offerZones, pageZone, tellZone } from './zone.js';

tellZone();
offerZones();
localise();
live();
kept();
draw();

/**
 * A date of that zone, as the filter's fields take it.
 * @param {number} daysAgo
 */
function day(daysAgo) {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: pageZone(), year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date());
  const date = new Date(`${today}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - daysAgo);
  return date.toISOString().slice(0, 10);
}

// On a phone the figures come first. A filter that went wrong stays in sight.
const fold = /** @type {HTMLDetailsElement | null} */ (document.getElementById('filter-fold'));
const phone = window.matchMedia('(max-width: 44rem)');
const wrong = document.querySelector('[data-testid="filter-error"]') !== null;
const unfold = () => {
  if (fold) fold.open = !phone.matches || wrong;
};
phone.addEventListener('change', unfold);
unfold();

const form = /** @type {HTMLFormElement | null} */ (document.getElementById('filter'));
const periods = document.getElementById('periods');
if (form && periods) {
  const from = /** @type {HTMLInputElement} */ (form.elements.namedItem('from'));
  const to = /** @type {HTMLInputElement} */ (form.elements.namedItem('to'));
  periods.hidden = false;
  for (const button of periods.querySelectorAll('button')) {
    const days = button.dataset.days;
    const first = days === undefined ? '' : day(Number(days) - 1);
    const last = days === undefined ? '' : day(0);
    button.setAttribute('aria-pressed', String(from.value === first && to.value === last));
    button.addEventListener('click', () => {
      from.value = first;
      to.value = last;
      form.requestSubmit();
    });
  }
}

// A campaign's or banner's name leads to its own report.
for (const row of document.querySelectorAll('tr[data-campaign]')) {
  const name = row.querySelector('[data-narrow]');
  if (!(row instanceof HTMLElement) || !name) continue;
  const query = new URLSearchParams(window.location.search);
  query.delete('page');
  query.set('campaign', row.dataset.campaign ?? '');
  if (row.dataset.banner) query.set('banner', row.dataset.banner);
  else query.delete('banner');
  const link = document.createElement('a');
  link.href = `/dashboard?${query}`;
  link.textContent = name.textContent;
  name.replaceChildren(link);
}

// Empty fields would only make the address longer, and the address is the report.
form?.addEventListener('submit', () => {
  for (const element of form.elements) {
    const field = element instanceof HTMLSelectElement || (element instanceof HTMLInputElement && element.type !== 'checkbox');
    if (field && element.value === '') element.disabled = true;
  }
});
window.addEventListener('pageshow', () => {
  for (const element of form?.elements ?? []) {
    if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) element.disabled = false;
  }
});

for (const button of document.querySelectorAll('button[data-copy]')) {
  const label = button.textContent;
  /** @type {HTMLElement} */ (button).hidden = false;
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.getAttribute('data-copy') ?? '')?.textContent ?? '';
    try {
      await navigator.clipboard.writeText(text.trim());
      button.textContent = t('dashboard.copied');
    } catch {
      button.textContent = t('dashboard.copy_failed');
    }
    setTimeout(() => {
      button.textContent = label;
    }, 2500);
  });
}
