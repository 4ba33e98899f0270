// @ts-check
/** The stage while two representatives talk about a customer who is on hold. */
import { html, useState } from '../../vendor/htm/standalone.module.js';
import { t } from '../i18n.js';
import { Icon } from '../icons.js';
import { Avatar, Control, Elapsed, QualityDot, Video } from '../ui.js';

/** @typedef {import('./machine.js').Console} Console */
/** @typedef {import('./talk.js').Talk} Talk */

/** @param {{app: Console, talk: Talk}} props */
export function TalkStage({ app, talk }) {
  const { name, leads } = talk;
  const { media } = app.state;
  const customer = talk.session.name || t('rep.no_name');
  return html`<div class="call talk" data-testid="talk" aria-busy=${talk.busy ? 'true' : null}>
    <div class="stage-top">
      <strong class="clip">${t('rep.talk.with', { name })}</strong>
      ${talk.peerState !== 'connecting' && html`<${QualityDot} quality=${talk.peerState === 'connected' ? talk.quality : 'poor'} />`}
      <${Elapsed} since=${talk.startedAt} testid="talk-timer" label=${t('call.duration')} />
    </div>
    <p class="talk-about" role="status" data-testid="talk-about"><${Icon} name="pause" /> <span>${t(leads ? 'rep.talk.about_mine' : 'rep.talk.about', { name, customer })}</span></p>
    <${Picture} app=${app} talk=${talk} />
    <div class="controls">
      <${Control} icon=${app.state.microphoneOn ? 'microphone' : 'microphoneOff'} text=${t(app.state.microphoneOn ? 'call.mute' : 'call.unmute')} testid="mute" pressed=${!app.state.microphoneOn} keys="Control+Shift+M" onClick=${() => app.setMicrophone(!app.state.microphoneOn)} />
      ${media?.hasCamera && html`<${Control} icon=${app.state.cameraOn ? 'camera' : 'cameraOff'} text=${t(app.state.cameraOn ? 'call.camera_stop' : 'call.camera_start')} testid="camera" pressed=${!app.state.cameraOn} keys="Control+Shift+V" onClick=${() => app.setCamera(!app.state.cameraOn)} />`}
      ${leads && html`<${Control} icon="forward" text=${t('rep.talk.hand_over', { name })} testid="hand-over" kind="chief" disabled=${talk.busy} keys="Control+Shift+X" onClick=${() => void app.talks.handOver()} />
      <${Control} icon="play" text=${t('rep.talk.take_back')} testid="take-back" disabled=${talk.busy} keys="Control+Shift+H" onClick=${() => void app.talks.takeBack()} />`}
      <${Control} icon="hangUp" text=${t(leads ? 'rep.talk.end' : 'rep.talk.leave')} testid="leave-talk" kind="end" disabled=${talk.busy} keys="Control+Shift+E" onClick=${() => void app.talks.leave()} />
    </div>
  </div>`;
}

/** A colleague is no stranger: nothing is blurred. @param {{app: Console, talk: Talk}} props */
function Picture({ app, talk }) {
  const { name, remote, remoteMedia, peerState } = talk;
  const { media, cameraOn } = app.state;
  const [blocked, setBlocked] = useState(false);
  const [retry, setRetry] = useState(0);
  const connected = peerState === 'connected';
  return html`<div class="stage-main"><div class="picture tile">
    <${Video} stream=${remote} testid="talk-video" label=${t('call.remote', { name })} onBlocked=${setBlocked} retry=${retry} />
    ${connected && !(remoteMedia.camera && remote) && html`<${Avatar} name=${name} text=${t('call.camera_is_off', { name })} />`}
    ${!connected && html`<div class="overlay" role="status" data-testid="talk-connecting"><span class="spinner" aria-hidden="true"></span> ${t(peerState === 'interrupted' ? 'rep.interrupted' : 'rep.talk.connecting', { name })}</div>`}
    ${connected && !remoteMedia.microphone && html`<div class="overlay low" role="status">${t('call.is_muted', { name })}</div>`}
    ${blocked && html`<button type="button" class="unblock" data-testid="unblock" onClick=${() => setRetry((n) => n + 1)}><${Icon} name="sound" /> ${t('call.tap_to_hear')}</button>`}
    ${media?.hasCamera && html`<div class="tile self-view">
      <${Video} stream=${media.stream} muted mirror testid="self-video" label=${t('call.self')} />
      ${!cameraOn && html`<${Avatar} text=${t('call.camera_off')} />`}
    </div>`}
  </div></div>`;
}
