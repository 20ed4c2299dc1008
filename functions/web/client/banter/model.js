/**
 * What this user knows: rooms, and the loaded part of their messages. Events change it, in order
 * and once each (`sync.js` sees to that); nothing here talks to the network.
 */

/** @import {EventFrame, Member, Message, MyMembership, Preview, ReactionChange, Room} from './types.js' */
/** @import {Emitter} from './emitter.js' */
import { reacted } from './reactions.js';
import { Timeline } from './timeline.js';

const PREVIEW_CHARACTERS = 140;

/**
 * @typedef {object} RoomState
 * @property {Room} room
 * @property {Timeline} timeline
 * @property {Timeline | null} aside Around something older that is looked at; the events of the log change it, too.
 * @property {number} countedTo Events up to here are in the room's counters already.
 */

export class Model {
  /** @type {Map<string, RoomState>} */
  #rooms = new Map();
  #emitter;
  #myId;
  #ownArrived;

  /**
   * @param {object} parts
   * @param {Emitter} parts.emitter
   * @param {() => string | null} parts.myId
   * @param {(clientId: string) => void} parts.ownArrived A message of mine is in the log.
   */
  constructor({ emitter, myId, ownArrived }) {
    this.#emitter = emitter;
    this.#myId = myId;
    this.#ownArrived = ownArrived;
  }

  /** Latest activity first. */
  get rooms() {
    return [...this.#rooms.values()]
      .map(({ room }) => room)
      .sort((a, b) => (activity(b) < activity(a) ? -1 : activity(b) > activity(a) ? 1 : 0));
  }

  /** @param {string} roomId */
  room(roomId) {
    return this.#rooms.get(roomId)?.room ?? null;
  }

  /** @param {string} roomId */
  timeline(roomId) {
    return this.#rooms.get(roomId)?.timeline ?? null;
  }

  /** @param {string} roomId */
  aside(roomId) {
    return this.#rooms.get(roomId)?.aside ?? null;
  }

  /** @param {string} roomId @param {Timeline | null} aside */
  setAside(roomId, aside) {
    const state = this.#rooms.get(roomId);
    if (state) state.aside = aside;
  }

  /** What one looks at. @param {string} roomId */
  shown(roomId) {
    return this.aside(roomId) ?? this.timeline(roomId);
  }

  clear() {
    this.#rooms.clear();
  }

  /**
   * Takes a room as fetched with `my`.
   *
   * @param {Room} fresh
   */
  put(fresh) {
    const state = this.#rooms.get(fresh.id);
    if (!state) {
      this.#rooms.set(fresh.id, { room: fresh, timeline: new Timeline(), aside: null, countedTo: fresh.seq });
    } else {
      state.room = merge(state.room, fresh);
      state.countedTo = Math.max(state.countedTo, fresh.seq);
      this.#emitter.emit('room', { room: state.room });
    }
    this.#emitter.emit('rooms', {});
  }

  /** @param {string} roomId */
  dropMessages(roomId) {
    const state = this.#rooms.get(roomId);
    if (!state) return;
    state.timeline = new Timeline();
    state.aside = null;
    this.#emitter.emit('timeline', { room_id: roomId });
  }

  /** @param {string} roomId */
  remove(roomId) {
    if (!this.#rooms.delete(roomId)) return;
    this.#emitter.emit('removed', { room_id: roomId });
    this.#emitter.emit('rooms', {});
  }

  /**
   * @param {string} roomId
   * @param {Partial<MyMembership>} change
   */
  updateMine(roomId, change) {
    const state = this.#rooms.get(roomId);
    if (!state?.room.my) return;
    this.#change(state, { my: { ...state.room.my, ...change } });
  }

  /** @param {Message} message Known from an answer; its event may still come. */
  learn(message) {
    const state = this.#rooms.get(message.room_id);
    if (!state) return;
    state.timeline.apply(message, 'updated');
    if (state.aside?.find(message.seq)) state.aside.apply(message, 'updated');
    this.#emitter.emit('timeline', { room_id: message.room_id });
  }

  /** @param {EventFrame} frame */
  apply(frame) {
    const state = this.#rooms.get(frame.room_id);
    if (!state) return;
    if (frame.seq) {
      const seq = Math.max(state.room.seq, frame.seq);
      const last_activity_at = later(frame.at, state.room.last_activity_at);
      state.room = { ...state.room, seq, last_activity_at };
    }
    const [noun, kind] = frame.event.split('.');
    if (noun === 'message') this.#applyMessage(state, frame, /** @type {any} */ (kind));
    else if (noun === 'reaction') this.#applyReaction(state, frame, /** @type {any} */ (kind));
    else if (kind === 'entered' || kind === 'exited') this.#applyNotice(frame, kind);
    else if (noun === 'member') this.#applyMember(state, frame, kind ?? '');
    else if (frame.event === 'room.updated') this.#change(state, merge(state.room, frame.data));
    else if (frame.event === 'room.deleted') this.remove(frame.room_id);
    else if (frame.event === 'room.read') {
      const { last_read_seq, unread_count } = frame.data;
      this.updateMine(frame.room_id, { last_read_seq, unread_count });
    } else if (frame.event === 'typing') this.#applyTyping(frame);
  }

  /**
   * @param {RoomState} state
   * @param {EventFrame} frame
   * @param {'created' | 'updated' | 'deleted'} kind
   */
  #applyMessage(state, frame, kind) {
    /** @type {Message} */
    const message = frame.data;
    const { room } = state;
    state.timeline.apply(message, kind);
    if (state.aside?.find(message.seq)) state.aside.apply(message, kind);
    const mine = message.user?.id === this.#myId();
    if (mine && message.client_id) this.#ownArrived(message.client_id);
    /** @type {Partial<Room>} */
    const change = {};
    if (message.type !== 'system' && message.seq >= (room.last_message?.seq ?? 0)) {
      change.last_message = preview(message);
    }
    if (kind === 'created' && message.type !== 'system' && (frame.seq ?? 0) > state.countedTo) {
      change.message_count = room.message_count + 1;
      if (room.my && message.seq > room.my.last_read_seq) change.my = counted(room.my, message, mine);
    }
    this.#change(state, change);
    this.#emitter.emit('message', { room_id: room.id, message, kind });
    this.#emitter.emit('timeline', { room_id: room.id });
  }

  /**
   * @param {RoomState} state
   * @param {EventFrame} frame
   * @param {'added' | 'removed'} kind
   */
  #applyReaction(state, frame, kind) {
    /** @type {ReactionChange} */
    const change = frame.data;
    const apply = (/** @type {Message} */ message) =>
      message.type === 'regular' ? { ...message, reactions: reacted(message.reactions ?? [], change, kind, this.#myId()) } : message;
    state.timeline.change(change.message_seq, apply);
    state.aside?.change(change.message_seq, apply);
    this.#emitter.emit('timeline', { room_id: state.room.id });
  }

  /** @param {EventFrame} frame @param {'entered' | 'exited'} kind */
  #applyNotice({ room_id, data }, kind) {
    this.#emitter.emit('notice', { room_id, user_id: data.user_id, name: data.name ?? 'Someone', kind });
  }

  /**
   * @param {RoomState} state
   * @param {EventFrame} frame
   * @param {string} kind
   */
  #applyMember(state, frame, kind) {
    /** @type {Member} */
    const member = frame.data;
    const mine = member.user.id === this.#myId();
    if (mine && kind === 'left') return this.remove(frame.room_id);
    const { room } = state;
    /** @type {Partial<Room>} */
    const change = {};
    if ((frame.seq ?? 0) > state.countedTo) {
      if (kind === 'joined') change.member_count = room.member_count + 1;
      if (kind === 'left') change.member_count = Math.max(0, room.member_count - 1);
    }
    if (mine && room.my) {
      change.my = { ...room.my, permissions: member.permissions, is_owner: member.is_owner };
    }
    this.#change(state, change);
    this.#emitter.emit('member', { room_id: room.id, kind, member });
  }

