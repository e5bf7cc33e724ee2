// Told by tests/issuer: the provider's module, samsyn's program and a folder. Goes the whole way that a frontend goes, with
// a new key at the provider half of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';

const [module, samsyn, folder] = process.argv.slice(2);
// The provider warns of what makes it a provider for tests.
console.info = console.warn = () => {};
const { Provider } = await import(module);

const CLIENT = 'samsyn';
const CALLBACK = 'https://frontend.example.se/callback';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const began = performance.now();
const tell = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

function listening(port) {
  const read = (name) => readFileSync(`${folder}/${name}.pem`);
  const server = createServer({ key: read('key'), cert: read('certificate') });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

async function freePort() {
  const server = await listening(0);
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A provider that signs with a new key, like those of municipalities: the ID token tells who somebody is and their roles.
async function startProvider(port, alg, kind, options) {
  const { privateKey } = generateKeyPairSync(kind, options);
  const jwk = { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomBytes(8).toString('hex') };
  const provider = new Provider(`https://localhost:${port}`, {
    clients: [{
      client_id: CLIENT, token_endpoint_auth_method: 'none', redirect_uris: [CALLBACK], id_token_signed_response_alg: alg,
    }],
    jwks: { keys: [jwk] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'roles'], profile: ['name'], email: ['email'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: 'Eva Ek', email: `${id}@norsjo.example`, roles: ['samsyn-handlaggare'] }),
    }),
    pkce: { required: () => true },
  });
  const server = await listening(port);
  server.on('request', provider.callback());
  return server;
}

async function stopProvider(server) {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

// What a frontend and its person's browser do: the authorization code flow with PKCE. Gives the ID token.
async function idToken(issuer, login) {
  const cookies = new Map();
  const visit = async (address, form) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = form && new URLSearchParams(form);
    const answer = await fetch(address, { method: form ? 'POST' : 'GET', headers: { cookie }, body, redirect: 'manual' });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]+)=([^;]*)/);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    return answer;
  };
  const { authorization_endpoint: authorization, token_endpoint: token } =
    await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const verifier = randomBytes(32).toString('base64url');
  const [state, nonce] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  let address = `${authorization}?${new URLSearchParams({
    client_id: CLIENT, redirect_uri: CALLBACK, response_type: 'code', scope: 'openid profile email', state, nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  })}`;
  while (!address.startsWith(CALLBACK)) {
    let answer = await visit(address);
    if (answer.status === 200) {
      const page = await answer.text();
      const [, action] = page.match(/<form[^>]* action="([^"]+)"/);
      const [, prompt] = page.match(/name="prompt" value="([^"]+)"/);
      answer = await visit(action, { prompt, login, password: 'anything' });
    }
    address = new URL(answer.headers.get('location'), address).href;
  }
  const given = new URL(address).searchParams;
  assert.equal(given.get('state'), state, address);
  const answer = await fetch(token, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', client_id: CLIENT, redirect_uri: CALLBACK, code: given.get('code'),
      code_verifier: verifier,
    }),
  });
  const tokens = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(tokens));
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
  assert.equal(claims.nonce, nonce);
  return tokens.id_token;
}

const [issuerPort, port] = [await freePort(), await freePort()];
const issuer = `https://localhost:${issuerPort}`;
const api = `http://127.0.0.1:${port}/samsyn/v1`;
const send = async (path, body, token) => {
  const from = performance.now();
  const answer = await fetch(api + path, {
    method: body ? 'POST' : 'GET', body: body && JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
  });
  return { status: answer.status, body: await answer.json(), ms: Math.round(performance.now() - from) };
};
const signIn = (token) => send('/sessions/single-sign-on', { idToken: token });
const expected = (answer, status) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  return answer;
};

writeFileSync(`${folder}/issuers.json`, JSON.stringify([{
  issuer, name: 'Norsjö kommun', audience: CLIENT, claim: 'roles', roles: [{ value: 'samsyn-handlaggare', role: 'officer' }],
}]));
let provider = await startProvider(issuerPort, 'RS256', 'rsa', { modulusLength: 2048 });
const service = spawn(samsyn, ['serve'], {
  env: {
    DATABASE_URL: `sqlite:${folder}/samsyn.db`, SAMSYN_LISTEN: `127.0.0.1:${port}`, SAMSYN_LOG: 'warn',
    SAMSYN_ISSUERS_FILE: `${folder}/issuers.json`, SSL_CERT_FILE: `${folder}/certificate.pem`,
  },
  stdio: ['ignore', 'ignore', openSync(`${folder}/samsyn.log`, 'w')],
});
try {
  for (let tries = 0; !(await send('/api-info').catch(() => null)); tries += 1) {
    assert.ok(tries < 150 && service.exitCode === null, 'samsyn does not start');
    await sleep(200);
  }
  tell(`a provider at ${issuer}, samsyn at ${api}`);

  const [known] = (await send('/issuers')).body.issuers;
  assert.deepEqual([known.issuer, known.clientId], [issuer, CLIENT]);
  const first = await idToken(known.issuer, 'eva');
  const fetched = Date.now();
  const session = expected(await signIn(first), 201);
  tell(`Eva signs in with an RS256 token: ${session.ms} ms, the provider's keys fetched`);
  const me = expected(await send('/me', null, session.body.accessToken), 200).body;
  assert.deepEqual([me.email, me.role, me.identity.subject], ['eva@norsjo.example', 'officer', 'eva']);
  tell(`/me: ${me.name}, ${me.role}`);
  expected(await signIn(first), 401);
  tell('the same token again: refused');
  const times = [];
  for (const login of ['per', 'ulla', 'eva', 'per', 'ulla']) {
    times.push(expected(await signIn(await idToken(issuer, login)), 201).ms);
  }
  tell(`five more sign-ins, keys known: ${times.join(', ')} ms`);

  await stopProvider(provider);
  expected(await send('/me', null, session.body.accessToken), 200);
  expected(await send('/sessions/refresh', { refreshToken: session.body.refreshToken }), 201);
  tell('the provider is down: Eva goes on and renews');

  provider = await startProvider(issuerPort, 'ES256', 'ec', { namedCurve: 'P-256' });
  const rotated = await idToken(issuer, 'eva');
  expected(await signIn(rotated), 401);
  tell('the provider is back with an ES256 key, which is not looked for within half a minute of the last fetch: refused');
  await sleep(Math.max(0, 31_000 - (Date.now() - fetched)));
  const again = expected(await signIn(rotated), 201);
  const same = (await send('/me', null, again.body.accessToken)).body;
  assert.equal(same.id, me.id);
  tell(`then the same token is good: ${again.ms} ms, the new keys fetched, the same account`);
} catch (error) {
  console.error(readFileSync(`${folder}/samsyn.log`, 'utf8'));
  throw error;
} finally {
  service.kill();
  provider.close();
  provider.closeAllConnections();
}
