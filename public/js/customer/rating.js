// @ts-check
/** After the conversation: one to five stars, and a word about it. Whoever does not want to just goes on. */
import { html, useLayoutEffect, useRef, useState } from '../../vendor/htm/standalone.module.js';
import { ApiError, call, persist } from '../api.js';
import { t } from '../i18n.js';
import { Notice } from '../ui.js';

/**
 * Which session is rated, and the proof of whose it is.
 * @typedef {{sessionId: string, token: string}} Rateable
 */

const STARS = [1, 2, 3, 4, 5];
/** An end that was pressed here may still be on its way to the server. */
const TRIES = 5;

/**
 * @param {Rateable} rateable
 * @param {number} stars
 * @param {string} comment
 */
async function send({ sessionId, token }, stars, comment) {
  const body = { stars, ...(comment.trim() ? { comment } : {}) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await persist(() => call('POST', `/help/session/${sessionId}/rating`, { token, body }));
      return;
    } catch (error) {
      const early = error instanceof ApiError && error.status === 409 && error.body?.session?.state !== 'ended';
      if (!early || attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function Star() {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="m12 3 2.75 5.75 6.25.8-4.6 4.35 1.2 6.25L12 17.1l-5.6 3.05 1.2-6.25L3 9.55l6.25-.8z" /></svg>`;
}

/** Takes the focus, which was on the button that is gone. */
function Sent() {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => ref.current?.focus({ preventScroll: true }), []);
  return html`<div class="rated" tabindex="-1" ref=${ref} data-testid="rated">
    <${Notice} kind="good"><p>${t('rating.thanks')}</p><//>
  </div>`;
}

/** @param {{rateable: Rateable}} props */
export function Rating({ rateable }) {
  const [stars, setStars] = useState(0);
  const [comment, setComment] = useState('');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const [sent, setSent] = useState(false);
  if (sent) return html`<${Sent} />`;
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy || stars === 0) return;
    setBusy(true);
    setFailed(false);
    try {
      await send(rateable, stars, comment);
      setSent(true);
    } catch {
      setFailed(true);
    }
    setBusy(false);
  };
  return html`<form class="rating" data-testid="rating" onSubmit=${submit}>
    <fieldset class="stars">
      <legend>${t('rating.question')}</legend>
      <div class="row">
        ${STARS.map((number) => html`<label class=${number <= stars ? 'star full' : 'star'} title=${t(`rating.stars.${number}`)}>
          <input type="radio" name="stars" class="visually-hidden" value=${number} checked=${number === stars} data-testid=${`stars-${number}`}
            aria-label=${t(`rating.stars.${number}`)} onChange=${() => setStars(number)} />
          <${Star} />
        </label>`)}
      </div>
      <p class="small muted" aria-hidden="true" data-testid="stars-word">${stars ? t(`rating.stars.${stars}`) : t('rating.none')}</p>
    </fieldset>
    ${stars > 0 && html`<label>${t('rating.comment')}
      <textarea name="comment" rows="3" maxlength="1000" data-testid="comment" value=${comment}
        onInput=${(/** @type {any} */ event) => setComment(event.currentTarget.value)}></textarea>
    </label>
    ${failed && html`<${Notice} kind="bad" alert testid="rating-failed"><p>${t('rating.failed')}</p><//>`}
    <button type="submit" data-testid="rate" aria-busy=${busy ? 'true' : null}>${t('rating.send')}</button>`}
  </form>`;
}
