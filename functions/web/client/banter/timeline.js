/** The part of a room's messages that is loaded: without holes, up to the newest. */

/** @import {HistoryPage, Message} from './types.js' */
import { keepReactions } from './reactions.js';

/** @typedef {(message: Message) => Message} Change */

export class Timeline {
  /** Ascending. @type {Message[]} */
  messages = [];
  loaded = false;
  foundOldest = false;
  /** @type {Promise<void> | null} */
  loading = null;
  /** News that came while a page was on its way; the page may be older than them. @type {Map<number, Message>} */
  #news = new Map();
  /** The same for reactions, in their order. @type {{seq: number, change: Change}[]} */
  #changes = [];

  get newestSeq() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get oldestSeq() {
    return this.messages[0]?.seq ?? 0;
  }

  /** @param {HistoryPage} page */
  merge(page) {
    for (const message of page.data) this.#put(message);
    for (const message of this.#news.values()) {
      if (message.seq >= this.oldestSeq) this.#put(message);
    }
    this.#news.clear();
    for (const { seq, change } of this.#changes.splice(0)) this.#alter(seq, change);
    this.foundOldest ||= page.found_oldest;
    this.loaded = true;
  }

  /**
   * @param {Message} message
   * @param {'created' | 'updated' | 'deleted'} kind
   */
  apply(message, kind) {
    message = keepReactions(message, this.#news.get(message.seq) ?? this.find(message.seq));
    if (this.loading) this.#news.set(message.seq, message);
    if (!this.loaded) return;
    // A change of something older than the window is in the page that will be fetched for it.
    if (kind === 'created' || message.seq >= this.oldestSeq) this.#put(message);
  }

  /**
   * Changes a message by something that is no new version of it.
   *
   * @param {number} seq
   * @param {Change} change
   */
  change(seq, change) {
    if (this.loading) this.#changes.push({ seq, change });
    this.#alter(seq, change);
  }

  /** @param {number} seq @param {Change} change */
  #alter(seq, change) {
    const index = this.messages.findIndex((message) => message.seq === seq);
    const known = this.messages[index];
    if (known) this.messages[index] = change(known);
  }

  /** @param {number} seq */
  find(seq) {
    return this.messages.find((message) => message.seq === seq);
  }

  /** @param {Message} message */
  #put(message) {
    let index = this.messages.length;
    while (index > 0 && /** @type {Message} */ (this.messages[index - 1]).seq > message.seq) index -= 1;
    const known = this.messages[index - 1];
    if (known?.seq !== message.seq) this.messages.splice(index, 0, message);
    else if (message.version >= known.version) this.messages[index - 1] = message;
  }
}
