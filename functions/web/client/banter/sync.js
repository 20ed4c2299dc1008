/**
 * Puts every room's events in order. A push is a hint; the room's log is the truth.
 *
 * Each room has a cursor: up to it, everything was applied, once, in order. What comes early is
 * held; what is missing after a moment is asked for.
 */

/** @import {Clock, EventFrame, Room, SyncAnswer} from './types.js' */
import { backoff } from './clock.js';

/** Neighbours of one batch arrive within this; asking sooner would ask for what is on its way. */
const GAP_MS = 200;
/** What happens in a busy room is told within a second, though an own message is known at once. */
const BUSY_GAP_MS = 2_000;
/** A room is taken for busy while its last five events came within this. */
const BUSY_MS = 3_000;
const BUSY_EVENTS = 5;
/**
 * A room's head counts numbers that are given out and not yet written. So what a fetched room
 * says is proven only up to here below its head.
 */
export const UNPROVEN = 8;
/** For events of a room that this user is not told of after all. */
const STRAYS_PER_ROOM = 200;

/**
 * @typedef {object} Log
 * @property {number} cursor Highest number up to which nothing is missing.
 * @property {number} head Highest number known to exist.
 * @property {Map<number, EventFrame>} held
 * @property {boolean} resetting
 * @property {number} start The head when following began.
 * @property {Set<number>} late Numbers up to `start` that arrived after all.
 * @property {number[]} arrivals When the last few were told.
 */

export class Sync {
  /** @type {Map<string, Log>} */
  #logs = new Map();
  /** @type {Map<string, EventFrame[]>} */
  #strays = new Map();
  /** When which room is to be asked for. @type {Map<string, number>} */
  #due = new Map();
  /** @type {any} */
  #timer = null;
  #timerAt = 0;
  #asking = false;
  /** Ask for every room, whether it seems behind or not. */
  #askAll = false;
  #attempt = 0;
  #era = 0;
  #parts;

