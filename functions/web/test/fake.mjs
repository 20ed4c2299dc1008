/** A whole server in memory, and a clock that only tests move. Faithful in what clients can see. */

export class FakeClock {
  #now = Date.parse('2026-01-01T12:00:00.000Z');
  #timers = new Map();
  #nextId = 1;
  chance = 0.5;

  now = () => this.#now;
  random = () => this.chance;
  setTimeout = (run, ms) => {
    this.#timers.set(this.#nextId, { run, at: this.#now + ms });
    return this.#nextId++;
  };
  clearTimeout = (id) => void this.#timers.delete(id);

  /** Runs what falls due, in order, letting promises settle in between. */
  async advance(ms) {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const [id, next] = [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (!next || next.at > end) break;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets every promise that can go on without a timer do so. */
export async function settle() {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const ALL = {
  can_add_users: true, can_remove_users: true, can_create_messages: true, can_delete_messages: true,
  can_delete_own_messages: true, can_edit_messages: true, can_edit_own_messages: true, can_edit_room: true,
  can_delete_room: true,
};
const SOME = { ...ALL, can_remove_users: false, can_delete_messages: false, can_edit_messages: false, can_edit_room: false, can_delete_room: false };

class Refusal extends Error {
  constructor(status, code, detail = code, extra = {}) {
    super(detail);
    this.status = status;
    this.body = { code, detail, message: detail, retryable: status >= 500, status, request_id: 'r-1', ...extra };
  }
}

export class FakeServer {
  clock;
  users = new Map();
  rooms = new Map();
  tokens = new Map();
  refreshTokens = new Map();
  tickets = new Map();
  sockets = new Set();
  /** Every request, as `METHOD path` or `action`. */
  log = [];
  /** Set to look at, refuse or swallow: return 'drop' or throw a Refusal; `(name, body, phase)`. */
  tamper = () => {};
  lifetimeMs = 2 * 60 * 60_000;
  #count = 0;

  constructor(clock = { now: () => Date.now() }) {
    this.clock = clock;
    const server = this;
    this.fetch = (url, init) => server.#fetch(url, init);
    this.WebSocket = class extends FakeSocket {
      constructor(url, protocols) {
        super();
        this.protocols = protocols;
        queueMicrotask(() => server.#open(this, url));
      }
    };
  }

  refuse(status, code, extra) {
    throw new Refusal(status, code, code, extra);
  }

  id(prefix) {
    return `${prefix}-${String(++this.#count).padStart(4, '0')}`;
  }

  stamp() {
    return new Date(this.clock.now()).toISOString();
  }

  addUser(name, { username = name.toLowerCase().replaceAll(' ', '.'), password = 'correct horse' } = {}) {
    const user = { id: this.id('u'), username, name, is_staff: false, created_at: this.stamp() };
    this.users.set(user.id, { user, password });
    return user;
  }

  grant(user) {
    const access_token = this.id('access');
    const refresh_token = this.id('refresh');
    this.tokens.set(access_token, user.id);
    this.refreshTokens.set(refresh_token, user.id);
    return { user, access_token, refresh_token, expires_in: 900 };
  }

  addRoom(type, name, owner, others = [], extra = {}) {
    const at = this.stamp();
    const room = {
      id: this.id('room'), type, name, description: null, avatar_media_id: null, is_public: false, staff_only: false,
      member_count: 0, seq: 0, message_count: 0, last_message: null, created_by: owner.id, created_at: at,
      updated_at: at, version: 1, ...extra,
    };
    const state = { room, members: new Map(), messages: [], events: [] };
    this.rooms.set(room.id, state);
    this.#append(state, 'room.created', { actor: ref(owner) }, () => ({ ...room, my: null }));
    this.#say(state, 'room_created', { actor: ref(owner), name });
    this.addMember(state, owner, owner, type === 'private_messages' ? SOME : ALL, true);
    for (const other of others) this.addMember(state, other, owner, type === 'channel' ? { ...SOME, can_create_messages: false } : SOME);
    return state;
  }

  addMember(state, user, actor, permissions = SOME, is_owner = false) {
    if (state.members.has(user.id)) return false;
    const at = this.stamp();
    const member = { room_id: state.room.id, user: { id: user.id, name: user.name, username: user.username }, permissions, is_owner, created_by: actor.id, created_at: at, last_seen_at: null, last_read_seq: 0, read_count: state.room.message_count };
    state.members.set(user.id, member);
    state.room.member_count += 1;
    this.#append(state, 'member.joined', { actor: ref(actor), except: user.id }, () => publicMember(member));
    if (user.id !== actor.id) this.#say(state, 'member_added', { actor: ref(actor), user: ref(user) });
    this.tell(user.id, { type: 'event', event: 'room.added', room_id: state.room.id, at, data: this.view(state, user.id) });
    return true;
  }

  dropMember(state, userId, actor) {
    const member = state.members.get(userId);
    if (!member) this.refuse(404, 'member_not_found');
    state.members.delete(userId);
    state.room.member_count -= 1;
    this.#append(state, 'member.left', { actor: ref(actor) }, () => publicMember(member));
    const removed = actor.id !== userId;
    this.#say(state, removed ? 'member_removed' : 'member_left', { actor: ref(actor), user: ref(member.user) });
    this.tell(userId, { type: 'event', event: 'room.removed', room_id: state.room.id, data: { room_id: state.room.id } });
  }

  /** Adds a message and tells everyone but `except`. */
  addMessage(state, user, text, { client_id = this.id('c'), except } = {}) {
    const known = state.messages.find((message) => message.client_id === client_id && message.user?.id === user.id);
    if (known) return { message: known, duplicate: true };
    const message = { type: 'regular', user: ref(user), text, client_id, reactions: [], media: [] };
    this.#addMessage(state, message, { actor: ref(user), except });
    return { message, duplicate: false };
  }

  /** Gives a message its number, and writes and tells it only on `release`. */
  hold(state, user, text) {
    const { tell } = this;
    const told = [];
    this.tell = (...what) => told.push(what);
    this.addMessage(state, user, text);
    this.tell = tell;
    const message = state.messages.pop();
    const frame = state.events.pop();
    const release = () => {
      state.messages.push(message);
      state.events.push(frame);
      for (const what of told) this.tell(...what);
    };
    return { release };
  }

  changeMessage(state, seq, change, kind, actor) {
    const message = state.messages.find((known) => known.seq === seq);
    if (!message) this.refuse(404, 'message_not_found');
    Object.assign(message, change, { version: message.version + 1 });
    if (state.room.last_message?.seq === seq) state.room.last_message = preview(message);
    this.#append(state, `message.${kind}`, { actor: ref(actor) }, () => ({ ...message }));
    return message;
  }

  /** @returns What the others are told. */
  react(state, user, seq, reaction, wanted, except) {
    const message = state.messages.find((known) => known.seq === seq);
    const who = (message.who ??= new Set());
    if (who.has(user.id) === wanted) return [];
    if (wanted) who.add(user.id);
    else who.delete(user.id);
    const change = { message_seq: seq, reaction, user_id: user.id, count: who.size };
    this.#append(state, wanted ? 'reaction.added' : 'reaction.removed', { actor: ref(user), except }, () => change);
    return [state.events.at(-1)];
  }

  view(state, userId) {
    const member = state.members.get(userId);
    const my = member && {
      permissions: member.permissions, is_owner: member.is_owner, muted: false, last_read_seq: member.last_read_seq,
      last_seen_at: null, unread_count: Math.max(0, state.room.message_count - member.read_count),
    };
    return { ...state.room, my: my ?? null };
  }

  tell(userId, frame, except, hears = (_socket) => true) {
    for (const socket of this.sockets) if (socket.userId === userId && socket !== except && socket.greeted && hears(socket)) socket.deliver(frame);
  }

  #say(state, code, params) {
    this.#addMessage(state, { type: 'system', user: null, text: null, client_id: null, system: { code, params } }, {});
  }

  #addMessage(state, message, options) {
    this.#append(state, 'message.created', options, (seq, at) => {
      Object.assign(message, { room_id: state.room.id, seq, created_at: at, edited_at: null, version: 1 });
      state.messages.push(message);
      if (message.type !== 'system') {
        state.room.message_count += 1;
        state.room.last_message = preview(message);
        this.#readOwn(state, message);
      }
      return { ...message };
    });
  }

  #readOwn(state, message) {
    const member = state.members.get(message.user.id);
    if (member?.read_count !== state.room.message_count - 1) return;
    Object.assign(member, { read_count: state.room.message_count, last_read_seq: message.seq });
  }

