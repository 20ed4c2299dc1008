/**
 * Messages on their way out: kept until the server has them or says it never will.
 *
 * One lane per room, first in, first out: the next message waits until the one before is
 * answered, so that retries cannot reorder what somebody wrote. The same `client_id` goes with
 * every attempt, so that a lost answer cannot store a message twice. The first attempt of what was
 * written here says so, and is quicker: the server need not look for an earlier one.
 *
 * Several tabs share the storage. Each sends what it wrote itself, and takes over what a closed
 * tab left behind; a tab is alive while it holds the lock named after it.
 */

/** @import {Clock, Content, Draft, Locks, Message, Storage} from './types.js' */
import { backoff, randomId } from './clock.js';
import { BanterError, toBanterError } from './errors.js';

const LOCK = 'banter.tab/';

export class Outbox {
  #tab = randomId();
  #holdsTab = false;
  /** Oldest first. @type {Draft[]} */
  #drafts = [];
  /** @type {Set<string>} */
  #busy = new Set();
  /** What was never sent, by `client_id`. Of what a closed tab left nobody knows. @type {Set<string>} */
  #unsent = new Set();
  /** @type {Set<() => void>} */
  #sleepers = new Set();
  #count = 0;
  #era = 0;
  /** @type {string | null} */
  #userId = null;
  #parts;

  /**
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {Storage} parts.storage
   * @param {Locks} parts.locks
   * @param {(draft: Draft, isFirst: boolean) => Promise<Message>} parts.deliver
   * @param {(message: Message) => void} parts.sent
   * @param {(roomId: string) => void} parts.changed
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {string} roomId */
  inRoom(roomId) {
    return this.#drafts.filter((draft) => draft.room_id === roomId);
  }

  /** @param {string} userId */
  async start(userId) {
    this.#userId = userId;
    if (!this.#holdsTab) {
      this.#holdsTab = true;
      this.#parts.locks.request(LOCK + this.#tab, () => new Promise(() => {}));
    }
    await this.adopt();
  }

  /** Keeps what is stored: it belongs to the user and goes out when they sign in again. */
  stop() {
    this.#era += 1;
    this.#userId = null;
    this.#drafts = [];
    this.#unsent.clear();
    this.#busy.clear();
    this.wake();
  }

  /** Takes over what closed tabs did not get to send. */
  async adopt() {
    const userId = this.#userId;
    if (!userId) return;
    const { storage, locks } = this.#parts;
    const era = this.#era;
    const rooms = await locks.request('banter.outbox', async () => {
      const held = await locks.held();
      /** @type {Set<string>} */
      const found = new Set();
      for (const [key, draft] of await storage.entries(this.#prefix(userId))) {
        if (this.#drafts.some((mine) => mine.key === key)) continue;
        if (draft.owner !== this.#tab && held.has(LOCK + draft.owner)) continue;
        if (era !== this.#era) break;
        const mine = { ...draft, owner: this.#tab };
        await storage.set(key, mine);
        this.#drafts.push(mine);
        found.add(mine.room_id);
      }
      return found;
    });
    this.#drafts.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const roomId of rooms) {
      this.#parts.changed(roomId);
      this.#pump(roomId);
    }
  }

  /**
   * @param {string} roomId
   * @param {Content} content
   * @returns {Draft} Already in the lane; stored and sent as soon as can be.
   */
  add(roomId, { text, media = [], reply_to_seq = null }) {
    const { clock, storage } = this.#parts;
    if (!this.#userId) throw new BanterError('signed_out', 'not signed in');
    const age = String(clock.now()).padStart(15, '0') + String(this.#count++).padStart(6, '0');
    const clientId = randomId();
    /** @type {Draft} */
    const draft = {
      key: `${this.#prefix(this.#userId)}${age}/${clientId}`,
      owner: this.#tab,
      client_id: clientId,
      room_id: roomId,
      text,
      media,
      reply_to_seq,
      created_at: new Date(clock.now()).toISOString(),
      state: 'pending',
      error: null,
    };
    this.#drafts.push(draft);
    this.#unsent.add(clientId);
    this.#parts.changed(roomId);
    // Kept before it is sent; but a full disk must not stop a message.
    storage.set(draft.key, { ...draft }).catch(() => {}).then(() => this.#pump(roomId));
    return draft;
  }

  /** @param {string} clientId */
  retry(clientId) {
    const draft = this.#find(clientId);
    if (!draft || draft.state !== 'failed') return;
    draft.state = 'pending';
    draft.error = null;
    this.#parts.storage.set(draft.key, { ...draft }).catch(() => {});
    this.#parts.changed(draft.room_id);
    this.#pump(draft.room_id);
  }

  /** @param {string} clientId */
  discard(clientId) {
    const draft = this.#find(clientId);
    if (draft) this.#remove(draft);
  }

  /** The server has it, as an ack or an event says: nothing is left to do. @param {string} clientId */
  settle(clientId) {
    this.discard(clientId);
  }

  /** @param {string} roomId The room is gone: nothing can be sent there. */
  dropRoom(roomId) {
    for (const draft of this.inRoom(roomId)) this.#remove(draft);
  }

  /** Ends every pause: the way is probably free again. */
  wake() {
    for (const wake of [...this.#sleepers]) wake();
  }

  /** @param {string} userId */
  #prefix(userId) {
    return `outbox/${userId}/`;
  }

  /** @param {string} clientId */
  #find(clientId) {
    return this.#drafts.find((draft) => draft.client_id === clientId);
  }

  /** @param {Draft} draft */
  #remove(draft) {
    const index = this.#drafts.indexOf(draft);
    if (index < 0) return;
    this.#drafts.splice(index, 1);
    this.#unsent.delete(draft.client_id);
    this.#parts.storage.delete(draft.key).catch(() => {});
    this.#parts.changed(draft.room_id);
  }

  /** @param {string} roomId */
  async #pump(roomId) {
    if (this.#busy.has(roomId)) return;
    this.#busy.add(roomId);
    const era = this.#era;
    let attempt = 0;
    for (;;) {
      const draft = this.#drafts.find((next) => next.room_id === roomId && next.state === 'pending');
      if (!draft) break;
      try {
        const message = await this.#parts.deliver(draft, this.#unsent.delete(draft.client_id));
        if (era !== this.#era) return;
        attempt = 0;
        this.#parts.sent(message);
        this.#remove(draft);
      } catch (caught) {
        if (era !== this.#era) return;
        const error = toBanterError(caught);
        if (error.code === 'signed_out') break;
        if (error.retryable) {
          await this.#pause(error.retryAfterMs + backoff(this.#parts.clock, attempt++));
          if (era !== this.#era) return;
        } else {
          draft.state = 'failed';
          draft.error = { code: error.code, message: error.message };
          this.#parts.storage.set(draft.key, { ...draft }).catch(() => {});
          this.#parts.changed(roomId);
        }
      }
    }
    this.#busy.delete(roomId);
  }

  /** @param {number} ms */
  #pause(ms) {
    return new Promise((resolve) => {
      const { clock } = this.#parts;
      const wake = () => {
        clock.clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve(undefined);
      };
      const timer = clock.setTimeout(wake, ms);
      this.#sleepers.add(wake);
    });
  }
}
