// @ts-check
/** What the pages of the administration share: their data, dialogs, copying, and what went wrong. */
import { html, useEffect, useRef, useState } from '../../vendor/htm/standalone.module.js';
import { ApiError } from '../api.js';
import { dateAndTime } from '../format.js';
import { t } from '../i18n.js';

/**
 * The values that the server put into the page.
 * @returns {any}
 */
export function pageData() {
  return JSON.parse(document.getElementById('data')?.textContent ?? '{}');
}

/**
 * What to tell of a call that failed. Whose login is over is asked to log in.
 * @param {unknown} error
 * @returns {string}
 */
export function reason(error) {
  if (!(error instanceof ApiError)) return t('error.unknown');
  if (error.status === 401) window.location.assign(`/login?next=${window.location.pathname}`);
  if (error.status === 0) return t('error.unreachable');
  return error.detail || t('error.unknown');
}

/**
 * A dialog that is open as long as it is drawn.
 * @param {{title: string, testid: string, onClose: () => void, children?: any}} props
 */
export function Dialog({ title, testid, onClose, children }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  return html`<dialog ref=${ref} class="admin-dialog" aria-labelledby="dialog-title" data-testid=${testid}
    onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); onClose(); }}>
    <article><h2 id="dialog-title">${title}</h2>${children}</article>
  </dialog>`;
}

/**
 * A form in a dialog: saves once at a time, and says what is wrong.
 * @param {{submit: string, danger?: boolean, onSave: () => Promise<void>, onClose: () => void, children?: any}} props
 */
export function DialogForm({ submit, danger, onSave, onClose, children }) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setWrong('');
    try {
      await onSave();
    } catch (error) {
      setWrong(reason(error));
      setBusy(false);
    }
  };
  return html`<form onSubmit=${save} aria-busy=${busy ? 'true' : null}>
    ${children}
    ${wrong && html`<div class="notice bad" role="alert" data-testid="dialog-error"><p>${wrong}</p></div>`}
    <div class="actions">
      <button type="submit" class=${danger ? 'danger' : ''} disabled=${busy} data-testid="dialog-save">${submit}</button>
      <button type="button" class="secondary" autofocus=${danger === true} onClick=${onClose} data-testid="dialog-cancel">${t('admin.cancel')}</button>
    </div>
  </form>`;
}

/**
 * A label, its field, and a word of help.
 * @param {{label: string, hint?: string, children?: any}} props
 */
export function Field({ label, hint, children }) {
  return html`<label class="field"><span>${label}</span>${children}${hint && html`<small>${hint}</small>`}</label>`;
}

/** @param {{text: string, label: string}} props */
export function CopyButton({ text, label }) {
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(t('dashboard.copied'));
    } catch {
      setSaid(t('dashboard.copy_failed'));
    }
    setTimeout(() => setSaid(''), 2500);
  };
  return html`<button type="button" class="secondary small-button" aria-label=${said || t('admin.copy_of', { what: label })} onClick=${copy}>${said || t('admin.copy')}</button>`;
}

/** @param {{instant: string}} props */
export function When({ instant }) {
  return html`<time datetime=${instant} title=${instant}>${dateAndTime(instant)}</time>`;
}

/**
 * What happened last, for eyes and screen readers.
 * @param {{text: string}} props
 */
export function Said({ text }) {
  return html`<div role="status" data-testid="said">${text && html`<div class="notice good"><p>${text}</p></div>`}</div>`;
}

/**
 * @param {Event} event
 * @returns {string}
 */
export function typed(event) {
  return /** @type {HTMLInputElement} */ (event.currentTarget).value;
}
