// @ts-check
/** The three lists of the floor: who waits, who is with a representative, what representatives are doing. */
import { html } from '../../vendor/htm/standalone.module.js';
import { country, dateAndTime } from '../format.js';
import { t, tn } from '../i18n.js';
import { Elapsed } from '../ui.js';
import { nameOf } from './dialogs.js';

/** @typedef {import('./types.js').Customer} Customer */
/** @typedef {import('./types.js').Waiting} Waiting */
/** @typedef {import('./types.js').Talking} Talking */
/** @typedef {import('./types.js').Rep} Rep */
/** @typedef {import('./types.js').BlockedVisitor} BlockedVisitor */
/** @typedef {(step: 'details' | 'end' | 'requeue', session: {sessionId: string, name: string | null, state: string}) => void} OnStep */

/** @param {{testid: string, title: string, count: number, shown: number, empty: string, empty_text: string, head?: any, children?: any}} props */
export function List({ testid, title, count, shown, empty, empty_text: text, head, children }) {
  return html`<section class="panel" aria-label=${title} data-testid=${testid}>
    <div class="list-head"><h2>${title} <span class="count num">${count}</span></h2>${head}</div>
    ${shown > 0 ? children : html`<div class="nobody"><p class="nobody-title">${empty}</p><p class="muted">${text}</p></div>`}
    ${count > shown && shown > 0 && html`<p class="muted more">${tn('floor.more', count - shown)}</p>`}
  </section>`;
}

/** @param {string} text */
const Head = (text) => html`<th scope="col">${text}</th>`;

/** Who it is, and where they come from. @param {{customer: Customer, requeued?: boolean}} props */
function Who({ customer, requeued }) {
  const campaign = customer.campaignId === 'direct' ? t('admin.campaign.direct') : t('rep.from', { campaign: customer.campaignName ?? customer.campaignId, banner: customer.bannerId });
  return html`<th scope="row" class="who-cell">
    <span class="row-name">${nameOf(customer.name)}</span>
    <span class="muted small">${campaign}${customer.country ? ` · ${country(customer.country)}` : ''}</span>
    <span class="words">
      ${!customer.present && html`<span class="badge warn">${t('floor.absent')}</span>`}
      ${requeued && html`<span class="badge warn">${t('floor.again')}</span>`}
      ${customer.blocked && html`<span class="badge bad">${t('floor.blocked')}</span>`}
      ${customer.audioOnly && html`<span class="badge">${t('rep.voice')}</span>`}
      ${customer.test && html`<span class="badge">${t('rep.test')}</span>`}
    </span>
  </th>`;
}

/** @param {{session: Customer, state: string, onStep: OnStep, requeue?: boolean}} props */
function Steps({ session, state, onStep, requeue }) {
  const name = nameOf(session.name);
  const testid = (/** @type {string} */ what) => `${what}-${session.sessionId}`;
  const step = (/** @type {'details' | 'end' | 'requeue'} */ what) => onStep(what, { sessionId: session.sessionId, name: session.name, state });
  return html`<td class="row-actions"><span class="buttons">
    <button type="button" class="secondary small-button" data-testid=${testid('details')} aria-label=${t('floor.details_of', { name })} onClick=${() => step('details')}>${t('floor.details')}</button>
    ${requeue && html`<button type="button" class="quiet small-button" data-testid=${testid('requeue')} aria-label=${t('floor.requeue_of', { name })} onClick=${() => step('requeue')}>${t('floor.requeue')}</button>`}
    <button type="button" class="quiet small-button" data-testid=${testid('end')} aria-label=${t('floor.end_of', { name })} onClick=${() => step('end')}>${t('floor.end')}</button>
  </span></td>`;
}

/** @param {{list: Waiting[], queues: number, onStep: OnStep}} props */
export function WaitingTable({ list, queues, onStep }) {
  return html`<table class="floor-table">
    <thead><tr>${Head(t('floor.col.customer'))}${Head(t('floor.col.position'))}${Head(t('floor.col.waited'))}${Head(t('floor.col.state'))}<th scope="col"><span class="visually-hidden">${t('admin.actions')}</span></th></tr></thead>
    <tbody>${list.map((one) => html`<tr key=${one.sessionId} data-testid=${`waiting-${one.sessionId}`}>
      <${Who} customer=${one} requeued=${one.requeued} />
      <td data-label=${t('floor.col.position')}><span><span class="num">${one.position}</span>${queues > 1 && html` <span class="muted small">${one.queue}</span>`}</span></td>
      <td data-label=${t('floor.col.waited')}><${Elapsed} since=${Date.parse(one.queueEntryTime)} label=${t('floor.col.waited')} /></td>
      <td data-label=${t('floor.col.state')}>${one.ringingAt.length
        ? html`<span class="state ringing-now"><i aria-hidden="true"></i><span>${t('floor.rings_at', { names: one.ringingAt.map(({ name }) => name).join(', ') })}</span></span>`
        : html`<span class="state"><i aria-hidden="true"></i><span>${t('floor.state.waiting')}</span></span>`}</td>
      <${Steps} session=${one} state="waiting" onStep=${onStep} />
    </tr>`)}</tbody>
  </table>`;
}

