// @ts-check
/** The page about people: who signs in, what each may do, and letting somebody in. */
import { html, render, useState } from '../../vendor/htm/standalone.module.js';
import { call } from '../api.js';
import { t } from '../i18n.js';
import { Dialog, DialogForm, Field, Said, When, pageData, typed } from './base.js';

/**
 * @typedef {object} Person
 * @property {string} username
 * @property {string} displayName
 * @property {'rep' | 'marketer' | 'supervisor' | 'admin'} role
 * @property {{takeCalls: boolean, supervise: boolean, readFigures: boolean, administer: boolean}} may
 * @property {number | null} capacity
 * @property {string[]} skills
 * @property {string | null} client
 * @property {boolean} disabled
 * @property {string | null} disabledAt
 */

const root = /** @type {HTMLElement} */ (document.getElementById('admin'));
const me = (root.dataset.user ?? '').toLowerCase();
const PATH = '/admin/api/people';
const ROLES = /** @type {Person['role'][]} */ (['rep', 'marketer', 'supervisor', 'admin']);
const takesCalls = (/** @type {string} */ role) => role === 'rep' || role === 'admin';

/** @param {Person} person */
const pathOf = (person) => `${PATH}/${encodeURIComponent(person.username)}`;

/** @param {{role: string, onRole: (role: string) => void}} props */
function RoleField({ role, onRole }) {
  return html`<${Field} label=${t('admin.person.role')} hint=${t(`admin.role.${role}.text`)}>
    <select value=${role} data-testid="person-role" onChange=${(/** @type {Event} */ event) => onRole(typed(event))}>
      ${ROLES.map((word) => html`<option value=${word} selected=${word === role}>${t(`admin.role.${word}`)}</option>`)}
    </select>
  <//>`;
}

/** The clients there are; with none there is nobody to be bound to. @type {string[]} */
const CLIENTS = pageData().clients ?? [];

/** Whose campaigns alone a marketer sees. @param {{client: string, onClient: (client: string) => void}} props */
function ClientField({ client, onClient }) {
  if (CLIENTS.length === 0) return null;
  return html`<${Field} label=${t('admin.client')} hint=${t('admin.client_hint')}>
    <select value=${client} data-testid="person-client" onChange=${(/** @type {Event} */ event) => onClient(typed(event))}>
      <option value="" selected=${client === ''}>${t('admin.client_none')}</option>
      ${CLIENTS.map((name) => html`<option value=${name} selected=${name === client}>${name}</option>`)}
    </select>
  <//>`;
}

/** @param {{onClose: () => void, onDone: (person: Person) => void}} props */
function AddDialog({ onClose, onDone }) {
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState('rep');
  const [client, setClient] = useState('');
  const [password, setPassword] = useState('');
  const save = async () => {
    const { data } = await call('POST', PATH, { body: { username, displayName, role, password, ...(role === 'marketer' && client ? { client } : {}) } });
    onDone(data);
  };
  return html`<${Dialog} title=${t('admin.person.add')} testid="person-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t('admin.person.add_save')} onSave=${save} onClose=${onClose}>
      <${Field} label=${t('admin.person.username')} hint=${t('admin.person.username_hint')}>
        <input type="text" required maxlength="60" autocomplete="off" autocapitalize="none" spellcheck=${false} value=${username} data-testid="person-username" onInput=${(/** @type {Event} */ event) => setUsername(typed(event))} />
      <//>
      <${Field} label=${t('admin.person.display_name_optional')} hint=${t('admin.person.display_name_hint')}>
        <input type="text" maxlength="80" autocomplete="off" value=${displayName} data-testid="person-display-name" onInput=${(/** @type {Event} */ event) => setDisplayName(typed(event))} />
      <//>
      <${RoleField} role=${role} onRole=${setRole} />
      ${role === 'marketer' && html`<${ClientField} client=${client} onClient=${setClient} />`}
      <${Field} label=${t('admin.person.password')} hint=${t('admin.person.password_hint')}>
        <input type="password" required minlength="8" autocomplete="new-password" value=${password} data-testid="person-password" onInput=${(/** @type {Event} */ event) => setPassword(typed(event))} />
      <//>
    <//>
  <//>`;
}

