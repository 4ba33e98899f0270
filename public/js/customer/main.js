// @ts-check
/** The customer's page: draws the machine's state, and tells it to those who do not look at it. */
import { html, render } from '../../vendor/htm/standalone.module.js';
import { t } from '../i18n.js';
import { Announcer } from '../ui.js';
import { Connecting, Ended, holdWords, InConversation, Resuming, Superseded, Thanks, Waiting } from './live.js';
import { Customer } from './machine.js';
import { readPage, screenName } from './state.js';
import { DeviceCheck, FormScreen, Help, Invitation } from './views.js';

/** A changed position is read out at most this often. */
const ANNOUNCE_MS = 15_000;

const root = /** @type {HTMLElement} */ (document.getElementById('app'));
const pageTitle = document.title;
let announcement = '';
let announcedAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let announceTimer;
let drawing = false;
let first = true;

const app = new Customer(readPage(root.dataset), schedule);

/** Draws once for all the changes of one turn. */
function schedule() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    draw();
  });
}

function screen() {
  switch (app.state.screen) {
    case 'form': return html`<${FormScreen} app=${app} />`;
    case 'devices': return html`<${DeviceCheck} app=${app} />`;
    case 'help': return html`<${Help} app=${app} key=${app.state.help?.kind} />`;
    case 'resuming': return html`<${Resuming} />`;
    case 'waiting': return html`<${Waiting} app=${app} />`;
    case 'connecting': return html`<${Connecting} app=${app} />`;
    case 'held':
    case 'conversation': return html`<${InConversation} app=${app} />`;
    case 'ended': return html`<${Ended} app=${app} />`;
    case 'thanks': return html`<${Thanks} app=${app} />`;
    case 'superseded': return html`<${Superseded} />`;
    default: return html`<${Invitation} app=${app} first=${first} />`;
  }
}

function draw() {
  const name = screenName(app.state);
  if (document.body.dataset.screen !== name) {
    document.body.dataset.screen = name;
    window.scrollTo(0, 0);
  }
  document.title = title();
  announce();
  render(html`${screen()}<${Announcer} text=${announcement} />`, root);
  first = false;
}

/** @returns {string} */
function title() {
  const { screen: at, session, lineUp } = app.state;
  if (at === 'waiting') {
    if (!lineUp) return t('title.keeping');
    return session?.position ? t('title.waiting', { position: session.position }) : t('title.in_line');
  }
  if (at === 'connecting') return t('title.called');
  if (at === 'conversation') return t('title.conversation');
  if (at === 'held') return t('title.held');
  return pageTitle;
}

/** Reads the position out politely: the newest one, and not more often than every 15 s. */
function announce() {
  const { screen: at, session, lineUp } = app.state;
  if (at !== 'waiting') {
    clearTimeout(announceTimer);
    announcement = at === 'held' ? `${t('hold.title')}. ${holdWords(session)} ${t('hold.private')}` : '';
    announcedAt = 0;
    return;
  }
  const position = session?.position;
  const text = !lineUp ? t('wait.keeping') : position ? t('wait.number', { position }) : '';
  if (!text || text === announcement) return;
  const due = announcedAt + ANNOUNCE_MS - Date.now();
  clearTimeout(announceTimer);
  if (due <= 0) {
    announcement = text;
    announcedAt = Date.now();
  } else {
    announceTimer = setTimeout(schedule, due);
  }
}

window.addEventListener('pagehide', () => app.leaving());
window.addEventListener('pageshow', (event) => {
  // Back from the browser's page cache: everything live in it is dead.
  if (event.persisted) window.location.reload();
});

app.begin();
draw();
