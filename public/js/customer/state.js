// @ts-check
/**
 * What the customer's page knows and shows.
 * @typedef {'invitation' | 'form' | 'devices' | 'help' | 'resuming' | 'waiting' | 'connecting' | 'conversation' | 'held' | 'ended' | 'thanks' | 'superseded'} Screen
 *
 * @typedef {object} Form
 * @property {string} name
 * @property {string} problem
 * @property {boolean} audioOnly
 * @property {boolean} consent
 * @property {string} queue the name of one of the page's queues
 *
 * @typedef {object} State
 * @property {Screen} screen
 * @property {boolean} busy a request of the person's is under way
 * @property {string | null} error a sentence
 * @property {Form} form
 * @property {{kind: import('../devices.js').ProblemKind, withCamera: boolean, app: string | null} | null} help
 * @property {import('../devices.js').LocalMedia | null} media
 * @property {MediaDeviceInfo[]} devices
 * @property {boolean} microphoneOn
 * @property {boolean} cameraOn
 * @property {boolean} deviceLost
 * @property {import('../conversation.js').SessionView | null} session
 * @property {boolean} lineUp
 * @property {number} waitingSince
 * @property {number} talkingSince
 * @property {import('../peer-types.js').PeerState} peerState
 * @property {MediaStream | null} remote
 * @property {{microphone: boolean, camera: boolean}} remoteMedia
 * @property {import('../quality.js').Quality} quality
 * @property {boolean} music it plays
 * @property {Record<string, Availability>} availability by the queue's name
 * @property {{outcome: string | null, stopped: boolean, seconds: number | null, name: string | null, rateable: import('./rating.js').Rateable | null} | null} ending
 */

/** @typedef {{online: boolean, waiting: number, estimatedWaitSeconds: number | null}} Availability */

/**
 * The queues that the banner leads to, the first of which is taken without a choice.
 * @param {string | undefined} text
 * @returns {{name: string, title: string}[]}
 */
function readQueues(text) {
  try {
    return JSON.parse(text || '[]');
  } catch {
    return [];
  }
}

/**
 * What the server put into the page.
 * @param {DOMStringMap} data
 */
export function readPage(data) {
  return {
    visitId: data.visitId || null,
    campaignId: data.campaignId ?? '',
    bannerId: data.bannerId ?? '',
    direct: data.direct === 'true',
    form: data.form === 'none' || data.form === 'full' ? data.form : 'short',
    queues: readQueues(data.queues),
    staff: data.staff === 'true',
    headline: data.headline || null,
    text: data.text || null,
  };
}

/** @typedef {ReturnType<typeof readPage>} Page */

/** @returns {State} */
export function firstState() {
  return {
    screen: 'invitation',
    busy: false,
    error: null,
    form: { name: '', problem: '', audioOnly: false, consent: false, queue: '' },
    help: null,
    media: null,
    devices: [],
    microphoneOn: true,
    cameraOn: true,
    deviceLost: false,
    session: null,
    lineUp: true,
    waitingSince: 0,
    talkingSince: 0,
    peerState: 'connecting',
    remote: null,
    remoteMedia: { microphone: true, camera: true },
    quality: 'unknown',
    music: false,
    availability: {},
    ending: null,
  };
}

/**
 * The word for tests and styles: the help screens have one each.
 * @param {State} state
 */
export function screenName(state) {
  return state.screen === 'help' && state.help ? `help-${state.help.kind}` : state.screen;
}
