/** An `EventTarget` whose events are typed by `BanterEvents`. */

/** @import {BanterEvents} from './types.js' */

export class Emitter extends EventTarget {
  /**
   * @template {keyof BanterEvents} K
   * @param {K} type
   * @param {(detail: BanterEvents[K]) => void} listener
   * @returns {() => void} Stops listening.
   */
  on(type, listener) {
    const wrapped = (/** @type {Event} */ event) =>
      listener(/** @type {CustomEvent<BanterEvents[K]>} */ (event).detail);
    this.addEventListener(type, wrapped);
    return () => this.removeEventListener(type, wrapped);
  }

  /**
   * @template {keyof BanterEvents} K
   * @param {K} type
   * @param {BanterEvents[K]} detail
   */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
