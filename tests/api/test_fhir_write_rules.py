"""What an update, a delete and a repetition may do through the FHIR door: versions, labels, activities, keys."""

import pytest

from tests.support.r4 import JSON, R4, at, bundled, created, entry, found, goal, ids, issue, kept

LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
TAG = {"system": "urn:tags", "code": "A"}


async def put(client, resource, **headers):
    """Update it; an empty `meta` is left out, because FHIR knows no empty objects."""
    resource = {name: value for name, value in resource.items() if value != {}}
    return await client.put(at(resource), json=resource, headers={**JSON, **headers})


async def test_row_01_a_stale_version_is_412_and_a_missing_one_400(world, client, one):
    before = await kept(world)
    for tag in ('W/"9"', '"9"', '"x"'):
        assert issue(await put(client, one, **{"If-Match": tag}), 412)["code"] == "conflict"
    bare = {**one, "meta": {"source": "urn:x"}}
    said = issue(await put(client, bare), 400)
    assert (said["code"], said["expression"]) == ("required", ["Goal.meta.versionId"])
    assert await kept(world) == before
    assert (await put(client, bare, **{"If-Match": 'W/"1"'})).status_code == 200


async def test_if_none_match_star_creates_and_never_changes(world, client, one):
    only_new = {"If-None-Match": "*"}
    before = await kept(world)
    issue(await put(client, one, **only_new), 412)
    none = {**one, "id": "none"}
    issue(await put(client, none, **only_new), 405)
    sent = entry("PUT", f"Goal/{one['id']}", one, ifNoneMatch="*")
    issue(await bundled(client, "transaction", sent), 412)
    assert await kept(world) == before
    await client.delete(at(one))
    assert (await put(client, one, **only_new)).headers["etag"] == 'W/"3"'


async def test_row_22_what_is_deleted_is_gone_told_and_comes_back(client, one):
    for _ in range(2):
        assert (await client.delete(at(one))).status_code == 204
    assert issue(await client.get(at(one)), 410)["code"] == "deleted"
    assert issue(await client.get(f"{at(one)}/_history/2"), 410)["code"] == "deleted"
    assert (await client.get(f"{at(one)}/_history/1")).status_code == 200
    issue(await put(client, one), 412)
    back = await put(client, {**one, "meta": {}})
    assert (back.status_code, back.headers["etag"]) == (200, 'W/"3"')
    history = (await client.get(f"{at(one)}/_history")).json()["entry"]
    told = [(e["request"]["method"], "resource" in e, e["response"]["etag"]) for e in history]
    assert told == [("PUT", True, 'W/"3"'), ("DELETE", False, 'W/"2"'), ("POST", True, 'W/"1"')]


async def test_row_22_a_delete_of_what_is_absent_or_hidden_is_the_same(world, client, one):
    await world.agency("RX2")
    stranger, same = world.client(agency="RX2"), {"X-Request-Id": "the-same"}
    answers = [await stranger.delete(f"{R4}/Goal/{id_}", headers=same) for id_ in (one["id"], "none")]
    assert [(answer.status_code, answer.content, answer.headers) for answer in answers] == [
        (204, b"", answers[0].headers)
    ] * 2
    assert (await client.get(at(one))).status_code == 200
    refused = await world.database.rows("select count(*) from audit_event where action = 'D' and not allowed")
    assert refused[0][0] == 2


async def test_row_27_an_update_replaces_profiles_and_keeps_labels(client, person):
    meta = {"profile": ["urn:profile:1"], "tag": [TAG], "security": [LABEL]}
    one = await created(client, goal(person, meta=meta))
    for sent in ({}, {"profile": ["urn:profile:2"], "tag": [{**TAG, "code": "B"}]}):
        version = (await client.get(at(one))).headers["etag"]
        now = (await put(client, {**one, "meta": sent}, **{"If-Match": version})).json()["meta"]
        assert now.get("profile") == sent.get("profile")
        assert now["security"] == [LABEL]
        assert TAG in now["tag"]
    assert {**TAG, "code": "B"} in now["tag"]
    worker = await created(
        client, {"resourceType": "Practitioner", "meta": {"tag": [TAG]}, "name": [{"family": "Ito"}]}
    )
    changed = (await put(client, {**worker, "meta": {"versionId": "1"}})).json()
    assert changed["meta"]["tag"] == [TAG]
    patient = (await client.get(f"{R4}/Patient/{person}")).json()
    patient["meta"]["tag"] = [TAG]
    tagged = (await put(client, patient)).json()
    assert TAG in (await put(client, {**tagged, "meta": {"versionId": "2"}})).json()["meta"]["tag"]


async def test_row_27_no_update_opens_what_is_restricted(world, client, person):
    await world.agency("LA1")
    assert (await client.post(f"/v1/people/{person}/team", json={"agency": "LA1"})).status_code == 201
    social = world.client("social_worker", "LA1")
    one = await created(client, goal(person, meta={"security": [LABEL]}))
    await put(client, {**one, "meta": {"versionId": "1"}})
    await client.delete(at(one))
    await put(client, {**one, "meta": {}})
    issue(await social.get(at(one)), 404)


PREFER = [
    ("return=minimal", {"POST": 0, "PUT": 0, "DELETE": 0}, "return=minimal"),
    ("return=representation", {"POST": 1, "PUT": 1, "DELETE": 0}, "return=representation"),
    ("return=OperationOutcome", {"POST": 1, "PUT": 1, "DELETE": 1}, "return=OperationOutcome"),
    ("handling=lenient", {"POST": 1, "PUT": 1, "DELETE": 0}, None),
]


