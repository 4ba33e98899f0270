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
 * @property {string | null} title
 * @property {string | null} welcome
 * @property {number} rank
 * @property {string[]} skills
 * @property {string[]} preferredSkills
 * @property {number} relaxAfterSeconds
 * @property {number} servedBy
 * @property {string | null} warning
 * @property {'pull' | 'offer' | 'list'} mode
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

/** How a new queue is set, until somebody says otherwise. @type {Queue} */
const FRESH = {
  name: '', title: null, welcome: null, rank: 0, skills: [], preferredSkills: [], relaxAfterSeconds: 60, servedBy: 0,
  warning: null, mode: 'offer', offerSeconds: 10, offerTo: 1, offerOrder: 'idle', afterCall: 'available', wrapUpSeconds: 0,
};

/** @param {string} text */
const wordsOf = (text) => text.split(/[\s,]+/u).filter(Boolean);

/**
 * A queue that is changed, or, without one, made.
 * @param {{queue: Queue | null, onClose: () => void, onDone: (queue: Queue) => void}} props
 */
function QueueDialog({ queue, onClose, onDone }) {
  const [draft, setDraft] = useState(queue ?? FRESH);
  const [skills, setSkills] = useState(draft.skills.join(', '));
  const [preferred, setPreferred] = useState(draft.preferredSkills.join(', '));
  const change = (/** @type {Partial<Queue>} */ part) => setDraft({ ...draft, ...part });
  const save = async () => {
    const { name, servedBy: _people, warning: _warning, ...settings } = draft;
    const body = { ...settings, skills: wordsOf(skills), preferredSkills: wordsOf(preferred) };
    const { data } = queue
      ? await call('PATCH', `/admin/api/queues/${encodeURIComponent(name)}`, { body })
      : await call('POST', '/admin/api/queues', { body: { ...body, name: name.trim() } });
    onDone(data);
  };
  const title = queue ? t('admin.queue.edit_of', { name: queue.name }) : t('admin.queue.add');
  return html`<${Dialog} title=${title} testid="queue-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t(queue ? 'admin.save' : 'admin.queue.add_save')} onSave=${save} onClose=${onClose}>
      ${!queue && html`<${Field} label=${t('admin.queue.name')} hint=${t('admin.queue.name_hint')}>
        <input type="text" required maxlength="40" pattern="[a-z][a-z0-9\\-]*" autocomplete="off" autocapitalize="none" spellcheck=${false} value=${draft.name} data-testid="queue-name" onInput=${(/** @type {Event} */ event) => change({ name: typed(event) })} />
      <//>`}
      <fieldset><legend>${t('admin.queue.customers')}</legend>
        <${Field} label=${t('admin.queue.customer_title')} hint=${t('admin.queue.customer_title_hint')}>
          <input type="text" maxlength="200" autocomplete="off" value=${draft.title ?? ''} data-testid="queue-title" onInput=${(/** @type {Event} */ event) => change({ title: typed(event) })} />
        <//>
        <${Field} label=${t('admin.queue.welcome')} hint=${t('admin.queue.welcome_hint')}>
          <textarea rows="2" maxlength="1000" value=${draft.welcome ?? ''} data-testid="queue-welcome" onInput=${(/** @type {Event} */ event) => change({ welcome: typed(event) })}></textarea>
        <//>
        <${Field} label=${t('admin.queue.rank')} hint=${t('admin.queue.rank_hint')}>
          <input type="number" required min="-100" max="100" step="1" value=${draft.rank} data-testid="queue-rank" onInput=${(/** @type {Event} */ event) => change({ rank: Number(typed(event)) })} />
        <//>
      </fieldset>
      <fieldset><legend>${t('admin.queue.served')}</legend>
        <${Field} label=${t('admin.queue.skills')} hint=${t('admin.queue.skills_hint')}>
          <input type="text" autocomplete="off" autocapitalize="none" value=${skills} data-testid="queue-skills" onInput=${(/** @type {Event} */ event) => setSkills(typed(event))} />
        <//>
        <${Field} label=${t('admin.queue.preferred')} hint=${t('admin.queue.preferred_hint')}>
          <input type="text" autocomplete="off" autocapitalize="none" value=${preferred} data-testid="queue-preferred" onInput=${(/** @type {Event} */ event) => setPreferred(typed(event))} />
        <//>
        ${wordsOf(preferred).length > 0 && html`<${Field} label=${t('admin.queue.relax')} hint=${t('admin.queue.relax_hint')}>
          <input type="number" required min="0" max="3600" step="1" value=${draft.relaxAfterSeconds} data-testid="queue-relax" onInput=${(/** @type {Event} */ event) => change({ relaxAfterSeconds: Number(typed(event)) })} />
        <//>`}
      </fieldset>
      ${Choice({ label: t('admin.queue.mode'), value: draft.mode, words: ['offer', 'list', 'pull'], name: 'mode', testid: 'queue-mode', onChoose: (mode) => change({ mode }) })}
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
    <header><h2>${queue.title ?? queue.name} ${queue.title && html`<span class="muted small">${queue.name}</span>`}</h2>
      <button type="button" class="secondary small-button" data-testid=${`edit-${queue.name}`} aria-label=${t('admin.queue.edit_of', { name: queue.name })} onClick=${onEdit}>${t('admin.queue.edit')}</button></header>
    ${queue.warning && html`<p class="notice warn" role="status" data-testid=${`warning-${queue.name}`}>${queue.warning}</p>`}
    <dl>
      ${queue.welcome && html`<div><dt>${t('admin.queue.welcome')}</dt><dd class="pre">${queue.welcome}</dd></div>`}
      ${queue.rank !== 0 && html`<div><dt>${t('admin.queue.rank')}</dt><dd>${queue.rank}</dd></div>`}
      <div><dt>${t('admin.queue.skills')}</dt><dd class="words">${queue.skills.map((skill) => html`<span class="badge">${skill}</span>`)}
        ${queue.preferredSkills.length > 0 && html`<span>${t('admin.queue.for_seconds', { seconds: queue.relaxAfterSeconds })}</span> ${queue.preferredSkills.map((skill) => html`<span class="badge">${skill}</span>`)}`}
        ${queue.skills.length + queue.preferredSkills.length === 0 && html`<span class="muted">${t('admin.queue.no_skills')}</span>`}</dd></div>
      <div><dt>${t('admin.queue.served_by')}</dt><dd>${tn('admin.queue.people', queue.servedBy)}</dd></div>
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
  const [open, setOpen] = useState(/** @type {{queue: Queue | null} | null} */ (null));
  const [said, setSaid] = useState('');
  const done = (/** @type {Queue} */ queue) => {
    const known = queues.some((other) => other.name === queue.name);
    setQueues(known ? queues.map((other) => (other.name === queue.name ? queue : other)) : [...queues, queue]);
    setOpen(null);
    setSaid(t('admin.queue.changed', { name: queue.name }));
  };
  return html`<div class="page-head">
      <h1>${t('admin.queue.title')}</h1>
      <button type="button" data-testid="queue-add" onClick=${() => setOpen({ queue: null })}>${t('admin.queue.add')}</button>
    </div>
    <p class="muted">${t('admin.queue.text')}</p>
    <${Said} text=${said} />
    ${queues.map((queue) => html`<${QueueCard} key=${queue.name} queue=${queue} onEdit=${() => setOpen({ queue })} />`)}
    ${open && html`<${QueueDialog} key=${open.queue?.name} queue=${open.queue} onClose=${() => setOpen(null)} onDone=${done} />`}`;
}

root.replaceChildren();
render(html`<${Page} />`, root);
