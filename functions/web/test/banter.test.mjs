import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Banter, MemoryStorage, processLocks } from '../client/banter.js';
import { FakeClock, FakeServer, settle } from './fake.mjs';

let clock, server, ana, ben, room;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer(clock);
  ana = server.addUser('Ana');
  ben = server.addUser('Ben');
  room = server.addRoom('group', 'Tea', ana, [ben]);
});

function newClient(storage = new MemoryStorage()) {
  const { fetch, WebSocket } = server;
  return new Banter({ url: 'http://fake', storage, fetch, WebSocket, clock, locks: processLocks });
}

async function online(user = ana, storage = undefined) {
  const client = newClient(storage);
  await client.signIn({ username: user.username, password: 'correct horse' });
  client.connect();
  await settle();
  assert.equal(client.state, 'online');
  await client.openRoom(room.room.id);
  return client;
}

const texts = (client) =>
  client.messages(room.room.id).filter(({ type }) => type === 'regular').map(({ text }) => text);
const socketOf = (user) => [...server.sockets].find(({ userId }) => userId === user.id);
const count = (name) => server.log.filter((entry) => entry === name).length;
const stored = (text) => room.messages.filter((message) => message.text === text).length;

test('a message arrives at the other side', async () => {
  const [mine, theirs] = [await online(ana), await online(ben)];
  mine.send(room.room.id, 'hello');
  assert.equal(mine.drafts(room.room.id)[0].state, 'pending');
  await settle();
  assert.deepEqual(texts(mine), ['hello']);
  assert.deepEqual(texts(theirs), ['hello']);
  assert.deepEqual(mine.drafts(room.room.id), []);
  assert.equal(theirs.room(room.room.id).last_message.text, 'hello');
});

test('a send that got no answer is repeated with the same client_id', async () => {
  const client = await online();
  const sent = [];
  server.tamper = (name, body, phase) => {
    if (name === 'message.send' && phase === 'before') return sent.push(body) === 1 ? 'drop' : undefined;
  };
  client.send(room.room.id, 'once');
  await clock.advance(20_000);
  assert.equal(sent.length, 2);
  assert.equal(sent[0].client_id, sent[1].client_id);
  assert.deepEqual(sent.map((body) => body.first_attempt), [true, undefined]);
  assert.deepEqual(texts(client), ['once']);
});

test('a send whose answer was lost is stored once, by REST as well', async () => {
  const client = await online();
  client.disconnect();
  const path = `POST /v1/rooms/${room.room.id}/messages`;
  let lost = 0;
  server.tamper = (name, body, phase) => (name === path && phase === 'after' && lost++ === 0 ? 'drop' : undefined);
  client.send(room.room.id, 'once');
  await clock.advance(20_000);
  assert.equal(count(path), 2);
  assert.equal(stored('once'), 1);
  assert.deepEqual(texts(client), ['once']);
  assert.deepEqual(client.drafts(room.room.id), []);
});

test('a lost ack is made up for by the log', async () => {
  const client = await online();
  server.tamper = (name, body, phase) => (name === 'message.send' && phase === 'after' ? 'drop' : undefined);
  client.send(room.room.id, 'once');
  await clock.advance(20_000);
  assert.deepEqual(texts(client), ['once']);
  assert.deepEqual(client.drafts(room.room.id), []);
});

test('retries do not reorder what was written', async () => {
  const client = await online();
  let failures = 3;
  server.tamper = (name, body, phase) => {
    if (name === 'message.send' && phase === 'before' && failures-- > 0) server.refuse(503, 'unavailable');
  };
  for (const text of ['one', 'two', 'three']) client.send(room.room.id, text);
  await clock.advance(60_000);
  assert.deepEqual(texts(client), ['one', 'two', 'three']);
});

test('a slow-down is obeyed', async () => {
  const client = await online();
  let refused = false;
  server.tamper = (name, body, phase) => {
    if (name !== 'message.send' || phase !== 'before' || refused) return;
    refused = true;
    server.refuse(429, 'rate_limited', { retryable: true, retry_after_ms: 9_000 });
  };
  client.send(room.room.id, 'patience');
  await clock.advance(8_900);
  assert.equal(count('message.send'), 1);
  await clock.advance(2_000);
  assert.deepEqual(texts(client), ['patience']);
});

