"""What is another's opens nothing: ids of other people in every path, cursors, idempotency keys and export jobs of
another caller, and what the service alone writes, sent by a client in every writable schema.
"""

import json
import re
from typing import Any

import pytest

from api.rest.examples import EXAMPLES
from plan.kinds import KINDS
from tests.access.oracle import Asker, in_sight, there
from tests.access.people import Town, town
from tests.access.routes import every
from tests.access.test_oracle import SEED, disclosed
from tests.access.test_routes import sent
from tests.access.written import TYPES, written
from tests.support.quick import Quick
from tests.support.world import World

OPENS = frozenset(
    {"POST /v1/overrides", *(f"/fhir/{version} POST Patient T/$op $override" for version in ("R4", "R5"))}
)
"""What gives leave of its own: emergency access that one of these opened would be no disclosure afterwards."""
SWAPS = {"sqlite": 6, "postgresql": 2}
"""How many ids are swapped into each place of each route."""


async def test_no_id_of_anothers_opens_anything_in_any_place(world: World):
    """BOLA: every id, of every type, in the place of every id of every route; what must not show, does not."""
    made = await town(world, SEED + 3, 20)
    askers = [one for one in made.askers if one.scopes.endswith("*.cruds")]
    for route in every():
        if route.open or "{" not in route.url + json.dumps(str(route.body)) or route.method == "DELETE":
            continue
        if route.name in OPENS:
            continue
        for _ in range(SWAPS[world.url.partition(":")[0]]):
            asker = made.random.choice(askers)
            pool = [(plan, thing) for plan, thing in made.ids.values() if not in_sight(asker, plan, thing, made.now)]
            (_, entry), (_, other) = made.random.sample(pool, 2)
            ids = dict.fromkeys(("entry", "member", "subscription", "job"), entry.id)
            ids |= {"person": other.person, "section": entry.section, "kind": entry.kind, "version": "1"}
            if made.random.random() < 0.5:
                own = [plan.person for plan in made.plans.values() if there(asker, plan, made.now)]
                ids["person"] = made.random.choice(own or [other.person])
            answer = await sent(made.client(asker), route, ids, "swap")
            assert answer.status < 500, (route, answer.body)
            assert not disclosed(made, asker, answer), (route, asker, ids)


SERVERS: dict[str, Any] = {
    "author": "somebody-else",
    "agency": "LA1",
    "updated": "1999-01-01T00:00:00Z",
    "created": "1999-01-01T00:00:00Z",
    "version": 99,
    "by": {"subject": "x", "role": "coordinator", "agency": "LA1"},
    "signed_off": True,
    "deleted": True,
}
"""What the service writes into an entry by itself, and what it would be a pity to believe."""


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_what_the_service_writes_has_no_effect_when_a_client_sends_it_in_native_form(world: World, kind: str):
    await world.agency("RX1")
    client = Quick(world.app, world.token("clinician", "RX1"))
    person = await world.person(world.visit())
    closed = {"benefits", "safeguarding"} if len(KINDS[kind].sections) > 1 else set()
    section = min(section.value for section in KINDS[kind].sections if section.value not in closed)
    if section == "benefits":
        client = Quick(world.app, world.token("benefits_adviser", "RX1"))
    for name, value in SERVERS.items():
        url = f"/v1/people/{person}/plan/sections/{section}/{kind}"
        answer = await client("POST", url, EXAMPLES[kind] | {name: value})
        if answer.status == 201:
            unharmed(answer.json(), name)
        else:
            assert answer.status in (400, 422), answer.body


def unharmed(entry: dict[str, Any], name: str) -> None:
    """The envelope is the service's."""
    assert entry["version"] == 1
    assert entry.get("agency", "RX1") == "RX1"
    assert not str(entry.get("updated", "")).startswith("1999")
    assert name not in ("signed_off", "deleted", "by") or name not in entry


@pytest.mark.parametrize("type_", TYPES)
async def test_what_the_service_writes_has_no_effect_when_a_client_sends_it_in_fhir(world: World, type_: str):
    await world.agency("RX1")
    client = Quick(world.app, world.token("clinician", "RX1"))
    person = await world.person(world.visit())
    sent_ = written(type_, person, "health", "zq1z")
    sent_ |= {"id": "mine"}
    sent_["meta"] |= {"versionId": "99", "lastUpdated": "1999-01-01T00:00:00Z", "source": "urn:x"}
    answer = await client("POST", f"/fhir/R4/{type_}", sent_, {"content-type": "application/fhir+json"})
    assert answer.status == 201, answer.body
    made = answer.json()
    assert made["id"] != "mine"
    assert made["meta"]["versionId"] == "1"
    assert not made["meta"]["lastUpdated"].startswith("1999")
    rows = await world.database.rows("select agency, author, version from entry where id = ?", (made["id"],))
    assert [tuple(row) for row in rows] == [("RX1", "clinician-of-RX1", 1)]


