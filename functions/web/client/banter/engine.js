/**
 * Wires the parts of the client to each other: what the session, the socket and the log have to
 * tell one another. `banter.js` is its face.
 */

/**
 * @import {
 *   ByeFrame, Clock, Draft, EventFrame, HelloAck, HistoryPage, Locks, Message, Room, SocketClass, Storage,
 *   SyncAnswer, User,
 * } from './types.js'
 */
/** @import {Emitter} from './emitter.js' */
import { Admin } from './admin.js';
import { Api } from './api.js';
import { BanterError } from './errors.js';
import { Link } from './link.js';
import { MediaStore } from './media.js';
import { Model } from './model.js';
import { Outbox } from './outbox.js';
import { announceSignOut, watchPage } from './page.js';
import { Peers } from './peers.js';
import { People } from './people.js';
import { Presence } from './presence.js';
import { Quotes } from './quotes.js';
import { Reads } from './reads.js';
import { Session } from './session.js';
import { Sync, UNPROVEN } from './sync.js';
import { View } from './view.js';
import { Windows } from './windows.js';

const PAGE = 50;
/** The server takes no more cursors at once. */
const SYNC_ROOMS = 200;
/** A frame holds little: who asks about more rooms than this asks by REST at once. */
const FRAME_ROOMS = 20;
/** Whatever was given a number longer ago is written or void; generous, because clocks differ. */
const LATE_MS = 2 * 60_000;

export class Engine {
  /** Whether the list of rooms has arrived: empty before that means nothing. */
  listed = false;
  #unwatch = () => {};
  #emitter;
  #clock;
  /** @type {string | null} */
  #userId = null;

  /**
   * @param {object} parts
   * @param {Emitter} parts.emitter
   * @param {string} parts.url
   * @param {Storage} parts.storage
   * @param {typeof fetch} parts.fetch
   * @param {SocketClass} parts.WebSocket
   * @param {Clock} parts.clock
   * @param {Locks} parts.locks
   */
  constructor({ emitter, url, storage, fetch, WebSocket, clock, locks }) {
    this.#emitter = emitter;
    this.#clock = clock;
    const myId = () => this.session.user?.id ?? null;
    this.api = new Api({ url, clock, fetch });
    this.session = new Session({
      storage,
      locks,
      renew: (refresh_token) => this.api.grant('/v1/accounts/refresh', { refresh_token }),
      changed: (user, reason) => this.sessionChanged(user, reason),
    });
    this.api.session = this.session;
    this.model = new Model({ emitter, myId, ownArrived: (clientId) => this.outbox.settle(clientId) });
    this.sync = new Sync({
      clock,
      ask: (rooms, all) => this.#askSync(rooms, all),
      apply: (frame) => this.#apply(frame),
      reload: (roomId) => this.#reload(roomId),
      added: (room) => this.#follow(room),
      removed: (roomId) => this.forget(roomId),
    });
    this.outbox = new Outbox({
      clock,
      storage,
      locks,
      deliver: (draft, isFirst) => this.#deliver(draft, isFirst),
      sent: (message) => this.#receiveOwn(message),
      changed: (room_id) => this.#emitter.emit('timeline', { room_id }),
    });
    this.peers = new Peers({
      storage,
      myId,
      members: (roomId) => this.api.all(`/v1/rooms/${roomId}/members`),
      learned: (roomId) => {
        const room = this.model.room(roomId);
        if (room) this.#emitter.emit('room', { room });
        this.#emitter.emit('rooms', {});
      },
    });
    this.windows = new Windows({ emitter, model: this.model, history: (roomId, where) => this.history(roomId, where) });
    this.quotes = new Quotes({
      find: (roomId, seq) => this.api.request('GET', `/v1/rooms/${roomId}/messages/${seq}`),
      learned: (room_id) => emitter.emit('timeline', { room_id }),
    });
    this.media = new MediaStore({ api: this.api, clock });
    this.admin = new Admin(this.api);
    this.presence = new Presence({ emitter, ask: (roomId) => this.api.request('GET', `/v1/rooms/${roomId}/presence`) });
    this.people = new People({
      clock,
      find: async (ids) => (await this.api.request('GET', '/v1/users', { query: { ids: ids.join(',') } })).data,
      learned: () => emitter.emit('people', {}),
    });
    this.view = new View({
      join: (roomId) => this.link.request('room.join', { room_id: roomId, last: 1 }),
      compare: (heads) => this.sync.compare(heads),
    });
    this.reads = new Reads({ clock, tell: (roomId, seq) => this.#tellRead(roomId, seq) });
    this.link = new Link({
      WebSocket,
      clock,
      address: () => this.#address(),
      hello: (attempt) => this.#hello(attempt),
      onHello: (ack) => this.#greeted(ack),
      onHeads: (heads) => this.sync.compare(heads),
      onEvent: (frame) => this.sync.receive(frame),
      onBye: (frame) => this.#sentAway(frame),
      onState: () => this.#stateChanged(),
    });
  }

  connect() {
    this.#unwatch();
    this.#unwatch = watchPage({
      back: () => this.link.nudge(),
      signedOut: (userId) => userId === this.session.user?.id && this.session.end('signed_out_elsewhere'),
    });
    this.link.start();
  }