  /**
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {(cursors: Record<string, number>, all: boolean) => Promise<SyncAnswer>} parts.ask Of these rooms; with `all` also which others there are.
   * @param {(frame: EventFrame) => void} parts.apply
   * @param {(roomId: string) => Promise<Room | null>} parts.reload Drops and fetches again; null if it is gone.
   * @param {(room: Room) => void} parts.added
   * @param {(roomId: string) => void} parts.removed
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @returns {Record<string, number>} */
  get cursors() {
    return Object.fromEntries([...this.#logs].map(([id, log]) => [id, log.cursor]));
  }

  clear() {
    this.#era += 1;
    this.#logs.clear();
    this.#strays.clear();
    this.#due.clear();
    this.#askAll = false;
    this.#parts.clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#attempt = 0;
  }

  /**
   * Follows a room whose state is known up to `seq`.
   *
   * @param {string} roomId
   * @param {number} seq
   * @param {number} [back] Ask for this many again: nobody is listening yet for those that are late.
   */
  follow(roomId, seq, back = 0) {
    if (this.#logs.has(roomId)) return;
    const cursor = Math.max(0, seq - back);
    this.#logs.set(roomId, { cursor, head: seq, held: new Map(), resetting: false, start: seq, late: new Set(), arrivals: [] });
    const strays = this.#strays.get(roomId) ?? [];
    this.#strays.delete(roomId);
    for (const frame of strays) this.receive(frame);
  }

  /** @param {string} roomId */
  forget(roomId) {
    this.#logs.delete(roomId);
    this.#strays.delete(roomId);
    this.#due.delete(roomId);
  }

  /** @param {EventFrame} frame */
  receive(frame) {
    const { seq, room_id: roomId } = frame;
    if (seq === undefined || seq === null) return this.#parts.apply(frame);
    const log = this.#logs.get(roomId);
    if (!log) return this.#stray(frame);
    log.arrivals = [...log.arrivals, this.#parts.clock.now()].slice(-BUSY_EVENTS);
    log.head = Math.max(log.head, seq);
    if (seq <= log.cursor) return this.#late(log, seq, frame);
    log.held.set(seq, frame);
    this.#drain(roomId, log);
  }

  /**
   * Applying once too often does no harm to messages, so only a number that may never have been
   * applied is let through, and once.
   *
   * @param {Log} log
   * @param {number} seq
   * @param {EventFrame} frame
   */
  #late(log, seq, frame) {
    if (seq > log.start || seq <= log.start - UNPROVEN || log.late.has(seq)) return;
    log.late.add(seq);
    this.#parts.apply(frame);
  }

  /** @param {Record<string, number>} heads */
  compare(heads) {
    for (const [roomId, head] of Object.entries(heads)) {
      const log = this.#logs.get(roomId);
      if (log) log.head = Math.max(log.head, head);
      if (!log || log.head > log.cursor) this.#want(roomId, 0);
    }
  }

  /** Nothing is known of what happened meanwhile. */
  check() {
    this.#askAll = true;
    this.#wake(0);
  }

  /** @param {SyncAnswer} answer */
  take(answer) {
    let behind = false;
    for (const [roomId, part] of Object.entries(answer.rooms ?? {})) {
      const log = this.#logs.get(roomId);
      if (!log) continue;
      if (part.reset) {
        this.#reset(roomId, log, part.upto);
        continue;
      }
      for (const frame of part.events) {
        if (frame.seq && frame.seq > log.cursor) log.held.set(frame.seq, frame);
      }
      log.head = Math.max(log.head, part.head, part.upto);
      this.#drain(roomId, log, part.upto);
      behind ||= log.head > log.cursor;
    }
    for (const room of answer.added ?? []) {
      if (!this.#logs.has(room.id)) this.#parts.added(room);
    }
    for (const roomId of answer.removed ?? []) this.#parts.removed(roomId);
    this.#attempt = behind ? this.#attempt + 1 : 0;
  }

  /**
   * @param {string} roomId
   * @param {Log} log
   * @param {number} [upto] Nothing is missing up to here, even if a number is.
   */
  #drain(roomId, log, upto = 0) {
    if (log.resetting) return;
    const before = log.cursor;
    while (log.head > log.cursor) {
      const seq = log.cursor + 1;
      const frame = log.held.get(seq);
      if (!frame && seq > upto) break;
      log.held.delete(seq);
      // Moved first: applying may ask where we are, or end in this room being forgotten.
      log.cursor = seq;
      if (seq <= log.start) log.late.add(seq);
      if (frame) this.#parts.apply(frame);
      if (this.#logs.get(roomId) !== log) return;
    }
    if (log.head <= log.cursor) this.#due.delete(roomId);
    else if (log.cursor > before || !this.#due.has(roomId)) {
      this.#want(roomId, this.#patience(log) + (this.#attempt ? backoff(this.#parts.clock, this.#attempt) : 0));
    }
  }

  /** @param {Log} log */
  #patience(log) {
    const since = this.#parts.clock.now() - BUSY_MS;
    const recent = log.arrivals.filter((at) => at > since);
    return recent.length < BUSY_EVENTS ? GAP_MS : BUSY_GAP_MS;
  }

  /** @param {EventFrame} frame */
  #stray(frame) {
    const strays = this.#strays.get(frame.room_id) ?? [];
    if (strays.length < STRAYS_PER_ROOM) strays.push(frame);
    this.#strays.set(frame.room_id, strays);
    // Its `room.added` is probably right behind.
    this.#want(frame.room_id, GAP_MS);
  }

  /**
   * @param {string} roomId
   * @param {number} delay
   */
  #want(roomId, delay) {
    this.#due.set(roomId, this.#parts.clock.now() + delay);
    this.#wake(delay);
  }

  /** @param {number} delay */
  #wake(delay) {
    const { clock } = this.#parts;
    const at = clock.now() + delay;
    if (this.#timer !== null && this.#timerAt <= at) return;
    clock.clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = clock.setTimeout(() => {
      this.#timer = null;
      this.#ask();
    }, delay);
  }

  #untilDue() {
    return Math.max(0, Math.min(...this.#due.values()) - this.#parts.clock.now());
  }

  async #ask() {
    // The answer under way may fill the gap; what it leaves open asks again.
    if (this.#asking) return;
    /** @type {Record<string, number>} */
    const cursors = {};
    /** @type {string[]} */
    const unknown = [];
    const all = this.#askAll;
    const now = this.#parts.clock.now();
    const due = [...this.#due].filter(([, at]) => all || at <= now).map(([roomId]) => roomId);
    for (const roomId of due) this.#due.delete(roomId);
    for (const roomId of all ? new Set([...due, ...this.#logs.keys()]) : due) {
      const log = this.#logs.get(roomId);
      if (!log) unknown.push(roomId);
      else if ((all || log.head > log.cursor) && !log.resetting) cursors[roomId] = log.cursor;
    }
    this.#askAll = false;
    const era = this.#era;
    this.#asking = true;
    try {
      await Promise.all(unknown.map((roomId) => this.#discover(roomId, era)));
      if (Object.keys(cursors).length === 0) return;
      const answer = await this.#parts.ask(cursors, all);
      if (era === this.#era) this.take(answer);
    } catch {
      if (era !== this.#era) return;
      this.#attempt += 1;
      this.#askAll ||= all;
      const delay = GAP_MS + backoff(this.#parts.clock, this.#attempt);
      for (const roomId of [...Object.keys(cursors), ...unknown]) this.#want(roomId, delay);
    } finally {
      this.#asking = false;
      if (era === this.#era && (this.#due.size || this.#askAll) && this.#timer === null) this.#wake(this.#askAll ? GAP_MS : this.#untilDue());
    }
  }

  /**
   * @param {string} roomId
   * @param {number} era
   */
  async #discover(roomId, era) {
    if (!this.#logs.has(roomId)) {
      const room = await this.#parts.reload(roomId);
      if (era !== this.#era || this.#logs.has(roomId)) return;
      if (room?.my) this.#parts.added(room);
      else this.#strays.delete(roomId);
    }
  }

  /**
   * @param {string} roomId
   * @param {Log} log
   * @param {number} upto What is fetched now holds at least this; the rest is asked for again.
   */
  async #reset(roomId, log, upto) {
    if (log.resetting) return;
    log.resetting = true;
    const era = this.#era;
    try {
      const room = await this.#parts.reload(roomId);
      if (era !== this.#era || this.#logs.get(roomId) !== log) return;
      if (!room?.my) return this.#parts.removed(roomId);
      // A cursor past the head is from another life of the room: it goes down.
      log.cursor = upto;
      log.head = Math.max(room.seq, upto);
      for (const seq of [...log.held.keys()]) if (seq <= log.cursor) log.held.delete(seq);
    } catch {
      // Still behind: the next answer will say reset again.
      log.head = Math.max(log.head, log.cursor + 1);
      this.#attempt += 1;
    } finally {
      log.resetting = false;
      if (era === this.#era && this.#logs.get(roomId) === log) this.#drain(roomId, log);
    }
  }
}
