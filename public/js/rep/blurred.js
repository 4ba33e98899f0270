// @ts-check
/** A stranger's picture before somebody wants to see it: colours at most, no shapes. */
import { html, useEffect, useRef } from '../../vendor/htm/standalone.module.js';

/** The longer side, in pixels: too few for a face, whatever the browser makes of them when it draws them large. */
const PIXELS = 16;
/** Three times as many frames are no better, and a filter over the video itself takes a third of a processor where there is no graphics card. */
const REDRAW_EVERY_MS = 200;

/** Over the hidden video it stands beside. */
export function Blurred() {
  const ref = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  useEffect(() => {
    const canvas = ref.current;
    const video = canvas?.parentElement?.querySelector('video');
    if (!canvas || !video) return;
    draw(video, canvas);
    const timer = setInterval(() => draw(video, canvas), REDRAW_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<canvas ref=${ref} class="blurred" data-testid="blurred" aria-hidden="true"></canvas>`;
}

/** @param {HTMLVideoElement} video @param {HTMLCanvasElement} canvas */
function draw(video, canvas) {
  const { videoWidth, videoHeight } = video;
  const pen = canvas.getContext('2d');
  if (!pen || videoWidth === 0 || videoHeight === 0) return;
  const scale = PIXELS / Math.max(videoWidth, videoHeight);
  // Empties it, too.
  canvas.width = Math.max(1, Math.round(videoWidth * scale));
  canvas.height = Math.max(1, Math.round(videoHeight * scale));
  pen.imageSmoothingQuality = 'high';
  // Not known to every browser; the pixels are few all the same.
  pen.filter = 'blur(1.5px)';
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  // Darker, so that the words on it can be read.
  pen.filter = 'none';
  pen.globalCompositeOperation = 'source-atop';
  pen.fillStyle = 'rgb(0 0 0 / 30%)';
  pen.fillRect(0, 0, canvas.width, canvas.height);
}
