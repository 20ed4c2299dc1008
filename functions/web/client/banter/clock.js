/** Time and chance, passed in so that tests own both. */

/** @import {Clock} from './types.js' */

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  random: () => Math.random(),
};

/**
 * Full jitter: anywhere between nothing and the doubled span, so that clients cut off together do
 * not come back together.
 *
 * @param {Clock} clock
 * @param {number} attempt From 0.
 * @param {{base?: number, cap?: number}} [span] Milliseconds.
 */
export function backoff(clock, attempt, { base = 1_000, cap = 30_000 } = {}) {
  return clock.random() * Math.min(cap, base * 2 ** Math.min(attempt, 16));
}

/** Random and unguessable also where `crypto.randomUUID` is missing (plain HTTP on a home network). */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