  /** @param {EventFrame} frame */
  #applyTyping({ room_id, data, actor }) {
    if (data.user_id === this.#myId()) return;
    this.#emitter.emit('typing', {
      room_id,
      user_id: data.user_id,
      name: data.name ?? actor?.name ?? null,
      expires_in_ms: data.expires_in_ms ?? 15_000,
    });
  }

  /**
   * @param {RoomState} state
   * @param {Partial<Room>} change
   */
  #change(state, change) {
    state.room = { ...state.room, ...change };
    this.#emitter.emit('room', { room: state.room });
    this.#emitter.emit('rooms', {});
  }
}

/** @param {Room} room */
function activity(room) {
  return later(room.last_activity_at, later(room.last_message?.created_at, room.created_at));
}

/** @param {string | undefined} one @param {string | undefined} other */
function later(one = '', other = '') {
  return one > other ? one : other;
}

/**
 * @param {MyMembership} my
 * @param {Message} message
 * @param {boolean} mine
 * @returns {MyMembership}
 */
function counted(my, message, mine) {
  if (!mine) return { ...my, unread_count: my.unread_count + 1 };
  // Who has read everything and writes has read that, too; the server counts the same.
  return my.unread_count === 0 ? { ...my, last_read_seq: message.seq } : my;
}

/**
 * @param {Room} known
 * @param {Room} fresh May be older in what messages change, and has no `my` if pushed to everybody.
 * @returns {Room}
 */
function merge(known, fresh) {
  const newer = (fresh.last_message?.seq ?? 0) >= (known.last_message?.seq ?? 0);
  return {
    ...known,
    ...fresh,
    seq: Math.max(known.seq, fresh.seq ?? 0),
    last_activity_at: later(known.last_activity_at, fresh.last_activity_at),
    last_message: newer ? (fresh.last_message ?? known.last_message) : known.last_message,
    my: fresh.my ?? known.my,
  };
}

/**
 * @param {Message} message
 * @returns {Preview}
 */
function preview({ seq, type, user, text, media, created_at }) {
  return { seq, type, user, text: text?.slice(0, PREVIEW_CHARACTERS) ?? null, media_count: media?.length ?? 0, created_at };
}
