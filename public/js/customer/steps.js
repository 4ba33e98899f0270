// @ts-check
/**
 * The customer's steps up to the queue: invitation, form, device check. What follows is in `machine.js`.
 */
import { call } from '../api.js';
import { inAppBrowser, listDevices, MediaProblem, openMedia } from '../devices.js';
import * as music from '../music.js';
import { allowSound } from '../sound.js';
import { obstacle, Reporter } from './funnel.js';
import { firstState } from './state.js';

/** @typedef {import('./state.js').State} State */

/**
 * Whether anyone is there, queue by queue.
 * @param {import('./state.js').Page['queues']} queues
 */
async function availabilityOf(queues) {
  const answers = queues.map(async ({ name }) => {
    const { data } = await call('GET', `/help/availability?queue=${encodeURIComponent(name)}`);
    return [name, data];
  });
  return Object.fromEntries(await Promise.all(answers));
}

export class Steps {
  /** @type {import('../peer.js').Peer | null} */
  peer = null;

  /**
   * @param {import('./state.js').Page} page
   * @param {() => void} onChange
   */
  constructor(page, onChange) {
    this.page = page;
    this.onChange = onChange;
    this.state = firstState();
    this.reporter = new Reporter(() => this.page.visitId);
  }

  /** @param {import('../peer.js').Peer | null} peer */
  use(peer) {
    this.peer = peer;
  }

  /** @param {Partial<State>} change */
  set(change) {
    Object.assign(this.state, change);
    if (change.screen) this.playOrNot();
    this.onChange();
  }

  /** Music while waiting and on hold, if the person wants it there and has touched the page. */
  playOrNot() {
    const { screen } = this.state;
    const plays = (screen === 'waiting' || screen === 'held') && music.isWanted(screen) && music.play();
    if (!plays) music.stop();
    this.state.music = plays;
  }

  /** The person turns the music on or off; it stays so. @param {boolean} on */
  setMusic(on) {
    music.choose(on);
    this.playOrNot();
    this.onChange();
  }

  /** @param {Partial<import('./state.js').Form>} change */
  setForm(change) {
    this.set({ form: { ...this.state.form, ...change } });
  }

  // Invitation and form ---------------------------------------------------------------------------

  /** Tells on the invitation whether anyone is there. */
  async watchAvailability() {
    while (this.state.screen === 'invitation') {
      if (document.visibilityState === 'visible') {
        try {
          const availability = await availabilityOf(this.page.queues);
          const all = Object.values(availability);
          const nobody = all.length > 0 && all.every(({ online }) => !online);
          if (nobody && this.state.screen === 'invitation') this.reporter.reached('nobodyThere');
          this.set({ availability });
        } catch {
          this.set({ availability: {} });
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 15_000));
    }
  }

  /** **Talk to a representative** was pressed, or the title of a queue. @param {string} queue */
  talk(queue) {
    allowSound();
    this.setForm({ queue });
    this.set({ error: null });
    this.reporter.reached('formOpened');
    if (this.page.form === 'none') void this.checkDevices();
    else this.set({ screen: 'form' });
  }

  /** The form was filled in. */
  submitForm() {
    if (this.page.form === 'full') this.setForm({ consent: true });
    void this.checkDevices();
  }

  // Devices ----------------------------------------------------------------------------------------

  /**
   * Shows the device check. The browser inside an app is told first, before it fails without a word.
   * @param {boolean} [anyway] try even there
   */
  async checkDevices(anyway = false) {
    allowSound();
    const app = inAppBrowser();
    if (app !== null && !anyway) {
      this.reporter.reached(obstacle('in-app'));
      this.set({ screen: 'help', help: { kind: 'in-app', withCamera: !this.state.form.audioOnly, app } });
      return;
    }
    this.set({ screen: 'devices', help: null, error: null });
    await this.openDevices({});
  }

  /** Help screens: go on with the voice alone. */
  voiceOnly() {
    this.setForm({ audioOnly: true });
    void this.checkDevices(true);
  }

  /** @param {{microphone?: string, camera?: string}} choice */
  async openDevices(choice) {
    const old = this.state.media;
    // Some systems give a device to one user at a time: let go of the old ones first.
    old?.stop();
    this.set({ busy: true, media: null, deviceLost: false });
    try {
      const media = await openMedia({ video: !this.state.form.audioOnly, ...choice });
      media.setMicrophone(this.state.microphoneOn);
      media.setCamera(this.state.cameraOn);
      media.onLost = () => this.set({ deviceLost: true });
      this.reporter.reached('devicesReady');
      this.set({ media, busy: false, devices: await listDevices() });
      await this.peer?.replaceStream(media.stream);
    } catch (error) {
      const problem = error instanceof MediaProblem ? error : new MediaProblem('unknown', true);
      this.set({ busy: false });
      if (this.state.screen === 'devices') {
        this.reporter.reached(obstacle(problem.kind));
        this.set({ screen: 'help', help: { kind: problem.kind, withCamera: problem.withCamera, app: inAppBrowser() } });
      } else {
        this.set({ deviceLost: true });
      }
    }
  }

  /** @param {boolean} on */
  setMicrophone(on) {
    this.state.media?.setMicrophone(on);
    this.set({ microphoneOn: on });
    this.peer?.announceMedia();
  }

  /** @param {boolean} on */
  setCamera(on) {
    this.state.media?.setCamera(on);
    this.set({ cameraOn: on });
    this.peer?.announceMedia();
  }
}
