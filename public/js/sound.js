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

/** Rings once, if the browser lets it. */
export function chime() {
  allowSound();
  const audio = context;
  if (!audio || audio.state === 'closed') return;
  for (const [at, pitch] of [[0, 659.3], [0.18, 880]]) {
    const start = audio.currentTime + at;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = 'sine';
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.22, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0008, start + 0.7);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.75);
  }
}
