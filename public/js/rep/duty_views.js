// @ts-check
/** The choice of what to do, and the customer who rings. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../../vendor/htm/standalone.module.js';
import { serverNow } from '../api.js';
import { country } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Elapsed, Notice } from '../ui.js';
import { REASONS } from './duty.js';
import { PassedOn } from './passed_on.js';
import { EarlierLine, Flag } from './visitor_views.js';

/** @typedef {import('./duty.js').Duty} Duty */
/** @typedef {import('./duty.js').Choice} Choice */

/** The key Ctrl+Shift+S brings the focus here. */
export const ACTIVITY_ID = 'activity';

/** @param {Choice} choice */
export function words({ activity, reason }) {
  if (activity !== 'break' || !reason) return t(`rep.activity.${activity}`);
  const known = REASONS.includes(reason) || reason === 'afterCall' || reason === 'missed';
  return t('rep.activity.break_for', { reason: known ? t(`rep.reason.${reason}`) : reason });
}

/** A choice as the value of an option, and back. @param {Choice} choice */
export const valueOf = ({ activity, reason }) => (reason ? `${activity}:${reason}` : activity);

/** What may be chosen, and what is so now. @param {Choice} present */
export function choicesWith(present) {
  /** @type {Choice[]} */
  const choices = [
    { activity: 'offline', reason: null },
    { activity: 'available', reason: null },
    { activity: 'break', reason: null },
    ...REASONS.map((reason) => /** @type {Choice} */ ({ activity: 'break', reason })),
  ];
  const known = choices.some((choice) => valueOf(choice) === valueOf(present));
  return known ? choices : [present, ...choices];
}

/** @param {{duty: Duty}} props */
export function ActivityMenu({ duty }) {
  const { activity } = duty;
  if (!activity) return null;
  const onCall = activity.activity === 'onCall';
  const present = /** @type {Choice} */ (onCall ? (activity.next ?? { activity: 'offline', reason: null }) : activity);
  const chosen = valueOf(present);
  return html`<label class=${`activity ${activity.activity}`} data-testid="activity-now" data-activity=${activity.activity}>
    <span class="small muted">${onCall ? t('rep.activity.after') : t('rep.activity.now')}</span>
    <span class="activity-choice"><i aria-hidden="true"></i>
      <select id=${ACTIVITY_ID} data-testid="activity" aria-busy=${duty.busy ? 'true' : null} aria-keyshortcuts="Control+Shift+S"
        onChange=${(/** @type {any} */ event) => choose(duty, event.currentTarget)}>
        ${choicesWith(present).map((choice) => html`<option value=${valueOf(choice)} selected=${valueOf(choice) === chosen}>${words(choice)}</option>`)}
      </select>
      ${activity.since && html`<${Elapsed} since=${Date.parse(activity.since)} label=${t('rep.activity.time')} testid="activity-timer" />`}</span>
  </label>`;
}

/**
 * @param {Duty} duty
 * @param {HTMLSelectElement} select
 */
async function choose(duty, select) {
  const [activity, reason] = select.value.split(':');
  await duty.choose(/** @type {any} */ (activity), reason ?? null);
  // A choice that could not be made does not stay in the field.
  const { activity: now } = duty;
  if (now) select.value = valueOf(/** @type {Choice} */ (now.activity === 'onCall' ? (now.next ?? now) : now));
}

/** Why nothing rings, to somebody who may expect it. @param {{duty: Duty}} props */
export function Missed({ duty }) {
  if (duty.activity?.activity !== 'missed') return null;
  return html`<${Notice} kind="warn" alert testid="missed">
    <p><strong>${t('rep.missed.title')}</strong> ${t('rep.missed.text')}</p>
    <p><button type="button" data-testid="available-again" aria-busy=${duty.busy ? 'true' : null} onClick=${() => void duty.choose('available')}>${t('rep.missed.again')}</button></p>
  <//>`;
}

/** The customer who rings. @param {{duty: Duty}} props */
export function Ringing({ duty }) {
  const { ringing } = duty;
  if (!ringing) return null;
  const { customer } = ringing;
  const name = customer?.name || t('rep.no_name');
  const from = country(customer?.country ?? null);
  const kind = customer?.device && ['phone', 'tablet', 'computer'].includes(customer.device) ? t(`rep.kind.${customer.device}`) : null;
  return html`<section key=${ringing.offerId} class="ringing" role="alertdialog" aria-labelledby="ringing-title" data-testid="ringing" data-offer-id=${ringing.offerId}>
    <div class="ringing-top">
      <h2 id="ringing-title"><span class="bell" aria-hidden="true"><${Icon} name="sound" /></span> ${t('rep.ring.title', { name })}</h2>
      <${Countdown} from=${Date.parse(ringing.madeAt)} to=${Date.parse(ringing.deadline)} />
    </div>
    <${PassedOn} session=${customer} testid="ringing-passed-on" ringing />
    ${customer?.problem && html`<p class="about" data-testid="ringing-problem">${customer.problem}</p>`}
    <p class="tags small muted">
      ${customer?.queue && html`<span class="badge" data-testid="ringing-queue">${customer.queue.title}</span>`}
      ${customer && html`<span class="clip">${t('rep.from', { campaign: customer.campaignId, banner: customer.bannerId })}</span>`}
      ${from && html`<span>${from}</span>`}
      ${kind && html`<span>${kind}</span>`}
      ${customer?.queueEntryTime && html`<span>${t('rep.waited')} <${Elapsed} since=${Date.parse(customer.queueEntryTime)} /></span>`}
      ${customer?.audioOnly && html`<span class="badge"><${Icon} name="voice" />${t('rep.voice')}</span>`}
      ${customer?.requeued && html`<span class="badge warn">${t('rep.requeued')}</span>`}
      <${Flag} visitor=${customer?.visitor} />
    </p>
    <${EarlierLine} visitor=${customer?.visitor} />
    <div class="ringing-do">
      <${Accept} duty=${duty} />
      <button type="button" class="secondary" data-testid="reject" onClick=${() => void duty.reject()}>${t('rep.ring.reject')}</button>
    </div>
  </section>`;
}

/** Takes the focus when it comes, so that Enter accepts, unless somebody is typing. @param {{duty: Duty}} props */
function Accept({ duty }) {
  const warm = duty.ringing?.customer?.passedOn;
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (!document.activeElement?.closest('input, textarea, select, dialog')) ref.current?.focus({ preventScroll: true });
  }, []);
  return html`<button type="button" ref=${ref} data-testid="accept" aria-busy=${duty.busy ? 'true' : null} aria-keyshortcuts="Control+Shift+N" onClick=${() => void duty.accept()}>${warm?.warm ? t('rep.ring.talk', { name: warm.name }) : t('rep.ring.accept')}</button>`;
}

/** Whole seconds that are left. @param {{from: number, to: number}} props */
export function Countdown({ from, to }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 250);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, to - serverNow());
  return html`<span class="countdown">
    <span class="num" role="timer" aria-live="off" data-testid="countdown">${t('rep.ring.left', { seconds: Math.ceil(left / 1000) })}</span>
    <progress aria-hidden="true" max=${to - from} value=${left}></progress>
  </span>`;
}
