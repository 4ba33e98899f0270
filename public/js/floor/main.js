// @ts-check
/** The live floor: the server tells it whole whenever something changed; time passes here. */
import { html, render, useEffect, useState } from '../../vendor/htm/standalone.module.js';
import { Said, pageData } from '../admin/base.js';
import { call } from '../api.js';
import { timeToTheSecond } from '../format.js';
import { t, tn } from '../i18n.js';
import { EventStream } from '../stream.js';
import { Elapsed } from '../ui.js';
import { EndDialog, EndWaitingDialog, LiftDialog, OfflineDialog, RequeueDialog } from './dialogs.js';
import { BlockTable, List, RepTable, TalkingTable, WaitingTable } from './lists.js';
import { SessionDialog } from './session.js';

/** @typedef {import('./types.js').Floor} Floor */
/** @typedef {import('./types.js').Rep} Rep */
/** @typedef {import('./types.js').BlockedVisitor} BlockedVisitor */
/** @typedef {{step: 'details' | 'end' | 'requeue' | 'offline' | 'end_all' | 'lift', session?: import('./dialogs.js').Steered, rep?: Rep, block?: BlockedVisitor}} Open */

const root = /** @type {HTMLElement} */ (document.getElementById('floor'));

/** @param {{label: string, testid: string, value: any, sub: string}} props */
function Tile({ label, testid, value, sub }) {
  return html`<div><dt>${label}</dt><dd data-testid=${testid}>${value}</dd><dd class="sub muted">${sub}</dd></div>`;
}

/** @param {{floor: Floor}} props */
function Tiles({ floor }) {
  const { totals } = floor;
  const since = totals.longestWaitSeconds === null ? null : Date.parse(floor.at) - totals.longestWaitSeconds * 1000;
  const talking = [
    totals.held > 0 && tn('floor.tile.held', totals.held),
    totals.offered > 0 && tn('floor.tile.offered', totals.offered),
  ].filter(Boolean).join(', ');
  return html`<dl class="tiles floor-tiles">
    <${Tile} label=${t('floor.tile.waiting')} testid="tile-waiting" value=${totals.waiting} sub=${totals.ringing > 0 ? tn('floor.tile.ringing', totals.ringing) : t('floor.tile.nobody_rings')} />
    <${Tile} label=${t('floor.tile.longest')} testid="tile-longest" value=${since === null ? '–' : html`<${Elapsed} since=${since} />`} sub=${t('floor.tile.longest_text')} />
    <${Tile} label=${t('floor.tile.talking')} testid="tile-talking" value=${totals.talking + totals.held + totals.offered} sub=${talking || t(totals.talking > 0 ? 'floor.tile.talking_text' : 'floor.tile.talking_none')} />
    <${Tile} label=${t('floor.tile.available')} testid="tile-available" value=${totals.available} sub=${t('floor.tile.reps', { consoles: totals.consoles, away: totals.away })} />
  </dl>`;
}

/** @param {{open: Open, floor: Floor, setOpen: (open: Open | null) => void, onDone: (said: string) => void}} props */
function OpenDialog({ open, floor, setOpen, onDone }) {
  const onClose = () => setOpen(null);
  const { step, session, rep, block } = open;
  if (step === 'end_all') return html`<${EndWaitingDialog} waiting=${floor.totals.waiting} queues=${floor.queues} onClose=${onClose} onDone=${onDone} />`;
  if (step === 'offline' && rep) return html`<${OfflineDialog} rep=${rep} onClose=${onClose} onDone=${onDone} />`;
  if (step === 'lift' && block) return html`<${LiftDialog} block=${block} onClose=${onClose} onDone=${onDone} />`;
  if (!session) return null;
  if (step === 'end') return html`<${EndDialog} session=${session} onClose=${onClose} onDone=${onDone} />`;
  if (step === 'requeue') return html`<${RequeueDialog} session=${session} onClose=${onClose} onDone=${onDone} />`;
  return html`<${SessionDialog} id=${session.sessionId} name=${session.name} at=${floor.at} onClose=${onClose}
    onStep=${(/** @type {Open['step']} */ next, /** @type {Open['session']} */ of) => setOpen({ step: next, session: of })} />`;
}

