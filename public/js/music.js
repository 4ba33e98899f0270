// @ts-check
/**
 * Music for those who wait: a few soft tones, made here, so that nothing has to be loaded or licensed. It never begins
 * before the person has touched the page, and what they choose stays chosen.
 */
import { allowSound, audio } from './sound.js';

const KEY = 'bannerline.music';
/** Four slow chords, in hertz, each played one tone after the other and back. */
const CHORDS = [
  [196, 246.94, 293.66, 392],
  [164.81, 246.94, 329.63, 392],
  [130.81, 196, 329.63, 392],
  [146.83, 220, 293.66, 440],
];
const ORDER = [0, 1, 2, 3, 2, 1];
const STEP_SECONDS = 0.62;
/** Tones are planned this far ahead: a page in the background is woken rarely. */
const AHEAD_SECONDS = 2.5;
const LOUDNESS = 0.11;

/** @type {{out: GainNode, timer: ReturnType<typeof setInterval>} | null} */
let playing = null;

/**
 * Whether it is to be heard there: on hold unless it was turned off, in line only when it was turned on.
 * @param {'waiting' | 'held'} where
 */
export function isWanted(where) {
  const choice = chosen();
  return choice === null ? where === 'held' : choice === 'on';
}

/** @returns {string | null} */
function chosen() {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return choiceOfPage;
  }
}

/** Where nothing can be kept, it holds for this page. @type {string | null} */
let choiceOfPage = null;

/** @param {boolean} on */
export function choose(on) {
  choiceOfPage = on ? 'on' : 'off';
  try {
    window.localStorage.setItem(KEY, choiceOfPage);
  } catch {
    // Kept above.
  }
}

/** Whether the person has touched this page: without that, no browser would play, and none should. */
function touched() {
  return navigator.userActivation ? navigator.userActivation.hasBeenActive : audio()?.state === 'running';
}

/** Begins, or goes on. @returns {boolean} whether it plays */
export function play() {
  if (playing) return true;
  if (!touched()) return false;
  allowSound();
  const context = audio();
  if (!context) return false;
  const out = context.createGain();
  out.gain.setValueAtTime(0, context.currentTime);
  out.gain.linearRampToValueAtTime(LOUDNESS, context.currentTime + 1.5);
  out.connect(context.destination);
  let step = 0;
  let at = context.currentTime + 0.1;
  const plan = () => {
    at = Math.max(at, context.currentTime);
    for (; at < context.currentTime + AHEAD_SECONDS; at += STEP_SECONDS) {
      const chord = CHORDS[Math.floor(step / ORDER.length) % CHORDS.length];
      tone(context, out, chord[ORDER[step % ORDER.length]], at);
      step += 1;
    }
  };
  plan();
  playing = { out, timer: setInterval(plan, 500) };
  return true;
}

/**
 * @param {AudioContext} context
 * @param {GainNode} out
 * @param {number} pitch
 * @param {number} at
 */
function tone(context, out, pitch, at) {
  const source = context.createOscillator();
  const volume = context.createGain();
  source.type = 'triangle';
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(1, at + 0.06);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 1.9);
  source.connect(volume).connect(out);
  source.start(at);
  source.stop(at + 2);
}

/** Fades out. */
export function stop() {
  if (!playing) return;
  const { out, timer } = playing;
  playing = null;
  clearInterval(timer);
  const now = out.context.currentTime;
  out.gain.cancelScheduledValues(now);
  out.gain.setTargetAtTime(0, now, 0.08);
  setTimeout(() => out.disconnect(), 600);
}
