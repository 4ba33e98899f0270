// @ts-check
/** The page about queues: how the line reaches the representatives. */
import { html, render, useState } from '../../vendor/htm/standalone.module.js';
import { call } from '../api.js';
import { duration } from '../format.js';
import { t, tn } from '../i18n.js';
import { Dialog, DialogForm, Field, Said, pageData, typed } from './base.js';

/**
 * @typedef {object} Queue
 * @property {string} name
 * @property {'pull' | 'offer'} mode
 * @property {number} offerSeconds
 * @property {number} offerTo
 * @property {'idle' | 'callers'} offerOrder
 * @property {'available' | 'next'} afterCall
 * @property {number} wrapUpSeconds
 */

const root = /** @type {HTMLElement} */ (document.getElementById('admin'));

/**
 * A choice among a few words.
 * @param {{label: string, value: string, words: string[], name: string, testid: string, onChoose: (word: any) => void}} props
 */
function Choice({ label, value, words, name, testid, onChoose }) {
  return html`<${Field} label=${label}>
    <select value=${value} data-testid=${testid} onChange=${(/** @type {Event} */ event) => onChoose(typed(event))}>
      ${words.map((word) => html`<option value=${word} selected=${word === value}>${t(`admin.queue.${name}.${word}`)}</option>`)}
    </select>
  <//>`;
}

/** @param {{queue: Queue, onClose: () => void, onDone: (queue: Queue) => void}} props */
function EditDialog({ queue, onClose, onDone }) {
  const [draft, setDraft] = useState(queue);
  const change = (/** @type {Partial<Queue>} */ part) => setDraft({ ...draft, ...part });
  const save = async () => {
    const { name, ...body } = draft;
    const { data } = await call('PATCH', `/admin/api/queues/${encodeURIComponent(name)}`, { body });
    onDone(data);
  };
  return html`<${Dialog} title=${t('admin.queue.edit_of', { name: queue.name })} testid="queue-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t('admin.save')} onSave=${save} onClose=${onClose}>
      ${Choice({ label: t('admin.queue.mode'), value: draft.mode, words: ['offer', 'pull'], name: 'mode', testid: 'queue-mode', onChoose: (mode) => change({ mode }) })}
      ${draft.mode === 'offer' && html`
        <${Field} label=${t('admin.queue.seconds')} hint=${t('admin.queue.seconds_hint')}>
          <input type="number" required min="3" max="120" step="1" value=${draft.offerSeconds} data-testid="queue-seconds" onInput=${(/** @type {Event} */ event) => change({ offerSeconds: Number(typed(event)) })} />
        <//>
        <${Field} label=${t('admin.queue.to')} hint=${t('admin.queue.to_hint')}>
          <input type="number" required min="1" max="5" step="1" value=${draft.offerTo} data-testid="queue-to" onInput=${(/** @type {Event} */ event) => change({ offerTo: Number(typed(event)) })} />
        <//>
        ${Choice({ label: t('admin.queue.order'), value: draft.offerOrder, words: ['idle', 'callers'], name: 'order', testid: 'queue-order', onChoose: (offerOrder) => change({ offerOrder }) })}`}
      ${Choice({ label: t('admin.queue.after_call'), value: draft.afterCall, words: ['available', 'next'], name: 'after_call', testid: 'queue-after', onChoose: (afterCall) => change({ afterCall }) })}
      <${Field} label=${t('admin.queue.wrap_up_seconds')} hint=${t('admin.queue.wrap_up_hint')}>
        <input type="number" required min="0" max="3600" step="1" value=${draft.wrapUpSeconds} data-testid="queue-wrap-up" onInput=${(/** @type {Event} */ event) => change({ wrapUpSeconds: Number(typed(event)) })} />
      <//>
    <//>
  <//>`;
}

/** @param {{queue: Queue, onEdit: () => void}} props */
function QueueCard({ queue, onEdit }) {
  const rings = queue.mode === 'offer';
  return html`<article class="queue-card" data-testid=${`queue-${queue.name}`}>
    <header><h2>${queue.name}</h2>
      <button type="button" class="secondary small-button" data-testid=${`edit-${queue.name}`} aria-label=${t('admin.queue.edit_of', { name: queue.name })} onClick=${onEdit}>${t('admin.queue.edit')}</button></header>
    <dl>
      <div><dt>${t('admin.queue.mode')}</dt><dd>${t(`admin.queue.mode.${queue.mode}`)}</dd></div>
      ${rings && html`<div><dt>${t('admin.queue.rings')}</dt><dd>${t('admin.queue.seconds_of', { seconds: queue.offerSeconds })}, ${tn('admin.queue.to_of', queue.offerTo)}</dd></div>
        <div><dt>${t('admin.queue.order')}</dt><dd>${t(`admin.queue.order.${queue.offerOrder}`)}</dd></div>`}
      <div><dt>${t('admin.queue.after_call')}</dt><dd>${t(`admin.queue.after_call.${queue.afterCall}`)}</dd></div>
      <div><dt>${t('admin.queue.wrap_up')}</dt><dd>${queue.wrapUpSeconds > 0 ? t('admin.queue.wrap_up_of', { time: duration(queue.wrapUpSeconds) }) : t('admin.queue.wrap_up_off')}</dd></div>
    </dl>
  </article>`;
}

function Page() {
  const [queues, setQueues] = useState(/** @type {Queue[]} */ (pageData().queues));
  const [edited, setEdited] = useState(/** @type {Queue | null} */ (null));
  const [said, setSaid] = useState('');
  const done = (/** @type {Queue} */ queue) => {
    setQueues(queues.map((other) => (other.name === queue.name ? queue : other)));
    setEdited(null);
    setSaid(t('admin.queue.changed', { name: queue.name }));
  };
  return html`<h1>${t('admin.queue.title')}</h1>
    <p class="muted">${t('admin.queue.text')}</p>
    <${Said} text=${said} />
    ${queues.map((queue) => html`<${QueueCard} key=${queue.name} queue=${queue} onEdit=${() => setEdited(queue)} />`)}
    ${edited && html`<${EditDialog} key=${edited.name} queue=${edited} onClose=${() => setEdited(null)} onDone=${done} />`}`;
}

root.replaceChildren();
render(html`<${Page} />`, root);
