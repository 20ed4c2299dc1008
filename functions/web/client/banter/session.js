/**
 * Who is signed in. Tokens live in storage, shared by all tabs.
 *
 * Refresh tokens rotate: using one kills it, a moment later. A refresh holds a lock, so that a tab which
 * was away for longer does not come with a dead one, and looks first whether another tab was faster.
 */

/** @import {Grant, Locks, Storage, User} from './types.js' */
import { BanterError } from './errors.js';

const KEY = 'session';

export class Session {
  /** @type {Grant | null} */
  #grant = null;
  /** @type {Promise<void> | null} */
  #refreshing = null;
  #storage;
  #locks;
  #renew;
  #changed;

  /**
   * @param {object} parts
   * @param {Storage} parts.storage
   * @param {Locks} parts.locks
   * @param {(refreshToken: string) => Promise<Grant>} parts.renew Fails with `unauthenticated` if the token is dead.
   * @param {(user: User | null, reason: string) => void} parts.changed
   */
  constructor({ storage, locks, renew, changed }) {
    this.#storage = storage;
    this.#locks = locks;
    this.#renew = renew;
    this.#changed = changed;
  }

  get user() {
    return this.#grant?.user ?? null;
  }

  get accessToken() {
    return this.#grant?.access_token ?? null;
  }

  /** Gets tokens in another way from now on. @param {(refreshToken: string) => Promise<Grant>} renew */
  renewBy(renew) {
    this.#renew = renew;
  }

  async restore() {
    this.#grant = (await this.#storage.get(KEY)) ?? null;
    return this.user;
  }

  /** @param {Grant} grant */
  async begin(grant) {
    await this.#keep(grant);
    this.#changed(grant.user, 'signed_in');
  }

  /** Takes news of the user. @param {User} user */
  async rename(user) {
    if (!this.#grant || JSON.stringify(this.#grant.user) === JSON.stringify(user)) return;
    await this.#locks.request('banter.session', async () => {
      const stored = /** @type {Grant | undefined} */ (await this.#storage.get(KEY));
      // With the stored tokens: ours may be older than another tab's, and dead.
      if (this.#grant && stored?.user.id === user.id) await this.#keep({ ...stored, user });
    });
  }

  /**
   * @param {string} reason
   * @returns {Promise<Grant | null>} What has ended; its tokens may still be alive.
   */
  async end(reason) {
    const ended = this.#grant;
    if (!ended) return null;
    this.#grant = null;
    let stored = /** @type {Grant | undefined} */ (await this.#storage.get(KEY));
    // Another tab may have signed in as somebody else: that session is not ours to end.
    if (stored?.user.id !== ended.user.id) stored = undefined;
    if (stored && reason !== 'signed_out_elsewhere') await this.#storage.delete(KEY);
    this.#changed(null, reason);
    return stored ?? ended;
  }

  /**
   * Gets a token newer than `stale`, or signs out.
   *
   * @param {string | null} stale
   * @returns {Promise<void>}
   */
  refresh(stale) {
    this.#refreshing ??= this.#locks
      .request('banter.session', () => this.#refreshAlone(stale))
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** @param {string | null} stale */
  async #refreshAlone(stale) {
    if (this.#grant && this.#grant.access_token !== stale) return;
    const stored = /** @type {Grant | undefined} */ (await this.#storage.get(KEY));
    if (!stored || !this.#grant || stored.user.id !== this.#grant.user.id) {
      await this.end('signed_out_elsewhere');
      throw new BanterError('signed_out', 'signed out in another tab');
    }
    if (stored.access_token !== stale) {
      this.#grant = stored;
      return;
    }
    try {
      await this.#keep(await this.#renew(stored.refresh_token));
    } catch (error) {
      if (!(error instanceof BanterError) || error.retryable) throw error;
      await this.end(error.code === 'account_banned' ? 'banned' : 'expired');
      throw new BanterError('signed_out', 'the session has ended', { status: 401 });
    }
  }

  /** @param {Grant} grant */
  async #keep({ user, access_token, refresh_token }) {
    this.#grant = { user, access_token, refresh_token };
    await this.#storage.set(KEY, this.#grant);
  }
}
