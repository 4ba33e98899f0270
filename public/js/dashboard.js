// @ts-check
/** Comforts for the dashboard, which is complete without them: local times, quick periods, copying. */
import { dateAndTime } from './format.js';
import { t } from './i18n.js';

for (const element of document.querySelectorAll('time[data-local]')) {
  const instant = element.getAttribute('datetime') ?? '';
  element.setAttribute('title', instant);
  element.textContent = dateAndTime(instant);
}

/**
 * A date as the filter's fields take it. Periods are days in UTC, as in the figures.
 * @param {number} daysAgo
 */
function day(daysAgo) {
  const date = new Date();
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
    if (element instanceof HTMLInputElement && element.type !== 'checkbox' && element.value === '') element.disabled = true;
  }
});
window.addEventListener('pageshow', () => {
  for (const element of form?.elements ?? []) {
    if (element instanceof HTMLInputElement) element.disabled = false;
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
