// @ts-check
import { html } from '../vendor/htm/standalone.module.js';

/** Line icons, drawn for this product; each is decoration beside words. */
const PATHS = {
  microphone: html`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>`,
  microphoneOff: html`<path d="M9 9v2a3 3 0 0 0 4.6 2.5M15 10.5V6a3 3 0 0 0-5.8-1M5.5 11.5a6.5 6.5 0 0 0 10.2 5.3M18.5 11.5c0 .9-.2 1.8-.5 2.5M12 18v3M4 3l16 18"/>`,
  camera: html`<rect x="2.5" y="6" width="13" height="12" rx="2.5"/><path d="M15.5 10.5 21.5 7v10l-6-3.5"/>`,
  cameraOff: html`<path d="M9.5 6H13a2.5 2.5 0 0 1 2.5 2.5v2l6-3.5v10l-3-1.7M15.2 17.2c-.5.5-1.3.8-2.2.8H5a2.5 2.5 0 0 1-2.5-2.5v-7C2.5 7.4 3.3 6.5 4.3 6.1M4 3l16 18"/>`,
  expand: html`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>`,
  shrink: html`<path d="M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5"/>`,
  hangUp: html`<path d="M3 14.5c5-5 13-5 18 0l-2.3 2.8-3.7-1.5v-2.6c-2-.6-4-.6-6 0v2.6l-3.7 1.5z"/>`,
  warn: html`<path d="M12 3.5 22 20.5H2zM12 10v4.5M12 17.3v.2"/>`,
  info: html`<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.3v.2"/>`,
  check: html`<circle cx="12" cy="12" r="9"/><path d="m8 12.3 2.8 2.7L16 9.5"/>`,
  voice: html`<path d="M4 10v4M8 7v10M12 4v16M16 7v10M20 10v4"/>`,
  person: html`<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6"/>`,
  keyboard: html`<rect x="2.5" y="6" width="19" height="12" rx="2"/><path d="M6 10h.1M9 10h.1M12 10h.1M15 10h.1M18 10h.1M8 14h8"/>`,
  pause: html`<path d="M8.5 5v14M15.5 5v14"/>`,
  play: html`<path d="M7.5 5v14l11-7z"/>`,
  music: html`<circle cx="7" cy="17.5" r="2.5"/><circle cx="17" cy="15.5" r="2.5"/><path d="M9.5 17.5V6l10-2v11.5"/>`,
  musicOff: html`<circle cx="7" cy="17.5" r="2.5"/><path d="M9.5 17.5v-6M9.5 6.8 19.5 4v9.5M4 3l16 18"/>`,
  forward: html`<circle cx="6" cy="8" r="3"/><path d="M2 18c.5-3 2-4.5 4-4.5 1 0 1.9.3 2.6 1M11 11h10M17 6.5l4.5 4.5-4.5 4.5"/>`,
  eye: html`<path d="M2.5 12c2-4 5.5-6.5 9.5-6.5s7.5 2.5 9.5 6.5c-2 4-5.5 6.5-9.5 6.5S4.5 16 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>`,
  eyeOff: html`<path d="M9.5 5.8c.8-.2 1.6-.3 2.5-.3 4 0 7.5 2.5 9.5 6.5-.7 1.4-1.6 2.6-2.7 3.6M6 7.6C4.6 8.7 3.4 10.2 2.5 12c2 4 5.5 6.5 9.5 6.5 1.7 0 3.3-.5 4.7-1.3M9.9 10.2a2.8 2.8 0 0 0 3.9 3.9M4 3l16 18"/>`,
  next: html`<path d="M5 12h13M13 6.5 18.5 12 13 17.5"/>`,
  sound: html`<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11"/>`,
};

/**
 * @param {{name: keyof typeof PATHS}} props
 */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${PATHS[name]}</svg>`;
}
