// @ts-check
/** The page about campaigns: what each is called, what its page says, and the links for ad servers. */
import { html, render, useState } from '../../vendor/htm/standalone.module.js';
import { call } from '../api.js';
import { t, tn } from '../i18n.js';
import { CopyButton, Dialog, DialogForm, Field, Said, When, pageData, typed } from './base.js';
import { isColour, textOn } from './colour.js';

/** @typedef {{adServer: string, name: string, link: string}} Link */
/** @typedef {{bannerId: string, name: string | null, queues: string[], firstSeenAt: string, link: string}} Banner */
/**
 * @typedef {object} Campaign
 * @property {string} campaignId
 * @property {boolean} registered
 * @property {string | null} name
 * @property {string | null} headline
 * @property {string | null} intro
 * @property {string | null} colour
 * @property {string | null} form
 * @property {string[]} outcomes
 * @property {number | null} qualifiedSeconds
 * @property {string | null} client
 * @property {string[]} queues
 * @property {string} firstSeenAt
 * @property {Link[]} links
 * @property {Banner[]} banners
 * @property {boolean} moreBanners
 */

const root = /** @type {HTMLElement} */ (document.getElementById('admin'));
const PATH = '/admin/api/campaigns';
const search = new URLSearchParams(window.location.search).get('search') ?? '';

/** @param {string} id */
const pathOf = (id) => `${PATH}/${encodeURIComponent(id)}`;

/** @param {Campaign} campaign */
function nameOf(campaign) {
  if (campaign.name) return campaign.name;
  return campaign.campaignId === 'direct' ? t('admin.campaign.direct') : t('admin.campaign.unnamed', { id: campaign.campaignId });
}

/** @param {{label: string, link: string}} props */
function LinkRow({ label, link }) {
  return html`<li><span class="link-name">${label}</span><code>${link}</code><${CopyButton} text=${link} label=${label} /></li>`;
}

/** @param {{links: Link[]}} props */
function Links({ links }) {
  return html`<ul class="links">${links.map((link) => html`<${LinkRow} key=${link.adServer} label=${link.name} link=${link.link} />`)}</ul>`;
}

/** @param {{colour: string, onColour: (colour: string) => void}} props */
function ColourField({ colour, onColour }) {
  const good = isColour(colour);
  return html`<div class="field colour-field">
    <label for="colour-text">${t('admin.campaign.colour')}</label>
    <div class="colour-line">
      <input type="color" aria-label=${t('admin.campaign.colour_pick')} value=${good ? colour : '#0a5f4f'} onInput=${(/** @type {Event} */ event) => onColour(typed(event))} />
      <input id="colour-text" type="text" maxlength="7" placeholder="#0a5f4f" autocomplete="off" spellcheck=${false} value=${colour} data-testid="campaign-colour" aria-describedby="colour-hint" onInput=${(/** @type {Event} */ event) => onColour(typed(event).trim())} />
      <span class="button-preview" aria-hidden="true" style=${good ? { background: colour, color: textOn(colour) } : {}}>${t('admin.campaign.preview')}</span>
    </div>
    <small id="colour-hint">${t('admin.campaign.colour_hint')}</small>
  </div>`;
}

/** @typedef {{name: string, title: string | null}} Queue */

/** Every queue there is; with one alone there is nothing to choose. @type {Queue[]} */
const QUEUES = pageData().queues ?? [];

/** The clients there are. @type {string[]} */
const CLIENTS = pageData().clients ?? [];

/** The queues that customers come to. @param {{chosen: string[], hint: string, onChoose: (names: string[]) => void}} props */
function QueuesField({ chosen, hint, onChoose }) {
  if (QUEUES.length < 2) return null;
  const toggle = (/** @type {string} */ name) => onChoose(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]);
  return html`<fieldset class="choice" data-testid="queues-field"><legend>${t('admin.campaign.queues')}</legend>
    ${QUEUES.map(({ name, title }) => html`<label key=${name}><input type="checkbox" checked=${chosen.includes(name)} data-testid=${`leads-${name}`} onChange=${() => toggle(name)} /><span>${title ?? name}</span></label>`)}
    <p class="muted small">${hint}</p>
  </fieldset>`;
}

/** @param {string} name */
const titleOf = (name) => QUEUES.find((queue) => queue.name === name)?.title ?? name;

