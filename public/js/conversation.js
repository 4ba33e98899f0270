// @ts-check
/** The calls about one conversation that both of its parties make. */
import { ApiError, call, persist } from './api.js';
import { duration, elapsed } from './format.js';

/**
 * A session as the server tells it.
 * @typedef {object} SessionView
 * @property {string} sessionId
 * @property {string | null} queueId
 * @property {{name: string, title: string, welcome: string | null} | null} [queue] where there are several
 * @property {'created' | 'waiting' | 'offered' | 'talking' | 'held' | 'ended'} state
 * @property {string | null} outcome
 * @property {number} epoch
 * @property {number} [eventNumber] grows with every event of the session
 * @property {number | null} [position]
 * @property {number | null} [estimatedWaitSeconds]
 * @property {string} campaignId
 * @property {string} bannerId
 * @property {string | null} name
 * @property {string | null} problem
 * @property {boolean} audioOnly
 * @property {string | null} country
 * @property {string | null} [device]
 * @property {string | null} [browser]
 * @property {boolean} [test]
 * @property {boolean} [requeued]
 * @property {'repGone' | 'repOut' | 'takenBack' | 'customerSilent' | 'passedOn' | null} [requeuedBecause]
 * @property {{name: string, state: string, madeAt: string, deadline: string, warm?: boolean} | null} [asked] the colleague who was asked last to take a customer on hold
 * @property {{name: string, note: string | null, warm?: boolean} | null} [passedOn] who passed the customer on
 * @property {boolean} [consulting] its representative talks with a colleague about the customer, who is on hold
 * @property {{name: string, since: string} | null} [consultation] with whom a representative talks about a customer on hold
 * @property {string | null} [endedBy]
 * @property {string | null} [queueEntryTime]
 * @property {string | null} [conversationStartTime]
 * @property {string | null} [sessionEndTime]
 * @property {number | null} [waitedSeconds]
 * @property {{name: string} | null} [representative]
 * @property {import('./peer-types.js').MediaConfig | null} [media]
 * @property {{blocked: boolean, earlierCalls: number, last: EarlierCall | null} | null} [visitor] told to representatives
 */

/**
 * A call that the same browser made before.
 * @typedef {object} EarlierCall
 * @property {string} queueEntryTime
 * @property {string} outcome
 * @property {string | null} disposition
 * @property {string | null} representative
 * @property {number | null} talkedSeconds
 */

/**
 * Whether the two parties belong together at the moment.
 * @param {SessionView | null | undefined} session
 */
export function isLive(session) {
  return session?.state === 'offered' || session?.state === 'talking' || session?.state === 'held';
}

/**
 * How long the customer waited; of whoever waits still, the seconds that are over. Null when they never stood in line.
 * @param {SessionView} session
 */
export function waited(session) {
  if (typeof session.waitedSeconds !== 'number') return null;
  const isOver = session.conversationStartTime || session.state === 'ended';
  return isOver ? duration(session.waitedSeconds) : elapsed(session.waitedSeconds);
}

/** One conversation, seen from one of its two parties. */
export class Conversation {
  /**
   * @param {string} sessionId
   * @param {string | null} token the customer's; a representative has the session cookie
   * @param {() => number | undefined} epoch the newest that is known
   * @param {(session: SessionView) => void} onSession told when an answer brings news
   */
  constructor(sessionId, token, epoch, onSession) {
    this.path = `/help/session/${sessionId}`;
    this.token = token;
    this.epoch = epoch;
    this.onSession = onSession;
  }

  /**
   * A write that names the epoch. When that was too old, the answer brings the present session, and the
   * write is made once more for it if the conversation is still going on.
   * @param {string} what
   * @param {object} body
   * @param {number} attempts
   * @returns {Promise<any>}
   */
  async write(what, body, attempts) {
    for (let again = false; ; again = true) {
      const epoch = this.epoch();
      try {
        const { data } = await persist(() => call('POST', `${this.path}/${what}`, { token: this.token, body: { epoch, ...body } }), attempts);
        return data;
      } catch (error) {
        const present = error instanceof ApiError && error.status === 409 ? error.body?.session : null;
        if (!present || typeof present.epoch !== 'number') throw error;
        this.onSession(present);
        if (again || !isLive(present) || present.epoch === epoch) throw error;
      }
    }
  }

  /**
   * @param {object} message
   * @returns {Promise<boolean>} false when the conversation is no longer ours
   */
  async signal(message) {
    try {
      await this.write('signal', message, 6);
      return true;
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      return status !== 401 && status !== 403 && status !== 404 && status !== 409;
    }
  }

  /** @returns {Promise<SessionView>} */
  joined() {
    return this.write('joined', {}, 6);
  }

  /** @returns {Promise<SessionView>} */
  hold() {
    return this.write('hold', {}, 6);
  }

  /** @returns {Promise<SessionView>} */
  resume() {
    return this.write('resume', {}, 6);
  }

  /**
   * @param {'media'} [reason]
   * @returns {Promise<SessionView>}
   */
  end(reason) {
    return this.write('end', reason ? { reason } : {}, 8);
  }

  /**
   * @param {string} reason
   * @returns {Promise<{session: SessionView, until: string}>}
   */
  block(reason) {
    return this.write('block', reason ? { reason } : {}, 4);
  }

  /** @returns {Promise<import('./peer-types.js').MediaConfig | null>} */
  async media() {
    const { data } = await call('GET', `${this.path}/media`, { token: this.token });
    return data;
  }

  /** @returns {Promise<SessionView>} */
  async get() {
    const { data } = await persist(() => call('GET', this.path, { token: this.token }));
    return data;
  }

  /** Says that this page is there. */
  alive() {
    call('POST', `${this.path}/alive`, { token: this.token, body: {} }).catch(() => {
      // The next heartbeat asks again.
    });
  }
}
