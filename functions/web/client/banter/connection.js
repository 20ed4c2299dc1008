/** One socket: requests with answers, events, and its end. Knows nothing of reconnecting. */

/** @import {Clock, SocketClass, SocketLike} from './types.js' */
import { BanterError } from './errors.js';

export const SUBPROTOCOL = 'banter.v1';
const OPEN_TIMEOUT_MS = 15_000;
/** A cold function needs a few seconds; the gateway itself gives up after 29. */
export const REQUEST_TIMEOUT_MS = 12_000;
const OPEN = 1;

/** @typedef {{resolve: (data: any) => void, reject: (error: BanterError) => void, timer: any}} Waiting */

export class Connection {
  /** @type {Map<string, Waiting>} */
  #waiting = new Map();
  #nextId = 1;
  #closed = false;
  #clock;
  #onFrame;
  #onClose;
  /** @type {SocketLike} */
  #socket;
  /** When anything last arrived: proof of life that a ping need not repeat. */
  heardAt = 0;
  /** @type {Promise<void>} */
  opened;

  /**
   * @param {string} url
   * @param {object} parts
   * @param {SocketClass} parts.WebSocket
   * @param {Clock} parts.clock
   * @param {(frame: any) => void} parts.onFrame Events, batches and byes.
   * @param {() => void} parts.onClose At most once, however it ended.
   */
  constructor(url, { WebSocket, clock, onFrame, onClose }) {
    this.#clock = clock;
    this.#onFrame = onFrame;
    this.#onClose = onClose;
    const socket = new WebSocket(url, [SUBPROTOCOL]);
    this.#socket = socket;
    this.opened = new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => this.close(), OPEN_TIMEOUT_MS);
      socket.onopen = () => {
        clock.clearTimeout(timer);
        this.heardAt = clock.now();
        resolve();
      };
      socket.onmessage = (event) => this.#receive(event.data);
      socket.onclose = () => {
        clock.clearTimeout(timer);
        reject(new BanterError('network', 'the socket closed'));
        this.#end();
      };
      // A close always follows an error.
      socket.onerror = () => {};
    });
    // Nobody may be waiting for it when it fails later.
    this.opened.catch(() => {});
  }

  get outstanding() {
    return this.#waiting.size;
  }

  /**
   * @param {string} action
   * @param {unknown} data
   * @param {number} [timeoutMs]
   * @returns {Promise<any>} The ack's data.
   */
  request(action, data, timeoutMs = REQUEST_TIMEOUT_MS) {
    if (this.#closed || this.#socket.readyState !== OPEN) {
      return Promise.reject(new BanterError('network', 'the socket is not open'));
    }
    const id = String(this.#nextId++);
    return new Promise((resolve, reject) => {
      // The gateway's own failures carry no id, so silence is the only sign of them.
      const timer = this.#clock.setTimeout(() => {
        this.#waiting.delete(id);
        reject(new BanterError('timeout', `no answer to ${action}`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ action, id, data }));
    });
  }

  /**
   * Says something that has no answer.
   *
   * @param {string} action
   * @param {unknown} data
   */
  tell(action, data) {
    if (!this.#closed && this.#socket.readyState === OPEN) {
      this.#socket.send(JSON.stringify({ action, data }));
    }
  }

  /** Does not wait for the other side: on a dead network its answer never comes. */
  close() {
    if (this.#closed) return;
    try {
      this.#socket.close(1000);
    } finally {
      this.#end();
    }
  }

  #end() {
    if (this.#closed) return;
    this.#closed = true;
    for (const { reject, timer } of this.#waiting.values()) {
      this.#clock.clearTimeout(timer);
      reject(new BanterError('network', 'the socket closed'));
    }
    this.#waiting.clear();
    this.#onClose();
  }

  /** @param {unknown} text */
  #receive(text) {
    if (this.#closed) return;
    this.heardAt = this.#clock.now();
    let frame;
    try {
      frame = JSON.parse(String(text));
    } catch {
      return;
    }
    if (frame.type !== 'ack' && frame.type !== 'error') {
      if (frame.type) this.#onFrame(frame);
      return;
    }
    const waiting = this.#waiting.get(String(frame.id));
    if (!waiting) return;
    this.#waiting.delete(String(frame.id));
    this.#clock.clearTimeout(waiting.timer);
    if (frame.type === 'ack') waiting.resolve(frame.data);
    else waiting.reject(new BanterError(frame.error.code, frame.error.message ?? '', frame.error));
  }
}
