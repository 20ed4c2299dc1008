/** Messages that others answer: asked for once when they are not among those loaded. */

/** @import {Message} from './types.js' */

export class Quotes {
  /** Null while asked for, and if there is none. @type {Map<string, Message | null>} */
  #known = new Map();
  #find;
  #learned;

  /**
   * @param {object} parts
   * @param {(roomId: string, seq: number) => Promise<Message>} parts.find
   * @param {(roomId: string) => void} parts.learned
   */
  constructor({ find, learned }) {
    this.#find = find;
    this.#learned = learned;
  }

  clear() {
    this.#known.clear();
  }

  /**
   * @param {string} roomId
   * @param {number} seq
   * @returns {Message | null}
   */
  get(roomId, seq) {
    const key = `${roomId} ${seq}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, null);
    this.#find(roomId, seq).then(
      (message) => {
        this.#known.set(key, message);
        this.#learned(roomId);
      },
      () => {},
    );
    return null;
  }

  /** An edit or a deletion. @param {Message} message */
  change(message) {
    const key = `${message.room_id} ${message.seq}`;
    if (this.#known.has(key)) this.#known.set(key, message);
  }
}
