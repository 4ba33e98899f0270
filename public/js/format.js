// @ts-check
import { lang, t } from './i18n.js';

/**
 * Seconds as `9 s`, `2 m 05 s` or `1 h 02 m 05 s`, rounded, as everywhere in Bannerline.
 * @param {number} seconds
 * @returns {string}
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t('duration.seconds', { s: whole });
  const s = String(whole % 60).padStart(2, '0');
  const m = Math.floor(whole / 60) % 60;
  const h = Math.floor(whole / 3600);
  return h > 0
    ? t('duration.hours', { h, m: String(m).padStart(2, '0'), s })
    : t('duration.minutes', { m, s });
}

/**
 * The same of what goes on: only seconds that are over are counted.
 * @param {number} seconds
 * @returns {string}
 */
export function elapsed(seconds) {
  return duration(Math.floor(seconds));
}

/**
 * The same in whole minutes that are over.
 * @param {number} seconds
 * @returns {string}
 */
export function minutes(seconds) {
  if (seconds >= 1 && seconds < 60) return t('duration.under_minute');
  const all = Math.max(0, Math.floor(seconds / 60));
  const h = Math.floor(all / 60);
  const m = all - h * 60;
  return h > 0 ? t('duration.hours_only', { h, m: String(m).padStart(2, '0') }) : t('duration.minutes_only', { m });
}

/**
 * A number with one decimal, as the reader writes it.
 * @param {number} number
 * @returns {string}
 */
export function decimal(number) {
  return new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(number);
}

/**
 * An honest wait: never a number more exact than the estimate is. Null when nothing is known.
 * @param {number | null | undefined} seconds
 * @returns {string | null}
 */
export function waitRange(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return null;
  if (seconds < 45) return t('wait.under_minute');
  const low = Math.max(1, Math.floor((seconds * 0.75) / 60));
  const high = Math.max(low + 1, Math.ceil((seconds * 1.4) / 60));
  return t('wait.range', { low, high });
}

/**
 * A country code as the reader names that country.
 * @param {string | null | undefined} code
 * @returns {string | null}
 */
export function country(code) {
  if (!code || !/^[A-Z]{2}$/.test(code)) return null;
  try {
    return new Intl.DisplayNames([lang], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/**
 * The time of day of an instant, in the viewer's zone.
 * @param {string | null | undefined} instant RFC 3339
 * @returns {string}
 */
export function timeOfDay(instant) {
  if (!instant) return '';
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '';
  return new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit' }).format(date);
}

/**
 * The same, to the second.
 * @param {string} instant RFC 3339
 * @returns {string}
 */
export function timeToTheSecond(instant) {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  return new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(date);
}

/**
 * Date and time of an instant, in this zone; the viewer's without one.
 * @param {string} instant RFC 3339
 * @param {string} [timeZone]
 * @returns {string}
 */
export function dateAndTime(instant, timeZone) {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  return new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(date);
}

/**
 * One or two letters that stand for a person without a picture.
 * @param {string | null | undefined} name
 * @returns {string}
 */
export function initials(name) {
  const words = (name ?? '').trim().split(/\s+/u).filter(Boolean);
  const first = words[0];
  if (!first) return '';
  const last = words.length > 1 ? words[words.length - 1] : '';
  return ([...first][0] + (last ? [...last][0] : '')).toLocaleUpperCase(lang);
}
