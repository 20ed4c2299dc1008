/** Who is connected. Told while it lasts and kept nowhere: asked when a room is opened, then followed. */

/** @import {Emitter} from './emitter.js' */

/** The server does not answer for larger rooms. */
const MAX_MEMBERS = 100;

export class Presence {
  /** @type {Map<string, boolean>} */
  #online = new Map();
  /** The room asked for last: the one in view. @type {{id: string, member_count: number} | null} */
  #room = null;
  #emitter;
  #ask;

  /**
   * @param {object} parts
   * @param {Emitter} parts.emitter
   * @param {(roomId: string) => Promise<{data: {user_id: string, online: boolean}[]}>} parts.ask
   */
  constructor({ emitter, ask }) {
    this.#emitter = emitter;
    this.#ask = ask;
  }

  /** @param {string | undefined} userId @returns {boolean | null} Null if not known. */
  of(userId) {
    return this.#online.get(userId ?? '') ?? null;
  }

  clear() {
    this.#online.clear();
    this.#room = null;
  }

  /** What was known may have changed while nobody listened. */
  renew() {
    const room = this.#room;
    for (const userId of [...this.#online.keys()]) {
      this.#online.delete(userId);
      this.#emitter.emit('presence', { user_id: userId, online: false });
    }
    if (room) this.watch(room);
  }

  /** @param {{id: string, member_count: number}} room */
  async watch(room) {
    this.#room = room;
    if (room.member_count > MAX_MEMBERS) return;
    // Where it is switched off there are no dots; nothing else is amiss.
    const answer = await this.#ask(room.id).catch(() => null);
    for (const one of answer?.data ?? []) this.apply(one);
  }

  /** @param {{user_id: string, online: boolean}} news */
  apply({ user_id, online }) {
    if (this.#online.get(user_id) === online) return;
    this.#online.set(user_id, online);
    this.#emitter.emit('presence', { user_id, online });
  }
}
