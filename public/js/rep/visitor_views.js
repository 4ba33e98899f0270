// @ts-check
/** What is known of the visitor, and ending and blocking. */
import { html, useRef, useState } from '../../vendor/htm/standalone.module.js';
import { isLive } from '../conversation.js';
import { dateAndTime, duration } from '../format.js';
import { t, tn } from '../i18n.js';

/** @typedef {import('./machine.js').Console} Console */
/** @typedef {import('../conversation.js').SessionView} SessionView */
/** @typedef {NonNullable<SessionView['visitor']>} Visitor */

/** As many as the server counts. */
const MANY = 100;

/** @param {Visitor} visitor */
function words({ earlierCalls }) {
  return earlierCalls >= MANY ? t('rep.visitor.many') : tn('rep.visitor.earlier_n', earlierCalls);
}

/** When the last one was, what became of it, and with whom. @param {NonNullable<Visitor['last']>} last */
function story(last) {
  const talked = last.talkedSeconds === null ? '' : ` (${duration(last.talkedSeconds)})`;
  const parts = [
    dateAndTime(last.queueEntryTime),
    `${t(`rep.visitor.outcome.${last.outcome}`)}${talked}`,
    last.disposition,
    last.representative && t('rep.visitor.with', { name: last.representative }),
  ];
  return parts.filter(Boolean).join(', ');
}

/** That they wait behind everybody else. @param {{visitor?: Visitor | null}} props */
export function Flag({ visitor }) {
  return visitor?.blocked ? html`<span class="badge bad" data-testid="blocked">${t('rep.visitor.blocked')}</span>` : null;
}

/** At the ring: in a line. @param {{visitor?: Visitor | null}} props */
export function EarlierLine({ visitor }) {
  if (!visitor) return null;
  if (!visitor.last) return html`<p class="earlier small muted" data-testid="ringing-earlier">${t('rep.visitor.first')}</p>`;
  return html`<p class="earlier small" data-testid="ringing-earlier"><strong>${words(visitor)}</strong> ${t('rep.visitor.last', { what: story(visitor.last) })}</p>`;
}

/** On the card. @param {{visitor?: Visitor | null}} props */
export function EarlierRow({ visitor }) {
  if (!visitor) return null;
  return html`<div><dt>${t('rep.visitor.earlier')}</dt><dd data-testid="customer-earlier">
    ${visitor.last ? html`<span class="num">${visitor.earlierCalls >= MANY ? t('rep.visitor.many') : visitor.earlierCalls}</span><span class="small muted earlier-last">${t('rep.visitor.last', { what: story(visitor.last) })}</span>` : t('rep.visitor.none')}
  </dd></div>`;
}

/** **End and block**, after a question. @param {{app: Console, session: SessionView}} props */
export function Block({ app, session }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const name = session.name || t('rep.no_name');
  const live = isLive(session);
  const submit = t(live ? 'rep.block.button' : 'rep.block.button_after');
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const done = await app.block(session, reason.trim());
    setBusy(false);
    setFailed(!done);
    if (done) dialog.current?.close();
  };
  const until = app.blocked.get(session.sessionId);
  if (until) return html`<p class="block"><span class="badge bad" data-testid="blocked-until">${t('rep.block.until', { date: dateAndTime(until) })}</span></p>`;
  return html`<div class="block">
    <button type="button" class="quiet block-button" data-testid="block" onClick=${() => dialog.current?.showModal()}>${submit} …</button>
    <dialog ref=${dialog} class="block-dialog" aria-labelledby="block-title" data-testid="block-dialog"><article>
      <h2 id="block-title">${t('rep.block.title', { name })}</h2>
      <form onSubmit=${save}>
        <p>${live && `${t('rep.block.text_live')} `}${t('rep.block.text')}</p>
        <label>${t('rep.block.reason')}<input type="text" maxlength="200" autocomplete="off" value=${reason} data-testid="block-reason" onInput=${(/** @type {any} */ event) => setReason(event.currentTarget.value)} /></label>
        ${failed && html`<p class="failed" role="alert">${t('rep.block.failed')}</p>`}
        <div class="actions">
          <button type="button" class="secondary" data-testid="block-cancel" onClick=${() => dialog.current?.close()}>${t('rep.block.cancel')}</button>
          <button type="submit" class="danger" data-testid="block-confirm" aria-busy=${busy ? 'true' : null}>${submit}</button>
        </div>
      </form>
    </article></dialog>
  </div>`;
}
