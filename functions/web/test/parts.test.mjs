import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaStore } from '../client/banter/media.js';
import { People } from '../client/banter/people.js';
import { keepReactions, reacted } from '../client/banter/reactions.js';
import { Timeline } from '../client/banter/timeline.js';
import { fileSize } from '../client/words.js';
import { FakeClock, settle } from './fake.mjs';

const message = (seq, more = {}) => ({ room_id: 'r', seq, type: 'regular', text: `m${seq}`, version: 1, reactions: [], ...more });

test('a reaction counts, and is mine only if I made it', () => {
  let all = reacted([], { reaction: '👍', user_id: 'ben', count: 1 }, 'added', 'ana');
  assert.deepEqual(all, [{ reaction: '👍', count: 1, mine: false }]);
  all = reacted(all, { reaction: '👍', user_id: 'ana', count: 2 }, 'added', 'ana');
  all = reacted(all, { reaction: '🎉', user_id: 'ben', count: 1 }, 'added', 'ana');
  assert.deepEqual(all, [{ reaction: '👍', count: 2, mine: true }, { reaction: '🎉', count: 1, mine: false }]);
  // Somebody else's change says nothing about mine.
  all = reacted(all, { reaction: '👍', user_id: 'ben', count: 1 }, 'removed', 'ana');
  assert.deepEqual(all[0], { reaction: '👍', count: 1, mine: true });
  all = reacted(all, { reaction: '👍', user_id: 'ana', count: 0 }, 'removed', 'ana');
  assert.deepEqual(all.map(({ reaction }) => reaction), ['🎉']);
});

test('an edit leaves the reactions, a deletion takes them', () => {
  const known = message(1, { reactions: [{ reaction: '👍', count: 2, mine: true }] });
  assert.deepEqual(keepReactions(message(1, { version: 2 }), known).reactions, known.reactions);
  assert.deepEqual(keepReactions(message(1, { version: 3, type: 'deleted' }), known).reactions, []);
});

test('a reaction that overtakes its page is not lost', () => {
  const timeline = new Timeline();
  timeline.loading = Promise.resolve();
  const like = (known) => ({ ...known, reactions: reacted(known.reactions, { reaction: '👍', user_id: 'ben', count: 1 }, 'added', 'ana') });
  timeline.change(1, like);
  timeline.merge({ data: [message(1)], found_oldest: true, found_newest: true });
  assert.equal(timeline.find(1).reactions[0].count, 1);
});

function deferred() {
  let resolve;
  const promise = new Promise((given) => (resolve = given));
  return { promise, resolve };
}

/** A store of files and the API before it. */
function store({ status = 204, states = ['pending', 'ready'] } = {}) {
  const clock = new FakeClock();
  const posted = [];
  const asked = [];
  const api = {
    request: async (method, path, options) => {
      asked.push(`${method} ${path}`);
      if (method === 'POST') return { id: 'm1', upload: { url: 'http://store', fields: { key: 'k', policy: 'p' } }, body: options.body };
      const state = states.length > 1 ? states.shift() : states[0];
      return { id: 'm1', state, filename: 'a.png', content_type: 'image/png', size_bytes: 3, url: 'http://store/a', thumbnails: [], expires_in: 900 };
    },
  };
  // Summing a file up takes real time, which no fake clock can pass.
  const { promise: sent, resolve: isSent } = deferred();
  const post = async (url, form) => (posted.push([url, [...form.keys()]]), isSent(), status);
  const media = new MediaStore({ api, clock, post });
  return { clock, posted, asked, media, sent };
}
const file = new Blob(['abc'], { type: 'image/png' });

test('a file goes to the store after its fields, and is awaited until it is ready', async () => {
  const { clock, posted, asked, media, sent } = store({ states: ['pending', 'pending', 'ready'] });
  const uploading = media.upload(file);
  await sent;
  await clock.advance(3_000);
  assert.equal((await uploading).state, 'ready');
  assert.deepEqual(posted, [['http://store', ['key', 'policy', 'file']]]);
  assert.equal(asked.filter((name) => name === 'GET /v1/media/m1').length, 3);
  assert.equal(media.peek('m1').url, 'http://store/a');
});

test('a refused or rejected file says so, a cancelled one stops', async () => {
  await assert.rejects(store({ status: 403 }).media.upload(file), { code: 'upload_refused' });
  const rejected = store({ states: ['rejected'] });
  const uploading = assert.rejects(rejected.media.upload(file), { code: 'media_rejected' });
  await rejected.sent;
  await rejected.clock.advance(1_000);
  await uploading;
  const cancelled = store();
  const aborter = new AbortController();
  const stopped = assert.rejects(cancelled.media.upload(file, { signal: aborter.signal }), { code: 'aborted' });
  await cancelled.sent;
  await settle();
  aborter.abort();
  await cancelled.clock.advance(1_000);
  await stopped;
});

test('an address is asked for once, and again before it expires', async () => {
  const { clock, asked, media } = store({ states: ['ready'] });
  await Promise.all([media.find('m1'), media.find('m1')]);
  await media.find('m1');
  assert.equal(asked.length, 1);
  await clock.advance(14 * 60_000 + 1);
  await media.find('m1');
  assert.equal(asked.length, 2);
});

test('people met in one moment are asked for together', async () => {
  const clock = new FakeClock();
  const asked = [];
  let learned = 0;
  const find = async (ids) => (asked.push(ids), ids.map((id) => ({ id, name: id, avatar_media_id: `face of ${id}` })));
  const people = new People({ clock, find, learned: () => void (learned += 1) });
  assert.equal(people.pictureOf('ana'), null);
  assert.equal(people.pictureOf('ben'), null);
  await clock.advance(100);
  assert.deepEqual(asked, [['ana', 'ben']]);
  assert.equal(people.pictureOf('ben'), 'face of ben');
  people.learn([{ id: 'ben', name: 'Ben' }]);
  assert.equal(people.pictureOf('ben'), 'face of ben');
  assert.equal(learned, 1);
});

test('sizes are readable', () => {
  assert.deepEqual([12, 1_500, 183_402, 2_500_000].map(fileSize), ['12 B', '1.5 kB', '183 kB', '2.5 MB']);
});
