// A client whose types are generated from openapi.json: what the contract does not say does not compile.
//
//     npm ci && npm start http://127.0.0.1:3000

import { randomUUID } from 'node:crypto';
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './generated/banter.js';

type Message = components['schemas']['Message'];

const origin = process.argv[2] ?? 'http://127.0.0.1:3000';
const api = createClient<paths>({ baseUrl: origin });

/** What was asked for, or the refusal as an exception. */
function given<T>({ data, error }: { data?: T; error?: { code?: string; detail?: string; message?: string } }): T {
  if (data === undefined) throw new Error(error?.code ? `${error.code}: ${error.detail}` : error?.message);
  return data;
}

const username = `ts-${randomUUID().slice(0, 8)}`;
const session = given(await api.POST('/v1/accounts', { body: { username, password: 'a long password', name: 'Tess' } }));
const authorize: Middleware = {
  onRequest({ request }) {
    request.headers.set('authorization', `Bearer ${session.access_token}`);
    return request;
  },
};
api.use(authorize);

const room = given(await api.POST('/v1/rooms', { body: { type: 'group', name: 'Lunch' } }));
const path = { room_id: room.id };
const sent = given(await api.POST('/v1/rooms/{room_id}/messages', { params: { path }, body: { client_id: randomUUID(), text: 'At one?' } }));

// The control of all this: the contract has no such field.
// @ts-expect-error
await api.POST('/v1/rooms', { body: { type: 'group', nme: 'Lunch' } });

const page = given(await api.GET('/v1/rooms/{room_id}/messages', { params: { path, query: { limit: 10 } } }));
const found: Message | undefined = page.data.find((message) => message.seq === sent.seq);
if (found?.text !== 'At one?') throw new Error('the message is not in the history');
console.log(`sent and found ${found.seq}: ${found.text}`);
