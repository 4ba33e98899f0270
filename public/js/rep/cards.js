// @ts-check
/** The callers above the stage: who is live, who is on hold, and one more. */
import { html } from '../../vendor/htm/standalone.module.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Elapsed } from '../ui.js';

/** @typedef {import('./machine.js').Console} Console */
/** @typedef {import('./call.js').Call} Call */

/** Nothing for the one caller of somebody who never has two. @param {{app: Console}} props */
export function Cards({ app }) {
  const { calls, live } = app;
  if (calls.length === 0 || (calls.length === 1 && app.state.capacity < 2)) return null;
  return html`<section class="cards" aria-label=${t('rep.callers')}>
    <ol class="callers" data-testid="callers">
      ${calls.map((one, index) => html`<${Card} key=${one.id} app=${app} one=${one} live=${one === live} number=${index + 1} />`)}
      <${Another} app=${app} />
    </ol>
  </section>`;
}

/** @param {{app: Console, one: Call, live: boolean, number: number}} props */
function Card({ app, one, live, number }) {
  const { session, screen } = one;
  const name = session.name || t('rep.no_name');
  const waits = session.state === 'offered';
  const of = (/** @type {string} */ what) => t(`rep.card.${what}_named`, { name });
  return html`<li class=${`caller ${screen} ${live ? 'on-stage' : ''}`} data-testid=${`caller-${number}`} data-state=${screen} data-session-id=${session.sessionId} aria-current=${live ? 'true' : null}>
    <div class="caller-top"><strong class="clip">${name}</strong><span class="badge clip">${badge(app, one)}</span></div>
    <div class="caller-facts small muted"><span class="clip">${t('rep.card.campaign', { campaign: session.campaignId })}</span><${Elapsed} since=${one.startedAt} label=${t('call.duration')} /></div>
    <div class="caller-do">
      ${session.state === 'talking' && html`<button type="button" class="secondary" data-testid=${`hold-${number}`} aria-busy=${one.busy ? 'true' : null} aria-label=${of('hold')} onClick=${() => void one.hold()}><${Icon} name="pause" /> ${t('rep.hold')}</button>`}
      ${one.held && html`<button type="button" data-testid=${`resume-${number}`} aria-busy=${one.busy ? 'true' : null} aria-label=${of('resume')} onClick=${() => void one.resume()}><${Icon} name="play" /> ${t('rep.resume')}</button>`}
      <button type="button" class="secondary end" data-testid=${`end-${number}`} aria-label=${of('end')} onClick=${() => app.end(one)}>${waits ? t('rep.cancel') : t('call.end')}</button>
    </div>
  </li>`;
}

/** How it stands: with the colleague who is asked or talked with. @param {Console} app @param {Call} one */
function badge(app, one) {
  const { asked, consultation } = one.session;
  if (consultation) return t('rep.talk.with', { name: consultation.name });
  return asked && app.transfers.isAsking(one) ? t('rep.asking', { name: asked.name }) : t(`rep.card.${one.screen}`);
}

/** **Next customer** while somebody is there already, as long as there is room. @param {{app: Console}} props */
function Another({ app }) {
  const { wanting, busy, capacity, queue } = app.state;
  if (wanting) {
    return html`<li class="another">
      <p role="status" class="waiting-text small"><span class="spinner" aria-hidden="true"></span> ${t('rep.waiting_for')}</p>
      <button type="button" class="secondary" data-testid="cancel" onClick=${() => app.cancel()}>${t('rep.cancel')}</button>
    </li>`;
  }
  if (app.taken >= capacity) return html`<li class="another full"><p class="muted small" data-testid="full">${t('rep.full')}</p></li>`;
  return html`<li class="another">
    <button type="button" class=${queue.waiting > 0 ? '' : 'secondary'} data-testid="next" disabled=${!busy && !app.mayTakeAnother} aria-busy=${busy ? 'true' : null} aria-keyshortcuts="Control+Shift+N" onClick=${() => void app.next()}>${t('rep.next')} <${Icon} name="next" /></button>
  </li>`;
}
