// What a frontend does, with the types that come of the document: signs in, registers a project and reads its alignments back.
// Told by tests/gates: the API's address, an e-mail address and a password.
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

const [baseUrl, email, password] = process.argv.slice(2);
assert.ok(baseUrl && email && password);
const api = createClient<paths>({ baseUrl });

const session = await api.POST('/sessions', { body: { email, password } });
assert.equal(session.response.status, 201, JSON.stringify(session.error));
assert.ok(session.data);
const headers = { Authorization: `Bearer ${session.data.accessToken}` };

const project: components['schemas']['NewProject'] = {
  kind: 'implementation',
  title: 'Godsterminal i Bastuträsk',
  strategyId: 'norsjo-2014-2020',
  alignments: [
    { subGoal: '4.3', share: 70, rationale: 'Ny kapacitet i järnvägsnätet.' },
    { subGoal: '4.4', share: 30, rationale: 'Gods flyttar från väg till järnväg.' },
  ],
};
const made = await api.POST('/projects', { body: project, headers });
assert.equal(made.response.status, 201, JSON.stringify(made.error));
assert.ok(made.data);
const { id: projectId, status } = made.data;
assert.equal(status, 'draft');
assert.equal(made.response.headers.get('location'), `${baseUrl}/projects/${projectId}`);

const read = await api.GET('/projects/{projectId}/alignments', { params: { path: { projectId } }, headers });
assert.equal(read.response.status, 200, JSON.stringify(read.error));
assert.ok(read.data);
const alignments = read.data.alignments.map(({ subGoal, share, rationale }) => ({ subGoal, share, rationale }));
assert.deepEqual(alignments.sort((a, b) => (b.share ?? 0) - (a.share ?? 0)), project.alignments);
assert.equal(read.data._meta.totalRecords, 2);

const refused = await api.POST('/projects', { body: project });
assert.equal(refused.response.status, 401);
assert.ok(refused.error?.type.endsWith('/problems/unauthenticated'), JSON.stringify(refused.error));
console.log(`registered ${made.data.reference ?? projectId} and read its ${alignments.length} alignments back`);
