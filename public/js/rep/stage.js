// @ts-check
/** The middle of the console: device check, *Next customer*, the call with its controls, and its wrap-up. */
import { html, useState } from '../../vendor/htm/standalone.module.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Avatar, Control, DevicePicker, Elapsed, LevelMeter, Notice, QualityDot, Video } from '../ui.js';
import { Blurred } from './blurred.js';
import { Cards } from './cards.js';
import { Missed, Ringing } from './duty_views.js';
import { WaitingForYou } from './list_views.js';
import { TalkStage } from './talk_views.js';
import { Asked } from './transfer_views.js';
import { alwaysShowsVideo } from './preferences.js';
import { WrapUpPanel } from './wrap_up_views.js';

/** @typedef {import('./machine.js').Console} Console */
/** @typedef {import('./call.js').Call} OneCall */

/** @param {{app: Console}} props */
export function Stage({ app }) {
  const { state } = app;
  const { screen } = state;
  return html`<section class="centre" aria-label=${t('rep.stage')}>
    ${state.notice && html`<${Notice} kind=${state.notice.kind} alert testid="notice"><p>${state.notice.text}</p><//>`}
    <${Missed} duty=${app.duty} />
    <${Ringing} duty=${app.duty} />
    <${DeviceTrouble} app=${app} />
    <${Cards} app=${app} />
    ${!app.live && html`<${WaitingForYou} app=${app} />`}
    ${middle(app)}
    ${app.live && html`<${WaitingForYou} app=${app} />`}
    ${screen === 'loading' && html`<p class="muted" role="status"><span class="spinner" aria-hidden="true"></span> ${t('rep.status.loading')}</p>`}
  </section>`;
}

/** @param {Console} app */
function middle(app) {
  if (app.onStage) return html`<${TalkStage} key=${`talk-${app.onStage.id}`} app=${app} talk=${app.onStage} />`;
  if (app.live) return html`<${Asked} app=${app} one=${app.live} /><${Call} key=${app.live.id} app=${app} one=${app.live} />`;
  return app.wrapUps.present ? html`<${WrapUpPanel} app=${app} />` : html`<${Idle} app=${app} />`;
}

/** @param {{app: Console}} props */
function DeviceTrouble({ app }) {
  const { mediaProblem, deviceLost } = app.state;
  if (!mediaProblem && !deviceLost) return null;
  const key = (mediaProblem ?? 'lost').replace('-', '_');
  return html`<${Notice} kind="bad" alert testid="device-problem">
    <p><strong>${t(`rep.device.${key}.title`)}</strong> ${t(`rep.device.${key}.text`)}</p>
    <p><button type="button" class="secondary" data-testid="devices-again" onClick=${async () => {
      if (!(await app.openDevices({}))) return;
      for (const one of app.calls) void one.connect();
      void app.talk?.connect();
    }}>${t('help.retry')}</button></p>
  <//>`;
}