test('a permanent refusal fails the message, lets the next pass, and may be tried again', async () => {
  const client = await online();
  server.tamper = (name, body, phase) => {
    if (name === 'message.send' && phase === 'before' && body.text === 'bad') server.refuse(400, 'invalid_request');
  };
  client.send(room.room.id, 'bad');
  client.send(room.room.id, 'good');
  await settle();
  const [failed] = client.drafts(room.room.id);
  assert.equal(failed.state, 'failed');
  assert.equal(failed.error.code, 'invalid_request');
  assert.deepEqual(texts(client), ['good']);
  server.tamper = () => {};
  client.retry(failed.client_id);
  await settle();
  assert.deepEqual(texts(client), ['good', 'bad']);
});

test('what a closed page did not send, the next one does', async () => {
  const storage = new MemoryStorage();
  const before = newClient(storage);
  await before.signIn({ username: 'ana', password: 'correct horse' });
  server.tamper = (name) => (name.startsWith('POST /v1/rooms/') ? 'drop' : undefined);
  before.send(room.room.id, 'kept');
  await settle();
  assert.equal(stored('kept'), 0);
  const firsts = [];
  server.tamper = (_, body, phase) => void (body?.text === 'kept' && phase === 'before' && firsts.push(body.first_attempt));
  // No locks of the old page are held any more.
  const after = new Banter({
    url: 'http://fake', storage, fetch: server.fetch, WebSocket: server.WebSocket, clock,
    locks: { request: (_, run) => run(), held: async () => new Set() },
  });
  await after.restore();
  await settle();
  assert.equal(stored('kept'), 1);
  assert.deepEqual(firsts, [undefined]);
});

test('an open page keeps its own outbox', async () => {
  const storage = new MemoryStorage();
  const first = newClient(storage);
  await first.signIn({ username: 'ana', password: 'correct horse' });
  server.tamper = (name) => (name.startsWith('POST /v1/rooms/') ? 'drop' : undefined);
  first.send(room.room.id, 'mine');
  await settle();
  const second = newClient(storage);
  await second.restore();
  await settle();
  assert.equal(first.drafts(room.room.id).length, 1);
  assert.equal(second.drafts(room.room.id).length, 0);
});

test('a gap is asked for after a moment, and applied in order', async () => {
  const client = await online();
  const socket = socketOf(ana);
  socket.muted = true;
  server.addMessage(room, ben, 'lost');
  socket.muted = false;
  server.addMessage(room, ben, 'seen');
  await clock.advance(150);
  assert.deepEqual(texts(client), []);
  await clock.advance(100);
  assert.deepEqual(texts(client), ['lost', 'seen']);
  assert.equal(count('sync'), 1);
  assert.equal(client.room(room.room.id).my.unread_count, 2);
});

test('a gap is asked for by the socket, however many rooms there are besides', async () => {
  for (let index = 0; index < 30; index += 1) server.addRoom('group', `Room ${index}`, ana);
  const client = await online();
  const asked = [];
  server.tamper = (name, body, phase) => void (name === 'sync' && phase === 'before' && asked.push(body));
  const socket = socketOf(ana);
  socket.muted = true;
  server.addMessage(room, ben, 'one');
  socket.muted = false;
  server.addMessage(room, ben, 'two');
  await clock.advance(1_000);
  assert.deepEqual(asked.map(({ scope, rooms }) => [scope, Object.keys(rooms).length]), [['named', 1]]);
  assert.equal(count('POST /v1/sync'), 0);
  assert.deepEqual(texts(client), ['one', 'two']);
});

test('a gap that closes by itself is not asked for', async () => {
  const client = await online();
  const socket = socketOf(ana);
  const held = [];
  const { deliver } = socket;
  socket.deliver = (frame) => held.push(frame);
  server.addMessage(room, ben, 'one');
  server.addMessage(room, ben, 'two');
  socket.deliver = deliver;
  for (const frame of held.reverse()) socket.deliver(frame);
  await clock.advance(1_000);
  assert.deepEqual(texts(client), ['one', 'two']);
  assert.equal(count('sync'), 0);
});

