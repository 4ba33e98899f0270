// @ts-check
/** The strip with the figures of the day. */
import { html, useEffect, useState } from '../../vendor/htm/standalone.module.js';
import { serverNow } from '../api.js';
import { decimal, duration, minutes } from '../format.js';
import { t } from '../i18n.js';

/** @typedef {import('./machine.js').Console} Console */

const NOTHING = '–';
/** Shown even while there is nothing of them. */
const ALWAYS = ['available', 'onCall', 'wrapUp', 'break'];

/** @param {{app: Console}} props */
export function TodayStrip({ app }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 20_000);
    return () => clearInterval(timer);
  }, []);
  const { day } = app.today;
  const present = app.duty.activity?.activity;
  const since = day ? Math.max(0, (serverNow() - Date.parse(day.at)) / 1000) : 0;
  const spent = (/** @type {string} */ activity) => (day?.activities[activity] ?? 0) + (activity === present ? since : 0);
  const shown = [...ALWAYS, ...(spent('missed') > 0 ? ['missed'] : [])];
  return html`<section class="today" aria-label=${t('rep.today.heading')} data-testid="today" data-answered=${day?.answered ?? ''}>
    <h2 class="small">${t('rep.today.heading')}</h2>
    <dl>
      <${Item} label=${t('rep.today.answered')} testid="today-answered" value=${day ? day.answered : NOTHING} />
      <${Item} label=${t('rep.today.talk')} testid="today-talk" value=${day?.meanTalkSeconds == null ? NOTHING : duration(day.meanTalkSeconds)} />
      <${Item} label=${t('rep.today.missed')} testid="today-missed" value=${day ? day.missedOffers : NOTHING} />
      <${Item} label=${t('rep.today.rating')} testid="today-rating" value=${day?.meanRating == null ? NOTHING : t('rep.today.rating_of', { mean: decimal(day.meanRating), n: day.ratings })} />
      ${shown.map((activity) => html`<${Item} key=${activity} label=${t(`rep.activity.${activity}`)} testid=${`today-${activity}`} value=${day ? minutes(spent(activity)) : NOTHING} />`)}
    </dl>
  </section>`;
}

/** @param {{label: string, testid: string, value: any}} props */
function Item({ label, testid, value }) {
  return html`<div><dt>${label}</dt><dd class="num" data-testid=${testid}>${value}</dd></div>`;
}
