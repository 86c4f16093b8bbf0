"""X-Provenance: one Provenance for every version that a request writes, or nothing is written."""

import json
from typing import Any
from urllib.parse import urlsplit

from tests.support.r4 import JSON, R4, at, bundled, created, entry, found, goal, issue, kept, patient

PROVENANCE = {
    "resourceType": "Provenance",
    "recorded": "2026-03-02T10:00:00Z",
    "agent": [{"who": {"display": "Caf\u00e9 Test"}}],
}
HEADER: dict[str, Any] = {"X-Provenance": json.dumps(PROVENANCE, ensure_ascii=False).encode()}
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}


async def proofs(client):
    """Every Provenance, by the version that it is of."""
    bundle = await found(client, "Provenance?_count=100")
    return {one["resource"]["target"][0]["reference"]: one["resource"] for one in bundle.get("entry", ())}


async def test_row_16_every_kind_of_write_is_proved(client, person):
    made = await client.post(f"{R4}/Goal", json=goal(person), headers={**JSON, **HEADER})
    one = made.json()
    await client.put(at(one), json=one, headers={**JSON, **HEADER})
    kind = {"Content-Type": "application/json-patch+json"}
    await client.patch(at(one), content=b'[{"op":"test","path":"/id","value":"%s"}]' % one["id"].encode(),
                       headers={**kind, **HEADER})  # fmt: skip
    for _ in range(2):
        assert (await client.delete(at(one), headers=HEADER)).status_code == 204
    kept_ = await proofs(client)
    assert set(kept_) == {f"Goal/{one['id']}/_history/{version}" for version in (1, 2, 3, 4)}
    for proof in kept_.values():
        assert {name: proof[name] for name in PROVENANCE} == PROVENANCE


async def test_row_16_every_entry_of_a_transaction_is_proved(client):
    agent = [{"who": {"reference": "urn:uuid:w"}}]
    header = {"X-Provenance": json.dumps({**PROVENANCE, "agent": agent})}
    answer = await bundled(
        client,
        "transaction",
        entry("POST", "Patient", patient(), "urn:uuid:p"),
        entry("POST", "Goal", goal("urn:uuid:p")),
        entry("POST", "Practitioner", {"resourceType": "Practitioner", "name": [{"family": "Ito"}]}, "urn:uuid:w"),
        entry("POST", "Goal", goal("urn:uuid:p", "Two")),
        entry("GET", "Goal"),
        **header,
    )
    said = answer.json()["entry"]
    wanted = {
        urlsplit(e["response"]["location"]).path.removeprefix(f"{R4}/") for e in said if "location" in e["response"]
    }
    made = await proofs(client)
    assert set(made) == wanted
    assert len(wanted) == 4
    worker = next(name for name in wanted if name.startswith("Practitioner")).split("/_history")[0]
    assert {proof["agent"][0]["who"]["reference"] for proof in made.values()} == {worker}


async def test_row_16_every_write_of_a_batch_is_proved(client, person):
    sent = [entry("POST", "Goal", goal(person, text)) for text in ("One", "Two")]
    await bundled(client, "batch", *sent, entry("GET", "Goal"), entry("POST", "Goal", goal("none")), **HEADER)
    assert len(await proofs(client)) == 2


async def test_what_is_found_and_not_written_needs_no_proof(client, person):
    one = await created(client, goal(person, identifier=[{"system": "urn:g", "value": "1"}]))
    headers = {**JSON, **HEADER, "If-None-Exist": "identifier=urn:g|1"}
    assert (await client.post(f"{R4}/Goal", json=one, headers=headers)).status_code == 200
    await client.delete(f"{R4}/Goal/none", headers=HEADER)
    assert await proofs(client) == {}


WRONG = [
    b"{",
    b"[]",
    b"\xff",
    b'{"resourceType":"Goal"}',
    json.dumps({**PROVENANCE, "target": [{"reference": "Goal/1"}]}).encode(),
    json.dumps({**PROVENANCE, "agent": []}).encode(),
    json.dumps({**PROVENANCE, "agent": [{"who": {"reference": "Patient/none"}}]}).encode(),
]


async def test_row_16_a_proof_that_is_none_stops_the_write(world, client, person):
    before = await kept(world)
    for raw in WRONG:
        headers = {**JSON, "X-Provenance": raw}
        said = issue(await client.post(f"{R4}/Goal", json=goal(person), headers=headers), 400)
        sent = {"resourceType": "Bundle", "type": "transaction", "entry": [entry("POST", "Goal", goal(person))]}
        issue(await client.post(R4, json=sent, headers=headers), 400)
        assert said["details"]["text"]
    assert await kept(world) == before


async def test_leave_is_asked_for_the_proof_too(world, client, person):
    before = await kept(world)
    narrow = world.client(scopes="system/Goal.cruds")
    issue(await narrow.post(f"{R4}/Goal", json=goal(person), headers={**JSON, **HEADER}), 403)
    worker = {"resourceType": "Practitioner", "name": [{"family": "Ito"}]}
    issue(await client.post(f"{R4}/Practitioner", json=worker, headers={**JSON, **HEADER}), 422)
    assert await kept(world) == before


async def test_the_proof_of_what_is_restricted_is_restricted(world, client, person):
    await world.agency("LA1")
    assert (await client.post(f"/v1/people/{person}/team", json={"agency": "LA1"})).status_code == 201
    secret = goal(person, meta={"security": [LABEL]})
    assert (await client.post(f"{R4}/Goal", json=secret, headers={**JSON, **HEADER})).status_code == 201
    assert len(await proofs(client)) == 1
    assert await proofs(world.client("social_worker", "LA1")) == {}
