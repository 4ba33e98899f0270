// @ts-check
/** Two short tones for "you are called", made here so that no file has to be there in time. */

/** @type {AudioContext | null} */
let context = null;

/** Browsers let a page make sound only after a click: call this in one. */
export function allowSound() {
  try {
    context ??= new AudioContext();
    void context.resume();
  } catch {
    context = null; // No sound; the title and the page say it too.
  }
}

/**
 * The page's one source of sound, once a click has allowed it.
 * @returns {AudioContext | null}
 */
export function audio() {
  return context && context.state !== 'closed' ? context : null;
}

/** Rings once, if the browser lets it. */
export function chime() {
  allowSound();
  const out = audio();
  if (!out) return;
  for (const [at, pitch] of [[0, 659.3], [0.18, 880]]) {
    const start = out.currentTime + at;
    const tone = out.createOscillator();
    const volume = out.createGain();
    tone.type = 'sine';
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.22, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0008, start + 0.7);
    tone.connect(volume).connect(out.destination);
    tone.start(start);
    tone.stop(start + 0.75);
  }
}
