// @ts-check
/** Pieces that the customer's page and the console share. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/htm/standalone.module.js';
import { elapsed, initials } from './format.js';
import { Icon } from './icons.js';
import { t } from './i18n.js';
import { watchLevel } from './devices.js';
import { serverNow } from './api.js';

/**
 * A heading that takes the focus when it appears, so that a change of screen is heard and the next Tab
 * starts there.
 * @param {{children?: any, quiet?: boolean}} props
 */
export function Heading({ children, quiet }) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (!quiet) ref.current?.focus({ preventScroll: true });
  }, []);
  return html`<h1 tabindex="-1" ref=${ref}>${children}</h1>`;
}

/**
 * A stream's picture and sound.
 * @param {{stream: MediaStream | null, muted?: boolean, mirror?: boolean, testid: string, label: string, onBlocked?: (blocked: boolean) => void, retry?: number}} props
 */
export function Video({ stream, muted, mirror, testid, label, onBlocked, retry }) {
  const ref = useRef(/** @type {HTMLVideoElement | null} */ (null));
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    element.muted = muted === true;
    if (element.srcObject !== stream) element.srcObject = stream;
    if (!stream) return;
    element.play().then(
      () => onBlocked?.(false),
      (error) => {
        // A new stream interrupts the play() of the old one; only a refusal needs the person.
        if (error?.name === 'NotAllowedError') onBlocked?.(true);
      },
    );
  }, [stream, muted, retry]);
  useEffect(() => () => {
    if (ref.current) ref.current.srcObject = null;
  }, []);
  return html`<video ref=${ref} class=${mirror ? 'mirror' : ''} autoplay playsinline data-testid=${testid} aria-label=${label}></video>`;
}

/**
 * A person in place of a picture.
 * @param {{name?: string | null, text?: string | null}} props
 */
export function Avatar({ name, text }) {
  const letters = initials(name);
  return html`<div class="avatar">
    <span class="disc" aria-hidden="true">${letters || html`<${Icon} name="person" />`}</span>
    ${text && html`<span>${text}</span>`}
  </div>`;
}

/**
 * Time since an instant of the server's clock, ticking. Screen readers are not told each second.
 * @param {{since: number, testid?: string, label?: string}} props
 */
export function Elapsed({ since, testid, label }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return html`<span class="num" data-testid=${testid} role="timer" aria-live="off" aria-label=${label}>${elapsed((serverNow() - since) / 1000)}</span>`;
}

/** @param {{stream: MediaStream}} props */
export function LevelMeter({ stream }) {
  const bar = useRef(/** @type {HTMLElement | null} */ (null));
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    setHeard(false);
    return watchLevel(stream, (level) => {
      if (bar.current) bar.current.style.transform = `scaleX(${level.toFixed(3)})`;
      if (level > 0.08) setHeard(true);
    });
  }, [stream]);
  return html`<div class="level">
    <span class="small muted" data-testid="level-text">${heard ? t('devices.heard') : t('devices.speak')}</span>
    <div class="meter" data-testid="level" aria-hidden="true"><span ref=${bar}></span></div>
  </div>`;
}

/**
 * A choice of devices of one kind; nothing when there is nothing to choose.
 * @param {{kind: 'audioinput' | 'videoinput', label: string, devices: MediaDeviceInfo[], current: string, onChoose: (id: string) => void, testid: string}} props
 */
export function DevicePicker({ kind, label, devices, current, onChoose, testid }) {
  const some = devices.filter((device) => device.kind === kind && device.deviceId);
  if (some.length < 2) return null;
  return html`<label class="picker">${label}
    <select value=${current} data-testid=${testid} onChange=${(/** @type {any} */ event) => onChoose(event.currentTarget.value)}>
      ${some.map((device, index) => html`<option value=${device.deviceId} selected=${device.deviceId === current}>${device.label || `${label} ${index + 1}`}</option>`)}
    </select>
  </label>`;
}

/**
 * A call control: an icon with its word below.
 * @param {{icon: any, text: string, testid: string, pressed?: boolean, kind?: string, disabled?: boolean, keys?: string, onClick: () => void}} props
 */
export function Control({ icon, text, testid, pressed, kind, disabled, keys, onClick }) {
  return html`<button type="button" class=${`control ${kind ?? ''}`} data-testid=${testid} disabled=${disabled === true}
    aria-pressed=${pressed === undefined ? null : String(pressed)} aria-keyshortcuts=${keys ?? null} title=${keys ? keys.replace(/Control/, t('keys.ctrl')) : null} onClick=${onClick}>
    <${Icon} name=${icon} /><span>${text}</span>
  </button>`;
}

/** @param {{quality: import('./quality.js').Quality}} props */
export function QualityDot({ quality }) {
  const words = t(`quality.${quality}`);
  return html`<span class=${`quality ${quality}`} data-testid="quality" data-quality=${quality} title=${t('quality.title', { quality: words })}>
    <i aria-hidden="true"></i><span>${words}</span>
  </span>`;
}

/**
 * @param {{kind?: 'warn' | 'bad' | 'good' | '', icon?: any, testid?: string, alert?: boolean, children?: any}} props
 */
export function Notice({ kind, icon, testid, alert, children }) {
  return html`<div class=${`notice ${kind ?? ''}`} data-testid=${testid} role=${alert ? 'alert' : null}>
    <${Icon} name=${icon ?? (kind === 'good' ? 'check' : kind ? 'warn' : 'info')} /><div>${children}</div>
  </div>`;
}

/** A line for screen readers. @param {{text: string}} props */
export function Announcer({ text }) {
  return html`<div class="visually-hidden" role="status" aria-live="polite" data-testid="announcer">${text}</div>`;
}