/** @param {{list: Talking[], onStep: OnStep}} props */
export function TalkingTable({ list, onStep }) {
  return html`<table class="floor-table">
    <thead><tr>${Head(t('floor.col.customer'))}${Head(t('floor.col.rep'))}${Head(t('floor.col.state'))}${Head(t('floor.col.since'))}<th scope="col"><span class="visually-hidden">${t('admin.actions')}</span></th></tr></thead>
    <tbody>${list.map((one) => html`<tr key=${one.sessionId} data-testid=${`talking-${one.sessionId}`}>
      <${Who} customer=${one} />
      <td data-label=${t('floor.col.rep')}><span>${one.representative ?? '–'}${one.consulted && html` <span class="muted small" data-testid="consulted">${t('floor.consulted', { name: one.consulted })}</span>`}</span></td>
      <td data-label=${t('floor.col.state')}><span class=${`state ${one.state}`}><i aria-hidden="true"></i><span>${t(`floor.state.${one.state}`)}</span></span></td>
      <td data-label=${t('floor.col.since')}><${Elapsed} since=${Date.parse(one.since)} label=${t('floor.col.since')} /></td>
      <${Steps} session=${one} state=${one.state} onStep=${onStep} requeue />
    </tr>`)}</tbody>
  </table>`;
}

/** @param {{activity: string, reason: string | null}} choice */
function activityWords({ activity, reason }) {
  if (activity !== 'break' || !reason) return t(`rep.activity.${activity}`);
  const known = t(`rep.reason.${reason}`);
  return t('rep.activity.break_for', { reason: known === `rep.reason.${reason}` ? reason : known });
}

/** @param {{list: Rep[], onOffline: (rep: Rep) => void}} props */
export function RepTable({ list, onOffline }) {
  return html`<table class="floor-table">
    <thead><tr>${Head(t('floor.col.rep'))}${Head(t('floor.col.activity'))}${Head(t('floor.col.since'))}${Head(t('floor.col.callers'))}<th scope="col"><span class="visually-hidden">${t('admin.actions')}</span></th></tr></thead>
    <tbody>${list.map((rep) => {
      const isOff = rep.activity === 'offline' || rep.next?.activity === 'offline';
      return html`<tr key=${rep.username} data-testid=${`rep-${rep.username}`}>
        <th scope="row" class="who-cell"><span class="row-name">${rep.name}</span>
          ${rep.name !== rep.username && html`<span class="muted small">${rep.username}</span>`}
          ${!rep.consoleOpen && rep.activity !== 'offline' && html`<span class="words"><span class="badge warn">${t('floor.no_console')}</span></span>`}</th>
        <td data-label=${t('floor.col.activity')}><span><span class=${`state ${rep.activity}`}><i aria-hidden="true"></i><span>${activityWords(rep)}</span></span>
          ${rep.next && rep.next.activity !== 'available' && html`<span class="muted small next">${t('floor.next', { activity: activityWords(rep.next) })}</span>`}</span></td>
        <td data-label=${t('floor.col.since')}>${rep.since ? html`<${Elapsed} since=${Date.parse(rep.since)} label=${t('floor.col.since')} />` : '–'}</td>
        <td data-label=${t('floor.col.callers')}><span class="num">${t('floor.callers_of', { callers: rep.callers, capacity: rep.capacity })}</span></td>
        <td class="row-actions"><span class="buttons"><button type="button" class="quiet small-button" disabled=${isOff} data-testid=${`offline-${rep.username}`} aria-label=${t('floor.offline_of', { name: rep.name })} onClick=${() => onOffline(rep)}>${t('floor.offline')}</button></span></td>
      </tr>`;
    })}</tbody>
  </table>`;
}

/** @param {{list: BlockedVisitor[], onLift: (block: BlockedVisitor) => void}} props */
export function BlockTable({ list, onLift }) {
  return html`<table class="floor-table">
    <thead><tr>${Head(t('floor.col.customer'))}${Head(t('floor.col.blocked_by'))}${Head(t('floor.col.reason'))}${Head(t('floor.col.until'))}<th scope="col"><span class="visually-hidden">${t('admin.actions')}</span></th></tr></thead>
    <tbody>${list.map((block) => html`<tr key=${block.visitorId} data-testid=${`block-${block.sessionId}`}>
      <th scope="row" class="who-cell"><span class="row-name">${nameOf(block.name)}</span></th>
      <td data-label=${t('floor.col.blocked_by')}><span><span>${block.representative ?? '–'}</span> <span class="muted small">${dateAndTime(block.since)}</span></span></td>
      <td data-label=${t('floor.col.reason')}>${block.reason ?? '–'}</td>
      <td data-label=${t('floor.col.until')}>${dateAndTime(block.until)}</td>
      <td class="row-actions"><span class="buttons"><button type="button" class="quiet small-button" data-testid=${`lift-${block.sessionId}`} aria-label=${t('floor.lift_of', { name: nameOf(block.name) })} onClick=${() => onLift(block)}>${t('floor.lift')}</button></span></td>
    </tr>`)}</tbody>
  </table>`;
}