/** @param {{campaign: Campaign | null, onClose: () => void, onDone: (campaign: Campaign) => void}} props */
function CampaignDialog({ campaign, onClose, onDone }) {
  const [id, setId] = useState(campaign?.campaignId ?? '');
  const [name, setName] = useState(campaign?.name ?? '');
  const [headline, setHeadline] = useState(campaign?.headline ?? '');
  const [intro, setIntro] = useState(campaign?.intro ?? '');
  const [colour, setColour] = useState(campaign?.colour ?? '');
  const [form, setForm] = useState(campaign?.form ?? '');
  const [outcomes, setOutcomes] = useState((campaign?.outcomes ?? []).join('\n'));
  const [client, setClient] = useState(campaign?.client ?? '');
  const [qualified, setQualified] = useState(String(campaign?.qualifiedSeconds ?? ''));
  const [queues, setQueues] = useState(campaign?.queues ?? []);
  const save = async () => {
    const words = outcomes.split('\n').map((word) => word.trim()).filter(Boolean);
    const body = { name, headline, intro, colour, form, outcomes: words, qualifiedSeconds: qualified === '' ? null : Number(qualified), client, queues };
    const { data } = await call('PUT', pathOf(campaign?.campaignId ?? id.trim()), { body });
    onDone(data);
  };
  const title = campaign ? t('admin.campaign.edit', { name: nameOf(campaign) }) : t('admin.campaign.add');
  return html`<${Dialog} title=${title} testid="campaign-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t(campaign ? 'admin.save' : 'admin.campaign.add_save')} onSave=${save} onClose=${onClose}>
      ${!campaign && html`<${Field} label=${t('admin.campaign.id')} hint=${t('admin.campaign.id_hint')}>
        <input type="text" required maxlength="100" autocomplete="off" autocapitalize="none" spellcheck=${false} value=${id} data-testid="campaign-id" onInput=${(/** @type {Event} */ event) => setId(typed(event))} />
      <//>`}
      <${Field} label=${t('admin.campaign.name')} hint=${t('admin.campaign.name_hint')}>
        <input type="text" required=${!campaign} maxlength="200" autocomplete="off" value=${name} data-testid="campaign-name" onInput=${(/** @type {Event} */ event) => setName(typed(event))} />
      <//>
      <fieldset><legend>${t('admin.campaign.page')}</legend>
        <${Field} label=${t('admin.campaign.headline')}>
          <input type="text" maxlength="200" autocomplete="off" placeholder=${t('invite.headline')} value=${headline} data-testid="campaign-headline" onInput=${(/** @type {Event} */ event) => setHeadline(typed(event))} />
        <//>
        <${Field} label=${t('admin.campaign.intro')}>
          <textarea rows="3" maxlength="1000" placeholder=${t('invite.text')} value=${intro} data-testid="campaign-intro" onInput=${(/** @type {Event} */ event) => setIntro(typed(event))}></textarea>
        <//>
        <${ColourField} colour=${colour} onColour=${setColour} />
        <${Field} label=${t('admin.campaign.form')} hint=${t('admin.campaign.form_hint')}>
          <select value=${form} data-testid="campaign-form" onChange=${(/** @type {Event} */ event) => setForm(typed(event))}>
            ${['', 'none', 'short', 'full'].map((word) => html`<option value=${word} selected=${word === form}>${t(`admin.form.${word || 'default'}`)}</option>`)}
          </select>
        <//>
      </fieldset>
      <${QueuesField} chosen=${queues} hint=${t('admin.campaign.queues_hint')} onChoose=${setQueues} />
      <${Field} label=${t('admin.campaign.outcomes')} hint=${t('admin.campaign.outcomes_hint')}>
        <textarea rows="3" value=${outcomes} data-testid="campaign-outcomes" onInput=${(/** @type {Event} */ event) => setOutcomes(typed(event))}></textarea>
      <//>
      ${CLIENTS.length > 0 && html`<${Field} label=${t('admin.client')} hint=${t('admin.campaign.client_hint')}>
        <select value=${client} data-testid="campaign-client" onChange=${(/** @type {Event} */ event) => setClient(typed(event))}>
          <option value="" selected=${client === ''}>${t('admin.campaign.client_none')}</option>
          ${CLIENTS.map((name) => html`<option value=${name} selected=${name === client}>${name}</option>`)}
        </select>
      <//>`}
      <${Field} label=${t('admin.campaign.qualified')} hint=${t('admin.campaign.qualified_hint')}>
        <input type="number" min="1" max="86400" step="1" placeholder="60" value=${qualified} data-testid="campaign-qualified" onInput=${(/** @type {Event} */ event) => setQualified(typed(event))} />
      <//>
    <//>
  <//>`;
}

