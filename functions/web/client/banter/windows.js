/**
 * What is loaded of a room's messages: the newest up to where one scrolled, and, while one looks
 * at something older, a second window around that. Where the two meet they become one.
 */

/** @import {HistoryPage} from './types.js' */
/** @import {Emitter} from './emitter.js' */
/** @import {Model} from './model.js' */
import { Timeline } from './timeline.js';

/** @typedef {{before_seq?: number, after_seq?: number, around_seq?: number, limit?: number}} Where */

export class Windows {
  #model;
  #emitter;
  #history;

  /**
   * @param {object} parts
   * @param {Model} parts.model
   * @param {Emitter} parts.emitter
   * @param {(roomId: string, where: Where) => Promise<HistoryPage>} parts.history
   */
  constructor({ model, emitter, history }) {
    this.#model = model;
    this.#emitter = emitter;
    this.#history = history;
  }

  /** Loads the newest page. @param {string} roomId */
  async open(roomId) {
    const timeline = this.#model.timeline(roomId);
    if (timeline) await this.#load(roomId, timeline, {});
  }

  /** Loads one more page upward. @param {string} roomId */
  async older(roomId) {
    const shown = this.#model.shown(roomId);
    if (!shown?.loaded || shown.foundOldest) return;
    await this.#load(roomId, shown, { before_seq: shown.oldestSeq });
  }

  /** Loads one more page downward, if what is shown does not end with the newest. @param {string} roomId */
  async newer(roomId) {
    const aside = this.#model.aside(roomId);
    if (!aside) return;
    const page = await this.#load(roomId, aside, { after_seq: aside.newestSeq });
    if (page && this.#model.aside(roomId) === aside) await this.#meet(roomId, aside, page.found_newest);
  }

  /**
   * Makes sure that a message is among those shown.
   *
   * @param {string} roomId
   * @param {number} seq
   */
  async around(roomId, seq) {
    if (this.#model.shown(roomId)?.find(seq)) return;
    if (this.#model.timeline(roomId)?.find(seq)) return this.close(roomId);
    const aside = new Timeline();
    aside.merge(await this.#history(roomId, { around_seq: seq }));
    if (!this.#model.timeline(roomId)) return;
    this.#model.setAside(roomId, aside);
    await this.#meet(roomId, aside, false);
    this.#emitter.emit('timeline', { room_id: roomId });
  }

  /** Back to the newest. @param {string} roomId */
  close(roomId) {
    if (!this.#model.aside(roomId)) return;
    this.#model.setAside(roomId, null);
    this.#emitter.emit('timeline', { room_id: roomId });
  }

  /**
   * @param {string} roomId
   * @param {Timeline} aside
   * @param {boolean} isNewest
   */
  async #meet(roomId, aside, isNewest) {
    const timeline = this.#model.timeline(roomId);
    if (!timeline) return;
    // A page on its way would be taken for the older of the two.
    await timeline.loading?.catch(() => {});
    if (!isNewest && (!timeline.loaded || aside.newestSeq < timeline.oldestSeq)) return;
    timeline.merge({ data: aside.messages, found_oldest: aside.foundOldest, found_newest: true });
    if (this.#model.aside(roomId) === aside) this.#model.setAside(roomId, null);
    this.#emitter.emit('timeline', { room_id: roomId });
  }

  /**
   * @param {string} roomId
   * @param {Timeline} timeline
   * @param {Where} where
   * @returns {Promise<HistoryPage | undefined>} None if another load was under way.
   */
  async #load(roomId, timeline, where) {
    /** @type {HistoryPage | undefined} */
    let page;
    timeline.loading ??= (async () => {
      try {
        page = await this.#history(roomId, where);
        timeline.merge(page);
      } finally {
        timeline.loading = null;
      }
      this.#emitter.emit('timeline', { room_id: roomId });
    })();
    await timeline.loading;
    return page;
  }
}
