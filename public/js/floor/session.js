// @ts-check
/** All that ever happened to one session, in words. */
import { html, useEffect, useState } from '../../vendor/htm/standalone.module.js';
import { Dialog, reason } from '../admin/base.js';
import { call } from '../api.js';
import { country, duration, timeToTheSecond } from '../format.js';
import { isLive, waited } from '../conversation.js';
import { t } from '../i18n.js';
import { nameOf } from './dialogs.js';

/** @typedef {import('./types.js').History} History */
/** @typedef {import('./types.js').SessionEvent} SessionEvent */
/** @typedef {import('./types.js').PastOffer} PastOffer */

/** @param {SessionEvent} event */
function eventWords({ name, data, representative }) {
  if (name === 'offer') return t('floor.event.offer', { name: representative ?? '' });
  if (['transfer', 'ask', 'consult', 'handOver'].includes(name)) return t(`floor.event.${name}`, { name: representative ?? '' });
  if (name === 'joined') return t(`floor.event.joined.${data.party}`);
  if (name === 'requeue') return t(`floor.event.requeue.${data.why}`);
  if (name === 'end') return t(`floor.event.end.${data.by}`);
  if (name === 'pick') return t(data.before > 0 ? 'floor.event.pick.before' : 'floor.event.pick', { name: representative ?? '', before: data.before });
  return t(`floor.event.${name}`);
}

/** @param {PastOffer} offer */
function offerWords({ representative, state, madeAt, decidedAt }) {
  const seconds = decidedAt ? (Date.parse(decidedAt) - Date.parse(madeAt)) / 1000 : 0;
  return t(`floor.rang.${state}`, { name: representative, time: duration(seconds) });
}

/**
 * Events and offers in the order in which they happened. That it rings is told by the offers themselves.
 * @param {History} history
 */
function story({ events, offers }) {
  const told = events.filter(({ name }) => name !== 'ring' && name !== 'unring').map((event) => ({ key: `e${event.number}`, at: event.at, kind: event.name, words: eventWords(event) }));
  const rang = offers.map((offer) => ({ key: offer.offerId, at: offer.madeAt, kind: 'rang', words: offerWords(offer) }));
  return [...told, ...rang].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** @param {{history: History}} props */
function Facts({ history }) {
  const { session, queue } = history;
  const state = session.state === 'ended' ? t(`floor.outcome.${session.outcome}`) : t(`floor.state.${session.state}`);
  return html`<dl class="facts-line session-facts">
    <div><dt>${t('floor.col.state')}</dt><dd data-testid="session-state">${state}</dd></div>
    ${session.position ? html`<div><dt>${t('floor.col.position')}</dt><dd>${session.position}</dd></div>` : null}
    ${waited(session) && html`<div><dt>${t('floor.col.waited')}</dt><dd>${waited(session)}</dd></div>`}
    ${session.representative && html`<div><dt>${t('floor.col.rep')}</dt><dd>${session.representative.name}</dd></div>`}
    ${queue && html`<div><dt>${t('floor.queue')}</dt><dd>${queue}</dd></div>`}
    <div><dt>${t('floor.col.from')}</dt><dd>${session.campaignId} / ${session.bannerId}</dd></div>
    ${session.country && html`<div><dt>${t('rep.country')}</dt><dd>${country(session.country)}</dd></div>`}
    ${session.problem && html`<div class="wide-fact"><dt>${t('floor.about')}</dt><dd>${session.problem}</dd></div>`}
  </dl>`;
}

/**
 * @param {{id: string, name: string | null, at: string, onClose: () => void, onStep: (step: 'end' | 'requeue', session: import('./dialogs.js').Steered) => void}} props
 */
export function SessionDialog({ id, name, at, onClose, onStep }) {
  const [history, setHistory] = useState(/** @type {History | null} */ (null));
  const [wrong, setWrong] = useState('');
  // The floor changed, so this may have too.
  useEffect(() => {
    let shown = true;
    call('GET', `/floor/api/sessions/${id}`).then(
      ({ data }) => shown && setHistory(data),
      (error) => shown && setWrong(reason(error)),
    );
    return () => {
      shown = false;
    };
  }, [id, at]);
  const session = history?.session;
  const steered = { sessionId: id, name, state: session?.state ?? '' };
  return html`<${Dialog} title=${nameOf(name)} testid="session-dialog" onClose=${onClose}>
    ${!history && !wrong && html`<p role="status" class="with-spinner"><span class="spinner" aria-hidden="true"></span> <span>${t('floor.loading')}</span></p>`}
    ${wrong && html`<div class="notice bad" role="alert"><p>${wrong}</p></div>`}
    ${history && html`<${Facts} history=${history} />
      <h3 class="story-title">${t('floor.story')}</h3>
      <ol class="story" data-testid="story" tabindex="0" aria-label=${t('floor.story')}>
        ${story(history).map(({ key, at: when, kind, words }) => html`<li key=${key} class=${kind}><time class="num" datetime=${when} title=${when}>${timeToTheSecond(when)}</time> <span>${words}</span></li>`)}
      </ol>
      <p class="muted small session-id">${t('floor.session_id')} <code>${id}</code></p>`}
    <div class="actions">
      <button type="button" class="secondary" autofocus data-testid="session-close" onClick=${onClose}>${t('keys.close')}</button>
      ${isLive(session) && html`<button type="button" class="secondary" data-testid="session-requeue" onClick=${() => onStep('requeue', steered)}>${t('floor.requeue')}</button>`}
      ${session && session.state !== 'ended' && html`<button type="button" class="danger" data-testid="session-end" onClick=${() => onStep('end', steered)}>${t('floor.end')}</button>`}
    </div>
  <//>`;
}