CURSOR = re.compile(r'"relation":"next","url":"([^"]+)"|"next":"([^"]+)"')
PAGED = (
    "/fhir/R4/Goal?patient={0}&_count=1",
    "/fhir/R4/Patient/{0}/*?_count=1",
    "/fhir/R4/Patient/{0}/$everything?_count=1",
    "/fhir/R4/_history?_count=1",
    "/fhir/R5/Goal/_history?_count=1",
    "/v1/people/{0}/history?limit=1",
    "/v1/people?limit=1",
)


async def test_a_cursor_a_key_and_a_job_of_another_caller_show_nothing(world: World):
    """A14, for every pair of a caller who has them and one who has nothing to do with the plan."""
    made = await town(world, SEED + 4, 16)
    strangers = 0
    for plan in made.plans.values():
        everyday = [one for one in made.askers if not one.purpose]
        insiders = [one for one in everyday if there(one, plan, made.now) and one.scopes.endswith("*.cruds")]
        outsiders = [one for one in everyday if not there(one, plan, made.now)]
        insider, outsider = made.random.choice(insiders), made.random.choice(outsiders)
        for asker in (outsider, _namesake(insider)):
            strangers += await _shows_nothing(made, insider, asker, plan.person)
    assert strangers > 100


def _namesake(one: Asker) -> Asker:
    """The same subject, of another agency that is on no team."""
    return Asker(one.role, "ZZ9", one.subject, "nobody" if one.person else "", one.scopes)


async def _shows_nothing(made: Town, insider: Asker, outsider: Asker, person: str) -> int:
    tried = 0
    for url in PAGED:
        page = await made.client(insider)("GET", url.format(person))
        found = CURSOR.search(page.body.decode()) if page.status == 200 else None
        if found:
            path = url.format(person).split("?")[0]
            next_ = found[1] or f"{path}?limit=1&cursor={found[2]}"
            answer = await made.client(outsider)("GET", next_)
            assert answer.status in (200, 400, 403, 404), answer.body
            assert not disclosed(made, outsider, answer), next_
            tried += 1
    job = await made.client(insider)("GET", "/fhir/R4/$export", None, {"prefer": "respond-async"})
    assert job.status == 202
    id_ = job.headers["content-location"].rpartition("=")[2]
    for ask in (
        f"$export-status?job={id_}",
        f"$export-file?job={id_}&type=Goal",
        f"$export-file?job={id_}&type=Patient",
    ):
        answer = await made.client(outsider)("GET", f"/fhir/R4/{ask}")
        assert answer.status == 404, answer.body
        tried += 1
    assert (await made.client(outsider)("DELETE", f"/fhir/R4/$export-status?job={id_}")).status == 404
    assert (await made.client(insider)("GET", f"/fhir/R4/$export-status?job={id_}")).status == 200
    return tried + 1


async def test_an_idempotency_key_of_another_caller_is_not_theirs(world: World):
    await world.agency("RX1")
    person = await world.person(world.visit())
    owner = Quick(world.app, world.token("clinician", "RX1"))
    url, key = f"/v1/people/{person}/plan/sections/health/goal", {"idempotency-key": "a-key"}
    first = await owner("POST", url, EXAMPLES["goal"], key)
    assert first.status == 201
    assert (await owner("POST", url, EXAMPLES["goal"], key)).json()["id"] == first.json()["id"]
    for role, agency, subject in (("clinician", "RX9", "clinician-of-RX1"), ("clinician", "RX9", "")):
        stranger = Quick(world.app, world.token(role, agency, subject))
        answer = await stranger("POST", url, EXAMPLES["goal"], key)
        assert answer.status == 404
        assert first.json()["id"] not in answer.text
    colleague = Quick(world.app, world.token("clinician", "RX1", "another"))
    assert (await colleague("POST", url, EXAMPLES["goal"], key)).json()["id"] != first.json()["id"]
