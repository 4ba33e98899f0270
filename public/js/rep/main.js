// @ts-check
/** The representative's console: draws the machine's state, and listens to the keyboard and the window. */
import { html, render } from '../../vendor/htm/standalone.module.js';
import { t } from '../i18n.js';
import { ACTIVITY_ID } from './duty_views.js';
import { listenToKeys } from './keys.js';
import { Console } from './machine.js';
import { ConsoleScreen } from './views.js';

const root = /** @type {HTMLElement} */ (document.getElementById('app'));
const pageTitle = document.title;
let drawing = false;

const app = new Console(() => {
  // Draws once for all the changes of one turn.
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    draw();
  });
});

function draw() {
  document.body.dataset.screen = app.state.screen;
  document.title = title();
  render(html`<${ConsoleScreen} app=${app} />`, root);
}

/** @returns {string} */
function title() {
  const { screen, queue } = app.state;
  const { ringing } = app.duty;
  if (screen === 'superseded') return `${t('rep.title.superseded')} · ${pageTitle}`;
  if (ringing) return t('rep.title.ringing', { name: ringing.customer?.name || t('rep.no_name') });
  if (screen === 'conversation' || screen === 'connecting' || screen === 'held') {
    const key = { conversation: 'rep.title.call', connecting: 'rep.title.connecting', held: 'rep.title.held' }[screen];
    return t(key, { name: app.live?.session.name ?? t('rep.no_name') });
  }
  if (screen === 'talk') return t('rep.title.talk', { name: app.talk?.name ?? '' });
  if (screen === 'wrapUp') return t('rep.title.wrapUp', { name: app.about?.name || t('rep.no_name') });
  if (screen === 'waiting') return t('rep.title.waiting');
  return queue.waiting > 0 ? `(${queue.waiting}) ${pageTitle}` : pageTitle;
}

listenToKeys({
  next: () => void app.next(),
  mute: () => app.setMicrophone(!app.state.microphoneOn),
  camera: () => app.setCamera(!app.state.cameraOn),
  hold: () => app.toggleHold(),
  transfer: () => (app.onStage ? void app.talks.handOver() : app.transfers.begin()),
  blur: () => app.toggleBlur(),
  end: () => (app.onStage ? void app.talks.leave() : app.live ? app.end() : void app.wrapUps.finish()),
  status: () => document.getElementById(ACTIVITY_ID)?.focus(),
});

window.addEventListener('beforeunload', (event) => {
  if (app.inCall) event.preventDefault();
});
window.addEventListener('pagehide', () => app.leaving());
window.addEventListener('pageshow', (event) => {
  if (event.persisted) window.location.reload();
});

app.begin();
