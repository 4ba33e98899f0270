// @ts-check
/** Who passed a customer on, and what they said: shown where the next one rings, and on the customer's card. */
import { html } from '../../vendor/htm/standalone.module.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';

/** @param {{session: import('../conversation.js').SessionView | null | undefined, testid: string, ringing?: boolean}} props */
export function PassedOn({ session, testid, ringing }) {
  const passed = session?.passedOn;
  if (!passed) return null;
  const key = !passed.warm ? 'rep.passed_on' : ringing ? 'rep.passed_on.warm' : session?.consultation ? 'rep.passed_on.talks' : 'rep.passed_on.handed';
  return html`<div class="passed-on" data-testid=${testid}>
    <p><${Icon} name="forward" /> ${t(key, { name: passed.name })}</p>
    ${passed.note && html`<blockquote>${passed.note}</blockquote>`}
  </div>`;
}
