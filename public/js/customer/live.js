// @ts-check
/** The customer's screens from the queue on. */
import { html, useEffect, useRef, useState } from '../../vendor/htm/standalone.module.js';
import { duration, waitRange } from '../format.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Avatar, Control, Elapsed, Heading, Notice, QualityDot, Video } from '../ui.js';
import { Rating } from './rating.js';
import { TestCall } from './views.js';

/** @typedef {import('./machine.js').Customer} Customer */

/** A microphone or camera that went away, with the way back. @param {{app: Customer}} props */
function DeviceNotice({ app }) {
  if (!app.state.deviceLost) return null;
  return html`<${Notice} kind="warn" alert testid="device-lost">
    <p>${t('call.device_lost')}</p>
    <p><button type="button" class="secondary" data-testid="devices-again" onClick=${() => app.openDevices({}).then(() => app.connect())}>${t('call.devices_again')}</button></p>
  <//>`;
}

export function Resuming() {
  return html`<div class="narrow"><div class="card">
    <${Heading}>${t('resume.title')}<//>
    <p role="status" class="with-spinner"><span class="spinner" aria-hidden="true"></span> <span>${t('resume.text')}</span></p>
  </div></div>`;
}

/** The sentence about one's place, with the number large. @param {{position: number}} props */
function Place({ position }) {
  const [before, after] = t('wait.number').split('{position}');
  return html`${before}<span class="place-number num">${position}</span>${after}`;
}

/** Music on or off. @param {{app: Customer, kind?: string}} props */
function Music({ app, kind }) {
  const { music } = app.state;
  return html`<button type="button" class=${kind ?? 'quiet music'} data-testid="music" data-playing=${String(music)} onClick=${() => app.setMusic(!music)}>
    <${Icon} name=${music ? 'musicOff' : 'music'} /><span>${music ? t('hold.music_off') : t('hold.music_on')}</span>
  </button>`;
}