  #append(state, event, { actor = null, except }, make) {
    const seq = ++state.room.seq;
    const at = this.stamp();
    state.room.last_activity_at = at;
    const frame = { type: 'event', event, room_id: state.room.id, seq, at, actor, data: make(seq, at) };
    state.events.push(frame);
    const hears = (socket) => state.room.member_count <= 100 || socket.opened.has(state.room.id);
    for (const userId of state.members.keys()) if (userId !== except) this.tell(userId, frame, except, hears);
  }

  sync(userId, { rooms = {}, scope = 'all' }) {
    if (Object.keys(rooms).length > 200) this.refuse(400, 'invalid_request');
    const answer = { rooms: {}, added: [], removed: [] };
    for (const [roomId, cursor] of Object.entries(rooms)) {
      const state = this.rooms.get(roomId);
      if (!state?.members.has(userId)) answer.removed.push(roomId);
      else {
        const head = state.room.seq;
        // Nothing is proven past a number that is given out and not written.
        const written = Math.max(cursor, state.events.at(-1)?.seq ?? 0);
        const upto = Math.min(written, cursor + 100);
        answer.rooms[roomId] = { events: state.events.filter(({ seq }) => seq > cursor && seq <= upto), upto, head, reset: false };
      }
    }
    for (const state of this.rooms.values()) {
      if (scope === 'all' && state.members.has(userId) && !(state.room.id in rooms)) answer.added.push(this.view(state, userId));
    }
    return answer;
  }

  async #fetch(url, init) {
    const { pathname, searchParams } = new URL(url, 'http://fake');
    const body = init.body ? JSON.parse(init.body) : {};
    const token = init.headers.authorization?.slice('Bearer '.length);
    const name = `${init.method} ${pathname}`;
    this.log.push(name);
    try {
      if (this.tamper(name, body, 'before') === 'drop') throw new TypeError('network is down');
      const [status, value] = this.#route(init.method, pathname, searchParams, body, token);
      if (this.tamper(name, body, 'after') === 'drop') throw new TypeError('network is down');
      return new Response(status === 204 ? null : JSON.stringify(value), { status });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return new Response(JSON.stringify(error.body), { status: error.status });
    }
  }

  #route(method, path, query, body, token) {
    if (path === '/v1/accounts') {
      if ([...this.users.values()].some(({ user }) => user.username === body.username)) this.refuse(409, 'username_taken');
      return [201, this.grant(this.addUser(body.name, body))];
    }
    if (path === '/v1/accounts/login') {
      const found = [...this.users.values()].find(({ user, password }) => user.username === body.username && password === body.password);
      return found ? [200, this.grant(found.user)] : this.refuse(401, 'unauthenticated');
    }
    if (path === '/v1/accounts/refresh') {
      const userId = this.refreshTokens.get(body.refresh_token);
      if (!userId) this.refuse(401, 'unauthenticated');
      this.refreshTokens.delete(body.refresh_token);
      return [200, this.grant(this.users.get(userId).user)];
    }
    const userId = this.tokens.get(token);
    if (!userId) {
      const gateway = new Refusal(401, 'unauthenticated');
      gateway.body = { message: 'Unauthorized' };
      throw gateway;
    }
    const { user } = this.users.get(userId);
    const match = /^\/v1\/rooms\/([^/]+)(?:\/(\w+)(?:\/([^/]+))?)?$/.exec(path);
    if (path === '/v1/accounts/logout') return [204];
    if (path === '/v1/users/me') return [200, user];
    if (path === '/v1/users/me/password') {
      const known = this.users.get(userId);
      if (body.current_password !== known.password) this.refuse(403, 'wrong_password');
      known.password = body.new_password;
      return [204];
    }
    if (path === '/v1/connections/tickets') {
      const ticket = this.id('ticket');
      this.tickets.set(ticket, userId);
      return [200, { ticket, url: `ws://fake/live?ticket=${ticket}`, expires_in: 30 }];
    }
    if (path === '/v1/users') {
      const q = query.get('q').toLowerCase();
      const data = [...this.users.values()].map(({ user: found }) => found).filter(({ name }) => name.toLowerCase().split(' ').some((word) => word.startsWith(q)));
      return [200, { data, page: { next: null } }];
    }
    if (path === '/v1/sync') return [200, this.sync(userId, body)];
    if (path === '/v1/rooms' && method === 'GET') {
      const mine = query.get('scope') !== 'public';
      const states = [...this.rooms.values()].filter((state) => (mine ? state.members.has(userId) : state.room.is_public));
      return [200, { data: states.map((state) => this.view(state, userId)), page: { next: null } }];
    }
    if (path === '/v1/rooms') {
      const others = (body.members ?? []).map((id) => this.users.get(id).user);
      const known = body.type === 'private_messages' && [...this.rooms.values()].find(({ room, members }) => room.type === body.type && members.has(userId) && members.has(others[0].id));
      if (known) return [200, this.view(known, userId)];
      return [201, this.view(this.addRoom(body.type, body.name ?? null, user, others, { is_public: body.is_public ?? false, description: body.description ?? null }), userId)];
    }
    if (match) return this.#roomRoute(method, match, query, body, user);
    return this.refuse(404, 'not_found');
  }

  #roomRoute(method, [, roomId, part, rest], query, body, user) {
    const state = this.rooms.get(roomId);
    const me = state?.members.get(user.id);
    if (!state || (!me && !state.room.is_public)) this.refuse(404, 'room_not_found');
    const { room } = state;
    switch (`${method} ${part ?? ''}${rest ? '/' : ''}`) {
      case 'GET ':
        return [200, this.view(state, user.id)];
      case 'PATCH ':
        const renamed = 'name' in body && body.name !== room.name;
        Object.assign(room, body, { version: room.version + 1, updated_at: this.stamp() });
        this.#append(state, 'room.updated', { actor: ref(user) }, () => ({ ...room, my: null }));
        if (renamed) this.#say(state, 'room_updated', { actor: ref(user), name: room.name });
        return [200, this.view(state, user.id)];
      case 'DELETE ':
        this.#append(state, 'room.deleted', { actor: ref(user) }, () => ({ ...room, my: null }));
        for (const id of state.members.keys()) this.tell(id, { type: 'event', event: 'room.removed', room_id: roomId, data: { room_id: roomId } });
        this.rooms.delete(roomId);
        return [204];
      case 'POST join':
        this.addMember(state, user, user);
        return [200, this.view(state, user.id)];
      case 'POST leave':
        this.dropMember(state, user.id, user);
        return [204];
      case 'POST read':
        return [200, this.read(state, user.id, body.seq)];
      case 'GET members':
        return [200, { data: [...state.members.values()].map(publicMember), page: { next: null } }];
      case 'POST members':
        for (const id of body.members) this.addMember(state, this.users.get(id).user, user);
        return [200, { data: [] }];
      case 'DELETE members/':
        this.dropMember(state, rest === 'me' ? user.id : rest, user);
        return [204];
      case 'GET messages':
        return [200, this.page(state, query)];
      case 'POST messages': {
        const { message, duplicate } = this.addMessage(state, user, body.text, { client_id: body.client_id });
        return [duplicate ? 200 : 201, duplicate ? { ...message, duplicate } : message];
      }
      case 'PATCH messages/':
        return [200, this.changeMessage(state, Number(rest), { text: body.text, edited_at: this.stamp() }, 'updated', user)];
      case 'DELETE messages/':
        this.changeMessage(state, Number(rest), { type: 'deleted', text: null }, 'deleted', user);
        return [204];
      default:
        return this.refuse(404, 'not_found');
    }
  }

  page(state, query) {
    const limit = Number(query.get('limit') ?? 50);
    const [after, around] = [query.get('after_seq'), query.get('around_seq')];
    if (after !== null || around !== null) {
      const index = state.messages.findIndex(({ seq }) => (after !== null ? seq > Number(after) : seq >= Number(around)));
      const start = index < 0 ? state.messages.length : Math.max(0, after !== null ? index : index - Math.floor(limit / 2));
      const data = state.messages.slice(start, start + limit).map((message) => ({ ...message }));
      return { data, found_oldest: start === 0, found_newest: start + limit >= state.messages.length };
    }
    const before = Number(query.get('before_seq') ?? Infinity);
    const all = state.messages.filter(({ seq }) => seq < before);
    return { data: all.slice(-limit).map((message) => ({ ...message })), found_oldest: all.length <= limit, found_newest: before === Infinity };
  }

  read(state, userId, seq, except) {
    const member = state.members.get(userId);
    if (seq > member.last_read_seq) {
      member.last_read_seq = seq;
      member.read_count = state.messages.filter((message) => message.type !== 'system' && message.seq <= seq).length;
    }
    const data = { room_id: state.room.id, last_read_seq: member.last_read_seq, unread_count: state.room.message_count - member.read_count };
    this.tell(userId, { type: 'event', event: 'room.read', room_id: state.room.id, data }, except);
    return { last_read_seq: data.last_read_seq, unread_count: data.unread_count };
  }

  #open(socket, url) {
    const ticket = new URL(url).searchParams.get('ticket');
    const userId = this.tickets.get(ticket);
    this.tickets.delete(ticket);
    if (!userId || this.tamper('$connect', {}, 'before') === 'drop') return socket.break();
    this.attach(socket, userId);
    socket.readyState = 1;
    socket.onopen?.({});
  }

  attach(socket, userId) {
    socket.userId = userId;
    socket.opened = new Set();
    this.sockets.add(socket);
    socket.receive = (text) => this.#action(socket, JSON.parse(text));
    socket.gone = () => this.sockets.delete(socket);
  }

  #action(socket, { action, id, data }) {
    this.log.push(action);
    try {
      if (this.tamper(action, data, 'before') === 'drop') return;
      const ack = this.#perform(socket, action, data);
      if (this.tamper(action, data, 'after') === 'drop') return;
      if (id) socket.deliver({ type: 'ack', id, data: ack });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      socket.deliver({ type: 'error', id, error: error.body });
    }
  }

  #perform(socket, action, data) {
    const { userId } = socket;
    const { user } = this.users.get(userId);
    const state = this.rooms.get(data.room_id);
    if (data.room_id && !state?.members.has(userId)) this.refuse(404, 'room_not_found');
    switch (action) {
      case 'hello':
        socket.greeted = true;
        return { connection_id: this.id('conn'), user, ping_interval_ms: 300_000, expires_at: new Date(this.clock.now() + this.lifetimeMs).toISOString(), ...(data.rooms && { sync: this.sync(userId, data) }) };
      case 'ping':
        return { heads: Object.fromEntries([...this.rooms.values()].filter(({ members }) => members.has(userId)).map(({ room }) => [room.id, room.seq])) };
      case 'sync':
        return this.sync(userId, data);
      case 'room.join':
        socket.opened.add(data.room_id);
        return { room: this.view(state, userId), messages: state.messages.slice(-data.last) };
      case 'room.read':
        return this.read(state, userId, data.seq, socket);
      case 'reaction.add':
      case 'reaction.remove':
        return { events: this.react(state, user, data.seq, data.reaction, action === 'reaction.add', socket) };
      case 'message.send':
        if (!state.members.get(userId).permissions.can_create_messages) this.refuse(403, 'forbidden');
        return this.addMessage(state, user, data.text, { client_id: data.client_id, except: socket });
      case 'typing':
        for (const id of state.members.keys()) if (id !== userId) this.tell(id, { type: 'event', event: 'typing', room_id: data.room_id, actor: ref(user), data: { user_id: userId, expires_in_ms: 15_000 } });
        return {};
      default:
        return this.refuse(400, 'unknown_action');
    }
  }
}

class FakeSocket {
  readyState = 0;
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  /** Frames pushed while muted vanish, as on a network that died silently. */
  muted = false;

  send(text) {
    if (!this.muted) queueMicrotask(() => this.receive(text));
  }

  deliver(frame) {
    const text = JSON.stringify(frame);
    if (!this.muted) queueMicrotask(() => this.readyState === 1 && this.onmessage?.({ data: text }));
  }

  close() {
    this.break();
  }

  /** The connection ends without a word. */
  break() {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.gone?.();
    queueMicrotask(() => this.onclose?.({}));
  }
}

function ref({ id, name }) {
  return { id, name };
}

function publicMember({ read_count: _, ...member }) {
  return { ...member };
}

function preview({ seq, type, user, text, created_at }) {
  return { seq, type, user, text: text?.slice(0, 140) ?? null, created_at };
}