test('in a busy room nobody asks for what is gathered, only for what is lost', async () => {
  const client = await online();
  const socket = socketOf(ana);
  for (const text of ['1', '2', '3', '4', '5']) server.addMessage(room, ben, text);
  const held = [];
  const { deliver } = socket;
  socket.deliver = (frame) => (frame.type === 'event' ? held.push(frame) : deliver.call(socket, frame));
  server.addMessage(room, ben, '6');
  client.send(room.room.id, { text: 'mine' });
  await clock.advance(900);
  server.addMessage(room, ben, '8');
  await clock.advance(900);
  socket.deliver = deliver;
  socket.deliver({ type: 'batch', events: held });
  await settle();
  assert.deepEqual(texts(client), ['1', '2', '3', '4', '5', '6', 'mine', '8']);
  assert.equal(count('sync'), 0);
  socket.muted = true;
  server.addMessage(room, ben, 'lost');
  socket.muted = false;
  server.addMessage(room, ben, 'seen');
  await clock.advance(1_900);
  assert.equal(count('sync'), 0);
  await clock.advance(200);
  assert.deepEqual(texts(client).slice(-2), ['lost', 'seen']);
});

test('what was applied is dropped when it comes again', async () => {
  const client = await online();
  const seen = [];
  client.on('message', ({ message }) => seen.push(message.text));
  server.addMessage(room, ben, 'echo');
  const frame = room.events.at(-1);
  socketOf(ana).deliver(frame);
  socketOf(ana).deliver({ type: 'batch', events: [frame, frame] });
  await settle();
  assert.deepEqual(seen, ['echo']);
  assert.equal(client.room(room.room.id).my.unread_count, 1);
});

test('a void number closes its gap', async () => {
  const client = await online();
  room.room.seq += 1;
  room.events.push({ type: 'event', event: 'void', room_id: room.room.id, seq: room.room.seq });
  server.addMessage(room, ben, 'after the void');
  await clock.advance(1_000);
  assert.deepEqual(texts(client), ['after the void']);
});

test('an answer that ends early is followed by the next', async () => {
  const client = await online();
  socketOf(ana).muted = true;
  for (let index = 0; index < 250; index += 1) server.addMessage(room, ben, `m${index}`);
  socketOf(ana).muted = false;
  server.addMessage(room, ben, 'last');
  await clock.advance(60_000);
  assert.equal(texts(client).length, 251);
  assert.equal(texts(client).at(-1), 'last');
});

test('an answer too big for a frame is asked for by REST', async () => {
  const client = await online();
  server.tamper = (name, body, phase) => {
    if (name === 'sync' && phase === 'before') server.refuse(400, 'message_too_large');
  };
  socketOf(ana).muted = true;
  server.addMessage(room, ben, 'lost');
  socketOf(ana).muted = false;
  server.addMessage(room, ben, 'seen');
  await clock.advance(300);
  assert.deepEqual(texts(client), ['lost', 'seen']);
  assert.equal(count('POST /v1/sync'), 1);
});

test('a reset drops the room and fetches it anew', async () => {
  const client = await online();
  server.addMessage(room, ben, 'old');
  await settle();
  const { sync } = server;
  server.sync = (userId, request) => {
    server.sync = sync;
    const answer = server.sync(userId, request);
    answer.rooms[room.room.id] = { events: [], upto: 0, head: room.room.seq, reset: true };
    return answer;
  };
  socketOf(ana).break();
  server.addMessage(room, ben, 'new');
  await clock.advance(5_000);
  assert.deepEqual(texts(client), ['old', 'new']);
  server.addMessage(room, ben, 'live');
  await clock.advance(1_000);
  assert.deepEqual(texts(client), ['old', 'new', 'live']);
});

test('after a broken connection nothing is missing', async () => {
  const client = await online();
  socketOf(ana).break();
  await settle();
  assert.equal(client.state, 'offline');
  server.addMessage(room, ben, 'meanwhile');
  await clock.advance(5_000);
  assert.equal(client.state, 'online');
  assert.deepEqual(texts(client), ['meanwhile']);
});

test('a connection counts as good only after its hello was answered', async () => {
  const client = newClient();
  await client.signIn({ username: 'ana', password: 'correct horse' });
  server.tamper = (name, body, phase) => name === 'hello' && phase === 'before' && server.refuse(503, 'unavailable');
  client.connect();
  await clock.advance(120_000);
  assert.notEqual(client.state, 'online');
  // With half of each span: 0.5 + 1 + 2 + 4 + 8 s and then every 15 s.
  assert.ok(count('hello') < 13, `dialled ${count('hello')} times`);
  server.tamper = () => {};
  await clock.advance(31_000);
  assert.equal(client.state, 'online');
});

