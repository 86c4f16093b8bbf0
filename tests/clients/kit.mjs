// What a back end written with fhir-kit-client does on its first day; says on standard output what it saw, as JSON.

import { Client } from 'fhir-kit-client';

const { BASE: baseUrl, TOKEN: bearerToken, PERSON: person } = process.env;
const client = new Client({ baseUrl, bearerToken });
const said = {};

const statement = await client.capabilityStatement();
said.fhirVersion = statement.fhirVersion;

const subject = { reference: `Patient/${person}` };
const goal = await client.create({
  resourceType: 'Goal',
  body: { resourceType: 'Goal', lifecycleStatus: 'active', description: { text: 'Walk to the shop' }, subject },
});
said.created = goal.meta.versionId;

const updated = await client.update({
  resourceType: 'Goal',
  id: goal.id,
  body: { ...goal, lifecycleStatus: 'on-hold' },
  options: { headers: { 'If-Match': `W/"${goal.meta.versionId}"` } },
});
said.updated = [updated.meta.versionId, updated.lifecycleStatus];

const patched = await client.patch({
  resourceType: 'Goal',
  id: goal.id,
  jsonPatch: [{ op: 'replace', path: '/lifecycleStatus', value: 'active' }],
  options: { headers: { 'If-Match': `W/"${updated.meta.versionId}"` } },
});
said.patched = [patched.meta.versionId, patched.lifecycleStatus];

try {
  await client.update({ resourceType: 'Goal', id: goal.id, body: goal });
} catch (error) {
  said.stale = [error.response.status, error.response.data.resourceType];
}

const first = await client.vread({ resourceType: 'Goal', id: goal.id, version: '1' });
said.vread = first.lifecycleStatus;
const history = await client.history({ resourceType: 'Goal', id: goal.id });
said.history = history.entry.map((one) => one.resource.meta.versionId);

for (const n of [1, 2, 3, 4]) {
  const body = { resourceType: 'Task', status: 'requested', intent: 'order', for: subject, description: `task ${n}` };
  await client.create({ resourceType: 'Task', body });
}
let page = await client.search({ resourceType: 'Task', searchParams: { patient: person, _count: 3 } });
said.pages = [];
while (page) {
  said.pages.push(page.entry.length);
  page = page.link.some((one) => one.relation === 'next') ? await client.nextPage({ bundle: page }) : null;
}
const posted = await client.resourceSearch({
  resourceType: 'Task',
  searchParams: { patient: person },
  options: { postSearch: true },
});
said.posted = posted.entry.length;
const compartment = await client.compartmentSearch({
  resourceType: 'Goal',
  compartment: { resourceType: 'Patient', id: person },
});
said.compartment = compartment.entry.map((one) => one.resource.id === goal.id);

const link = 'urn:uuid:0b1f1e2c-0000-4000-8000-000000000001';
const transaction = await client.transaction({
  body: {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: link,
        resource: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject },
        request: { method: 'POST', url: 'ServiceRequest' },
      },
      {
        resource: { resourceType: 'Task', status: 'requested', intent: 'order', for: subject, focus: { reference: link } },
        request: { method: 'POST', url: 'Task' },
      },
    ],
  },
});
said.transaction = transaction.entry.map((one) => one.response.status);

const everything = await client.operation({
  name: 'everything',
  resourceType: 'Patient',
  id: person,
  method: 'GET',
});
said.everything = everything.type;

await client.delete({ resourceType: 'Goal', id: goal.id });
try {
  await client.read({ resourceType: 'Goal', id: goal.id });
} catch (error) {
  said.gone = error.response.status;
}

console.log(JSON.stringify(said));
