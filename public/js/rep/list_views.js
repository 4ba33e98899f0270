// @ts-check
/** *Waiting for you*: the representative's own list. */
import { html } from '../../vendor/htm/standalone.module.js';
import { country } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Elapsed } from '../ui.js';
import { PassedOn } from './passed_on.js';
import { Flag } from './visitor_views.js';

/** @typedef {import('./machine.js').Console} Console */

/** Nothing while it is empty. @param {{app: Console}} props */
export function WaitingForYou({ app }) {
  const { waiting } = app.list;
  if (waiting.length === 0) return null;
  return html`<section class="panel own-list" aria-labelledby="own-list-title" data-testid="own-list">
    <h2 id="own-list-title">${t('rep.list')}</h2>
    <ol class="queue-list">
      ${waiting.map((session, index) => html`<${Entry} key=${session.sessionId} app=${app} session=${session} number=${index + 1} />`)}
    </ol>
    ${waiting.length > 1 && !app.live && html`<p class="muted small">${t('rep.list.text')}</p>`}
  </section>`;
}

/** @param {{app: Console, session: import('../conversation.js').SessionView, number: number}} props */
function Entry({ app, session, number }) {
  const name = session.name || t('rep.no_name');
  const busy = app.list.taking === session.sessionId;
  return html`<li data-testid=${`listed-${number}`} data-session-id=${session.sessionId}>
    <div class="queue-top"><strong class="clip">${name}</strong>
      ${session.queueEntryTime && html`<span class="muted small"><${Elapsed} since=${Date.parse(session.queueEntryTime)} label=${t('rep.waited')} /></span>`}</div>
    <${PassedOn} session=${session} testid=${`listed-${number}-passed-on`} />
    ${session.problem && html`<p class="about">${session.problem}</p>`}
    <div class="own-list-do">
      <div class="tags small muted">
        ${session.queue && html`<span class="badge">${session.queue.title}</span>`}
        <span class="clip">${t('rep.from', { campaign: session.campaignId, banner: session.bannerId })}</span>
        ${country(session.country) && html`<span>${country(session.country)}</span>`}
        ${session.audioOnly && html`<span class="badge"><${Icon} name="voice" />${t('rep.voice')}</span>`}
        ${session.requeued && html`<span class="badge warn">${t('rep.requeued')}</span>`}
        <${Flag} visitor=${session.visitor} />
      </div>
      <button type="button" class=${number === 1 ? '' : 'secondary'} data-testid=${`take-${number}`} disabled=${!busy && !app.mayTakeAnother} aria-busy=${busy ? 'true' : null}
        aria-label=${t('rep.list.take_named', { name })} onClick=${() => void app.list.take(session)}>${t('rep.list.take')}</button>
    </div>
  </li>`;
}
