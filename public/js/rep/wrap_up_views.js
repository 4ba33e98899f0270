// @ts-check
/** What is said about a conversation: beside the call, and after it. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../../vendor/htm/standalone.module.js';
import { serverNow } from '../api.js';
import { country, duration } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { choicesWith, valueOf, words } from './duty_views.js';
import { MAX_NOTES } from './wrap_up.js';

/** @typedef {import('./machine.js').Console} Console */
/** @typedef {import('./wrap_up.js').Draft} Draft */

/** The campaign's words and the notes. @param {{draft: Draft}} props */
export function Said({ draft }) {
  const notes = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  // The call ended under somebody's hands: they type on where the notes are now.
  useLayoutEffect(() => {
    if (!draft.isTyped || (document.activeElement && document.activeElement !== document.body)) return;
    notes.current?.focus({ preventScroll: true });
    notes.current?.setSelectionRange(draft.caret, draft.caret);
  }, [draft]);
  const { dispositions, disposition, status } = draft;
  const all = disposition && !dispositions.includes(disposition) ? [disposition, ...dispositions] : dispositions;
  return html`<div class="said">
    ${all.length > 0 && html`<fieldset data-testid="dispositions">
      <legend>${t('rep.wrap_up.disposition')}</legend>
      <div class="words">
        ${all.map((word, index) => html`<label key=${word}>
          <input type="radio" name=${`disposition-${draft.sessionId}`} value=${word} checked=${word === disposition} data-testid=${`disposition-${index + 1}`} onChange=${() => draft.choose(word)} />
          <span>${word}</span>
        </label>`)}
      </div>
    </fieldset>`}
    <label class="notes">
      <span class="notes-top"><span>${t('rep.wrap_up.notes')}</span>
        <span class=${`small ${status === 'failed' ? 'failed' : 'muted'}`} role="status" data-testid="notes-status" data-status=${status}>${status && t(`rep.wrap_up.${status}`)}</span></span>
      <textarea ref=${notes} rows="4" maxlength=${MAX_NOTES} value=${draft.notes} data-testid="notes" placeholder=${t('rep.wrap_up.notes_hint')}
        onInput=${(/** @type {any} */ event) => draft.type(event.currentTarget.value, event.currentTarget.selectionStart)}></textarea>
    </label>
  </div>`;
}

/** After the call. Nobody is kept here: it ends by itself, and says what comes then. @param {{app: Console}} props */
export function WrapUpPanel({ app }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const { present, busy } = app.wrapUps;
  const id = present?.session.sessionId;
  useLayoutEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [id]);
  if (!present) return null;
  const { session, until, draft } = present;
  const name = session.name || t('rep.no_name');
  const from = country(session.country);
  const talked = (Date.parse(session.sessionEndTime ?? '') - Date.parse(session.conversationStartTime ?? '')) / 1000;
  return html`<section key=${id} class="wrap-up" aria-labelledby="wrap-up-title" data-testid="wrap-up">
    <div class="wrap-up-top">
      <h2 id="wrap-up-title" tabindex="-1" ref=${heading}>${t('rep.wrap_up.title', { name })}</h2>
      <${Left} from=${Date.parse(app.duty.activity?.since ?? '')} to=${until} />
    </div>
    <p class="tags small muted">
      <span class="clip">${t('rep.from', { campaign: session.campaignId, banner: session.bannerId })}</span>
      ${from && html`<span>${from}</span>`}
      ${Number.isFinite(talked) && html`<span>${t('call.duration')} <span class="num">${duration(talked)}</span></span>`}
    </p>
    <${Said} draft=${draft} />
    <div class="wrap-up-do">
      <${Then} app=${app} />
      <div class="wrap-up-buttons">
        <${Next} app=${app} />
        <button type="button" data-testid="wrap-up-done" aria-busy=${busy ? 'true' : null} aria-keyshortcuts="Control+Shift+E" onClick=${() => void app.wrapUps.finish()}><${Icon} name="check" /> ${t('rep.wrap_up.done')}</button>
      </div>
    </div>
  </section>`;
}

/** **Next customer**, or that one is waited for. @param {{app: Console}} props */
function Next({ app }) {
  const { wanting, busy } = app.state;
  if (wanting) {
    return html`<p role="status" class="waiting-text small"><span class="spinner" aria-hidden="true"></span> ${t('rep.waiting_for')}</p>
      <button type="button" class="secondary" data-testid="cancel" onClick=${() => app.cancel()}>${t('rep.cancel')}</button>`;
  }
  return html`<button type="button" class="secondary" data-testid="next" aria-busy=${busy ? 'true' : null} aria-keyshortcuts="Control+Shift+N" onClick=${() => void app.next()}>${t('rep.next')} <${Icon} name="next" /></button>`;
}

/** What comes then. @param {{app: Console}} props */
function Then({ app }) {
  const { duty } = app;
  const next = duty.activity?.next ?? { activity: /** @type {const} */ ('offline'), reason: null };
  const choose = (/** @type {any} */ event) => {
    const [activity, reason] = event.currentTarget.value.split(':');
    void duty.choose(activity, reason ?? null, true);
  };
  return html`<label class="then"><span class="small muted">${t('rep.wrap_up.then')}</span>
    <select data-testid="wrap-up-then" aria-busy=${duty.busy ? 'true' : null} onChange=${choose}>
      ${choicesWith(next).map((choice) => html`<option value=${valueOf(choice)} selected=${valueOf(choice) === valueOf(next)}>${words(choice)}</option>`)}
    </select>
  </label>`;
}

/** The time that is left. @param {{from: number, to: number}} props */
function Left({ from, to }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 250);
    return () => clearInterval(timer);
  }, []);
  if (!Number.isFinite(to)) return null;
  const left = Math.max(0, to - serverNow());
  return html`<span class="countdown">
    <span class="num" role="timer" aria-live="off" data-testid="wrap-up-left">${t('rep.wrap_up.left', { time: duration(Math.ceil(left / 1000)) })}</span>
    <progress aria-hidden="true" max=${Math.max(1, to - (from || to))} value=${left}></progress>
  </span>`;
}
