// @ts-check
/** How good a connection is, in the three words that people understand. */

/** @typedef {'unknown' | 'good' | 'fair' | 'poor'} Quality */

/** @type {WeakMap<RTCPeerConnection, {lost: number, received: number}>} */
const before = new WeakMap();

/**
 * Judges by what was lost since the last look and by the round trip.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<Quality>}
 */
export async function readQuality(pc) {
  let lost = 0;
  let received = 0;
  let roundTrip = 0;
  try {
    const report = await pc.getStats();
    report.forEach((/** @type {any} */ entry) => {
      if (entry.type === 'inbound-rtp') {
        lost += entry.packetsLost ?? 0;
        received += entry.packetsReceived ?? 0;
      } else if (entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded') {
        roundTrip = Math.max(roundTrip, entry.currentRoundTripTime ?? 0);
      }
    });
  } catch {
    return 'unknown';
  }
  const last = before.get(pc) ?? { lost: 0, received: 0 };
  before.set(pc, { lost, received });
  const newLost = Math.max(0, lost - last.lost);
  const newReceived = Math.max(0, received - last.received);
  if (newReceived === 0 && received > 0) return 'poor';
  const loss = newLost / Math.max(1, newLost + newReceived);
  if (loss > 0.08 || roundTrip > 0.6) return 'poor';
  if (loss > 0.02 || roundTrip > 0.25) return 'fair';
  return 'good';
}
