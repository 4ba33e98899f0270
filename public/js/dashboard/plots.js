// @ts-check
/** The plots over time, drawn on canvases from the numbers that came with the page. Each has a sentence and a table beside it. */
import { decimal, duration } from '../format.js';
import { lang, t } from '../i18n.js';
import { pageZone } from './zone.js';

/**
 * @typedef {object} Step
 * @property {string} from
 * @property {string} label
 * @property {number} answered
 * @property {number} not_answered
 * @property {number} calls
 * @property {number | null} rate
 * @property {number | null} wait_mean
 * @property {number | null} wait_p50
 * @property {number | null} wait_p90
 */

/** @typedef {{interval: 'hour' | 'day' | 'week' | 'month', zone: string, steps: Step[], means: boolean}} Plots */
/** @typedef {import('../../vendor/uplot/uPlot')} Chart */
/** @typedef {import('../../vendor/uplot/uPlot').Options} Options */
/** @typedef {import('../../vendor/uplot/uPlot').Series} Series */
/** @typedef {(number | null)[]} Values */

/** @type {typeof import('../../vendor/uplot/uPlot') | undefined} */
const uPlot = /** @type {any} */ (window).uPlot;

const HEIGHT = 220;

/** @param {string} name */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @param {number} number */
function count(number) {
  return new Intl.NumberFormat(lang).format(number);
}

/** @type {Record<Plots['interval'], Intl.DateTimeFormatOptions>} */
const TICKS = {
  hour: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  week: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: '2-digit' },
};

/**
 * What stands below the axis: shorter than the labels of the table.
 * @param {Plots} plots
 */
function ticks(plots) {
  const parts = TICKS[plots.interval];
  const format = new Intl.DateTimeFormat(lang, { ...parts, timeZone: pageZone() });
  return plots.steps.map((step) => format.format(new Date(step.from)));
}

/**
 * Steps stand beside each other by their number: days of 23 hours are as wide as others.
 * @param {HTMLElement} place
 * @param {Plots} plots
 * @param {Values[]} values
 * @param {Partial<Series>[]} series
 * @param {{range: (highest: number) => [number, number], tick: (value: number) => string}} scale
 * @returns {Chart | null}
 */
function chart(place, plots, values, series, scale) {
  if (!uPlot) return null;
  const labels = ticks(plots);
  const [ink, line] = [colour('--bl-muted'), colour('--bl-line')];
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1, size: 4 }, font: '12px system-ui, sans-serif' };
  const last = plots.steps.length - 1;
  /** @type {Options} */
  const options = {
    width: Math.max(200, place.clientWidth),
    height: HEIGHT,
    padding: [12, 12, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    legend: { live: true },
    scales: {
      x: { time: false, range: () => [-0.6, last + 0.6] },
      y: { range: (_chart, _low, high) => scale.range(high ?? 0) },
    },
    axes: [
      { ...axis, grid: { show: false }, incrs: [1, 2, 5, 7, 10, 14, 20, 30, 60, 90, 180, 365], space: 70, values: (_chart, splits) => splits.map((split) => (Number.isInteger(split) ? (labels[split] ?? '') : '')) },
      { ...axis, size: 64, values: (_chart, splits) => splits.map(scale.tick) },
    ],
    series: [
      { label: t(`dashboard.step.${plots.interval}`), value: (_chart, at) => (at === null || at === undefined ? '' : (plots.steps[at]?.label ?? '')) },
      .../** @type {Series[]} */ (series),
    ],
  };
  place.replaceChildren();
  return new uPlot(options, /** @type {any} */ ([plots.steps.map((_, number) => number), ...values]), place);
}

/**
 * A value between two that are not there is no line: it is drawn as a point, however close the steps are.
 * @type {import('../../vendor/uplot/uPlot').Series.Points.Filter}
 */
const alone = (chart, series, all) => {
  if (all) return null;
  const values = chart.data[series] ?? [];
  return [...values.keys()].filter((at) => (values[at] ?? null) !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null);
};

