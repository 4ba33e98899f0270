// @ts-check
/** The shapes that `peer.js` and its users share; nothing of this file runs. */

/**
 * @typedef {object} Signal
 * @property {string} page
 * @property {number} seq
 * @property {true} [hello]
 * @property {RTCSessionDescriptionInit} [description]
 * @property {RTCIceCandidateInit | null} [candidate]
 */

/** @typedef {{iceServers?: RTCIceServer[], iceTransportPolicy?: RTCIceTransportPolicy}} MediaConfig */
/** @typedef {'connecting' | 'connected' | 'interrupted'} PeerState */

/**
 * @typedef {object} PeerOptions
 * @property {boolean} polite
 * @property {string} sessionId
 * @property {'customer' | 'representative'} from
 * @property {boolean} audioOnly
 * @property {MediaStream} stream the local tracks
 * @property {MediaConfig} config
 * @property {(message: object) => Promise<boolean>} send false: this conversation is no longer ours
 * @property {() => Promise<MediaConfig | null>} refresh fresh credentials for the relays
 * @property {(state: PeerState) => void} onState
 * @property {(stream: MediaStream) => void} onRemote
 * @property {(about: {microphone: boolean, camera: boolean}) => void} onRemoteMedia what the other side has switched on
 * @property {() => void} onFailed no media within the time allowed
 */

export {};
