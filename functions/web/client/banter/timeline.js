/** The part of a room's messages that is loaded: without holes, up to the newest. */

/** @import {HistoryPage, Message} from './types.js' */

export class Timeline {
  /** Ascending. @type {Message[]} */
  messages = [];
  loaded = false;
  foundOldest = false;
  /** @type {Promise<void> | null} */
  loading = null;
  /** News that came while a page was on its way; the page may be older than them. @type {Map<number, Message>} */
  #news = new Map();

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
    this.foundOldest ||= page.found_oldest;
    this.loaded = true;
  }

  /**
   * @param {Message} message
   * @param {'created' | 'updated' | 'deleted'} kind
   */
  apply(message, kind) {
    if (this.loading) this.#news.set(message.seq, message);
    if (!this.loaded) return;
    // A change of something older than the window is in the page that will be fetched for it.
    if (kind === 'created' || message.seq >= this.oldestSeq) this.#put(message);
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