/** @param {string} name @param {string} colourName @param {Partial<Series>} more */
function line(name, colourName, more) {
  const stroke = colour(colourName);
  return { label: t(name), stroke, width: 2, points: { filter: alone, size: 8, fill: stroke }, ...more };
}

const bars = () => (uPlot?.paths.bars ? { paths: uPlot.paths.bars({ size: [0.7, 48] }), points: { show: false } } : {});

/** One call and one second are the least that is worth an axis. @param {number} high */
const fromZero = (high) => /** @type {[number, number]} */ ([0, Math.max(1, high * 1.08)]);

/**
 * @param {HTMLElement} place
 * @param {Plots} plots
 */
function calls(place, plots) {
  const answered = plots.steps.map((step) => step.answered);
  const lost = plots.steps.map((step) => step.not_answered);
  const both = plots.steps.map((step) => step.answered + step.not_answered);
  // Those that were not answered stand on those that were: the higher bar is drawn first, the lower one over it.
  return chart(
    place,
    plots,
    [both, answered],
    [
      { label: t('dashboard.not_answered'), ...bars(), fill: colour('--bl-lost'), stroke: colour('--bl-lost'), value: (_chart, _value, _series, at) => (at === null ? '' : count(lost[at] ?? 0)) },
      { label: t('dashboard.answered'), ...bars(), fill: colour('--bl-answered'), stroke: colour('--bl-answered'), value: (_chart, value) => (value === null ? '' : count(value)) },
    ],
    { range: fromZero, tick: (value) => (Number.isInteger(value) ? count(value) : '') },
  );
}

/**
 * @param {HTMLElement} place
 * @param {Plots} plots
 */
function rate(place, plots) {
  return chart(
    place,
    plots,
    [plots.steps.map((step) => step.rate)],
    [line('dashboard.rate', '--bl-answered', { value: (_chart, value) => (value === null ? '–' : `${decimal(value)} %`) })],
    { range: () => [0, 104], tick: (value) => (value > 100 ? '' : `${value} %`) },
  );
}

/**
 * @param {HTMLElement} place
 * @param {Plots} plots
 */
function waits(place, plots) {
  /** @type {(chart: Chart, value: number | null) => string} */
  const value = (_chart, seconds) => (seconds === null ? '–' : duration(seconds));
  const tick = (/** @type {number} */ seconds) => (Number.isInteger(seconds) ? duration(seconds) : '');
  if (plots.means) {
    const means = plots.steps.map((step) => step.wait_mean);
    return chart(place, plots, [means], [line('dashboard.mean', '--bl-answered', { value })], { range: fromZero, tick });
  }
  return chart(
    place,
    plots,
    [plots.steps.map((step) => step.wait_p90), plots.steps.map((step) => step.wait_p50)],
    [line('dashboard.p90', '--bl-lost', { dash: [6, 4], value }), line('dashboard.p50', '--bl-answered', { value })],
    { range: fromZero, tick },
  );
}

const DRAWN = { calls, rate, waits };

/** Draws them, and again when the width or the colours change. */
export function draw() {
  const holder = document.getElementById('plots');
  /** @type {Plots | null} */
  const plots = JSON.parse(holder?.textContent || 'null');
  if (!plots || plots.steps.length === 0) return;
  /** @type {{place: HTMLElement, make: (place: HTMLElement, plots: Plots) => Chart | null, chart: Chart | null}[]} */
  const drawn = [];
  for (const [name, make] of Object.entries(DRAWN)) {
    const place = document.querySelector(`[data-plot="${name}"] .canvas`);
    if (place instanceof HTMLElement) drawn.push({ place, make, chart: make(place, plots) });
  }
  const again = () => {
    for (const one of drawn) {
      one.chart?.destroy();
      one.chart = one.make(one.place, plots);
    }
  };
  const resized = new ResizeObserver(() => {
    for (const one of drawn) {
      const width = Math.max(200, one.place.clientWidth);
      if (one.chart && Math.abs(one.chart.width - width) > 1) one.chart.setSize({ width, height: HEIGHT });
    }
  });
  for (const one of drawn) resized.observe(one.place);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
