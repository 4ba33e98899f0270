// @ts-check
/** The console's frame: status line, queue, customer card, keys. The middle is in `stage.js`. */
import { html, useEffect, useState } from '../../vendor/htm/standalone.module.js';
import { serverNow } from '../api.js';
import { isLive, waited } from '../conversation.js';
import { country, timeOfDay } from '../format.js';
import { t, tn } from '../i18n.js';
import { Icon } from '../icons.js';
import { Announcer, Elapsed, Heading, Notice } from '../ui.js';
import { ActivityMenu } from './duty_views.js';
import { DIALOG_ID, KEYS, showKeys } from './keys.js';
import { PassedOn } from './passed_on.js';
import { Stage } from './stage.js';
import { TransferDialog } from './transfer_views.js';
import { TodayStrip } from './today_views.js';
import { Block, EarlierRow, Flag } from './visitor_views.js';
import { Said } from './wrap_up_views.js';

/** @typedef {import('./machine.js').Console} Console */

/** @param {{app: Console}} props */
export function ConsoleScreen({ app }) {
  const { state } = app;
  if (state.screen === 'superseded') {
    return html`<${Superseded} app=${app} />`;
  }
  if (state.screen === 'refused') {
    return html`<div class="narrow"><div class="card">
      <h1>${t('rep.refused.title')}</h1>
      <p>${t('rep.refused.text')}</p>
      <p><a role="button" href="/login?next=/rep">${t('rep.refused.login')}</a></p>
    </div></div>`;
  }
  return html`<h1 class="visually-hidden">${t('rep.heading')}</h1>
    <${StatusLine} app=${app} />
    <${TodayStrip} app=${app} />
    ${!state.lineUp && html`<${Notice} kind="warn" testid="line-down"><p>${t('rep.line_down')}</p><//>`}
    <div class="console-grid">
      <${Stage} app=${app} />
      <${CustomerCard} app=${app} session=${app.about} draft=${app.live && app.live.id === app.about?.sessionId ? app.wrapUps.drafts.get(app.live.id) : null} />
      <${Queue} queue=${state.queue} />
    </div>
    <${KeysDialog} />
    <${TransferDialog} app=${app} />
    <${Announcer} text=${t(`rep.status.${state.screen}`)} />`;
}

/** Another console of the same person was opened. @param {{app: Console}} props */
function Superseded({ app }) {
  const opened = timeOfDay(new Date(app.state.since).toISOString());
  return html`<div class="narrow"><div class="card" data-testid="superseded">
    <${Heading}>${t('rep.superseded.title')}<//>
    <p>${t('rep.superseded.since', { time: opened })} ${app.moved ? t('rep.superseded.call', { name: app.moved }) : t('rep.superseded.text')}</p>
    <button type="button" data-testid="use-here" onClick=${() => window.location.reload()}>${t('rep.superseded.use')}</button>
    <p class="muted small">${t('rep.superseded.use_text')}</p>
  </div></div>`;
}

/** @param {{app: Console}} props */
function StatusLine({ app }) {
  const { state } = app;
  const { queue } = state;
  return html`<div class="status-line" data-testid="status" data-status=${state.screen}>
    <span class=${`status ${state.screen}`}><i aria-hidden="true"></i><strong>${t(`rep.status.${state.screen}`)}</strong>
      ${state.screen === 'waiting' && html`<${Elapsed} since=${state.since} testid="status-timer" label=${t('rep.status_time')} />`}</span>
    <${ActivityMenu} duty=${app.duty} />
    <span class="waiting-now"><strong class="num" data-testid="waiting-count">${queue.waiting}</strong> ${tn('rep.waiting_now', queue.waiting)}</span>
    ${queue.longestWaitSeconds !== null && queue.waiting > 0 && html`<span class="muted longest">${t('rep.longest')} <${Ticking} seconds=${queue.longestWaitSeconds} /></span>`}
    <button type="button" class="quiet keys-button" data-testid="keys" onClick=${showKeys}><${Icon} name="keyboard" /> <span>${t('keys.title')}</span></button>
  </div>`;
}

/** A number of seconds that goes on growing until the next one comes. @param {{seconds: number}} props */
function Ticking({ seconds }) {
  const [since, setSince] = useState(serverNow() - seconds * 1000);
  useEffect(() => setSince(serverNow() - seconds * 1000), [seconds]);
  return html`<${Elapsed} since=${since} />`;
}

/** @param {{queue: import('./base.js').State['queue']}} props */
function Queue({ queue }) {
  const hidden = queue.waiting - queue.entries.length;
  return html`<section class="panel queue" aria-labelledby="queue-title">
    <h2 id="queue-title">${t('rep.queue')}</h2>
    ${queue.entries.length === 0 && html`<div class="empty" data-testid="queue-empty"><p><strong>${t('rep.queue_empty')}</strong></p><p class="muted small">${t('rep.queue_empty_text')}</p></div>`}
    <ol class="queue-list" data-testid="queue-list">
      ${queue.entries.map((entry) => html`<li key=${entry.queueId} class=${entry.present ? '' : 'absent'} data-queue-id=${entry.queueId}>
        <div class="queue-top"><strong class="clip">${entry.name || t('rep.no_name')}</strong>
          <span class="muted small"><${Elapsed} since=${Date.parse(entry.queueEntryTime)} label=${t('rep.waited')} /></span></div>
        ${entry.problem && html`<p class="about">${entry.problem}</p>`}
        <div class="tags small muted">
          ${entry.queue && html`<span class="badge">${entry.queue}</span>`}
          <span class="clip">${t('rep.from', { campaign: entry.campaignId, banner: entry.bannerId })}</span>
          ${country(entry.country) && html`<span>${country(entry.country)}</span>`}
          ${entry.audioOnly && html`<span class="badge"><${Icon} name="voice" />${t('rep.voice')}</span>`}
          ${!entry.present && html`<span class="badge warn">${t('rep.absent')}</span>`}
          ${entry.blocked && html`<span class="badge bad">${t('rep.visitor.blocked')}</span>`}
        </div>
      </li>`)}
    </ol>
    ${hidden > 0 && html`<p class="muted small">${tn('rep.queue_more', hidden)}</p>`}
  </section>`;
}

/** @param {{app: Console, session: import('../conversation.js').SessionView | null, draft: import('./wrap_up.js').Draft | null | undefined}} props */
function CustomerCard({ app, session, draft }) {
  if (!session) {
    return html`<section class="panel customer none" aria-labelledby="customer-title">
      <h2 id="customer-title">${t('rep.customer')}</h2>
      <div class="empty"><p class="muted small">${t('rep.customer_empty')}</p></div>
    </section>`;
  }
  const from = country(session.country);
  const kind = session.device && ['phone', 'tablet', 'computer'].includes(session.device) ? t(`rep.kind.${session.device}`) : session.device;
  const machine = [kind, session.browser].filter(Boolean).join(' · ');
  return html`<section class="panel customer" aria-labelledby="customer-title">
    <h2 id="customer-title" class="muted small">${t('rep.customer')}</h2>
    <p class="customer-name" data-testid="customer-name">${session.name || t('rep.no_name')}</p>
    <p class="tags">
      ${session.audioOnly && html`<span class="badge"><${Icon} name="voice" />${t('rep.voice')}</span>`}
      ${session.test && html`<span class="badge warn" data-testid="test-badge">${t('rep.test')}</span>`}
      ${session.requeued && html`<span class="badge warn">${t('rep.requeued')}</span>`}
      <${Flag} visitor=${session.visitor} />
    </p>
    <${PassedOn} session=${session} testid="passed-on" />
    ${session.problem && html`<blockquote data-testid="customer-problem">${session.problem}</blockquote>`}
    <dl>
      ${session.queue && html`<div><dt>${t('rep.queue_of')}</dt><dd data-testid="customer-queue">${session.queue.title}</dd></div>`}
      <div><dt>${t('rep.campaign')}</dt><dd data-testid="customer-campaign">${session.campaignId}</dd></div>
      <div><dt>${t('rep.banner')}</dt><dd data-testid="customer-banner">${session.bannerId}</dd></div>
      ${from && html`<div><dt>${t('rep.country')}</dt><dd data-testid="customer-country">${from}</dd></div>`}
      ${machine && html`<div><dt>${t('rep.device')}</dt><dd>${machine}</dd></div>`}
      ${session.queueEntryTime && html`<div><dt>${t('rep.joined_at')}</dt><dd class="num"><time datetime=${session.queueEntryTime}>${timeOfDay(session.queueEntryTime)}</time></dd></div>`}
      ${waited(session) && html`<div><dt>${t('rep.waited')}</dt><dd class="num">${waited(session)}</dd></div>`}
      <${EarlierRow} visitor=${session.visitor} />
    </dl>
    ${draft && html`<${Said} key=${draft.sessionId} draft=${draft} />`}
    ${(!isLive(session) || app.calls.some(({ id }) => id === session.sessionId)) && html`<${Block} key=${`block-${session.sessionId}`} app=${app} session=${session} />`}
  </section>`;
}

function KeysDialog() {
  return html`<dialog id=${DIALOG_ID} aria-labelledby="keys-title" data-testid="keys-dialog">
    <article>
      <h2 id="keys-title">${t('keys.title')}</h2>
      <table>
        <tbody>
          ${KEYS.map(({ letter, action }) => html`<tr><th scope="row">${t(`keys.${action}`)}</th><td><kbd>${t('keys.ctrl')}</kbd> + <kbd>${t('keys.shift')}</kbd> + <kbd>${letter}</kbd></td></tr>`)}
          <tr><th scope="row">${t('keys.list')}</th><td><kbd>?</kbd></td></tr>
        </tbody>
      </table>
      <p class="muted small">${t('keys.alt')}</p>
      <div class="actions"><button type="button" data-testid="keys-close" onClick=${() => /** @type {HTMLDialogElement} */ (document.getElementById(DIALOG_ID)).close()}>${t('keys.close')}</button></div>
    </article>
  </dialog>`;
}