/** Between calls. @param {{app: Console}} props */
function Idle({ app }) {
  const { state } = app;
  const { media, devices, queue, screen, busy } = state;
  const waiting = screen === 'waiting';
  return html`<div class="idle">
    ${waiting
      ? html`<div class="go">
          <p role="status" class="waiting-text"><span class="spinner" aria-hidden="true"></span> ${t('rep.waiting_for')}</p>
          <button type="button" class="secondary" data-testid="cancel" onClick=${() => app.cancel()}>${t('rep.cancel')}</button>
        </div>`
      : !app.duty.ringing && html`<div class="go">
          <button type="button" class="big" data-testid="next" disabled=${screen === 'loading'} aria-busy=${busy ? 'true' : null} aria-keyshortcuts="Control+Shift+N" onClick=${() => void app.next()}>${t('rep.next')} <${Icon} name="next" /></button>
          <p class="muted small">${queue.waiting > 0 ? t('rep.next_text') : t('rep.next_nobody')}</p>
        </div>`}
    <div class="self tile">
      ${media?.hasCamera ? html`<${Video} stream=${media.stream} muted mirror testid="self-video" label=${t('call.self')} />` : null}
      ${media ? (!media.hasCamera || !state.cameraOn) && html`<${Avatar} text=${media.hasCamera ? t('call.camera_off') : t('rep.no_camera')} />` : html`<div class="avatar">
        <p>${t('rep.check_text')}</p>
        <button type="button" class="control" data-testid="check-devices" onClick=${() => void app.openDevices()}><${Icon} name="camera" /><span>${t('rep.check')}</span></button>
      </div>`}
    </div>
    ${media && html`<div class="check">
      <${LevelMeter} stream=${media.stream} />
      <div class="controls">
        <${Mute} app=${app} />
        ${media.hasCamera && html`<${Camera} app=${app} />`}
      </div>
      <div class="pickers">
        <${DevicePicker} kind="audioinput" label=${t('devices.microphone')} devices=${devices} current=${media.deviceId('audioinput')} testid="choose-microphone"
          onChoose=${(/** @type {string} */ id) => void app.openDevices({ microphone: id, camera: media.deviceId('videoinput') })} />
        ${media.hasCamera && html`<${DevicePicker} kind="videoinput" label=${t('devices.camera')} devices=${devices} current=${media.deviceId('videoinput')} testid="choose-camera"
          onChoose=${(/** @type {string} */ id) => void app.openDevices({ camera: id, microphone: media.deviceId('audioinput') })} />`}
      </div>
    </div>`}
    <${Preferences} app=${app} />
  </div>`;
}

/** @param {{app: Console}} props */
function Mute({ app }) {
  const on = app.state.microphoneOn;
  return html`<${Control} icon=${on ? 'microphone' : 'microphoneOff'} text=${on ? t('call.mute') : t('call.unmute')} testid="mute" pressed=${!on} keys="Control+Shift+M" onClick=${() => app.setMicrophone(!on)} />`;
}

/** @param {{app: Console}} props */
function Camera({ app }) {
  const on = app.state.cameraOn;
  return html`<${Control} icon=${on ? 'camera' : 'cameraOff'} text=${on ? t('call.camera_stop') : t('call.camera_start')} testid="camera" pressed=${!on} keys="Control+Shift+V" onClick=${() => app.setCamera(!on)} />`;
}

/** The customer's picture, or blurred again. @param {{app: Console, one: OneCall}} props */
function Blur({ app, one }) {
  const { revealed } = one;
  return html`<${Control} icon=${revealed ? 'eyeOff' : 'eye'} text=${revealed ? t('rep.blur.again') : t('rep.blur.show')} testid="blur" keys="Control+Shift+L" onClick=${() => app.toggleBlur()} />`;
}

/** Over the blurred picture: that it is, and how to see it. @param {{app: Console, one: OneCall}} props */
function Cover({ app, one }) {
  const reveal = (/** @type {any} */ event) => {
    // The button goes with the blur; the focus does not go with it.
    event.currentTarget.closest('.call')?.querySelector('[data-testid=blur]')?.focus();
    app.toggleBlur();
  };
  return html`<div class="cover" data-testid="cover">
    <p>${t('rep.blur.text', { name: one.session.name || t('rep.no_name') })}</p>
    <button type="button" data-testid="reveal" aria-keyshortcuts="Control+Shift+L" onClick=${reveal}><${Icon} name="eye" /> ${t('rep.blur.show')}</button>
  </div>`;
}

/** What is kept on this machine. @param {{app: Console}} props */
function Preferences({ app }) {
  return html`<label class="preference"><input type="checkbox" role="switch" checked=${alwaysShowsVideo()} data-testid="always-show" onChange=${(/** @type {any} */ event) => app.alwaysShow(event.currentTarget.checked)} />
    <span><span>${t('rep.blur.always')}</span><span class="muted small">${t('rep.blur.always_text')}</span></span>
  </label>`;
}

