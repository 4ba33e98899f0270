// @ts-check
/** What marketers keep: views under a name, and links that share a report. */
import { html, render, useState } from '../../vendor/htm/standalone.module.js';
import { CopyButton, Dialog, DialogForm, Field, reason, typed } from '../admin/base.js';
import { call } from '../api.js';
import { t } from '../i18n.js';

/** @param {{filter: string, onClose: () => void}} props */
function ViewDialog({ filter, onClose }) {
  const [name, setName] = useState('');
  const save = async () => {
    await call('POST', '/dashboard/api/views', { body: { name, filter } });
    window.location.reload();
  };
  return html`<${Dialog} title=${t('kept.save_title')} testid="view-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t('kept.save')} onSave=${save} onClose=${onClose}>
      <${Field} label=${t('kept.name')} hint=${t('kept.name_hint')}>
        <input type="text" required maxlength="80" autocomplete="off" autofocus value=${name} data-testid="view-name" onInput=${(/** @type {Event} */ event) => setName(typed(event))} />
      <//>
    <//>
  <//>`;
}

const DAYS = [1, 7, 30, 90, 366];

/** @param {{filter: string, onClose: () => void}} props */
function ShareDialog({ filter, onClose }) {
  const [title, setTitle] = useState('');
  const [days, setDays] = useState('30');
  const [link, setLink] = useState('');
  const share = async () => {
    const { data } = await call('POST', '/dashboard/api/shares', { body: { filter, title, days: Number(days) } });
    setLink(new URL(data.path, window.location.href).href);
  };
  const done = () => window.location.reload();
  if (link) {
    return html`<${Dialog} title=${t('kept.shared_title')} testid="share-dialog" onClose=${done}>
      <p>${t('kept.shared_text')}</p>
      <p class="link-line"><code data-testid="share-link">${link}</code><${CopyButton} text=${link} label=${t('kept.link')} /></p>
      <div class="actions"><button type="button" data-testid="share-done" onClick=${done}>${t('kept.done')}</button></div>
    <//>`;
  }
  return html`<${Dialog} title=${t('kept.share_title')} testid="share-dialog" onClose=${onClose}>
    <p>${t('kept.share_text')}</p>
    <${DialogForm} submit=${t('kept.share')} onSave=${share} onClose=${onClose}>
      <${Field} label=${t('kept.title')}>
        <input type="text" maxlength="200" autocomplete="off" value=${title} data-testid="share-title" onInput=${(/** @type {Event} */ event) => setTitle(typed(event))} />
      <//>
      <${Field} label=${t('kept.days')}>
        <select value=${days} data-testid="share-days" onChange=${(/** @type {Event} */ event) => setDays(typed(event))}>
          ${DAYS.map((number) => html`<option value=${String(number)} selected=${String(number) === days}>${t(`kept.days.${number}`)}</option>`)}
        </select>
      <//>
    <//>
  <//>`;
}

/** @param {{filter: string}} props */
function Keep({ filter }) {
  const [open, setOpen] = useState('');
  const close = () => setOpen('');
  return html`<button type="button" class="secondary small-button" data-testid="save-view" onClick=${() => setOpen('view')}>${t('kept.save_view')}</button>
    <button type="button" class="secondary small-button" data-testid="share" onClick=${() => setOpen('share')}>${t('kept.share_link')}</button>
    ${open === 'view' && html`<${ViewDialog} filter=${filter} onClose=${close} />`}
    ${open === 'share' && html`<${ShareDialog} filter=${filter} onClose=${close} />`}`;
}

/**
 * A button that deletes something and then shows the page without it.
 * @param {string} attribute
 * @param {string} path
 */
function deletes(attribute, path) {
  for (const button of document.querySelectorAll(`button[${attribute}]`)) {
    /** @type {HTMLElement} */ (button).hidden = false;
    button.addEventListener('click', async () => {
      try {
        await call('DELETE', `${path}/${button.getAttribute(attribute)}`);
        window.location.reload();
      } catch (error) {
        button.textContent = reason(error);
      }
    });
  }
}

/** Makes the toolbar work. */
export function kept() {
  const place = document.getElementById('keep');
  if (!place) return;
  render(html`<${Keep} filter=${place.dataset.filter ?? ''} />`, place);
  deletes('data-forget', '/dashboard/api/views');
  deletes('data-close-share', '/dashboard/api/shares');
}
