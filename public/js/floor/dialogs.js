// @ts-check
/** Stepping in: each dialog says what will happen, and asks for the reason. */
import { html, useState } from '../../vendor/htm/standalone.module.js';
import { Dialog, DialogForm, Field, typed } from '../admin/base.js';
import { call } from '../api.js';
import { t, tn } from '../i18n.js';

/** @typedef {import('./types.js').Rep} Rep */
/** @typedef {{sessionId: string, name: string | null, state: string}} Steered */

/** @param {string | null} name */
export const nameOf = (name) => name || t('rep.no_name');

/** @param {{value: string, onInput: (value: string) => void}} props */
function ReasonField({ value, onInput }) {
  return html`<${Field} label=${t('floor.reason')} hint=${t('floor.reason_hint')}>
    <input type="text" required maxlength="200" autocomplete="off" autofocus value=${value} data-testid="reason" onInput=${(/** @type {Event} */ event) => onInput(typed(event))} />
  <//>`;
}

/**
 * @param {{title: string, text: string, submit: string, danger?: boolean, onSave: (reason: string) => Promise<void>, onClose: () => void, children?: any}} props
 */
function ReasonDialog({ title, text, submit, danger, onSave, onClose, children }) {
  const [why, setWhy] = useState('');
  return html`<${Dialog} title=${title} testid="steer-dialog" onClose=${onClose}>
    <${DialogForm} submit=${submit} danger=${danger} onSave=${() => onSave(why)} onClose=${onClose}>
      <p>${text}</p>
      ${children}
      <${ReasonField} value=${why} onInput=${setWhy} />
    <//>
  <//>`;
}

/** @param {{session: Steered, onClose: () => void, onDone: (said: string) => void}} props */
export function EndDialog({ session, onClose, onDone }) {
  const name = nameOf(session.name);
  const save = async (/** @type {string} */ reason) => {
    await call('POST', `/floor/api/sessions/${session.sessionId}/end`, { body: { reason } });
    onDone(t('floor.end.done', { name }));
  };
  const waits = session.state === 'waiting' || session.state === 'created';
  return html`<${ReasonDialog} danger title=${t('floor.end.title', { name })} text=${t(waits ? 'floor.end.text_waiting' : 'floor.end.text_talking')}
    submit=${t('floor.end')} onSave=${save} onClose=${onClose} />`;
}

/** @param {{session: Steered, onClose: () => void, onDone: (said: string) => void}} props */
export function RequeueDialog({ session, onClose, onDone }) {
  const name = nameOf(session.name);
  const save = async (/** @type {string} */ reason) => {
    await call('POST', `/floor/api/sessions/${session.sessionId}/requeue`, { body: { reason } });
    onDone(t('floor.requeue.done', { name }));
  };
  return html`<${ReasonDialog} title=${t('floor.requeue.title', { name })} text=${t('floor.requeue.text')}
    submit=${t('floor.requeue')} onSave=${save} onClose=${onClose} />`;
}

/** @param {{block: import('./types.js').BlockedVisitor, onClose: () => void, onDone: (said: string) => void}} props */
export function LiftDialog({ block, onClose, onDone }) {
  const name = nameOf(block.name);
  const save = async (/** @type {string} */ reason) => {
    await call('POST', `/floor/api/blocks/${block.visitorId}/lift`, { body: { reason } });
    onDone(t('floor.lift.done', { name }));
  };
  return html`<${ReasonDialog} title=${t('floor.lift.title', { name })} text=${t('floor.lift.text')} submit=${t('floor.lift')} onSave=${save} onClose=${onClose} />`;
}

/** @param {{rep: Rep, onClose: () => void, onDone: (said: string) => void}} props */
export function OfflineDialog({ rep, onClose, onDone }) {
  const { name } = rep;
  const save = async (/** @type {string} */ reason) => {
    const { data } = await call('POST', `/floor/api/reps/${encodeURIComponent(rep.username)}/offline`, { body: { reason } });
    onDone(t(data.afterCall ? 'floor.offline.done_after' : 'floor.offline.done', { name }));
  };
  return html`<${ReasonDialog} title=${t('floor.offline.title', { name })} text=${t(rep.callers > 0 ? 'floor.offline.text_call' : 'floor.offline.text', { name })}
    submit=${t('floor.offline')} onSave=${save} onClose=${onClose} />`;
}

/** @param {{waiting: number, queues: {name: string, waiting: number}[], onClose: () => void, onDone: (said: string) => void}} props */
export function EndWaitingDialog({ waiting, queues, onClose, onDone }) {
  const [queue, setQueue] = useState('');
  const [sure, setSure] = useState(false);
  const many = queues.find(({ name }) => name === queue)?.waiting ?? waiting;
  const save = async (/** @type {string} */ reason) => {
    const body = { reason, confirm: sure, ...(queue ? { queue } : {}) };
    // A crowd takes its time.
    const { data } = await call('POST', '/floor/api/end-waiting', { body, timeout: 120_000 });
    onDone(tn('floor.end_all.done', data.ended));
  };
  return html`<${ReasonDialog} danger title=${t('floor.end_all.title')} text=${t('floor.end_all.text')}
    submit=${tn('floor.end_all.save', many)} onSave=${save} onClose=${onClose}>
    ${queues.length > 1 && html`<${Field} label=${t('floor.queue')}>
      <select value=${queue} data-testid="which-queue" onChange=${(/** @type {Event} */ event) => setQueue(typed(event))}>
        <option value="">${t('floor.every_queue')}</option>
        ${queues.map(({ name }) => html`<option value=${name} selected=${name === queue}>${name}</option>`)}
      </select>
    <//>`}
    <label class="sure"><input type="checkbox" required checked=${sure} data-testid="sure" onChange=${() => setSure(!sure)} /> ${t('floor.end_all.sure')}</label>
  <//>`;
}