@pytest.mark.parametrize("prefer, bodies, applied", PREFER)
async def test_a_preference_that_is_followed_is_told(client, person, prefer, bodies, applied):
    headers = {**JSON, "Prefer": prefer}
    made = await client.post(f"{R4}/Goal", json=goal(person), headers=headers)
    address = made.headers["location"].removeprefix("http://127.0.0.1").split("/_history")[0]
    sent = goal(person, "Two", id=address.split("/")[-1])
    changed = await client.put(address, json=sent, headers={**headers, "If-Match": 'W/"1"'})
    gone = await client.delete(address, headers=headers)
    for method, answer in (("POST", made), ("PUT", changed), ("DELETE", gone)):
        assert bool(answer.content) == bool(bodies[method])
        nothing_to_show = method == "DELETE" and "representation" in prefer
        assert answer.headers.get("preference-applied") == (None if nothing_to_show else applied)


async def test_a_bundle_tells_an_outcome_to_who_prefers_it(client, person):
    for kind in ("batch", "transaction"):
        sent = entry("POST", "Goal", goal(person))
        said = await bundled(client, kind, sent, Prefer="return=OperationOutcome")
        (told,) = said.json()["entry"]
        assert told["response"]["outcome"]["issue"][0]["severity"] == "information"
        assert "resource" not in told


def plan(person, *activity, **more):
    return {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": f"Patient/{person}"},
        "activity": list(activity),
        **more,
    }


DETAIL = {"status": "scheduled", "description": "Daily walk"}


async def test_row_14_an_activity_is_a_detail_or_a_reference_never_both(world, client, person):
    before = await kept(world)
    both = {"detail": DETAIL, "reference": {"reference": "Task/1"}}
    said = issue(await client.post(f"{R4}/CarePlan", json=plan(person, both), headers=JSON), 400)
    assert said["expression"] == ["CarePlan.activity[0]"]
    assert await kept(world) == before


async def test_row_14_a_detail_of_a_section_becomes_a_task_and_is_never_emitted(world, client, person):
    sections = await found(client, f"CarePlan?patient={person}&_count=20")
    own = next(e["resource"] for e in sections["entry"] if e["resource"].get("title") == "Health")
    narrow = world.client(scopes="system/CarePlan.cruds system/Patient.rs")
    issue(await put(narrow, {**own, "activity": [{"detail": DETAIL}]}), 403)
    now = (await put(client, {**own, "activity": [{"detail": DETAIL}]})).json()
    (activity,) = now["activity"]
    task = (await client.get(f"{R4}/{activity['reference']['reference']}")).json()
    assert (task["description"], task["status"]) == ("Daily walk", "requested")
    assert "detail" not in activity


async def test_row_14_a_contributed_plan_is_read_back_as_it_was_written(client, person):
    sent = plan(person, {"detail": DETAIL}, title="Diabetes")
    made = await created(client, sent)
    assert made["activity"] == [{"detail": DETAIL}]
    assert "Task" not in (await client.get(f"{R4}/Task?patient={person}")).text.split('"link"')[0]


KEY = {"Idempotency-Key": "once"}


async def test_a_key_makes_a_write_happen_once(client, person):
    made = [await client.post(f"{R4}/Goal", json=goal(person), headers={**JSON, **KEY}) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert [answer.headers.get("idempotency-replayed") for answer in made] == [None, "true"]
    assert made[0].content == made[1].content
    assert made[0].headers["location"] == made[1].headers["location"]
    one = made[0].json()
    change = {"headers": {**JSON, "Idempotency-Key": "twice"}, "json": {**one, "description": {"text": "Swim"}}}
    changed = [await client.put(at(one), **change) for _ in range(2)]
    assert [(answer.status_code, answer.headers["etag"]) for answer in changed] == [(200, 'W/"2"')] * 2
    again = await client.post(f"{R4}/Goal", json=goal(person), headers={**JSON, **KEY})
    assert again.content == made[0].content
    gone = [await client.delete(at(one), headers={"Idempotency-Key": "gone"}) for _ in range(2)]
    assert [answer.status_code for answer in gone] == [204, 204]
    assert len(ids(await found(client, "Goal"))) == 0


async def test_a_key_is_for_one_action(client, person):
    await client.post(f"{R4}/Goal", json=goal(person), headers={**JSON, **KEY})
    issue(await client.post(f"{R4}/Goal", json=goal(person, "Two"), headers={**JSON, **KEY}), 422)
    issue(await client.post(f"{R4}/Goal", json=goal(person), headers={**JSON, "Idempotency-Key": "a b"}), 400)


async def test_a_key_is_kept_for_the_directory_and_for_patches_too(client, one):
    worker = {"resourceType": "Practitioner", "name": [{"family": "Ito"}]}
    for _ in range(2):
        assert (await client.post(f"{R4}/Practitioner", json=worker, headers={**JSON, **KEY})).status_code == 201
    assert (await found(client, "Practitioner"))["total"] == 1
    kind = {"Content-Type": "application/json-patch+json", "Idempotency-Key": "patched"}
    for _ in range(2):
        raw = b'[{"op": "add", "path": "/note", "value": [{"text": "more"}]}]'
        assert (await client.patch(at(one), content=raw, headers=kind)).headers["etag"] == 'W/"2"'
