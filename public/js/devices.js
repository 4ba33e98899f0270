// @ts-check
/** Camera and microphone: asking for them, what to do when that fails, and which ones there are. */

/** @typedef {'denied' | 'missing' | 'in-use' | 'insecure' | 'in-app' | 'unknown'} ProblemKind */

/** Why there is no camera or microphone, in a word that the page has help for. */
export class MediaProblem extends Error {
  /**
   * @param {ProblemKind} kind
   * @param {boolean} withCamera whether the camera was asked for too
   */
  constructor(kind, withCamera) {
    super(kind);
    this.name = 'MediaProblem';
    this.kind = kind;
    this.withCamera = withCamera;
  }
}

/** Counts how often the browser was asked, which for a representative must be once. */
const counter = { getUserMediaCalls: 0 };
/** @type {any} */ (window).__bannerline = counter;

/** Marks that the browsers inside other apps leave in their name. */
const IN_APP = [
  ['Facebook', /FBAN|FBAV|FB_IAB|FB4A|FBIOS/],
  ['Instagram', /Instagram/],
  ['TikTok', /TikTok|musical_ly|BytedanceWebview|trill_/i],
  ['LinkedIn', /LinkedInApp/],
  ['Snapchat', /Snapchat/],
  ['Pinterest', /\[Pinterest\/|Pinterest for/],
  ['X', /Twitter for|TwitterAndroid/],
  ['LINE', /\bLine\//],
  ['WeChat', /MicroMessenger/],
  ['Google', /\bGSA\//],
  ['', /; wv\)/],
];

/**
 * The app whose built-in browser shows this page; an empty name for one without a name; null for a real browser.
 * @param {string} [agent]
 * @returns {string | null}
 */
export function inAppBrowser(agent = navigator.userAgent) {
  for (const [name, mark] of IN_APP) {
    if (/** @type {RegExp} */ (mark).test(agent)) return /** @type {string} */ (name);
  }
  return null;
}

/**
 * On Android a link can name the browser that is to open it. Elsewhere only copying the address helps.
 * @param {string} address
 * @returns {string | null}
 */
export function realBrowserLink(address) {
  if (!/Android/.test(navigator.userAgent)) return null;
  const url = new URL(address);
  return `intent://${url.host}${url.pathname}${url.search}#Intent;scheme=${url.protocol.slice(0, -1)};action=android.intent.action.VIEW;end`;
}

/** The tracks of this page's camera and microphone. */
export class LocalMedia {
  /**
   * @param {MediaStream} stream
   * @param {boolean} cameraMissing a camera was wanted, and there is none
   */
  constructor(stream, cameraMissing) {
    this.stream = stream;
    this.cameraMissing = cameraMissing;
    this.stopped = false;
    /** @type {() => void} told when a device is unplugged or taken away */
    this.onLost = () => {};
    for (const track of stream.getTracks()) {
      track.addEventListener('ended', () => {
        if (!this.stopped) this.onLost();
      });
    }
  }

  get hasCamera() {
    return this.stream.getVideoTracks().length > 0;
  }

  get microphoneOn() {
    return this.stream.getAudioTracks().some((track) => track.enabled);
  }

  get cameraOn() {
    return this.stream.getVideoTracks().some((track) => track.enabled);
  }

  /** @param {boolean} on */
  setMicrophone(on) {
    for (const track of this.stream.getAudioTracks()) track.enabled = on;
  }

  /** @param {boolean} on */
  setCamera(on) {
    for (const track of this.stream.getVideoTracks()) track.enabled = on;
  }

  /** @param {'audioinput' | 'videoinput'} kind */
  deviceId(kind) {
    const track = kind === 'audioinput' ? this.stream.getAudioTracks()[0] : this.stream.getVideoTracks()[0];
    return track?.getSettings().deviceId ?? '';
  }

  stop() {
    this.stopped = true;
    for (const track of this.stream.getTracks()) track.stop();
  }
}

/**
 * Asks for the microphone and, if wanted, the camera. A camera that is not there makes it a voice call;
 * everything else that goes wrong is a `MediaProblem`.
 * @param {{video: boolean, microphone?: string, camera?: string}} wish
 * @returns {Promise<LocalMedia>}
 */
export async function openMedia(wish) {
  if (!window.isSecureContext) throw new MediaProblem('insecure', wish.video);
  if (!navigator.mediaDevices?.getUserMedia) throw new MediaProblem(inAppBrowser() === null ? 'unknown' : 'in-app', wish.video);
  const camera = wish.video && (await mayHave('videoinput'));
  try {
    return new LocalMedia(await ask(wish, camera), wish.video && !camera);
  } catch (error) {
    const name = /** @type {any} */ (error)?.name;
    if (name === 'NotFoundError' && camera) return voiceOnly(wish);
    if (name === 'OverconstrainedError' && (wish.microphone || wish.camera)) return openMedia({ video: wish.video });
    throw explain(name, wish.video);
  }
}

/**
 * @param {{microphone?: string}} wish
 * @returns {Promise<LocalMedia>}
 */
async function voiceOnly(wish) {
  try {
    return new LocalMedia(await ask(wish, false), true);
  } catch (error) {
    throw explain(/** @type {any} */ (error)?.name, true);
  }
}

/**
 * @param {{microphone?: string, camera?: string}} wish
 * @param {boolean} video
 * @returns {Promise<MediaStream>}
 */
function ask(wish, video) {
  counter.getUserMediaCalls += 1;
  return navigator.mediaDevices.getUserMedia({
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(wish.microphone ? { deviceId: { exact: wish.microphone } } : {}),
    },
    video: video
      ? {
          width: { ideal: 960 },
          height: { ideal: 540 },
          frameRate: { ideal: 24 },
          ...(wish.camera ? { deviceId: { exact: wish.camera } } : { facingMode: 'user' }),
        }
      : false,
  });
}

/**
 * @param {string | undefined} name of the browser's error
 * @param {boolean} withCamera
 * @returns {MediaProblem}
 */
function explain(name, withCamera) {
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
    case 'SecurityError':
      return new MediaProblem(inAppBrowser() === null ? 'denied' : 'in-app', withCamera);
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return new MediaProblem('missing', withCamera);
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return new MediaProblem('in-use', withCamera);
    default:
      return new MediaProblem('unknown', withCamera);
  }
}

/**
 * Whether there may be such a device: only a list that names others and none of this kind says no.
 * @param {'audioinput' | 'videoinput'} kind
 * @returns {Promise<boolean>}
 */
async function mayHave(kind) {
  const devices = await listDevices();
  return devices.length === 0 || devices.some((device) => device.kind === kind);
}

/** @returns {Promise<MediaDeviceInfo[]>} */
export async function listDevices() {
  try {
    return await navigator.mediaDevices.enumerateDevices();
  } catch {
    return [];
  }
}

/**
 * Listens to how loud a stream is, about 15 times a second.
 * @param {MediaStream} stream
 * @param {(level: number) => void} onLevel 0 to 1
 * @returns {() => void} stops it
 */
export function watchLevel(stream, onLevel) {
  if (stream.getAudioTracks().length === 0) return () => {};
  const context = new AudioContext();
  const source = context.createMediaStreamSource(stream);
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let shown = 0;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const loud = Math.min(1, Math.sqrt(sum / samples.length) * 5);
    shown = Math.max(loud, shown * 0.8); // Falls slowly, so that it can be followed by eye.
    onLevel(shown);
  }, 66);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}
