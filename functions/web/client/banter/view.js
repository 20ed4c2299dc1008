/** Which room is in view. A large room is told only where it was asked for, so each connection asks. */

/** @import {Room} from './types.js' */

export class View {
  /** @type {string | null} */
  #roomId = null;
  /** The room that the present connection asked for. @type {string | null} */
  #asked = null;
  #parts;

  /**
   * @param {object} parts
   * @param {(roomId: string) => Promise<{room: Room}>} parts.join By the socket, or not at all.
   * @param {(heads: Record<string, number>) => void} parts.compare
   */
  constructor(parts) {
    this.#parts = parts;
  }

  clear() {
    this.#roomId = null;
    this.#asked = null;
  }

  /** @param {string} roomId */
  forget(roomId) {
    if (this.#roomId === roomId) this.clear();
  }

  /** There is another connection, which was asked for nothing yet. */
  renew() {
    this.#asked = null;
    if (this.#roomId) this.show(this.#roomId);
  }

  /** What comes from now on is told; what came before is asked for. @param {string} roomId */
  async show(roomId) {
    this.#roomId = roomId;
    if (this.#asked === roomId) return;
    this.#asked = roomId;
    try {
      const { room } = await this.#parts.join(roomId);
      this.#parts.compare({ [roomId]: room.seq });
    } catch {
      // The next connection asks again.
      if (this.#asked === roomId) this.#asked = null;
    }
  }
}