function Page() {
  const [floor, setFloor] = useState(/** @type {Floor} */ (pageData()));
  const [lineUp, setLineUp] = useState(true);
  const [over, setOver] = useState(false);
  const [said, setSaid] = useState('');
  const [open, setOpen] = useState(/** @type {Open | null} */ (null));
  // What was asked for can arrive after a newer event.
  const told = (/** @type {Floor} */ next) => setFloor((before) => (Date.parse(next.at) < Date.parse(before.at) ? before : next));
  useEffect(() => {
    const stream = new EventStream({
      url: '/floor/events',
      onEvent: (type, data) => type === 'state' && told(data),
      onLine: setLineUp,
      onAlive: () => {},
      onClosed: (_, status) => {
        if (status === 401) window.location.assign('/login?next=/floor');
        setOver(true);
      },
    });
    return () => stream.close();
  }, []);
  const done = (/** @type {string} */ words) => {
    setOpen(null);
    setSaid(words);
    call('GET', '/floor/api').then(({ data }) => told(data), () => {
      // The stream tells it in a moment.
    });
  };
  const show = (/** @type {Open} */ next) => {
    setSaid('');
    setOpen(next);
  };
  const step = (/** @type {Open['step']} */ what, /** @type {Open['session']} */ session) => show({ step: what, session });
  const { totals, waiting, conversations, reps, queues, blocks } = floor;
  const stale = over || !lineUp;
  return html`<div class="page-head"><h1>${t('floor.heading')}</h1>
      <p class=${`presence-line ${stale ? '' : 'on'}`} data-testid="line" data-up=${String(!stale)} role="status"><i aria-hidden="true"></i> <span>${over ? t('floor.over') : lineUp ? t('floor.live') : t('floor.line_down', { time: timeToTheSecond(floor.at) })}</span></p></div>
    <${Said} text=${said} />
    <${Tiles} floor=${floor} />
    <${List} testid="list-waiting" title=${t('floor.waiting')} count=${totals.waiting} shown=${waiting.length} empty=${t('floor.waiting.empty')} empty_text=${t('floor.waiting.empty_text')}
      head=${totals.waiting > 0 && html`<button type="button" class="quiet small-button" data-testid="end-all" onClick=${() => show({ step: 'end_all' })}>${t('floor.end_all')}</button>`}>
      <${WaitingTable} list=${waiting} queues=${queues.length} onStep=${step} />
    <//>
    <${List} testid="list-talking" title=${t('floor.talking')} count=${totals.talking + totals.held + totals.offered} shown=${conversations.length} empty=${t('floor.talking.empty')} empty_text=${t('floor.talking.empty_text')}>
      <${TalkingTable} list=${conversations} onStep=${step} />
    <//>
    <${List} testid="list-reps" title=${t('floor.reps')} count=${totals.reps} shown=${reps.length} empty=${t('floor.reps.empty')} empty_text=${t('floor.reps.empty_text')}>
      <${RepTable} list=${reps} onOffline=${(/** @type {Rep} */ rep) => show({ step: 'offline', rep })} />
    <//>
    ${blocks.length > 0 && html`<${List} testid="list-blocks" title=${t('floor.blocks')} count=${blocks.length} shown=${blocks.length} empty="" empty_text="">
      <${BlockTable} list=${blocks} onLift=${(/** @type {BlockedVisitor} */ block) => show({ step: 'lift', block })} />
    <//>`}
    ${open && html`<${OpenDialog} key=${`${open.step}-${open.session?.sessionId ?? open.rep?.username ?? ''}`} open=${open} floor=${floor} setOpen=${setOpen} onDone=${done} />`}`;
}

root.replaceChildren();
render(html`<${Page} />`, root);
