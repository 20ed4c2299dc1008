/** How far this user has read: told soon but not for every message, and again if it got lost. */

/** @import {Clock} from './types.js' */

/** Reading along in a busy room is one request per moment, not per message. */
const SETTLE_MS = 400;

export class Reads {
  /** @type {Map<string, number>} */
  #due = new Map();
  /** @type {any} */
  #timer = null;
  #parts;

  /**
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {(roomId: string, seq: number) => Promise<void>} parts.tell
   */
  constructor(parts) {
    this.#parts = parts;
  }

  clear() {
    this.#due.clear();
    this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /**
   * @param {string} roomId
   * @param {number} seq
   */
  mark(roomId, seq) {
    if ((this.#due.get(roomId) ?? 0) >= seq) return;
    this.#due.set(roomId, seq);
    this.#timer ??= this.#parts.clock.setTimeout(() => this.flush(), SETTLE_MS);
  }

  /** Also called when the connection is back: what failed is still due. */
  async flush() {
    this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = null;
    for (const [roomId, seq] of [...this.#due]) {
      try {
        await this.#parts.tell(roomId, seq);
        if (this.#due.get(roomId) === seq) this.#due.delete(roomId);
      } catch (error) {
        if (!(/** @type {any} */ (error).retryable)) this.#due.delete(roomId);
      }
    }
  }
}
