/** REST: one place that adds the token, renews it once and turns answers into values or errors. */

/** @import {Clock, Grant} from './types.js' */
/** @import {Session} from './session.js' */
import { BanterError, toBanterError } from './errors.js';

/** API Gateway gives up after 30 s; past that no answer will come. */
const TIMEOUT_MS = 30_000;

/** @typedef {'GET' | 'POST' | 'PATCH' | 'DELETE'} Method */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Query */

export class Api {
  #url;
  #fetch;
  #clock;
  /** @type {Session | null} */
  session = null;

  /**
   * @param {object} parts
   * @param {string} parts.url
   * @param {typeof fetch} parts.fetch
   * @param {Clock} parts.clock
   */
  constructor({ url, fetch, clock }) {
    this.#url = url.replace(/\/$/, '');
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /**
   * @param {Method} method
   * @param {string} path
   * @param {{query?: Query, body?: unknown}} [options]
   * @returns {Promise<any>} The body, or null where there is none.
   */
  async request(method, path, options = {}) {
    const session = this.session;
    const token = session?.accessToken;
    if (!session || !token) throw new BanterError('signed_out', 'not signed in', { status: 401 });
    try {
      return await this.anonymous(method, path, { ...options, token });
    } catch (error) {
      if (error instanceof BanterError && error.code === 'account_banned') await session.end('banned');
      if (!(error instanceof BanterError) || error.status !== 401) throw error;
    }
    await session.refresh(token);
    try {
      return await this.anonymous(method, path, { ...options, token: session.accessToken });
    } catch (error) {
      if (error instanceof BanterError && error.status === 401) await session.end('expired');
      throw error;
    }
  }

  /**
   * Every item of a list, page by page.
   *
   * @param {string} path
   * @param {Query} [query]
   * @returns {Promise<any[]>}
   */
  async all(path, query = {}) {
    /** @type {any[]} */
    const items = [];
    /** @type {string | null} */
    let cursor = null;
    do {
      const answer = await this.request('GET', path, { query: { limit: 200, ...query, cursor } });
      items.push(...answer.data);
      cursor = answer.page?.next ?? null;
    } while (cursor);
    return items;
  }

  /**
   * @param {Method} method
   * @param {string} path
   * @param {{query?: Query, body?: unknown, token?: string | null}} [options]
   * @returns {Promise<any>}
   */
  async anonymous(method, path, { query = {}, body, token } = {}) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) search.set(name, String(value));
    }
    /** @type {Record<string, string>} */
    const headers = { accept: 'application/json' };
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const aborter = new AbortController();
    const timer = this.#clock.setTimeout(() => aborter.abort(), TIMEOUT_MS);
    try {
      const answer = await this.#fetch(`${this.#url}${path}${search.size ? `?${search}` : ''}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: aborter.signal,
        cache: 'no-store',
        credentials: 'omit',
      });
      const text = await answer.text();
      const value = text ? parse(text) : null;
      if (answer.ok) return value;
      throw BanterError.fromAnswer(answer.status, value);
    } catch (error) {
      if (aborter.signal.aborted) throw new BanterError('timeout', 'no answer in time');
      throw toBanterError(error);
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  /**
   * Who bears a token of the deployment's own identity provider. There is no refresh token: the app has it.
   *
   * @param {() => Promise<string>} ask
   * @returns {Promise<Grant>}
   */
  async bearer(ask) {
    const access_token = await ask();
    const user = await this.anonymous('GET', '/v1/users/me', { token: access_token });
    return { user, access_token, refresh_token: '' };
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @returns {Promise<Grant>}
   */
  grant(path, body) {
    return this.anonymous('POST', path, { body });
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
