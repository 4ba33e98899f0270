// @ts-check
/** The dialog that passes a customer on, and what is told of a colleague who is asked. */
import { html, useEffect, useRef, useState } from '../../vendor/htm/standalone.module.js';
import { t, tn } from '../i18n.js';
import { Notice } from '../ui.js';
import { Countdown } from './duty_views.js';

/** @typedef {import('./machine.js').Console} Console */
/** @typedef {import('./call.js').Call} Call */
/** @typedef {import('./transfer.js').QueueChoice} QueueChoice */
/** @typedef {import('./transfer.js').RepChoice} RepChoice */

const MAX_NOTE = 500;

/** @param {{app: Console}} props */
export function TransferDialog({ app }) {
  const { open } = app.transfers;
  return open && html`<${Open} key=${open.id} app=${app} one=${open} />`;
}

/** @param {{app: Console, one: Call}} props */
function Open({ app, one }) {
  const { transfers } = app;
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [chosen, choose] = useState('');
  const [note, setNote] = useState('');
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  const { choices } = transfers;
  const queue = choices?.queues.find(({ name }) => chosen === `queue:${name}`);
  const rep = choices?.reps.find(({ username }) => chosen === `rep:${username}`);
  const ready = (queue && !queue.wasThere) || (rep && !rep.unfit);
  const pass = (/** @type {Event} */ event) => {
    event.preventDefault();
    const about = note.trim() ? { note } : {};
    if (queue) void transfers.pass({ queue: queue.name, ...about }, queue.title);
    else if (rep) void transfers.pass({ rep: rep.username, ...about }, '');
  };
  const talkFirst = () => {
    if (rep) void transfers.pass({ rep: rep.username, warm: true, ...(note.trim() ? { note } : {}) }, '');
  };
  return html`<dialog ref=${ref} class="transfer-dialog" aria-labelledby="transfer-title" data-testid="transfer-dialog"
    onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); transfers.close(); }}>
    <article>
      <h2 id="transfer-title" tabindex="-1" autofocus>${t('rep.transfer.title', { name: one.session.name || t('rep.no_name') })}</h2>
      <form onSubmit=${pass} aria-busy=${transfers.busy ? 'true' : null}>
        ${!choices && !transfers.wrong && html`<p role="status" class="with-spinner"><span class="spinner" aria-hidden="true"></span> <span>${t('rep.transfer.loading')}</span></p>`}
        ${choices && html`<${Choices} reps=${choices.reps} queues=${choices.queues} chosen=${chosen} choose=${choose} />`}
        <label class="field"><span>${t('rep.transfer.note')}</span>
          <textarea rows="2" maxlength=${MAX_NOTE} data-testid="transfer-note" value=${note} onInput=${(/** @type {any} */ event) => setNote(event.currentTarget.value)}></textarea>
          <small>${t('rep.transfer.note_hint')}</small></label>
        ${transfers.wrong && html`<div class="notice bad" role="alert" data-testid="transfer-error"><p>${transfers.wrong}</p></div>`}
        <p class="muted small">${t(rep ? 'rep.transfer.what_rep' : 'rep.transfer.what_queue')}</p>
        ${rep && html`<ul class="ways muted small">
          <li><strong>${t('rep.transfer.warm')}</strong>${t('rep.transfer.what_warm')}</li>
          <li><strong>${t('rep.transfer.now')}</strong>${t('rep.transfer.what_cold')}</li>
        </ul>`}
        <div class="actions">
          ${rep && html`<button type="button" disabled=${!ready || transfers.busy} data-testid="transfer-warm" onClick=${talkFirst}>${t('rep.transfer.warm')}</button>`}
          <button type="submit" class=${rep ? 'secondary' : ''} disabled=${!ready || transfers.busy} data-testid="transfer-do">${t(rep ? 'rep.transfer.now' : 'rep.transfer.do')}</button>
          <button type="button" class="secondary" data-testid="transfer-close" onClick=${() => transfers.close()}>${t('keys.close')}</button>
        </div>
      </form>
    </article>
  </dialog>`;
}

/** @param {{reps: RepChoice[], queues: QueueChoice[], chosen: string, choose: (value: string) => void}} props */
function Choices({ reps, queues, chosen, choose }) {
  const option = (/** @type {string} */ value, /** @type {string} */ name, /** @type {string} */ about, /** @type {boolean} */ unfit) => html`<label key=${value} class=${`destination ${unfit ? 'unfit' : ''}`}>
    <input type="radio" name="destination" value=${value} disabled=${unfit} checked=${chosen === value} data-testid=${`to-${value.replace(':', '-')}`} onChange=${() => choose(value)} />
    <span><strong class="clip">${name}</strong><small class="muted">${about}</small></span>
  </label>`;
  return html`<fieldset>
      <legend>${t('rep.transfer.reps')}</legend>
      ${reps.length === 0 && html`<p class="muted small">${t('rep.transfer.nobody')}</p>`}
      ${reps.map(({ username, name, unfit }) => option(`rep:${username}`, name, t(unfit ? `rep.unfit.${unfit}` : 'rep.transfer.can'), unfit !== null))}
    </fieldset>
    ${queues.length > 0 && html`<fieldset>
      <legend>${t('rep.transfer.queues')}</legend>
      ${queues.map(({ name, title, wasThere, servedBy }) => option(`queue:${name}`, title, wasThere ? t('rep.transfer.was_there') : servedBy === 0 ? t('rep.transfer.served_by_nobody') : tn('rep.transfer.served_by', servedBy), wasThere))}
    </fieldset>`}`;
}

/** The colleague who is asked, or what came of it. @param {{app: Console, one: Call}} props */
export function Asked({ app, one }) {
  const { asked, state } = one.session;
  if (!asked || state !== 'held') return null;
  const { name } = asked;
  if (asked.state === 'pending') {
    return html`<div class="asking" role="status" data-testid="asking">
      <p><span class="spinner" aria-hidden="true"></span> <strong>${t('rep.asking', { name })}</strong></p>
      <${Countdown} from=${Date.parse(asked.madeAt)} to=${Date.parse(asked.deadline)} />
      <button type="button" class="secondary" data-testid="asking-cancel" aria-busy=${one.busy ? 'true' : null} onClick=${() => void app.transfers.cancel(one)}>${t('rep.asking.cancel')}</button>
    </div>`;
  }
  if (asked.state === 'accepted' || asked.state === 'canceled') return null;
  return html`<${Notice} kind="warn" alert testid="asked"><p>${t(`rep.asked.${asked.state}`, { name })}</p><//>`;
}