test('a silent connection is found dead by its ping', async () => {
  const client = await online();
  socketOf(ana).muted = true;
  server.addMessage(room, ben, 'unheard');
  await clock.advance(300_000 + 10_000);
  assert.notEqual(client.state, 'online');
  await clock.advance(5_000);
  assert.deepEqual(texts(client), ['unheard']);
});

test('a ping whose heads are ahead starts a sync', async () => {
  const client = await online();
  socketOf(ana).muted = true;
  server.addMessage(room, ben, 'dropped');
  socketOf(ana).muted = false;
  await clock.advance(301_000);
  assert.deepEqual(texts(client), ['dropped']);
});

test('the next connection is up before the old one goes', async () => {
  server.lifetimeMs = 60 * 60_000;
  const client = await online();
  const states = [];
  client.on('state', ({ state }) => states.push(state));
  const first = socketOf(ana);
  await clock.advance(56 * 60_000);
  const live = [...server.sockets].filter(({ userId }) => userId === ana.id);
  assert.equal(live.length, 1);
  assert.notEqual(live[0], first);
  assert.deepEqual(states, [], 'nobody noticed');
  server.addMessage(room, ben, 'still here');
  await settle();
  assert.deepEqual(texts(client), ['still here']);
});

test('whoever is too fast waits for as long as the server says', async () => {
  const client = await online();
  let attempts = 0;
  server.tamper = (name, _body, phase) => {
    if (name !== 'message.send' || phase !== 'before') return;
    attempts += 1;
    if (attempts === 1) server.refuse(429, 'rate_limited', { retryable: true, retry_after_ms: 20_000 });
  };
  client.send(room.room.id, 'one');
  client.send(room.room.id, 'two');
  await clock.advance(19_000);
  assert.equal(attempts, 1);
  assert.deepEqual(client.drafts(room.room.id).map(({ state }) => state), ['pending', 'pending']);
  await clock.advance(3_000);
  assert.deepEqual(texts(client), ['one', 'two']);
});

test('a bye that forbids coming back is final until asked', async () => {
  const client = await online();
  const byes = [];
  client.on('bye', (frame) => byes.push(frame.code));
  socketOf(ana).deliver({ type: 'bye', code: 'replaced', reconnect: false });
  await clock.advance(120_000);
  assert.deepEqual(byes, ['replaced']);
  assert.equal(client.state, 'offline');
  client.connect();
  await settle();
  assert.equal(client.state, 'online');
});

test('whoever becomes staff gets a new token and comes back', async () => {
  const client = await online();
  server.users.get(ana.id).user.is_staff = true;
  server.log.length = 0;
  const socket = socketOf(ana);
  socket.deliver({ type: 'bye', code: 'staff_changed', reconnect: true, retry_after_ms: 0 });
  await settle();
  socket.break();
  await clock.advance(3_000);
  assert.equal(client.state, 'online');
  assert.notEqual(socketOf(ana), socket);
  assert.equal(count('POST /v1/accounts/refresh'), 1);
  assert.equal(client.me.is_staff, true);
});

test('whoever is signed out by the server does not come back', async () => {
  const client = await online();
  const reasons = [];
  client.on('session', ({ reason }) => reasons.push(reason));
  server.log.length = 0;
  socketOf(ana).deliver({ type: 'bye', code: 'signed_out', reconnect: false, retry_after_ms: 0 });
  await clock.advance(120_000);
  assert.deepEqual(reasons, ['expired']);
  assert.equal(client.me, null);
  assert.equal(count('POST /v1/connections/tickets'), 0);
});

test('a bye that asks for patience gets it', async () => {
  const client = await online();
  const socket = socketOf(ana);
  socket.deliver({ type: 'bye', code: 'restart', reconnect: true, retry_after_ms: 20_000 });
  await settle();
  socket.break();
  await clock.advance(19_000);
  assert.equal(client.state, 'offline');
  await clock.advance(3_000);
  assert.equal(client.state, 'online');
});

test('two tabs that find the token expired refresh it once', async () => {
  const storage = new MemoryStorage();
  const first = await online(ana, storage);
  const second = newClient(storage);
  await second.restore();
  server.tokens.clear();
  server.log.length = 0;
  await Promise.all([first.findUsers('b'), second.findUsers('b'), first.findUsers('a')]);
  assert.equal(count('POST /v1/accounts/refresh'), 1);
  assert.ok(first.me && second.me);
});

