/** Files: sent to the store directly, and looked up by their id. Addresses of files expire. */

/** @import {Clock, Media} from './types.js' */
/** @import {Api} from './api.js' */
import { BanterError } from './errors.js';

const MOST_SUMMED_BYTES = 32_000_000;
const FIRST_LOOK_MS = 250;
const SLOWEST_LOOK_MS = 2_000;
/** The server looks at a file within seconds; past that something is wrong. */
const LOOKS = 60;
/** An address is not used in its last minute: the file behind it takes time to load. */
const MARGIN_MS = 60_000;

/** @typedef {{onProgress?: (share: number) => void, signal?: AbortSignal}} UploadOptions */
/** @typedef {(url: string, form: FormData, options: UploadOptions) => Promise<number>} Post Gives the status. */

export class MediaStore {
  /** @type {Map<string, {media: Promise<Media>, ready: Media | null, until: number}>} */
  #known = new Map();
  #api;
  #clock;
  #post;

  /**
   * @param {object} parts
   * @param {Api} parts.api
   * @param {Clock} parts.clock
   * @param {Post} [parts.post]
   */
  constructor({ api, clock, post = defaultPost }) {
    this.#api = api;
    this.#clock = clock;
    this.#post = post;
  }

  clear() {
    this.#known.clear();
  }

  /**
   * Uploads a file and waits until it can be used.
   *
   * @param {Blob & {name?: string}} file
   * @param {UploadOptions} [options]
   * @returns {Promise<Media>}
   */
  async upload(file, options = {}) {
    const created = await this.#api.request('POST', '/v1/media', {
      body: {
        filename: file.name || 'file',
        content_type: file.type || 'application/octet-stream',
        size_bytes: file.size,
        ...(await checksum(file)),
      },
    });
    stopIfAborted(options.signal);
    const form = new FormData();
    for (const [name, value] of Object.entries(created.upload.fields)) form.append(name, String(value));
    // Last: the store ignores what follows the file.
    form.append('file', file, file.name || 'file');
    const status = await this.#post(created.upload.url, form, options);
    if (status < 200 || status >= 300) throw new BanterError('upload_refused', `the store answered ${status}`, { status });
    for (let look = 0, wait = FIRST_LOOK_MS; look < LOOKS; look += 1, wait = Math.min(wait * 1.5, SLOWEST_LOOK_MS)) {
      await this.#pause(wait);
      stopIfAborted(options.signal);
      /** @type {Media} */
      const media = await this.#api.request('GET', `/v1/media/${created.id}`);
      if (media.state === 'rejected') throw new BanterError('media_rejected', 'the file was refused');
      if (media.state === 'ready') return this.#keep(media);
    }
    throw new BanterError('timeout', 'the file was not looked at in time');
  }

  /**
   * The media with addresses that are good for a while.
   *
   * @param {string} id
   * @returns {Promise<Media>}
   */
  find(id) {
    const known = this.#known.get(id);
    if (known && known.until > this.#clock.now()) return known.media;
    const media = this.#api.request('GET', `/v1/media/${id}`).then((found) => this.#keep(found));
    this.#known.set(id, { media, ready: null, until: this.#clock.now() + MARGIN_MS });
    media.catch(() => this.#known.delete(id));
    return media;
  }

  /** What `find` would give at once. @param {string} id @returns {Media | null} */
  peek(id) {
    const known = this.#known.get(id);
    return known && known.until > this.#clock.now() ? known.ready : null;
  }

  /** @param {Media} media */
  #keep(media) {
    const good = (media.expires_in ?? 0) * 1_000 - MARGIN_MS;
    if (media.state === 'ready') this.#known.set(media.id, { media: Promise.resolve(media), ready: media, until: this.#clock.now() + good });
    else this.#known.delete(media.id);
    return media;
  }

  /** @param {number} ms */
  #pause(ms) {
    return new Promise((resolve) => this.#clock.setTimeout(() => resolve(undefined), ms));
  }
}

/**
 * What the file's bytes come to, where that is cheap to tell: it must be in memory for it, and pages
 * that were not served securely cannot.
 *
 * @param {Blob} file
 */
async function checksum(file) {
  if (file.size > MOST_SUMMED_BYTES || !globalThis.crypto?.subtle) return {};
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
  return { checksum_sha256: Array.from(sum, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

/** @param {AbortSignal | undefined} signal */
function stopIfAborted(signal) {
  if (signal?.aborted) throw new BanterError('aborted', 'cancelled');
}

/** By `XMLHttpRequest` where there is one: `fetch` does not tell how far an upload is. @type {Post} */
function defaultPost(url, form, { onProgress, signal }) {
  if (typeof XMLHttpRequest === 'undefined') {
    return fetch(url, { method: 'POST', body: form, signal }).then(({ status }) => status);
  }
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total ? loaded / total : 0);
    request.onload = () => resolve(request.status);
    request.onerror = () => reject(new BanterError('network', 'the upload broke off'));
    request.onabort = () => reject(new BanterError('aborted', 'cancelled'));
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(form);
  });
}