/** @param {{campaign: Campaign, banner: Banner | null, onClose: () => void, onDone: (banner: Banner) => void}} props */
function BannerDialog({ campaign, banner, onClose, onDone }) {
  const [id, setId] = useState(banner?.bannerId ?? '');
  const [name, setName] = useState(banner?.name ?? '');
  const [queues, setQueues] = useState(banner?.queues ?? []);
  const save = async () => {
    const path = `${pathOf(campaign.campaignId)}/banners/${encodeURIComponent(banner?.bannerId ?? id.trim())}`;
    const { data } = await call('PUT', path, { body: { name, queues } });
    onDone(data);
  };
  const title = banner ? t('admin.banner.edit', { id: banner.bannerId }) : t('admin.banner.add_to', { name: nameOf(campaign) });
  return html`<${Dialog} title=${title} testid="banner-dialog" onClose=${onClose}>
    <${DialogForm} submit=${t('admin.save')} onSave=${save} onClose=${onClose}>
      ${!banner && html`<${Field} label=${t('admin.banner.id')} hint=${t('admin.banner.id_hint')}>
        <input type="text" required maxlength="100" autocomplete="off" autocapitalize="none" spellcheck=${false} value=${id} data-testid="banner-id" onInput=${(/** @type {Event} */ event) => setId(typed(event))} />
      <//>`}
      <${Field} label=${t('admin.banner.name')} hint=${t('admin.banner.name_hint')}>
        <input type="text" required=${!banner} maxlength="200" autocomplete="off" value=${name} data-testid="banner-name" onInput=${(/** @type {Event} */ event) => setName(typed(event))} />
      <//>
      <${QueuesField} chosen=${queues} hint=${t('admin.banner.queues_hint')} onChoose=${setQueues} />
    <//>
  <//>`;
}

/** @param {{campaign: Campaign, open: (banner: Banner | null) => void}} props */
function Banners({ campaign, open }) {
  return html`<details class="fold" data-testid=${`banners-${campaign.campaignId}`}>
    <summary>${tn('admin.banners', campaign.banners.length)}</summary>
    ${campaign.banners.length ? html`<ul class="links banners">${campaign.banners.map((banner) => html`<li key=${banner.bannerId}>
        <span class="link-name">${banner.name ?? t('admin.banner.unnamed', { id: banner.bannerId })}
          ${banner.name ? html`<span class="muted small">${banner.bannerId}</span>` : html`<span class="badge warn">${t('admin.unregistered')}</span>`}
          ${banner.queues.map((name) => html`<span class="badge">${titleOf(name)}</span>`)}
        </span>
        <code>${banner.link}</code>
        <span class="buttons">
          <${CopyButton} text=${banner.link} label=${banner.name ?? banner.bannerId} />
          <button type="button" class="quiet small-button" data-testid=${`banner-edit-${banner.bannerId}`} onClick=${() => open(banner)}>${t(banner.name ? 'admin.banner.rename' : 'admin.banner.name_it')}</button>
        </span>
      </li>`)}</ul>` : html`<p class="muted">${t('admin.banner.empty')}</p>`}
    ${campaign.moreBanners && html`<p class="muted">${t('admin.banner.more')}</p>`}
    <p><button type="button" class="secondary small-button" onClick=${() => open(null)} data-testid=${`banner-add-${campaign.campaignId}`}>${t('admin.banner.add')}</button></p>
  </details>`;
}

/** @param {{campaign: Campaign, onEdit: () => void, onBanner: (banner: Banner | null) => void}} props */
function Card({ campaign, onEdit, onBanner }) {
  const direct = campaign.campaignId === 'direct';
  return html`<section class="panel campaign" data-testid=${`campaign-${campaign.campaignId}`}>
    <div class="card-head">
      ${campaign.colour && html`<span class="swatch" style=${{ background: campaign.colour }} title=${campaign.colour}></span>`}
      <div class="card-title">
        <h2>${nameOf(campaign)}</h2>
        ${campaign.name && html`<span class="muted small">${campaign.campaignId}</span>`}
        ${!campaign.registered && !direct && html`<span class="badge warn" title=${t('admin.unregistered_text')}>${t('admin.unregistered')}</span>`}
      </div>
      <button type="button" class="secondary small-button" data-testid=${`campaign-edit-${campaign.campaignId}`} onClick=${onEdit}>${t(campaign.registered || direct ? 'admin.edit' : 'admin.campaign.register')}</button>
    </div>
    <dl class="facts-line">
      <div class="wide-fact"><dt>${t('admin.campaign.headline')}</dt><dd>${campaign.headline ?? html`<span class="muted">${t('admin.campaign.own')}</span>`}</dd></div>
      <div><dt>${t('admin.campaign.form')}</dt><dd>${t(`admin.form.${campaign.form ?? 'default'}`)}</dd></div>
      <div><dt>${t('admin.campaign.first_seen')}</dt><dd><${When} instant=${campaign.firstSeenAt} /></dd></div>
      ${campaign.queues.length > 0 && html`<div class="wide-fact"><dt>${t('admin.campaign.queues')}</dt><dd class="words">${campaign.queues.map((name) => html`<span class="badge">${titleOf(name)}</span>`)}</dd></div>`}
      ${campaign.outcomes.length > 0 && html`<div class="wide-fact"><dt>${t('admin.campaign.outcomes')}</dt><dd class="words">${campaign.outcomes.map((word) => html`<span class="badge">${word}</span>`)}</dd></div>`}
      ${campaign.client !== null && html`<div><dt>${t('admin.client')}</dt><dd>${campaign.client}</dd></div>`}
      ${campaign.qualifiedSeconds !== null && html`<div><dt>${t('admin.campaign.qualified')}</dt><dd>${campaign.qualifiedSeconds}</dd></div>`}
    </dl>
    ${campaign.links.length > 0 && html`<details class="fold" data-testid=${`links-${campaign.campaignId}`}>
      <summary>${t('admin.links')}</summary>
      <p class="muted small">${t('admin.links.text')}</p>
      <${Links} links=${campaign.links} />
    </details>`}
    <${Banners} campaign=${campaign} open=${onBanner} />
  </section>`;
}