test('a tab with old tokens does not put them over newer ones', async () => {
  const storage = new MemoryStorage();
  const first = newClient(storage);
  await first.signIn({ username: 'ana', password: 'correct horse' });
  const old = await storage.get('session');
  const second = newClient(storage);
  await second.restore();
  server.tokens.delete(old.access_token);
  await second.findUsers('b');
  const fresh = await storage.get('session');
  assert.notEqual(fresh.refresh_token, old.refresh_token);
  // The first tab's token is good again for a moment, so nothing makes it look at the storage.
  server.tokens.set(old.access_token, ana.id);
  ana.name = 'Ana Lima';
  first.connect();
  await settle();
  const kept = await storage.get('session');
  assert.equal(kept.refresh_token, fresh.refresh_token);
  assert.equal(kept.user.name, 'Ana Lima');
});

test('signing out ends the newest session, whichever tab has it', async () => {
  const storage = new MemoryStorage();
  const first = newClient(storage);
  await first.signIn({ username: 'ana', password: 'correct horse' });
  const second = newClient(storage);
  await second.restore();
  server.tokens.clear();
  await second.findUsers('b');
  const { refresh_token } = await storage.get('session');
  const revoked = [];
  server.tamper = (name, body) => void (name.endsWith('/logout') && revoked.push(body.refresh_token));
  await first.signOut();
  assert.equal(revoked[0], refresh_token);
  assert.equal(await storage.get('session'), undefined);
});

test('whom an identity provider of the app signs in is asked for another token when one is too old', async () => {
  const client = newClient();
  let given = 0;
  await client.signInByToken(async () => {
    given += 1;
    return server.grant(ana).access_token;
  });
  client.connect();
  await settle();
  assert.deepEqual([client.me.id, client.state, given], [ana.id, 'online', 1]);
  server.tokens.clear();
  assert.equal((await client.findUsers('b')).length, 1);
  assert.equal(given, 2);
  assert.equal(count('POST /v1/accounts/refresh'), 0);
  await client.signOut();
  assert.equal(count('POST /v1/accounts/logout'), 0);
  assert.equal(client.me, null);
});

test('another password is taken from who knows the current one', async () => {
  const client = await online();
  const change = (current_password) => client.changePassword({ current_password, new_password: 'another horse' });
  await assert.rejects(change('wrong horse'), { code: 'wrong_password' });
  assert.ok(client.me);
  await change('correct horse');
  await newClient().signIn({ username: 'ana', password: 'another horse' });
  await assert.rejects(newClient().signIn({ username: 'ana', password: 'correct horse' }), { code: 'unauthenticated' });
});

test('a dead refresh token ends the session, a dead network does not', async () => {
  const client = await online();
  const reasons = [];
  client.on('session', ({ reason }) => reasons.push(reason));
  server.tokens.clear();
  server.tamper = (name) => (name.endsWith('/refresh') ? 'drop' : undefined);
  await assert.rejects(client.findUsers('b'), { code: 'network' });
  assert.ok(client.me);
  server.tamper = () => {};
  server.refreshTokens.clear();
  await assert.rejects(client.findUsers('b'), { code: 'signed_out' });
  assert.equal(client.me, null);
  assert.deepEqual(reasons, ['expired']);
});

test('an event of a room not yet known waits for the room', async () => {
  const client = await online();
  const socket = socketOf(ana);
  const held = [];
  const { deliver } = socket;
  socket.deliver = (frame) => held.push(frame);
  const other = server.addRoom('group', 'Late', ben, [ana]);
  socket.deliver = deliver;
  const added = held.find(({ event }) => event === 'room.added');
  server.addMessage(other, ben, 'first words');
  await settle();
  assert.equal(client.room(other.room.id), null);
  socket.deliver(added);
  await clock.advance(1_000);
  assert.equal(client.room(other.room.id).last_message.text, 'first words');
});

test('rooms come and go live, and the list is by last activity', async () => {
  const client = await online();
  const other = server.addRoom('group', 'Coffee', ben, [ana]);
  await clock.advance(1_000);
  server.addMessage(room, ben, 'up');
  await settle();
  assert.deepEqual(client.rooms.map(({ name }) => name), ['Tea', 'Coffee']);
  server.dropMember(other, ana.id, ben);
  await settle();
  assert.deepEqual(client.rooms.map(({ name }) => name), ['Tea']);
});

