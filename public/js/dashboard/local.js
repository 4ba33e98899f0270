// @ts-check
/** Times and countries as the reader says them. */
import { country, dateAndTime } from '../format.js';
import { pageZone } from './zone.js';

/** Writes them in place of what the server wrote. */
export function localise() {
  for (const element of document.querySelectorAll('time[data-local]')) {
    const instant = element.getAttribute('datetime') ?? '';
    element.setAttribute('title', instant);
    element.textContent = dateAndTime(instant, pageZone());
  }
  for (const element of document.querySelectorAll('[data-country]')) {
    element.textContent = country(element.getAttribute('data-country')) ?? element.textContent;
  }
}
