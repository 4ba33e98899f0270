// @ts-check
/**
 * The floor as the server tells it.
 * @typedef {object} Customer
 * @property {string} sessionId
 * @property {string | null} queue
 * @property {string | null} name
 * @property {string} campaignId
 * @property {string | null} campaignName
 * @property {string} bannerId
 * @property {string | null} country
 * @property {boolean} audioOnly
 * @property {boolean} test
 * @property {boolean} present
 * @property {boolean} blocked
 * @property {string} queueEntryTime
 * @property {number} waitedSeconds
 *
 * @typedef {Customer & {position: number, requeued: boolean, ringingAt: {name: string, deadline: string}[]}} Waiting
 * @typedef {Customer & {representative: string | null, consulted: string | null, state: 'offered' | 'talking' | 'held', since: string, conversationStartTime: string | null}} Talking
 * @typedef {{username: string, name: string, activity: string, reason: string | null, since: string | null, next: {activity: string, reason: string | null} | null, callers: number, capacity: number, consoleOpen: boolean}} Rep
 * @typedef {{waiting: number, ringing: number, longestWaitSeconds: number | null, offered: number, talking: number, held: number, reps: number, consoles: number, available: number, onCall: number, away: number, offline: number}} Totals
 * @typedef {{at: string, totals: Totals, queues: {name: string, waiting: number}[], waiting: Waiting[], conversations: Talking[], reps: Rep[], blocks: BlockedVisitor[]}} Floor
 * @typedef {{visitorId: string, sessionId: string, name: string | null, campaignId: string | null, representative: string | null, reason: string | null, since: string, until: string}} BlockedVisitor
 *
 * @typedef {{number: number, at: string, name: string, data: any, representative?: string}} SessionEvent
 * @typedef {{offerId: string, username: string, representative: string, state: string, madeAt: string, deadline: string, decidedAt: string | null}} PastOffer
 * @typedef {{session: import('../conversation.js').SessionView, queue: string | null, events: SessionEvent[], offers: PastOffer[]}} History
 */
export {};