test('reading is told once per moment, and again after a failure', async () => {
  const client = await online();
  server.addMessage(room, ben, 'one');
  await settle();
  client.markRead(room.room.id);
  server.addMessage(room, ben, 'two');
  await settle();
  client.markRead(room.room.id);
  await clock.advance(1_000);
  assert.equal(count('room.read'), 1);
  assert.equal(room.members.get(ana.id).last_read_seq, room.room.seq);
  assert.equal(client.room(room.room.id).my.unread_count, 0);
});

test('edits and deletions show in the messages and in the preview', async () => {
  const [mine, theirs] = [await online(ana), await online(ben)];
  mine.send(room.room.id, 'tpyo');
  await settle();
  const { seq } = room.messages.at(-1);
  await mine.editMessage(room.room.id, seq, 'typo');
  await settle();
  assert.deepEqual(texts(theirs), ['typo']);
  assert.equal(theirs.room(room.room.id).last_message.text, 'typo');
  await mine.deleteMessage(room.room.id, seq);
  await settle();
  assert.equal(theirs.messages(room.room.id).at(-1).type, 'deleted');
  assert.equal(mine.messages(room.room.id).at(-1).type, 'deleted');
});

test('older pages join the window without holes or repeats', async () => {
  for (let index = 0; index < 120; index += 1) server.addMessage(room, ben, `m${index}`);
  const client = await online();
  assert.equal(client.messages(room.room.id).length, 50);
  await Promise.all([client.loadOlder(room.room.id), client.loadOlder(room.room.id)]);
  await client.loadOlder(room.room.id);
  assert.equal(client.window(room.room.id).foundOldest, true);
  assert.deepEqual(client.messages(room.room.id).map(({ seq }) => seq), room.messages.map(({ seq }) => seq));
});

test('a change that overtakes its page is not lost', async () => {
  server.addMessage(room, ben, 'draft');
  const { seq } = room.messages.at(-1);
  const client = newClient();
  await client.signIn({ username: 'ana', password: 'correct horse' });
  client.connect();
  await settle();
  const stale = server.page(room, new URLSearchParams());
  const { page } = server;
  server.page = () => {
    server.page = page;
    server.changeMessage(room, seq, { text: 'final' }, 'updated', ben);
    return stale;
  };
  await client.openRoom(room.room.id);
  await settle();
  assert.equal(client.messages(room.room.id).find((message) => message.seq === seq).text, 'final');
});

test('more rooms than the server takes at once are synced in parts', async () => {
  for (let index = 0; index < 250; index += 1) server.addRoom('group', `Room ${index}`, ben, [ana]);
  const client = await online();
  await clock.advance(100);
  assert.equal(client.rooms.length, 251);
  server.log.length = 0;
  socketOf(ana).break();
  for (const state of server.rooms.values()) server.addMessage(state, ben, 'meanwhile');
  await clock.advance(5_000);
  assert.equal(count('POST /v1/sync'), 2);
  assert.deepEqual(texts(client), ['meanwhile']);
  assert.ok(client.rooms.every(({ my }) => my.unread_count === 1));
});

test('writing reads, if all before was read', async () => {
  const client = await online();
  client.send(room.room.id, 'mine');
  await settle();
  client.markRead(room.room.id);
  await clock.advance(1_000);
  assert.equal(count('room.read'), 0, 'the server knows');
  assert.equal(client.room(room.room.id).my.last_read_seq, room.messages.at(-1).seq);
});

test('a number given out before the list and written after it is not lost', async () => {
  const hidden = server.hold(room, ben, 'slow writer');
  const client = await online();
  assert.deepEqual(texts(client), []);
  hidden.release();
  await settle();
  assert.deepEqual(texts(client), ['slow writer'], 'by push');
});

test('nor if it was written just before the connection was up', async () => {
  const hidden = server.hold(room, ben, 'slow writer');
  const client = newClient();
  const heard = [];
  client.on('message', ({ message }) => heard.push(message.text));
  await client.signIn({ username: 'ana', password: 'correct horse' });
  server.tamper = (name, body, phase) => {
    if (name === 'hello' && phase === 'before') hidden.release();
  };
  client.connect();
  await settle();
  assert.ok(heard.includes('slow writer'));
  assert.equal(client.room(room.room.id).my.unread_count, 1, 'the list has counted it');
});

