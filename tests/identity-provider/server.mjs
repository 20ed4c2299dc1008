// A real identity provider for one test: oidc-provider, on this machine, for an app that calls Banter.
//
// Says where it is, as the first line, and then answers each line of its input with one line of JSON:
//
//   sign-in <who>   the tokens of somebody who signs in with a browser, by the authorization code flow
//   rotate          signs by a new key from now on, and goes on publishing the old one
//   asked           how often its keys were asked for
//   down | up       whether it answers who asks for its keys

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

const AUDIENCE = 'urn:banter';
const CALLBACK = 'http://127.0.0.1/callback';
const NAMES = { ana: 'Ana García', mod: 'Moderator' };

console.info = () => {}; // It has advice for production, on the output that is ours.
let keys = [];
let provider;
let asked = 0;
let isDown = false;

const server = createServer((request, response) => {
  if (request.url === '/jwks') {
    asked += 1;
    if (isDown) return response.writeHead(503).end();
  }
  return provider.callback()(request, response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
rotate();
console.log(issuer);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, who] = line.split(' ');
  const answer = { 'sign-in': signIn, rotate, asked: () => asked, down, up }[command];
  console.log(JSON.stringify((await answer(who)) ?? null));
}
process.exit();

function rotate() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(6).toString('hex'), use: 'sig', alg: 'ES256' };
  keys = [key, ...keys.slice(0, 1)];
  provider = new Provider(issuer, {
    jwks: { keys },
    cookies: { keys: ['of the tests'] },
    clients: [{
      client_id: 'app', token_endpoint_auth_method: 'none', application_type: 'native', redirect_uris: [CALLBACK],
      id_token_signed_response_alg: 'ES256',
    }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims(id) }) }),
    extraTokenClaims: (_, token) => claims(token.accountId),
    features: {
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'chat', audience: AUDIENCE, accessTokenTTL: 600, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
}

function claims(id) {
  return { name: NAMES[id], preferred_username: id, roles: id === 'mod' ? ['moderator'] : [] };
}

function down() {
  isDown = true;
}

function up() {
  isDown = false;
}

/** Signs in as a browser does: follows redirections, keeps cookies, and sends the two forms. */
async function signIn(who) {
  const jar = new Map();
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const query = new URLSearchParams({
    client_id: 'app', response_type: 'code', redirect_uri: CALLBACK, scope: 'openid profile chat', resource: AUDIENCE,
    code_challenge: challenge, code_challenge_method: 'S256', state: 'x',
  });
  let location = `${issuer}/auth?${query}`;
  const forms = [{ prompt: 'login', login: who, password: 'any' }, { prompt: 'consent' }];
  while (!location.startsWith(CALLBACK)) {
    const isForm = location.includes('/interaction/');
    location = await step(jar, location, isForm ? forms.shift() : undefined);
  }
  const code = new URL(location).searchParams.get('code');
  const grant = { grant_type: 'authorization_code', client_id: 'app', redirect_uri: CALLBACK, code, code_verifier: verifier };
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams(grant) });
  return answer.json();
}

async function step(jar, url, form) {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(url, {
    method: form ? 'POST' : 'GET', body: form && new URLSearchParams(form), headers: { cookie }, redirect: 'manual',
  });
  for (const set of answer.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
    jar.set(name, value);
  }
  const location = answer.headers.get('location');
  if (!location) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
  return new URL(location, url).href;
}
