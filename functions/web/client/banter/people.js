/**
 * Pictures of people. Messages name their writers without a picture, so those not met yet are asked
 * for, many at once.
 */

/** @import {Clock, User} from './types.js' */

/** Those of one screen are met in the same moment. */
const GATHER_MS = 30;
const MAX_IDS = 50;

export class People {
  /** Null while asked for. @type {Map<string, {name: string, avatar_media_id: string | null} | null>} */
  #known = new Map();
  /** @type {Set<string>} */
  #wanted = new Set();
  #timer = null;
  #parts;

  /**
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {(ids: string[]) => Promise<User[]>} parts.find
   * @param {() => void} parts.learned
   */
  constructor(parts) {
    this.#parts = parts;
  }

  clear() {
    this.#known.clear();
    this.#wanted.clear();
  }

  /** @param {string | null | undefined} userId @returns {string | null} The media id of their picture. */
  pictureOf(userId) {
    if (!userId) return null;
    const known = this.#known.get(userId);
    if (known === undefined) this.#want(userId);
    return known?.avatar_media_id ?? null;
  }

  /** @param {{id: string, name: string, avatar_media_id?: string | null}[]} users */
  learn(users) {
    let changed = false;
    for (const { id, name, avatar_media_id } of users) {
      // A reference without the field says nothing about it.
      if (avatar_media_id === undefined) continue;
      const known = this.#known.get(id);
      changed ||= known?.avatar_media_id !== avatar_media_id;
      this.#known.set(id, { name, avatar_media_id });
    }
    if (changed) this.#parts.learned();
  }

  /** @param {string} userId */
  #want(userId) {
    this.#known.set(userId, null);
    this.#wanted.add(userId);
    this.#timer ??= this.#parts.clock.setTimeout(() => this.#find(), GATHER_MS);
  }

  async #find() {
    this.#timer = null;
    const ids = [...this.#wanted].slice(0, MAX_IDS);
    for (const id of ids) this.#wanted.delete(id);
    if (!ids.length) return;
    try {
      this.learn(await this.#parts.find(ids));
    } catch {
      // Initials do; asked again when the page is opened anew.
    }
    if (this.#wanted.size) this.#timer ??= this.#parts.clock.setTimeout(() => this.#find(), GATHER_MS);
  }
}