/** Hold, or back. @param {{app: Console, one: OneCall}} props */
function Hold({ app, one }) {
  return html`<${Control} icon=${one.held ? 'play' : 'pause'} text=${one.held ? t('rep.resume') : t('rep.hold')} testid="hold" pressed=${one.held} disabled=${one.busy || one.session.state === 'offered'} keys="Control+Shift+H" onClick=${() => app.toggleHold()} />`;
}

/** The caller on the stage. @param {{app: Console, one: OneCall}} props */
function Call({ app, one }) {
  const { media, cameraOn } = app.state;
  const { session, remote, remoteMedia, peerState, held } = one;
  const [blocked, setBlocked] = useState(false);
  const [retry, setRetry] = useState(0);
  const name = session.name || t('rep.no_name');
  const showVideo = !session.audioOnly;
  const talking = one.screen === 'conversation';
  const picture = showVideo && remoteMedia.camera && remote !== null;
  const covered = showVideo && !one.revealed;
  return html`<div class="call">
    <div class="stage-top">
      <strong class="clip">${name}</strong>
      ${talking && html`<${QualityDot} quality=${peerState === 'connected' ? one.quality : 'poor'} />`}
      ${(talking || held) && html`<${Elapsed} since=${one.startedAt} testid="timer" label=${t('call.duration')} />`}
    </div>
    <div class="stage-main"><div class=${`picture tile ${showVideo ? '' : 'voice'} ${covered ? 'covered' : ''}`}>
      <${Video} stream=${remote} testid="remote-video" label=${t('call.remote', { name })} onBlocked=${setBlocked} retry=${retry} />
      ${covered && picture && html`<${Blurred} key=${one.id} />`}
      ${!picture && talking && html`<${Avatar} name=${session.name} text=${showVideo ? t('call.camera_is_off', { name }) : t('call.voice')} />`}
      ${covered && picture && talking && html`<${Cover} app=${app} one=${one} />`}
      ${held && html`<div class="avatar on-hold" role="status" data-testid="on-hold">
        <span class="disc" aria-hidden="true"><${Icon} name="pause" /></span>
        <p><strong>${t('rep.held', { name })}</strong></p><p>${t('rep.held_text')}</p>
      </div>`}
      ${!talking && !held && html`<div class="overlay" role="status" data-testid="connecting"><span class="spinner" aria-hidden="true"></span> ${session.state === 'offered' ? t('rep.connecting') : t('rep.reconnecting')}</div>`}
      ${talking && peerState !== 'connected' && html`<div class="overlay" role="status" data-testid="interrupted"><span class="spinner" aria-hidden="true"></span> ${t('rep.interrupted')}</div>`}
      ${talking && peerState === 'connected' && !remoteMedia.microphone && html`<div class="overlay low" role="status">${t('call.is_muted', { name })}</div>`}
      ${blocked && !held && html`<button type="button" class="unblock" data-testid="unblock" onClick=${() => setRetry((n) => n + 1)}><${Icon} name="sound" /> ${t('call.tap_to_hear')}</button>`}
      ${media?.hasCamera && showVideo && html`<div class="tile self-view">
        <${Video} stream=${media.stream} muted mirror testid="self-video" label=${t('call.self')} />
        ${(held || !cameraOn) && html`<${Avatar} text=${held ? t('hold.paused') : t('call.camera_off')} />`}
      </div>`}
    </div></div>
    <div class="controls">
      <${Mute} app=${app} />
      ${media?.hasCamera && showVideo && html`<${Camera} app=${app} />`}
      ${showVideo && html`<${Blur} app=${app} one=${one} />`}
      <${Hold} app=${app} one=${one} />
      <${Control} icon="forward" text=${t('rep.transfer')} testid="transfer" disabled=${!app.transfers.may(one)} keys="Control+Shift+X" onClick=${() => app.transfers.begin()} />
      <${Control} icon="hangUp" text=${t('call.end')} testid="end" kind="end" keys="Control+Shift+E" onClick=${() => app.end()} />
    </div>
  </div>`;
}
