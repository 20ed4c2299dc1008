/**
 * Keeps one good connection: dials, says hello, pings, replaces it before it expires, dials again.
 *
 * A connection counts as good only once its hello was answered; until then failures add up, or a
 * server that accepts and drops would be dialled without pause.
 */

/** @import {Clock, EventFrame, HelloAck, LinkState, SocketClass, ByeFrame} from './types.js' */
import { backoff } from './clock.js';
import { Connection } from './connection.js';
import { BanterError, toBanterError } from './errors.js';

const PING_INTERVAL_MS = 5 * 60_000;
const PING_TIMEOUT_MS = 10_000;
/** Someone is looking: find out faster. */
const PROBE_TIMEOUT_MS = 4_000;
/** Heard from so lately that it needs no probe. */
const FRESH_MS = 2_000;
/** API Gateway closes every connection after two hours. */
const LIFETIME_MS = 2 * 60 * 60_000;
const SWAP_MARGIN_MS = 5 * 60_000;
const RETIRE_MS = 10_000;

export class Link {
  /** @type {LinkState} */
  state = 'offline';
  /** @type {number | null} */
  retryAt = null;
  /** Why the server sent us away for good. @type {string | null} */
  byeCode = null;
  #wanted = false;
  #dialing = false;
  #attempt = 0;
  /** The server asked not to come back sooner. */
  #notBefore = 0;
  /** Bumped by `stop`, so that a dial begun before it cannot finish after it. */
  #era = 0;
  /** @type {Connection | null} */
  #current = null;
  /** @type {any} */
  #dialTimer = null;
  /** @type {any} */
  #pingTimer = null;
  /** @type {any} */
  #swapTimer = null;
  #parts;

  /**
   * @param {object} parts
   * @param {SocketClass} parts.WebSocket
   * @param {Clock} parts.clock
   * @param {() => Promise<string>} parts.address A fresh single-use address.
   * @param {(attempt: number) => {rooms?: Record<string, number>}} parts.hello Given how often it failed since the last good one.
   * @param {(ack: HelloAck) => void} parts.onHello
   * @param {(heads: Record<string, number>) => void} parts.onHeads
   * @param {(frame: EventFrame) => void} parts.onEvent
   * @param {(frame: ByeFrame) => void} parts.onBye
   * @param {() => void} parts.onState
   */
  constructor(parts) {
    this.#parts = parts;
  }

  start() {
    this.#wanted = true;
    this.byeCode = null;
    this.nudge();
  }

  stop() {
    this.#wanted = false;
    this.#era += 1;
    this.#attempt = 0;
    this.#clearTimers();
    const current = this.#current;
    this.#current = null;
    current?.close();
    this.#become('offline');
  }

