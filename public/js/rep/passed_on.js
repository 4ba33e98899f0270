// @ts-check
/** Who passed a customer on, and what they said: shown where the next one rings, and on the customer's card. */
import { html } from '../../vendor/htm/standalone.module.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';

/** @param {{session: import('../conversation.js').SessionView | null | undefined, testid: string}} props */
export function PassedOn({ session, testid }) {
  const passed = session?.passedOn;
  if (!passed) return null;
  return html`<div class="passed-on" data-testid=${testid}>
    <p><${Icon} name="forward" /> ${t('rep.passed_on', { name: passed.name })}</p>
    ${passed.note && html`<blockquote>${passed.note}</blockquote>`}
  </div>`;
}
