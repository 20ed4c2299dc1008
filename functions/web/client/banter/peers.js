/**
 * With whom a private room is: such a room has no name of its own, and a Room names no members.
 *
 * Asked once per room and kept, one request at a time: a long list must not storm the server.
 */

/** @import {Member, Room, Storage, UserRef} from './types.js' */

export class Peers {
  /** @type {Map<string, UserRef>} */
  #known = new Map();
  /** @type {Set<string>} */
  #asked = new Set();
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  #parts;

  /**
   * @param {object} parts
   * @param {Storage} parts.storage
   * @param {() => string | null} parts.myId
   * @param {(roomId: string) => Promise<Member[]>} parts.members
   * @param {(roomId: string) => void} parts.learned
   */
  constructor(parts) {
    this.#parts = parts;
  }

  clear() {
    this.#known.clear();
    this.#asked.clear();
  }

  /** @param {Room} room */
  of(room) {
    if (room.type !== 'private_messages') return null;
    const peer = this.#known.get(room.id) ?? null;
    if (!peer && !this.#asked.has(room.id)) {
      this.#asked.add(room.id);
      this.#queue = this.#queue.then(() => this.#find(room.id)).catch(() => {});
    }
    return peer;
  }

  /**
   * @param {string} roomId
   * @param {Member[]} members
   */
  learn(roomId, members) {
    const myId = this.#parts.myId();
    const other = members.find((member) => member.user.id !== myId);
    if (!other) return;
    const peer = { id: other.user.id, name: other.user.name };
    const known = this.#known.get(roomId);
    if (known?.name === peer.name) return;
    this.#known.set(roomId, peer);
    this.#parts.storage.set(`peer/${myId}/${roomId}`, peer).catch(() => {});
    this.#parts.learned(roomId);
  }

  /** @param {string} roomId */
  async #find(roomId) {
    const { storage, members, myId, learned } = this.#parts;
    const kept = await storage.get(`peer/${myId()}/${roomId}`).catch(() => undefined);
    if (kept) {
      this.#known.set(roomId, kept);
      learned(roomId);
      return;
    }
    try {
      this.learn(roomId, await members(roomId));
    } catch {
      this.#asked.delete(roomId);
    }
  }
}