/** @param {{shown: boolean}} props */
function Search({ shown }) {
  if (!shown) return null;
  return html`<form method="get" action="/admin/campaigns" role="search" class="search-line">
    <input type="search" name="search" defaultValue=${search} value=${search} aria-label=${t('admin.campaign.search')} placeholder=${t('admin.campaign.search')} data-testid="campaign-search" />
    <button type="submit" class="secondary">${t('admin.search')}</button>
    ${search && html`<a href="/admin/campaigns">${t('admin.campaign.all')}</a>`}
  </form>`;
}

function Empty() {
  return html`<section class="panel empty-state" data-testid="empty">
    <h2>${t(search ? 'admin.campaign.none_found' : 'admin.campaign.empty')}</h2>
    <p>${t(search ? 'admin.campaign.none_found_text' : 'admin.campaign.empty_text')}</p>
  </section>`;
}

/** @typedef {{kind: 'campaign', campaign: Campaign | null} | {kind: 'banner', campaign: Campaign, banner: Banner | null}} Open */

function Campaigns() {
  const data = pageData();
  const [list, setList] = useState(/** @type {Campaign[]} */ (data.campaigns ?? []));
  const [open, setOpen] = useState(/** @type {Open | null} */ (null));
  const [said, setSaid] = useState('');
  const show = (/** @type {Open} */ next) => {
    setSaid('');
    setOpen(next);
  };
  const done = (/** @type {Campaign} */ campaign, /** @type {string} */ text) => {
    const known = list.some((other) => other.campaignId === campaign.campaignId);
    setList(known ? list.map((other) => (other.campaignId === campaign.campaignId ? campaign : other)) : [campaign, ...list]);
    setSaid(text);
    setOpen(null);
  };
  const bannerDone = (/** @type {Campaign} */ campaign, /** @type {Banner} */ banner) => {
    const known = campaign.banners.some((other) => other.bannerId === banner.bannerId);
    const banners = known ? campaign.banners.map((other) => (other.bannerId === banner.bannerId ? banner : other)) : [banner, ...campaign.banners];
    done({ ...campaign, banners }, t('admin.banner.saved', { name: banner.name ?? banner.bannerId }));
  };
  return html`<div class="page-head">
      <h1>${t('admin.campaigns')}</h1>
      <button type="button" data-testid="campaign-add" onClick=${() => show({ kind: 'campaign', campaign: null })}>${t('admin.campaign.add')}</button>
    </div>
    <${Said} text=${said} />
    <${Search} shown=${search !== '' || data.more || list.length > 10} />
    ${list.length === 0 && html`<${Empty} />`}
    ${list.map((campaign) => html`<${Card} key=${campaign.campaignId} campaign=${campaign}
      onEdit=${() => show({ kind: 'campaign', campaign })}
      onBanner=${(/** @type {Banner | null} */ banner) => show({ kind: 'banner', campaign, banner })} />`)}
    ${data.more && html`<p class="muted">${t('admin.campaign.more')}</p>`}
    <section class="panel" data-testid="links-all">
      <h2>${t('admin.links.all')}</h2>
      <p class="muted">${t('admin.links.all_text')}</p>
      <${Links} links=${data.links ?? []} />
      <p class="muted small">${t('admin.links.revive')}</p>
    </section>
    ${open?.kind === 'campaign' && html`<${CampaignDialog} campaign=${open.campaign} onClose=${() => setOpen(null)}
      onDone=${(/** @type {Campaign} */ campaign) => done(campaign, t('admin.campaign.saved', { name: nameOf(campaign) }))} />`}
    ${open?.kind === 'banner' && html`<${BannerDialog} campaign=${open.campaign} banner=${open.banner} onClose=${() => setOpen(null)}
      onDone=${(/** @type {Banner} */ banner) => bannerDone(open.campaign, banner)} />`}`;
}

root.replaceChildren();
render(html`<${Campaigns} />`, root);