/** @param {{person: Person, onClose: () => void, onDone: (person: Person) => void}} props */
function EditDialog({ person, onClose, onDone }) {
  const [displayName, setDisplayName] = useState(person.displayName);
  const [role, setRole] = useState(/** @type {string} */ (person.role));
  const [capacity, setCapacity] = useState(person.capacity ?? 1);
  const [skills, setSkills] = useState(person.skills.join(', '));
  const [client, setClient] = useState(person.client ?? '');
  const save = async () => {
    const words = skills.split(/[\s,]+/u).filter(Boolean);
    const body = { displayName, role, ...(takesCalls(role) ? { capacity, skills: words } : {}), ...(role === 'marketer' ? { client } : {}) };
    const { data } = await call('PATCH', pathOf(person), { body });
    onDone(data);
  };
  return html`<${Dialog} title=${t('admin.person.edit', { name: person.username })} testid="person-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t('admin.save')} onSave=${save} onClose=${onClose}>
      <${Field} label=${t('admin.person.display_name')} hint=${t('admin.person.display_name_hint')}>
        <input type="text" required maxlength="80" autocomplete="off" value=${displayName} data-testid="person-display-name" onInput=${(/** @type {Event} */ event) => setDisplayName(typed(event))} />
      <//>
      <${RoleField} role=${role} onRole=${setRole} />
      ${role === 'marketer' && html`<${ClientField} client=${client} onClient=${setClient} />`}
      ${takesCalls(role) && html`
        <${Field} label=${t('admin.person.capacity')} hint=${t('admin.person.capacity_hint')}>
          <select value=${capacity} data-testid="person-capacity" onChange=${(/** @type {Event} */ event) => setCapacity(Number(typed(event)))}>
            ${[1, 2, 3, 4, 5].map((n) => html`<option value=${n} selected=${n === capacity}>${n}</option>`)}
          </select>
        <//>
        <${Field} label=${t('admin.person.skills')} hint=${t('admin.person.skills_hint')}>
          <input type="text" autocomplete="off" autocapitalize="none" value=${skills} data-testid="person-skills" onInput=${(/** @type {Event} */ event) => setSkills(typed(event))} />
        <//>`}
    <//>
  <//>`;
}

/** @param {{person: Person, onClose: () => void, onDone: (person: Person) => void}} props */
function PasswordDialog({ person, onClose, onDone }) {
  const [password, setPassword] = useState('');
  const save = async () => {
    const { data } = await call('PATCH', pathOf(person), { body: { password } });
    onDone(data);
  };
  return html`<${Dialog} title=${t('admin.person.new_password', { name: person.username })} testid="person-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t('admin.person.new_password_save')} onSave=${save} onClose=${onClose}>
      <p>${t(person.username.toLowerCase() === me ? 'admin.person.new_password_own' : 'admin.person.new_password_text', { name: person.displayName })}</p>
      <${Field} label=${t('admin.person.password')} hint=${t('admin.person.password_hint')}>
        <input type="password" required minlength="8" autocomplete="new-password" value=${password} data-testid="person-password" onInput=${(/** @type {Event} */ event) => setPassword(typed(event))} />
      <//>
    <//>
  <//>`;
}

/** @param {{person: Person, onClose: () => void, onDone: (person: Person) => void}} props */
function DisableDialog({ person, onClose, onDone }) {
  const save = async () => {
    const { data } = await call('PATCH', pathOf(person), { body: { disabled: !person.disabled } });
    onDone(data);
  };
  const word = person.disabled ? 'enable' : 'disable';
  return html`<${Dialog} title=${t(`admin.person.${word}_title`, { name: person.displayName })} testid="person-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t(`admin.person.${word}`)} danger=${!person.disabled} onSave=${save} onClose=${onClose}>
      <p>${t(`admin.person.${word}_text`)}</p>
    <//>
  <//>`;
}

const DIALOGS = { add: AddDialog, edit: EditDialog, password: PasswordDialog, disable: DisableDialog };

