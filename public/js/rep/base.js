// @ts-check
/** What the console knows and shows, and its camera and microphone. What happens is in `machine.js`, a call in `call.js`. */
import { serverNow } from '../api.js';
import { listDevices, MediaProblem, openMedia } from '../devices.js';

/**
 * @typedef {object} QueueEntry
 * @property {string} queueId
 * @property {string | null} queue its title, where there are several
 * @property {string | null} name
 * @property {string | null} problem
 * @property {boolean} audioOnly
 * @property {string} campaignId
 * @property {string} bannerId
 * @property {string | null} country
 * @property {string | null} device
 * @property {string} queueEntryTime
 * @property {boolean} present
 * @property {boolean} blocked
 */

/**
 * @typedef {object} State
 * @property {'loading' | 'ready' | 'waiting' | 'connecting' | 'conversation' | 'held' | 'talk' | 'wrapUp' | 'superseded' | 'refused'} screen
 * @property {number} since when the present activity began, by the server's clock
 * @property {boolean} busy
 * @property {boolean} wanting a customer is asked for, and nobody has come yet
 * @property {number} capacity how many callers at a time
 * @property {{kind: '' | 'warn' | 'bad' | 'good', text: string} | null} notice
 * @property {boolean} lineUp
 * @property {{waiting: number, longestWaitSeconds: number | null, entries: QueueEntry[]}} queue
 * @property {import('../devices.js').LocalMedia | null} media
 * @property {MediaDeviceInfo[]} devices
 * @property {import('../devices.js').ProblemKind | null} mediaProblem
 * @property {boolean} deviceLost
 * @property {boolean} microphoneOn
 * @property {boolean} cameraOn
 */

export class Base {
  /** Everybody there is, oldest claim first. @type {import('./call.js').Call[]} */
  calls = [];
  /** The one on the stage. @type {import('./call.js').Call | null} */
  live = null;
  /** The colleague who is talked with about a customer on hold. @type {import('./talk.js').Talk | null} */
  talk = null;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Promise<boolean> | null} */
    this.opening = null;
    /** @type {State} */
    this.state = {
      screen: 'loading',
      since: serverNow(),
      busy: false,
      wanting: false,
      capacity: 1,
      notice: null,
      lineUp: true,
      queue: { waiting: 0, longestWaitSeconds: null, entries: [] },
      media: null,
      devices: [],
      mediaProblem: null,
      deviceLost: false,
      microphoneOn: true,
      cameraOn: true,
    };
  }

  /** @param {Partial<State>} change */
  set(change) {
    if (change.screen && change.screen !== this.state.screen) change.since ??= serverNow();
    Object.assign(this.state, change);
    this.onChange();
  }

  /** Every connection there is. */
  get peers() {
    return [...this.calls, this.talk].flatMap((one) => one?.peer ?? []);
  }

  // Devices ----------------------------------------------------------------------------------------

  /**
   * Camera and microphone, asked for once and kept for all the calls of this page.
   * @param {{microphone?: string, camera?: string}} [choice] other devices than the present ones
   * @returns {Promise<boolean>}
   */
  openDevices(choice) {
    if (this.state.media && !choice && !this.state.deviceLost) return Promise.resolve(true);
    this.opening ??= this.askForDevices(choice ?? {}).finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  /** @param {{microphone?: string, camera?: string}} choice */
  async askForDevices(choice) {
    this.state.media?.stop();
    this.set({ media: null, mediaProblem: null, deviceLost: false });
    try {
      const media = await openMedia({ video: true, ...choice });
      media.setMicrophone(this.state.microphoneOn);
      media.setCamera(this.state.cameraOn);
      media.onLost = () => this.set({ deviceLost: true });
      this.set({ media, devices: await listDevices() });
      for (const peer of this.peers) await peer.replaceStream(media.stream);
      return true;
    } catch (error) {
      this.set({ mediaProblem: error instanceof MediaProblem ? error.kind : 'unknown' });
      return false;
    }
  }

  /** @param {boolean} on */
  setMicrophone(on) {
    this.state.media?.setMicrophone(on);
    this.set({ microphoneOn: on });
    for (const peer of this.peers) peer.announceMedia();
  }

  /** @param {boolean} on */
  setCamera(on) {
    this.state.media?.setCamera(on);
    this.set({ cameraOn: on });
    for (const peer of this.peers) peer.announceMedia();
  }
}