  /** The network or the user may be back: try now instead of later. */
  nudge() {
    if (!this.#wanted) return;
    if (this.#current) this.#probe(PROBE_TIMEOUT_MS);
    else this.#dial();
  }

  /**
   * @param {string} action
   * @param {unknown} data
   */
  request(action, data) {
    return this.#current
      ? this.#current.request(action, data)
      : Promise.reject(new BanterError('network', 'not connected'));
  }

  /**
   * @param {string} action
   * @param {unknown} data
   */
  tell(action, data) {
    this.#current?.tell(action, data);
  }

  async #dial() {
    if (this.#dialing || !this.#wanted) return;
    this.#dialing = true;
    this.#parts.clock.clearTimeout(this.#dialTimer);
    const era = this.#era;
    if (!this.#current) this.#become('connecting');
    /** @type {Connection | null} */
    let fresh = null;
    try {
      const { WebSocket, clock } = this.#parts;
      const url = await this.#parts.address();
      if (era !== this.#era) return;
      /** @type {Connection} */
      const connection = new Connection(url, {
        WebSocket,
        clock,
        onFrame: (frame) => era === this.#era && this.#receive(frame, connection),
        onClose: () => this.#lost(connection),
      });
      fresh = connection;
      await fresh.opened;
      const ack = await fresh.request('hello', this.#parts.hello(this.#attempt));
      if (era !== this.#era) return fresh.close();
      this.#adopt(fresh, ack);
    } catch (error) {
      fresh?.close();
      if (era === this.#era) this.#failed(toBanterError(error));
    } finally {
      this.#dialing = false;
      // `start` may have come while an older dial was still winding down.
      if (era !== this.#era && this.#wanted && !this.#current) this.#dial();
    }
  }

  /**
   * @param {Connection} fresh
   * @param {HelloAck} ack
   */
  #adopt(fresh, ack) {
    const { clock } = this.#parts;
    const old = this.#current;
    this.#current = fresh;
    this.#attempt = 0;
    this.#clearTimers();
    const interval = ack.ping_interval_ms ?? PING_INTERVAL_MS;
    const ping = () => {
      this.#probe(PING_TIMEOUT_MS, true);
      this.#pingTimer = clock.setTimeout(ping, interval);
    };
    this.#pingTimer = clock.setTimeout(ping, interval);
    // A clock that is far off must not make us dial all day.
    const stated = ack.expires_at ? Date.parse(ack.expires_at) - clock.now() : LIFETIME_MS;
    const lifetime = stated > 0 && stated <= LIFETIME_MS ? stated : LIFETIME_MS;
    const margin = Math.min(SWAP_MARGIN_MS, lifetime / 4) * (1 + clock.random());
    this.#swapTimer = clock.setTimeout(() => this.#dial(), lifetime - margin);
    this.#parts.onHello(ack);
    this.#become('online');
    if (old) this.#retire(old);
  }

  /** Lets answers that are on their way arrive. @param {Connection} old */
  #retire(old, waited = 0) {
    if (old.outstanding === 0 || waited >= RETIRE_MS) old.close();
    else this.#parts.clock.setTimeout(() => this.#retire(old, waited + 250), 250);
  }

  /** @param {Connection} connection */
  #lost(connection) {
    if (this.#current !== connection) return;
    this.#current = null;
    this.#clearTimers();
    if (this.#wanted) this.#later(0);
  }

  /** @param {BanterError} error */
  #failed(error) {
    if (error.code === 'signed_out' || error.status === 401) return this.stop();
    this.#later(error.retryAfterMs);
  }

  /** @param {number} atLeast */
  #later(atLeast) {
    const { clock } = this.#parts;
    const wait = Math.max(atLeast, this.#notBefore - clock.now());
    const delay = wait + backoff(clock, this.#attempt++);
    clock.clearTimeout(this.#dialTimer);
    this.#dialTimer = clock.setTimeout(() => this.#dial(), delay);
    if (!this.#current) this.#become('offline', clock.now() + delay);
  }

  /**
   * @param {number} timeoutMs
   * @param {boolean} [always] Also when it was just heard from: the answer carries the heads.
   */
  async #probe(timeoutMs, always = false) {
    const { clock } = this.#parts;
    const probed = this.#current;
    if (!probed || (!always && clock.now() - probed.heardAt < FRESH_MS)) return;
    try {
      const ack = await probed.request('ping', {}, timeoutMs);
      if (ack?.heads) this.#parts.onHeads(ack.heads);
    } catch (error) {
      // An error frame is an answer, too: only silence means dead.
      if (toBanterError(error).code === 'timeout') probed.close();
    }
  }

  /**
   * @param {any} frame
   * @param {Connection} connection
   */
  #receive(frame, connection) {
    if (frame.type === 'event') this.#parts.onEvent(frame);
    else if (frame.type === 'batch') for (const event of frame.events) this.#parts.onEvent(event);
    else if (frame.type === 'bye' && (connection === this.#current || !this.#current)) this.#bye(frame);
  }

  /** @param {ByeFrame} frame */
  #bye(frame) {
    if (frame.reconnect === false) {
      this.byeCode = frame.code;
      this.stop();
    } else {
      const { clock } = this.#parts;
      clock.clearTimeout(this.#dialTimer);
      this.#notBefore = clock.now() + (frame.retry_after_ms ?? 0);
      // While this one still works; if it closes first, that dials.
      const delay = (frame.retry_after_ms ?? 0) + backoff(clock, 0);
      this.#dialTimer = clock.setTimeout(() => this.#dial(), delay);
    }
    this.#parts.onBye(frame);
  }

  /**
   * @param {LinkState} state
   * @param {number | null} [retryAt]
   */
  #become(state, retryAt = null) {
    if (state === this.state && retryAt === this.retryAt) return;
    this.state = state;
    this.retryAt = retryAt;
    this.#parts.onState();
  }

  #clearTimers() {
    for (const timer of [this.#dialTimer, this.#pingTimer, this.#swapTimer]) {
      this.#parts.clock.clearTimeout(timer);
    }
  }
}