/** @param {{person: Person, open: (dialog: keyof typeof DIALOGS) => void}} props */
function Row({ person, open }) {
  const testid = (/** @type {string} */ what) => `${what}-${person.username}`;
  return html`<tr data-testid=${testid('person')} class=${person.disabled ? 'off' : ''}>
    <th scope="row">
      <span class="row-name">${person.displayName}</span>
      ${person.displayName !== person.username && html`<span class="muted small">${person.username}</span>`}
      ${person.username.toLowerCase() === me && html`<span class="badge">${t('admin.person.you')}</span>`}
    </th>
    <td data-label=${t('admin.person.role')}>${t(`admin.role.${person.role}`)} ${person.client && html`<span class="badge">${person.client}</span>`}</td>
    <td data-label=${t('admin.person.capacity_short')} class="num">${person.capacity ?? html`<span class="muted">–</span>`}</td>
    <td data-label=${t('admin.person.skills')}>${person.skills.length ? html`<span class="words">${person.skills.map((skill) => html`<span class="badge">${skill}</span>`)}</span>` : html`<span class="muted">–</span>`}</td>
    <td data-label=${t('admin.person.access')}>${person.disabled
      ? html`<span><span class="badge warn">${t('admin.person.disabled')}</span> ${person.disabledAt && html`<span class="muted small"><${When} instant=${person.disabledAt} /></span>`}</span>`
      : t('admin.person.active')}</td>
    <td class="row-actions"><span class="buttons">
      <button type="button" class="secondary small-button" data-testid=${testid('edit')} onClick=${() => open('edit')}>${t('admin.edit')}</button>
      <button type="button" class="quiet small-button" data-testid=${testid('password')} onClick=${() => open('password')}>${t('admin.person.password_button')}</button>
      <button type="button" class="quiet small-button" data-testid=${testid('disable')} onClick=${() => open('disable')}>${t(person.disabled ? 'admin.person.enable' : 'admin.person.disable')}</button>
    </span></td>
  </tr>`;
}

function People() {
  const [people, setPeople] = useState(/** @type {Person[]} */ (pageData().people ?? []));
  const [open, setOpen] = useState(/** @type {{dialog: keyof typeof DIALOGS, person?: Person} | null} */ (null));
  const [said, setSaid] = useState('');
  const done = (/** @type {Person} */ person) => {
    const others = people.filter((other) => other.username !== person.username);
    const byName = (/** @type {Person} */ one, /** @type {Person} */ other) => (one.username.toLowerCase() < other.username.toLowerCase() ? -1 : 1);
    setPeople([...others, person].sort(byName));
    const word = { add: 'added', edit: 'saved', password: 'password_set', disable: person.disabled ? 'disabled_now' : 'enabled_now' }[open?.dialog ?? 'edit'];
    setSaid(t(`admin.person.${word}`, { name: person.displayName }));
    setOpen(null);
  };
  const show = (/** @type {keyof typeof DIALOGS} */ dialog, /** @type {Person | undefined} */ person = undefined) => {
    setSaid('');
    setOpen({ dialog, person });
  };
  const alone = people.length < 2;
  return html`<div class="page-head">
      <h1>${t('admin.people')}</h1>
      <button type="button" data-testid="person-add" onClick=${() => show('add')}>${t('admin.person.add')}</button>
    </div>
    <${Said} text=${said} />
    <section class="panel">
      <table class="people" data-testid="people">
        <thead><tr>
          <th scope="col">${t('admin.person.name')}</th>
          <th scope="col">${t('admin.person.role')}</th>
          <th scope="col">${t('admin.person.capacity_short')}</th>
          <th scope="col">${t('admin.person.skills')}</th>
          <th scope="col">${t('admin.person.access')}</th>
          <th scope="col"><span class="visually-hidden">${t('admin.actions')}</span></th>
        </tr></thead>
        <tbody>${people.map((person) => html`<${Row} key=${person.username} person=${person} open=${(/** @type {keyof typeof DIALOGS} */ dialog) => show(dialog, person)} />`)}</tbody>
      </table>
      ${alone && html`<p class="muted alone" data-testid="alone">${t('admin.person.alone')}</p>`}
    </section>
    ${open && html`<${DIALOGS[open.dialog]} person=${open.person} onClose=${() => setOpen(null)} onDone=${done} />`}`;
}

root.replaceChildren();
render(html`<${People} />`, root);
