/**
 * The client of Banter: sign in, keep up, send. Works in a page and in Node; touches no DOM on import.
 *
 *     const banter = new Banter({ url: 'https://chat.example.com' });
 *     await banter.signIn({ username: 'ana', password: '…' });
 *     banter.connect();
 */

/**
 * @import {
 *   Clock, Content, Draft, HistoryPage, Locks, Member, Message, Permissions, Room, RoomType,
 *   SocketClass, Storage, User,
 * } from './banter/types.js'
 */
import { systemClock } from './banter/clock.js';
import { Emitter } from './banter/emitter.js';
import { Engine } from './banter/engine.js';
import { defaultLocks, defaultStorage } from './banter/store.js';

export { BanterError } from './banter/errors.js';
export { MemoryStorage, processLocks } from './banter/store.js';

/** Others show it for 15 s; each notice costs an invocation. */
const TYPING_MS = 5_000;

export class Banter extends Emitter {
  #clock;
  #engine;
  /** @type {Map<string, number>} */
  #typedAt = new Map();

  /**
   * @param {object} options
   * @param {string} options.url Where the API is; empty for the page's own origin.
   * @param {Storage} [options.storage]
   * @param {typeof fetch} [options.fetch]
   * @param {SocketClass} [options.WebSocket]
   * @param {Clock} [options.clock]
   * @param {Locks} [options.locks]
   */
  constructor({ url, storage = defaultStorage(), fetch, WebSocket, clock = systemClock, locks = defaultLocks() }) {
    super();
    this.#clock = clock;
    this.#engine = new Engine({
      emitter: this,
      url,
      storage,
      // Called late, so that a page may replace the global before the first request.
      fetch: fetch ?? ((...request) => globalThis.fetch(...request)),
      WebSocket: WebSocket ?? /** @type {any} */ (globalThis.WebSocket),
      clock,
      locks,
    });
  }

  // Who I am.

  /** @returns {User | null} */
  get me() {
    return this.#engine.session.user;
  }

  /** Takes up the session that an earlier page left. */
  async restore() {
    const user = await this.#engine.session.restore();
    if (user) this.#engine.sessionChanged(user, 'restored');
    return user;
  }

  /** @param {{name?: string, avatar_media_id?: string | null}} change */
  async updateMe(change) {
    this.#engine.knowMyself(await this.#engine.api.request('PATCH', '/v1/users/me', { body: change }));
  }

  /** Signs every other device out. @param {{current_password: string, new_password: string}} passwords */
  async changePassword(passwords) {
    await this.#engine.api.request('POST', '/v1/users/me/password', { body: passwords });
  }

  /** @param {{username: string, password: string, name: string}} account */
  async signUp(account) {
    await this.#engine.session.begin(await this.#engine.api.grant('/v1/accounts', account));
  }

  /**
   * Signs in at the deployment's own identity provider instead. It is asked again whenever a token is too old.
   *
   * @param {() => Promise<string>} ask Gives a token that is good now.
   */
  async signInByToken(ask) {
    const { api, session } = this.#engine;
    session.renewBy(() => api.bearer(ask));
    await session.begin(await api.bearer(ask));
  }

  /** @param {{username: string, password: string}} credentials */
  async signIn(credentials) {
    await this.#engine.session.begin(await this.#engine.api.grant('/v1/accounts/login', credentials));
  }

  async signOut() {
    const ended = await this.#engine.session.end('signed_out');
    if (!ended?.refresh_token) return;
    const { refresh_token, access_token: token } = ended;
    // Signed out here either way; the server forgets the token by itself in time.
    await this.#engine.api.anonymous('POST', '/v1/accounts/logout', { body: { refresh_token }, token }).catch(() => {});
  }

  // The connection.

  /** Keeps a connection from now on, and the rooms up to date. */
  connect() {
    this.#engine.connect();
  }

  disconnect() {
    this.#engine.disconnect();
  }

  get state() {
    return this.#engine.link.state;
  }

  /** Whether the list of rooms has arrived: empty before that means nothing. */
  get listed() {
    return this.#engine.listed;
  }

  // Rooms.

  /** My rooms, latest activity first. @returns {Room[]} */
  get rooms() {
    return this.#engine.model.rooms;
  }

  /** @param {string} roomId */
  room(roomId) {
    return this.#engine.model.room(roomId);
  }

  /** A room that need not be mine. @param {string} roomId @returns {Promise<Room>} */
  lookUpRoom(roomId) {
    return this.#engine.api.request('GET', `/v1/rooms/${roomId}`);
  }

  /** The other person of a private room; null until known. @param {Room} room */
  peer(room) {
    return this.#engine.peers.of(room);
  }

  /**
   * @param {{type: RoomType, name?: string, description?: string, is_public?: boolean, staff_only?: boolean, members?: string[]}} draft
   * @returns {Promise<Room>}
   */
  async createRoom(draft) {
    return this.#engine.joined(await this.#engine.api.request('POST', '/v1/rooms', { body: draft }));
  }

  /**
   * @param {string} roomId
   * @param {{name?: string, description?: string, is_public?: boolean, staff_only?: boolean, avatar_media_id?: string | null}} change
   */
  async updateRoom(roomId, change) {
    this.#engine.model.put(await this.#engine.api.request('PATCH', `/v1/rooms/${roomId}`, { body: change }));
  }

  /** @param {string} roomId */
  async deleteRoom(roomId) {
    await this.#engine.api.request('DELETE', `/v1/rooms/${roomId}`);
    this.#engine.forget(roomId);
  }

  /** @param {string} roomId */
  async leaveRoom(roomId) {
    await this.#engine.api.request('POST', `/v1/rooms/${roomId}/leave`);
    this.#engine.forget(roomId);
  }

  /** @param {string} roomId */
  async joinRoom(roomId) {
    return this.#engine.joined(await this.#engine.api.request('POST', `/v1/rooms/${roomId}/join`));
  }

  /**
   * @param {string} q
   * @returns {Promise<Room[]>} The first few.
   */
  async publicRooms(q) {
    const query = { scope: 'public', q: q || null, limit: 50 };
    return (await this.#engine.api.request('GET', '/v1/rooms', { query })).data;
  }

  // People.

  /**
   * @param {string} q
   * @returns {Promise<User[]>} The first few.
   */
  async findUsers(q) {
    const users = (await this.#engine.api.request('GET', '/v1/users', { query: { q, limit: 20 } })).data;
    this.#engine.people.learn(users);
    return users;
  }

  /** Pictures of people: `people` is emitted when one becomes known. @param {string | null | undefined} userId */
  pictureOf(userId) {
    return this.#engine.people.pictureOf(userId);
  }

  /** Who is connected. */
  get presence() {
    return this.#engine.presence;
  }

  /** Files. */
  get media() {
    return this.#engine.media;
  }

  /** For staff. */
  get admin() {
    return this.#engine.admin;
  }

  /**
   * @param {string} roomId
   * @returns {Promise<Member[]>}
   */
  async members(roomId) {
    const members = await this.#engine.api.all(`/v1/rooms/${roomId}/members`);
    if (this.room(roomId)?.type === 'private_messages') this.#engine.peers.learn(roomId, members);
    this.#engine.people.learn(members.map(({ user }) => user));
    return members;
  }

  /**
   * @param {string} roomId
   * @param {string[]} userIds
   * @returns {Promise<{user_id: string, member?: Member, code?: string}[]>} Each by itself: with a `code` if it was refused.
   */
  async addMembers(roomId, userIds) {
    const body = { members: userIds };
    return (await this.#engine.api.request('POST', `/v1/rooms/${roomId}/members`, { body })).data;
  }

  /**
   * @param {string} roomId
   * @param {string} userId
   * @param {{permissions?: Partial<Permissions>, is_owner?: boolean}} change
   */
  updateMember(roomId, userId, change) {
    return this.#engine.api.request('PATCH', `/v1/rooms/${roomId}/members/${userId}`, { body: change });
  }

  /**
   * @param {string} roomId
   * @param {string} userId
   */
  async removeMember(roomId, userId) {
    await this.#engine.api.request('DELETE', `/v1/rooms/${roomId}/members/${userId}`);
  }

  /**
   * @param {string} roomId
   * @param {boolean} muted
   */
  async mute(roomId, muted) {
    await this.#engine.api.request('PATCH', `/v1/rooms/${roomId}/members/me`, { body: { muted } });
    this.#engine.model.updateMine(roomId, { muted });
  }

  /** Says which room is in view: others hear of it where that is shown, and a large room is heard from now on. @param {string} roomId */
  enter(roomId) {
    const room = this.room(roomId);
    if (!room) return;
    this.#engine.presence.watch(room);
    if (room.type !== 'private_messages') this.#engine.view.show(roomId);
  }

  // Messages.

  /**
   * @param {string} roomId
   * @returns {Message[]} What is shown: without holes, and up to the newest unless one looks around an older one.
   */
  messages(roomId) {
    return this.#engine.model.shown(roomId)?.messages ?? [];
  }

  /** A message that another answers; null until known. @param {string} roomId @param {number} seq */
  quoted(roomId, seq) {
    return this.#engine.model.shown(roomId)?.find(seq) ?? this.#engine.model.timeline(roomId)?.find(seq) ?? this.#engine.quotes.get(roomId, seq);
  }

  /** What I wrote and the server does not have yet. @param {string} roomId */
  drafts(roomId) {
    return this.#engine.outbox.inRoom(roomId);
  }

  /** @param {string} roomId */
  window(roomId) {
    const shown = this.#engine.model.shown(roomId);
    const foundNewest = this.#engine.model.aside(roomId) === null;
    return { loaded: shown?.loaded ?? false, foundOldest: shown?.foundOldest ?? false, foundNewest };
  }

  /**
   * @param {string} roomId
   * @param {{before_seq?: number, after_seq?: number, around_seq?: number, limit?: number}} [where]
   * @returns {Promise<HistoryPage>}
   */
  history(roomId, where = {}) {
    return this.#engine.history(roomId, where);
  }

  /** Loads the newest page, unless it is there. @param {string} roomId */
  async openRoom(roomId) {
    if (this.#engine.model.timeline(roomId)?.loaded === false) await this.#engine.windows.open(roomId);
  }

  /** Loads one more page upward. @param {string} roomId */
  loadOlder(roomId) {
    return this.#engine.windows.older(roomId);
  }

  /** Loads one more page downward, after `lookAround`. @param {string} roomId */
  loadNewer(roomId) {
    return this.#engine.windows.newer(roomId);
  }

  /** Shows the messages around one that may be far up. @param {string} roomId @param {number} seq */
  lookAround(roomId, seq) {
    return this.#engine.windows.around(roomId, seq);
  }

  /** Shows the newest messages again. @param {string} roomId */
  lookAtNewest(roomId) {
    this.#engine.windows.close(roomId);
  }

  /**
   * @param {string} roomId
   * @param {string | Content} content
   * @returns {Draft} Shown at once; becomes a message with the same `client_id`.
   */
  send(roomId, content) {
    this.#typedAt.delete(roomId);
    return this.#engine.outbox.add(roomId, typeof content === 'string' ? { text: content } : content);
  }

  /**
   * Adds my reaction to a message, or takes it back.
   *
   * @param {string} roomId
   * @param {number} seq
   * @param {string} reaction
   * @param {boolean} wanted
   */
  react(roomId, seq, reaction, wanted) {
    return this.#engine.react(roomId, seq, reaction, wanted);
  }

  /** @param {string} clientId */
  retry(clientId) {
    this.#engine.outbox.retry(clientId);
  }

  /** @param {string} clientId */
  discard(clientId) {
    this.#engine.outbox.discard(clientId);
  }

  /**
   * By REST: over the socket the event would go to everyone but this connection, and leave it a
   * gap to fetch.
   *
   * @param {string} roomId
   * @param {number} seq
   * @param {string} text
   */
  async editMessage(roomId, seq, text) {
    this.#engine.model.learn(await this.#engine.api.request('PATCH', `/v1/rooms/${roomId}/messages/${seq}`, { body: { text } }));
  }

  /**
   * @param {string} roomId
   * @param {number} seq
   */
  async deleteMessage(roomId, seq) {
    await this.#engine.api.request('DELETE', `/v1/rooms/${roomId}/messages/${seq}`);
    const known = this.#engine.model.timeline(roomId)?.find(seq);
    // The event brings the tombstone; until then, the same version lets it through.
    if (known) this.#engine.model.learn({ ...known, type: 'deleted', text: null });
  }

  /** All there is to read has been seen. @param {string} roomId */
  markRead(roomId) {
    const room = this.room(roomId);
    const written = room?.last_message?.seq ?? 0;
    if (!room?.my || (room.my.unread_count === 0 && room.my.last_read_seq >= written)) return;
    const seq = Math.max(written, this.#engine.model.timeline(roomId)?.newestSeq ?? 0);
    this.#engine.model.updateMine(roomId, { unread_count: 0, last_read_seq: Math.max(seq, room.my.last_read_seq) });
    this.#engine.reads.mark(roomId, seq);
  }

  /** Call for every key; tells the others now and then. @param {string} roomId */
  typing(roomId) {
    const now = this.#clock.now();
    if (now - (this.#typedAt.get(roomId) ?? -Infinity) < TYPING_MS) return;
    this.#typedAt.set(roomId, now);
    this.#engine.link.tell('typing', { room_id: roomId });
  }
}
