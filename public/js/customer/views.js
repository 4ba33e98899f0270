// @ts-check
/** The customer's screens up to the queue. */
import { html, useState } from '../../vendor/htm/standalone.module.js';
import { realBrowserLink } from '../devices.js';
import { waitRange } from '../format.js';
import { t, tn } from '../i18n.js';
import { Icon } from '../icons.js';
import { DevicePicker, Heading, LevelMeter, Notice, Video } from '../ui.js';

/** @typedef {import('./machine.js').Customer} Customer */

/** Tells staff that they are trying the page out. @param {{page: import('./state.js').Page}} props */
export function TestCall({ page }) {
  return page.staff && html`<p><span class="badge warn" data-testid="test-call">${t('test_call')}</span></p>`;
}

/** @param {{app: Customer, first: boolean}} props */
export function Invitation({ app, first }) {
  const { page, state } = app;
  return html`<div class="narrow invitation">
    <div class="card">
      <${TestCall} page=${page} />
      ${state.error && html`<${Notice} kind="warn" alert testid="error"><p>${state.error}</p><//>`}
      <${Heading} quiet=${first}>${page.headline ?? t('invite.headline')}<//>
      <p class="lead">${page.text ?? t('invite.text')}</p>
      ${page.queues.length > 1 ? html`<${Choice} app=${app} />` : html`
        <${Availability} availability=${state.availability[page.queues[0]?.name]} />
        <button type="button" class="big" data-testid="talk" onClick=${() => app.talk(page.queues[0]?.name ?? '')}>${t('invite.talk')}</button>`}
      <p class="muted small">${t('invite.promise')}</p>
    </div>
  </div>`;
}

/** "Sales or support?": one button for each queue, and whether anyone is there. @param {{app: Customer}} props */
function Choice({ app }) {
  return html`<section aria-labelledby="choice" class="choice-of-queues" data-testid="choice">
    <h2 id="choice">${t('invite.choose')}</h2>
    ${app.page.queues.map(({ name, title }) => html`<div key=${name} class="queue-choice">
      <button type="button" class="big" data-testid=${`talk-${name}`} aria-describedby=${`there-${name}`} onClick=${() => app.talk(name)}>${title}</button>
      <div id=${`there-${name}`} class="small"><${Availability} availability=${app.state.availability[name]} /></div>
    </div>`)}
  </section>`;
}

/** @param {{availability: import('./state.js').Availability | undefined}} props */
function Availability({ availability }) {
  if (!availability) return html`<p class="presence" data-testid="availability"> </p>`;
  const { online, waiting } = availability;
  const wait = waitRange(availability.estimatedWaitSeconds);
  const queue = waiting > 0 ? tn('invite.waiting', waiting) : t('invite.nobody_waiting');
  return html`<p class=${`presence ${online ? 'on' : ''}`} data-testid="availability">
    <i aria-hidden="true"></i>
    <span>${online ? t('invite.online') : t('invite.offline')} ${online || waiting > 0 ? queue : ''} ${wait ? t('invite.wait', { wait }) : ''}</span>
  </p>`;
}

/** @param {{app: Customer}} props */
export function FormScreen({ app }) {
  const { form } = app.state;
  const full = app.page.form === 'full';
  return html`<div class="narrow">
    <form class="card" data-testid="form" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      app.submitForm();
    }}>
      <${TestCall} page=${app.page} />
      <${Heading}>${t('form.title')}<//>
      <label>${full ? t('form.name') : t('form.name_optional')}
        <input type="text" name="name" autocomplete="name" maxlength="80" required=${full} value=${form.name} data-testid="name"
          onInput=${(/** @type {any} */ event) => app.setForm({ name: event.currentTarget.value })} />
      </label>
      ${full && html`<label>${t('form.problem')}
        <textarea name="problem" rows="3" maxlength="1000" data-testid="problem" aria-describedby="problem-hint" value=${form.problem}
          onInput=${(/** @type {any} */ event) => app.setForm({ problem: event.currentTarget.value })}></textarea>
        <small id="problem-hint">${t('form.problem_hint')}</small>
      </label>`}
      <fieldset class="choice">
        <legend>${t('form.how')}</legend>
        <label><input type="radio" name="how" checked=${!form.audioOnly} data-testid="with-video" onChange=${() => app.setForm({ audioOnly: false })} />
          <${Icon} name="camera" /><span>${t('form.video')}</span></label>
        <label><input type="radio" name="how" checked=${form.audioOnly} data-testid="voice-only" onChange=${() => app.setForm({ audioOnly: true })} />
          <${Icon} name="voice" /><span>${t('form.voice')}</span></label>
      </fieldset>
      ${full && html`<p class="muted small" data-testid="consent">${t('form.consent')}</p>`}
      <button type="submit" data-testid="continue">${t('form.continue')}</button>
      <p class="muted small">${form.audioOnly ? t('form.next_voice') : t('form.next_video')}</p>
    </form>
  </div>`;
}

/** @param {{app: Customer}} props */
export function DeviceCheck({ app }) {
  const { state } = app;
  const { media, form, devices, busy } = state;
  const video = media ? media.hasCamera : !form.audioOnly;
  return html`<div class="narrow">
    <div class="card">
      <${TestCall} page=${app.page} />
      <${Heading}>${t(video ? 'devices.title' : 'devices.title_voice')}<//>
      ${!media && html`<p role="status" class="with-spinner"><span class="spinner" aria-hidden="true"></span> <span>${form.audioOnly ? t('devices.asking_voice') : t('devices.asking')}</span></p>`}
      ${media?.cameraMissing && html`<${Notice} testid="voice-fallback"><p>${t('devices.no_camera')}</p><//>`}
      ${video && html`<div class="preview tile">
        <span class="starting" aria-hidden="true">${t('devices.starting')}</span>
        ${media && html`<${Video} stream=${media.stream} muted mirror testid="self-video" label=${t('call.self')} />`}
      </div>`}
      ${media && html`<div class="check">
        <${LevelMeter} stream=${media.stream} />
        <div class="pickers">
          <${DevicePicker} kind="audioinput" label=${t('devices.microphone')} devices=${devices} current=${media.deviceId('audioinput')} testid="choose-microphone"
            onChoose=${(/** @type {string} */ id) => app.openDevices({ microphone: id, camera: media.deviceId('videoinput') })} />
          ${video && html`<${DevicePicker} kind="videoinput" label=${t('devices.camera')} devices=${devices} current=${media.deviceId('videoinput')} testid="choose-camera"
            onChoose=${(/** @type {string} */ id) => app.openDevices({ camera: id, microphone: media.deviceId('audioinput') })} />`}
        </div>
      </div>`}
      ${state.error && html`<${Notice} kind="bad" alert testid="error"><p>${state.error}</p><//>`}
      <button type="button" class="big" data-testid="request" disabled=${!media} aria-busy=${busy && media ? 'true' : null} onClick=${() => app.request()}>${t('devices.request')}</button>
      <p class="muted small">${t('devices.seen')}</p>
    </div>
  </div>`;
}

/** What to do for each way in which a camera or microphone can fail. @param {{app: Customer}} props */
export function Help({ app }) {
  const { help, form } = app.state;
  if (!help) return null;
  const { kind } = help;
  const steps = {
    denied: ['help.denied.1', 'help.denied.2', 'help.denied.3'],
    missing: ['help.missing.1', 'help.missing.2'],
    'in-use': ['help.in_use.1', 'help.in_use.2', 'help.in_use.3'],
    insecure: ['help.insecure.1'],
    'in-app': [],
    unknown: ['help.unknown.1', 'help.unknown.2'],
  }[kind];
  const key = kind.replace('-', '_');
  const voiceMayHelp = help.withCamera && !form.audioOnly && (kind === 'denied' || kind === 'in-use');
  return html`<div class="narrow">
    <div class="card" data-testid="help">
      <${Heading}>${t(`help.${key}.title`)}<//>
      <p>${kind === 'in-app' && help.app ? t('help.in_app.text_named', { app: help.app }) : t(`help.${key}.text`)}</p>
      ${steps.length > 0 && html`<ol>${steps.map((step) => html`<li>${t(step)}</li>`)}</ol>`}
      ${(kind === 'in-app' || kind === 'insecure') && html`<${OpenElsewhere} secure=${kind === 'insecure'} />`}
      <div class="actions">
        ${kind !== 'insecure' && html`<button type="button" class=${kind === 'in-app' ? 'secondary' : ''} data-testid="retry" onClick=${() => app.checkDevices(true)}>
          ${kind === 'in-app' ? t('help.try_here') : t('help.retry')}</button>`}
        ${voiceMayHelp && html`<button type="button" class="secondary" data-testid="help-voice-only" onClick=${() => app.voiceOnly()}>${t('help.voice_only')}</button>`}
      </div>
    </div>
  </div>`;
}

/**
 * This page's address with everything that says which banner led here, to be opened elsewhere.
 * @param {{secure: boolean}} props
 */
function OpenElsewhere({ secure }) {
  const [copied, setCopied] = useState(false);
  const address = secure ? window.location.href.replace(/^http:/, 'https:') : window.location.href;
  const link = secure ? address : realBrowserLink(address);
  const copy = async () => {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById('page-address'));
    try {
      await navigator.clipboard.writeText(address);
      setCopied(true);
    } catch {
      // Old in-app browsers know only the old way.
      field?.select();
      setCopied(document.execCommand('copy'));
    }
  };
  return html`<div class="elsewhere">
    ${link && html`<p><a role="button" href=${link} data-testid="open-elsewhere">${secure ? t('help.open_secure') : t('help.open_browser')}</a></p>`}
    <label for="page-address">${t('help.address')}</label>
    <div class="copy">
      <input id="page-address" type="text" readonly value=${address} data-testid="page-address" onFocus=${(/** @type {any} */ event) => event.currentTarget.select()} />
      <button type="button" class=${link ? 'secondary' : ''} data-testid="copy-address" onClick=${copy}>${copied ? t('help.copied') : t('help.copy')}</button>
    </div>
    <p class="small muted" role="status">${copied ? t('help.copied_now') : ''}</p>
  </div>`;
}