/** @param {{app: Customer}} props */
export function Waiting({ app }) {
  const { session, lineUp, media, waitingSince } = app.state;
  const position = session?.position ?? null;
  const wait = waitRange(session?.estimatedWaitSeconds);
  return html`<div class="narrow">
    <div class="card waiting">
      <${TestCall} page=${app.page} />
      <${Heading}>${t('wait.title')}<//>
      ${session?.queue && app.page.queues.length > 1 && html`<p><span class="badge" data-testid="queue">${session.queue.title}</span></p>`}
      ${session?.queue?.welcome && html`<p class="welcome" data-testid="welcome">${session.queue.welcome}</p>`}
      ${session?.requeued && html`<${Notice} testid="requeued"><p>${t(session.requeuedBecause ? `wait.requeued.${session.requeuedBecause}` : 'wait.requeued')}</p><//>`}
      <p class="place">
        <span data-testid="position">${position === null ? t('wait.in_line') : html`<${Place} position=${position} />`}</span>
      </p>
      <dl class="facts">
        ${wait && html`<div><dt>${t('wait.estimate')}</dt><dd data-testid="estimate">${wait}</dd></div>`}
        <div><dt>${t('wait.waited')}</dt><dd><${Elapsed} since=${waitingSince} testid="waited" label=${t('wait.waited')} /></dd></div>
      </dl>
      <div class="line-state" data-testid="line" data-up=${String(lineUp)}>
        ${lineUp ? html`<p class="muted">${t('wait.stay')}</p>` : html`<${Notice} kind="warn" testid="keeping-place"><p><strong>${t('wait.keeping')}</strong> ${t('wait.keeping_text')}</p><//>`}
      </div>
      <${DeviceNotice} app=${app} />
      ${media?.hasCamera && html`<div class="tile self-small"><${Video} stream=${media.stream} muted mirror testid="self-video" label=${t('call.self')} /></div>`}
      <p class="music-line"><${Music} app=${app} /></p>
      <button type="button" class="secondary" data-testid="leave" onClick=${() => app.leave()}>${t('wait.leave')}</button>
    </div>
  </div>`;
}

/** @param {{app: Customer}} props */
export function Connecting({ app }) {
  const { session, lineUp, media } = app.state;
  const name = session?.representative?.name;
  const again = session?.state === 'talking';
  const passedOn = !again && Boolean(session?.conversationStartTime) && !session?.requeued;
  return html`<div class="narrow">
    <div class="card waiting">
      <${Heading}>${again ? t('connect.again') : t(passedOn ? 'connect.passed' : 'connect.title')}<//>
      <p class="called">
        <span class="spinner" aria-hidden="true"></span>
        <span role="status">${name ? html`${t('connect.with_before')}<strong data-testid="rep-name">${name}</strong>${t('connect.with_after')}` : t('connect.text')}</span>
      </p>
      ${!lineUp && html`<${Notice} kind="warn" testid="keeping-place"><p>${t('wait.keeping_text')}</p><//>`}
      <${DeviceNotice} app=${app} />
      ${media?.hasCamera && html`<div class="tile self-small"><${Video} stream=${media.stream} muted mirror testid="self-video" label=${t('call.self')} /></div>`}
      <button type="button" class="secondary" data-testid="leave" onClick=${() => app.end()}>${t('connect.leave')}</button>
    </div>
  </div>`;
}

/** @param {{app: Customer}} props */
export function InConversation({ app }) {
  const { state } = app;
  const { session, media, remote, remoteMedia, peerState, microphoneOn, cameraOn } = state;
  const stage = useRef(/** @type {HTMLElement | null} */ (null));
  const [blocked, setBlocked] = useState(false);
  const [retry, setRetry] = useState(0);
  const [full, setFull] = useState(false);
  useEffect(() => {
    const changed = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, []);
  const toggleFull = () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : stage.current?.requestFullscreen();
    done?.catch(() => {
      // Not allowed here (some phones): the picture stays as it is.
    });
  };
  const name = session?.representative?.name ?? t('call.representative');
  const showVideo = session?.audioOnly !== true;
  const held = session?.state === 'held';
  const cameraOff = !held && (!showVideo || !remoteMedia.camera);
  return html`<section class=${`stage ${held ? 'held' : ''}`} ref=${stage} aria-label=${t('call.title')}>
    <div class="stage-top">
      <${Heading}><span data-testid="rep-name">${name}</span><//>
      ${!held && html`<${QualityDot} quality=${peerState === 'connected' ? state.quality : 'poor'} />`}
      <${Elapsed} since=${state.talkingSince} testid="timer" label=${t('call.duration')} />
    </div>
    <div class="stage-main"><div class=${`picture tile ${showVideo && !held ? '' : 'voice'}`}>
      <${Video} stream=${remote} testid="remote-video" label=${t('call.remote', { name })} onBlocked=${setBlocked} retry=${retry} />
      ${cameraOff && html`<${Avatar} name=${name} text=${showVideo ? t('call.camera_is_off', { name }) : t('call.voice')} />`}
      ${held && html`<${OnHold} text=${holdWords(session)} />`}
      ${!held && peerState !== 'connected' && html`<div class="overlay" role="status" data-testid="interrupted"><span class="spinner" aria-hidden="true"></span> ${t('call.interrupted')}</div>`}
      ${!held && peerState === 'connected' && !remoteMedia.microphone && html`<div class="overlay low" role="status">${t('call.is_muted', { name })}</div>`}
      ${blocked && !held && html`<button type="button" class="unblock" data-testid="unblock" onClick=${() => setRetry((n) => n + 1)}><${Icon} name="sound" /> ${t('call.tap_to_hear')}</button>`}
      ${media?.hasCamera && showVideo && html`<div class="tile self-view">
        <${Video} stream=${media.stream} muted mirror testid="self-video" label=${t('call.self')} />
        ${(held || !cameraOn) && html`<${Avatar} text=${held ? t('hold.paused') : t('call.camera_off')} />`}
      </div>`}
    </div></div>
    <${DeviceNotice} app=${app} />
    ${held ? html`<div class="controls">
      <${Music} app=${app} kind="control" />
      <${Control} icon="hangUp" text=${t('hold.leave')} testid="end" kind="end" onClick=${() => app.end()} />
    </div>` : html`<div class="controls">
      <${Control} icon=${microphoneOn ? 'microphone' : 'microphoneOff'} text=${microphoneOn ? t('call.mute') : t('call.unmute')} testid="mute" pressed=${!microphoneOn} onClick=${() => app.setMicrophone(!microphoneOn)} />
      ${media?.hasCamera && showVideo && html`<${Control} icon=${cameraOn ? 'camera' : 'cameraOff'} text=${cameraOn ? t('call.camera_stop') : t('call.camera_start')} testid="camera" pressed=${!cameraOn} onClick=${() => app.setCamera(!cameraOn)} />`}
      ${document.fullscreenEnabled && html`<${Control} icon=${full ? 'shrink' : 'expand'} text=${full ? t('call.shrink') : t('call.expand')} testid="fullscreen" onClick=${toggleFull} />`}
      <${Control} icon="hangUp" text=${t('call.end')} testid="end" kind="end" onClick=${() => app.end()} />
    </div>`}
  </section>`;
}

/** Who will be back, as far as it is known. @param {import('../conversation.js').SessionView | null | undefined} session */
export function holdWords(session) {
  const name = session?.representative?.name ?? t('call.representative');
  return t(session?.consulting ? 'hold.consulting' : 'hold.text', { name });
}

/** In place of the picture: what is going on, and that nobody looks in. @param {{text: string}} props */
function OnHold({ text }) {
  return html`<div class="avatar on-hold" data-testid="on-hold">
    <span class="disc" aria-hidden="true"><${Icon} name="pause" /></span>
    <p class="on-hold-title">${t('hold.title')}</p>
    <p data-testid="hold-text">${text}</p>
    <p class="on-hold-private"><${Icon} name="cameraOff" /><${Icon} name="microphoneOff" /> <span>${t('hold.private')}</span></p>
  </div>`;
}

/** @param {{app: Customer}} props */
export function Ended({ app }) {
  const { ending } = app.state;
  const outcome = ending?.outcome ?? 'unknown';
  const again = { answered: 'again', cancelled: 'join_again', abandoned: 'join_again' }[outcome] ?? 'try_again';
  const known = ['answered', 'cancelled', 'missed', 'failed', 'abandoned'].includes(outcome) ? outcome : 'unknown';
  const stopped = ending?.stopped === true;
  return html`<div class="narrow">
    <div class="card" data-testid="ending" data-outcome=${outcome}>
      <${Heading}>${t(stopped ? 'ended.admin.title' : `ended.${known}.title`)}<//>
      <p data-testid="ending-text">${stopped ? t(known === 'answered' ? 'ended.admin.text_answered' : 'ended.admin.text') : known === 'answered' && ending?.name ? t('ended.answered.text_named', { name: ending.name }) : t(`ended.${known}.text`)}</p>
      ${known === 'answered' && ending && ending.seconds !== null && html`<p class="muted">${t('ended.duration')} <span class="num" data-testid="ended-duration">${duration(ending.seconds)}</span></p>`}
      ${ending?.rateable && html`<${Rating} rateable=${ending.rateable} />`}
      <div class="actions">
        <button type="button" class=${ending?.rateable ? 'secondary' : ''} data-testid="again" onClick=${() => app.again()}>${t(`ended.${again}`)}</button>
        <button type="button" class="secondary" data-testid="done" onClick=${() => app.done()}>${t('ended.done')}</button>
      </div>
    </div>
  </div>`;
}

/** @param {{app: Customer}} props */
export function Thanks({ app }) {
  return html`<div class="narrow">
    <div class="card">
      <${Heading}>${t('thanks.title')}<//>
      <p>${t('thanks.text')}</p>
      <button type="button" class="secondary" data-testid="again" onClick=${() => app.again()}>${t('ended.again')}</button>
    </div>
  </div>`;
}

export function Superseded() {
  return html`<div class="narrow">
    <div class="card">
      <${Heading}>${t('superseded.title')}<//>
      <p>${t('superseded.text')}</p>
      <button type="button" data-testid="use-this-tab" onClick=${() => window.location.reload()}>${t('superseded.use')}</button>
    </div>
  </div>`;
}