  disconnect() {
    this.#unwatch();
    this.#unwatch = () => {};
    this.link.stop();
  }

  /**
   * @param {User | null} user
   * @param {string} reason
   */
  sessionChanged(user, reason) {
    const left = this.#userId;
    this.#userId = user?.id ?? null;
    if (user) {
      // Without storage there is nothing to take over.
      this.outbox.start(user.id).catch(() => {});
    } else {
      this.disconnect();
      this.outbox.stop();
      this.reads.clear();
      this.sync.clear();
      this.model.clear();
      this.peers.clear();
      for (const part of [this.people, this.presence, this.media, this.quotes, this.view]) part.clear();
      this.listed = false;
      if (left && reason !== 'signed_out_elsewhere') announceSignOut(left);
    }
    this.#emitter.emit('session', { user, reason });
  }

  #stateChanged() {
    const { state, retryAt, byeCode } = this.link;
    if (state === 'online') {
      this.outbox.wake();
      this.outbox.adopt().catch(() => {});
      this.reads.flush();
      this.presence.renew();
    }
    this.#emitter.emit('state', { state, retry_at: retryAt, code: byeCode });
  }

  /** @returns {Promise<string>} */
  async #address() {
    const [ticket] = await Promise.all([
      this.api.request('POST', '/v1/connections/tickets', { body: {} }),
      // While away, rooms may have been read on another device, and no event tells that later.
      this.link.state === 'online' ? null : this.#list(),
    ]);
    return ticket.url;
  }

  async #list() {
    for (const room of await this.api.all('/v1/rooms', { scope: 'mine' })) {
      const quiet = this.#clock.now() - Date.parse(room.last_activity_at ?? room.updated_at);
      this.#follow(room, quiet < LATE_MS ? UNPROVEN : 0);
    }
    this.listed = true;
    this.#emitter.emit('rooms', {});
  }

  /**
   * The answer may be too big for a frame, and then never comes: after two failures it is asked
   * for by REST.
   *
   * @param {number} attempt
   */
  #hello(attempt) {
    const rooms = this.sync.cursors;
    return attempt < 2 && Object.keys(rooms).length <= SYNC_ROOMS ? { rooms } : {};
  }

  /** @param {HelloAck} ack */
  #greeted(ack) {
    this.view.renew();
    if (ack.user) this.knowMyself(ack.user);
    if (ack.sync) this.sync.take(ack.sync);
    else this.sync.check();
  }

  /** @param {ByeFrame} frame */
  #sentAway(frame) {
    this.#emitter.emit('bye', frame);
    // What somebody may do is in their token: a new one says what they may now.
    if (frame.code === 'staff_changed') this.session.refresh(this.session.accessToken).catch(() => {});
    if (frame.code === 'signed_out') this.session.end('expired');
    if (frame.code === 'banned') this.session.end('banned');
  }

  /** @param {EventFrame} frame */
  #apply(frame) {
    if (frame.event === 'room.added') return this.#follow(frame.data);
    if (frame.event === 'room.removed') return this.forget(frame.data.room_id);
    if (frame.event === 'presence') return this.presence.apply(frame.data);
    if (frame.event.startsWith('message.') && frame.data) this.quotes.change(frame.data);
    this.model.apply(frame);
    if (!this.model.room(frame.room_id)) this.forget(frame.room_id);
  }

  /**
   * @param {Room} room
   * @param {number} [back]
   */
  #follow(room, back) {
    this.model.put(room);
    this.sync.follow(room.id, room.seq, back);
  }

  /**
   * @param {Room} room
   * @returns {Room}
   */
  joined(room) {
    this.#follow(room);
    return this.model.room(room.id) ?? room;
  }

  /** @param {string} roomId */
  forget(roomId) {
    this.view.forget(roomId);
    this.sync.forget(roomId);
    this.outbox.dropRoom(roomId);
    this.model.remove(roomId);
  }

  /**
   * @param {string} roomId
   * @returns {Promise<Room | null>}
   */
  async #reload(roomId) {
    try {
      const room = await this.api.request('GET', `/v1/rooms/${roomId}`);
      if (this.model.room(roomId) && room.my) {
        const open = this.model.timeline(roomId)?.loaded;
        this.model.put(room);
        this.model.dropMessages(roomId);
        if (open) this.windows.open(roomId).catch(() => {});
      }
      return room;
    } catch (error) {
      if (error instanceof BanterError && (error.status === 404 || error.status === 403)) return null;
      throw error;
    }
  }

  /**
   * @param {string} roomId
   * @param {{before_seq?: number, after_seq?: number, around_seq?: number, limit?: number}} where
   * @returns {Promise<HistoryPage>}
   */
  history(roomId, where) {
    return this.api.request('GET', `/v1/rooms/${roomId}/messages`, { query: { limit: PAGE, ...where } });
  }

  /** @param {User} user */
  knowMyself(user) {
    this.session.rename(user).then(() => this.#emitter.emit('people', {}), () => {});
    this.people.learn([{ avatar_media_id: null, ...user }]);
  }

  /**
   * @param {Draft} draft
   * @param {boolean} isFirst
   * @returns {Promise<Message>}
   */
  async #deliver({ room_id, client_id, text, media, reply_to_seq }, isFirst) {
    const body = {
      client_id,
      ...(text && { text }),
      ...(media?.length && { media: media.map(({ media_id }) => ({ media_id })) }),
      ...(reply_to_seq && { reply_to_seq }),
      ...(isFirst && { first_attempt: true }),
    };
    const rest = () => this.api.request('POST', `/v1/rooms/${room_id}/messages`, { body });
    if (this.link.state !== 'online') return stripDuplicate(await rest());
    try {
      return (await this.link.request('message.send', { room_id, ...body })).message;
    } catch (error) {
      // Silence may mean that the socket is dead and nobody noticed yet.
      if (error instanceof BanterError && error.code === 'timeout') this.link.nudge();
      throw error;
    }
  }

  /** An ack stands for the event that this connection does not get. @param {Message} message */
  #receiveOwn(message) {
    const { room_id, seq } = message;
    this.sync.receive({ type: 'event', event: 'message.created', room_id, seq, data: message });
    this.model.learn(message);
  }

  /**
   * @param {string} roomId
   * @param {number} seq
   */
  async #tellRead(roomId, seq) {
    const answer = await this.#ask('room.read', { room_id: roomId, seq }, () =>
      this.api.request('POST', `/v1/rooms/${roomId}/read`, { body: { seq } }));
    const latest = this.model.room(roomId)?.my?.last_read_seq ?? 0;
    const { last_read_seq, unread_count } = answer;
    // An answer to an older mark must not bring back what was read since.
    if (last_read_seq >= latest) this.model.updateMine(roomId, { last_read_seq, unread_count });
  }

  /**
   * @param {string} roomId
   * @param {number} seq
   * @param {string} reaction
   * @param {boolean} wanted
   */
  async react(roomId, seq, reaction, wanted) {
    const path = `/v1/rooms/${roomId}/messages/${seq}/reactions`;
    const rest = () =>
      wanted
        ? this.api.request('POST', path, { body: { reaction } })
        : this.api.request('DELETE', `${path}/me/${encodeURIComponent(reaction)}`);
    const answer = await this.#ask(wanted ? 'reaction.add' : 'reaction.remove', { room_id: roomId, seq, reaction }, rest);
    // The ack stands for the events that this connection does not get; after REST they come.
    for (const frame of answer?.events ?? []) this.sync.receive(frame);
  }

  /**
   * @param {Record<string, number>} cursors
   * @param {boolean} everything Whether to be told of rooms that are not named, too.
   * @returns {Promise<SyncAnswer>}
   */
  async #askSync(cursors, everything) {
    const all = Object.entries(cursors);
    const scope = everything ? 'all' : 'named';
    /** @type {SyncAnswer} */
    const whole = { rooms: {}, added: [], removed: [] };
    for (let start = 0; start < all.length; start += SYNC_ROOMS) {
      const rooms = Object.fromEntries(all.slice(start, start + SYNC_ROOMS));
      const rest = () => this.api.request('POST', '/v1/sync', { body: { rooms, scope } });
      const expected = everything ? this.model.rooms.length : all.length;
      /** @type {SyncAnswer} */
      const part = await (expected > FRAME_ROOMS ? rest() : this.#ask('sync', { rooms, scope }, rest));
      Object.assign(whole.rooms, part.rooms);
      whole.removed?.push(...(part.removed ?? []));
      // Those of the other parts are among them; what is followed already is passed over.
      whole.added?.push(...(part.added ?? []));
    }
    return whole;
  }

  /**
   * By the socket if there is one, else by REST.
   *
   * @param {string} action
   * @param {unknown} data
   * @param {() => Promise<any>} rest
   * @returns {Promise<any>}
   */
  async #ask(action, data, rest) {
    if (this.link.state !== 'online') return rest();
    try {
      return await this.link.request(action, data);
    } catch (error) {
      if (error instanceof BanterError && ['network', 'timeout', 'message_too_large'].includes(error.code)) return rest();
      throw error;
    }
  }
}

/** @param {Message & {duplicate?: boolean}} answer */
function stripDuplicate({ duplicate: _, ...message }) {
  return /** @type {Message} */ (message);
}
