// What an app written with the SMART client of JavaScript does once it has a token; says what it saw, as JSON.

const FHIR = require('fhirclient');

const { BASE: serverUrl, TOKEN: access_token, PERSON: patient } = process.env;
const storage = { get: async () => null, set: async (_, value) => value, unset: async () => true };
const smart = new FHIR.FhirClient(serverUrl);

async function main() {
  const said = {};
  const headers = { authorization: `Bearer ${access_token}` };
  const ask = (url, more = {}) => smart.fhirRequest(url, { ...more, headers: { ...headers, ...more.headers } });
  said.release = await smart.getFhirRelease();
  const person = await ask(`Patient/${patient}`);
  said.patient = person.id === patient;
  const json = { 'content-type': 'application/fhir+json' };
  const goal = await smart.create(
    {
      resourceType: 'Goal',
      lifecycleStatus: 'active',
      description: { text: 'Cook for a friend' },
      subject: { reference: `Patient/${patient}` },
    },
    { headers },
  );
  said.created = goal.resourceType;
  const changed = await smart.update({ ...goal, lifecycleStatus: 'on-hold' }, { headers });
  said.updated = changed.lifecycleStatus;
  const patched = await smart.patch(
    `Goal/${goal.id}`,
    [{ op: 'replace', path: '/lifecycleStatus', value: 'active' }],
    { headers: { ...headers, 'if-match': `W/"${changed.meta.versionId}"` } },
  );
  said.patched = patched.lifecycleStatus;
  const found = await ask(`Goal?patient=${patient}&_count=1`);
  said.found = found.entry.length;
  const plans = [];
  let page = await ask(`CarePlan?patient=${patient}&_count=4`);
  while (page) {
    plans.push(...page.entry);
    const next = page.link.find((one) => one.relation === 'next');
    page = next ? await ask(next.url) : null;
  }
  said.plans = new Set(plans.map((one) => one.resource.id)).size;
  await smart.delete(`Goal/${goal.id}`, { headers });
  said.gone = await ask(`Goal/${goal.id}`).catch((error) => error.status ?? error.statusCode);
  console.log(JSON.stringify(said));
}

main();