test('a reaction shows on both sides, and is mine only for whoever made it', async () => {
  const [mine, theirs] = [await online(ana), await online(ben)];
  const { message } = server.addMessage(room, ben, 'cake?');
  await settle();
  await mine.react(room.room.id, message.seq, '👍', true);
  await settle();
  const reactions = (client) => client.messages(room.room.id).find(({ seq }) => seq === message.seq).reactions;
  assert.deepEqual(reactions(mine), [{ reaction: '👍', count: 1, mine: true }]);
  assert.deepEqual(reactions(theirs), [{ reaction: '👍', count: 1, mine: false }]);
  server.changeMessage(room, message.seq, { text: 'more cake?' }, 'updated', ben);
  await settle();
  assert.equal(reactions(mine)[0].mine, true);
  await mine.react(room.room.id, message.seq, '👍', false);
  await settle();
  assert.deepEqual([reactions(mine), reactions(theirs)], [[], []]);
  assert.equal(count('sync'), 0);
});

test('one looks around an old message, and comes back to the newest without a hole', async () => {
  const sent = Array.from({ length: 300 }, (_, index) => server.addMessage(room, ben, `m${index}`).message);
  const client = await online();
  await client.lookAround(room.room.id, sent[20].seq);
  assert.equal(client.window(room.room.id).foundNewest, false);
  assert.ok(texts(client).includes('m20'));
  assert.ok(!texts(client).includes('m299'));
  server.changeMessage(room, sent[20].seq, { text: 'changed' }, 'updated', ben);
  await settle();
  assert.ok(texts(client).includes('changed'));
  for (let page = 0; page < 10 && !client.window(room.room.id).foundNewest; page += 1) await client.loadNewer(room.room.id);
  const all = texts(client);
  assert.equal(client.window(room.room.id).foundNewest, true);
  assert.equal(all.at(-1), 'm299');
  assert.deepEqual(all.slice(all.indexOf('m21')), sent.slice(21).map(({ text }) => text));
});

test('the way back from an old message may be a jump', async () => {
  const sent = Array.from({ length: 300 }, (_, index) => server.addMessage(room, ben, `m${index}`).message);
  const client = await online();
  await client.lookAround(room.room.id, sent[20].seq);
  server.addMessage(room, ben, 'meanwhile');
  await settle();
  assert.ok(!texts(client).includes('meanwhile'));
  client.lookAtNewest(room.room.id);
  assert.equal(texts(client).at(-1), 'meanwhile');
});

test('an answer names the message that it answers', async () => {
  const client = await online();
  const { message } = server.addMessage(room, ben, 'when?');
  const bodies = [];
  server.tamper = (name, body, phase) => void (name === 'message.send' && phase === 'before' && bodies.push(body));
  client.send(room.room.id, { text: 'at one', reply_to_seq: message.seq });
  client.send(room.room.id, { text: null, media: [{ media_id: 'm1', content_type: 'image/png', size_bytes: 3 }] });
  await settle();
  assert.equal(bodies[0].reply_to_seq, message.seq);
  assert.deepEqual(bodies[1].media, [{ media_id: 'm1' }]);
  assert.ok(!('text' in bodies[1]) && !('reply_to_seq' in bodies[1]));
});

test('a large room is told once it is in view, on every connection again', async () => {
  const [mine, theirs] = [await online(ana), await online(ben)];
  server.rooms.get(room.room.id).room.member_count = 5_000;
  theirs.send(room.room.id, 'unheard');
  await settle();
  assert.deepEqual(texts(mine), [], 'nobody hears of a large room unasked');
  mine.enter(room.room.id);
  await clock.advance(1_000);
  assert.deepEqual(texts(mine), ['unheard'], 'what came before is asked for');
  theirs.send(room.room.id, 'heard');
  await settle();
  assert.deepEqual(texts(mine), ['unheard', 'heard']);
  const joins = count('room.join');
  mine.enter(room.room.id);
  await settle();
  assert.equal(count('room.join'), joins, 'once is enough');

  socketOf(ana).break();
  theirs.send(room.room.id, 'missed');
  await clock.advance(20_000);
  assert.equal(mine.state, 'online');
  theirs.send(room.room.id, 'heard again');
  await settle();
  assert.deepEqual(texts(mine), ['unheard', 'heard', 'missed', 'heard again']);
  assert.equal(count('room.join'), joins + 1);
});
