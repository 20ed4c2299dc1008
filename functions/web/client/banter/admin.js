/** What only staff may ask; others are refused with `staff_only`. */

/** @import {Room, User} from './types.js' */
/** @import {Api} from './api.js' */

export class Admin {
  #api;

  /** @param {Api} api */
  constructor(api) {
    this.#api = api;
  }

  /**
   * One page of all rooms there are, the newest first.
   *
   * @param {string} q
   * @param {string | null} [cursor]
   * @returns {Promise<{data: Room[], next: string | null}>}
   */
  rooms(q, cursor = null) {
    return this.#page('/v1/admin/rooms', q, cursor);
  }

  /**
   * One page of all users there are, the newest first.
   *
   * @param {string} q
   * @param {string | null} [cursor]
   * @returns {Promise<{data: User[], next: string | null}>}
   */
  users(q, cursor = null) {
    return this.#page('/v1/admin/users', q, cursor);
  }

  /**
   * @param {{username: string, password: string, name: string, is_staff?: boolean}} user
   * @returns {Promise<User>}
   */
  createUser(user) {
    return this.#api.request('POST', '/v1/admin/users', { body: user });
  }

  /**
   * @param {string} userId
   * @param {boolean} isStaff
   * @returns {Promise<User>}
   */
  setStaff(userId, isStaff) {
    return this.#api.request('PATCH', `/v1/admin/users/${userId}`, { body: { is_staff: isStaff } });
  }

  /**
   * @param {string} userId
   * @param {boolean} isBanned
   * @returns {Promise<User>}
   */
  setBanned(userId, isBanned) {
    return this.#api.request('PATCH', `/v1/admin/users/${userId}`, { body: { is_banned: isBanned } });
  }

  /**
   * @param {string} path
   * @param {string} q
   * @param {string | null} cursor
   */
  async #page(path, q, cursor) {
    /** @type {any[]} */
    const data = [];
    let next = cursor;
    // A page that `q` has thinned out may be empty and not the last.
    do {
      const page = await this.#api.request('GET', path, { query: { q: q || null, limit: 50, cursor: next } });
      data.push(...page.data);
      next = page.page?.next ?? null;
    } while (next && data.length < 20);
    return { data, next };
  }
}
