"""Patches through the FHIR door: both kinds, their versions, their limits, and that nothing gets round the rules."""

import json
from base64 import b64encode

import pytest

from tests.support.r4 import JSON, R4, at, bundled, created, entry, found, goal, ids, issue, kept

JSON_PATCH = {"Content-Type": "application/json-patch+json"}
RENAME = [{"op": "replace", "path": "/description/text", "value": "Swim"}]
BY_PATH = {
    "resourceType": "Parameters",
    "parameter": [
        {
            "name": "operation",
            "part": [
                {"name": "type", "valueCode": "replace"},
                {"name": "path", "valueString": "Goal.description.text"},
                {"name": "value", "valueString": "Swim"},
            ],
        }
    ],
}
LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}


async def patched(client, address, operations, **headers):
    kind = JSON_PATCH if isinstance(operations, list) else JSON
    return await client.patch(address, content=json.dumps(operations), headers={**kind, **headers})


@pytest.mark.parametrize("operations", [RENAME, BY_PATH], ids=["JSON Patch", "FHIRPath Patch"])
async def test_a_patch_changes_what_it_names(client, one, operations):
    answer = await patched(client, at(one), operations)
    assert (answer.status_code, answer.headers["etag"]) == (200, 'W/"2"')
    now = (await client.get(at(one))).json()
    assert now == answer.json()
    assert now["description"]["text"] == "Swim"
    assert {**now, "meta": 0, "description": 0} == {**one, "meta": 0, "description": 0}


@pytest.mark.parametrize("operations", [RENAME, BY_PATH], ids=["JSON Patch", "FHIRPath Patch"])
async def test_row_01_a_patch_of_a_stale_version_is_412(world, client, one, operations):
    before = await kept(world)
    assert issue(await patched(client, at(one), operations, **{"If-Match": 'W/"7"'}), 412)["code"] == "conflict"
    assert await kept(world) == before
    assert (await patched(client, at(one), operations, **{"If-Match": '"1"'})).status_code == 200


REFUSED = [
    ([{"op": "test", "path": "/lifecycleStatus", "value": "completed"}], 422, "business-rule", "[0]"),
    ([{"op": "remove", "path": "/note/0"}], 422, "business-rule", "[0]"),
    ([{"op": "steal", "path": "/note/0"}], 400, "invalid", "[0].op"),
    ([{"op": "replace", "path": "/lifecycleStatus", "value": "bogus"}], 400, "value", "Goal.lifecycleStatus"),
    ([{"op": "remove", "path": "/lifecycleStatus"}], 400, "required", "Goal.lifecycleStatus"),
    ([{"op": "add", "path": "/foo", "value": 1}], 400, "structure", "Goal.foo"),
    ([{"op": "replace", "path": "/id", "value": "x"}], 400, "invalid", "Goal.id"),
    ([{"op": "replace", "path": "/meta/versionId", "value": "9"}], 400, "invalid", "Goal.meta.versionId"),
    ([{"op": "replace", "path": "/resourceType", "value": "Task"}], 400, "invalid", "Goal.resourceType"),
    ([{"op": "replace", "path": "/subject/reference", "value": "Patient/x"}], 400, "value", "Goal.subject"),
    ([{"op": "add", "path": "/text", "value": {"status": "generated", "div": "<div><script>x</script></div>"}}], 400,
     "value", "Goal.text.div"),
    ([{"op": "copy", "from": "/description", "path": "/description/x"}] * 80, 400, "too-costly", "["),
    ({"resourceType": "Goal"}, 400, "invalid", None),
    ({"resourceType": "Parameters", "parameter": [{"name": "x"}]}, 400, "invalid", "Parameters.parameter[0]"),
    ({"resourceType": "Parameters", "parameter": [{}]}, 400, "invalid", "Parameters.parameter[0]"),
]  # fmt: skip


async def test_row_25_what_a_patch_may_not_do_changes_nothing(world, client, one):
    before = await kept(world)
    for operations, status, code, where in REFUSED:
        said = issue(await patched(client, at(one), operations), status)
        assert said["code"] == code, operations
        assert where is None or said["expression"][0].startswith(where), (operations, said)
    assert await kept(world) == before


KINDS = [
    ("application/xml-patch+xml", b"<diff/>"),
    ("application/xml-patch+xml; charset=utf-8", b"<Parameters/>"),
    ("application/merge-patch+json", b"{}"),
    ("text/plain", b"[]"),
    ("", b"[]"),
]


async def test_row_25_other_kinds_of_patch_are_told_which_are_taken(world, client, one):
    before = await kept(world)
    for kind, raw in KINDS:
        answer = await client.patch(at(one), content=raw, headers={"Content-Type": kind})
        assert issue(answer, 415)["code"] == "not-supported"
        assert answer.headers["accept-patch"] == "application/json-patch+json, application/fhir+json"
    for headers, raw in ((JSON, b"[]"), (JSON_PATCH, b"{}"), (JSON, b"{"), (JSON_PATCH, b"["), (JSON_PATCH, b"")):
        issue(await client.patch(at(one), content=raw, headers=headers), 400)
    assert await kept(world) == before


async def test_row_25_the_narrative_is_not_left_behind(client, person):
    words = '<div xmlns="http://www.w3.org/1999/xhtml">Walk to the shop</div>'
    told = {"text": {"status": "generated", "div": words}}
    one = await created(client, goal(person) | told)
    answer = await patched(client, at(one), RENAME)
    assert "Swim" in answer.json()["text"]["div"]


async def test_row_27_a_patch_takes_no_label_away(client, person):
    one = await created(client, goal(person, meta={"security": [LABEL]}))
    issue(await patched(client, at(one), [{"op": "remove", "path": "/meta/security"}]), 422)
    assert (await client.get(at(one))).json()["meta"]["security"] == [LABEL]


async def test_a_patch_is_not_for_what_is_gone_hidden_or_absent(world, client, one):
    await world.agency("RX2")
    stranger = world.client(agency="RX2")
    same = {"X-Request-Id": "the-same"}
    hidden = await patched(stranger, at(one), RENAME, **same)
    absent = await patched(stranger, f"{R4}/Goal/none", RENAME, **same)
    assert (hidden.status_code, hidden.content) == (404, absent.content)
    issue(await patched(world.client(scopes="system/*.rs"), at(one), RENAME), 403)
    await client.delete(at(one))
    assert issue(await patched(client, at(one), RENAME), 410)["code"] == "deleted"


async def test_what_is_patched_keeps_its_digits(client, person):
    weight = await created(client, {
        "resourceType": "Observation", "status": "final", "code": {"text": "weight"},
        "subject": {"reference": f"Patient/{person}"}, "valueQuantity": {"value": 72, "unit": "kg"}})  # fmt: skip
    raw = b'[{"op": "replace", "path": "/valueQuantity/value", "value": 72.50}]'
    answer = await client.patch(at(weight), content=raw, headers=JSON_PATCH)
    assert b'"value":72.50' in answer.content


async def test_the_patient_a_section_and_the_directory_are_patched_too(client, person):
    answer = await patched(client, f"{R4}/Patient/{person}", [{"op": "add", "path": "/gender", "value": "female"}])
    assert answer.json()["gender"] == "female"
    sections = await found(client, f"CarePlan?patient={person}&_count=20")
    plan = next(e["resource"] for e in sections["entry"] if e["resource"].get("title") == "Health")
    said = await patched(client, at(plan), [{"op": "add", "path": "/description", "value": "Said anew."}])
    assert said.json()["description"] == "Said anew."
    worker = await created(client, {"resourceType": "Practitioner", "name": [{"family": "Ito"}]})
    named = await patched(client, at(worker), [{"op": "replace", "path": "/name/0/family", "value": "Sato"}])
    assert named.json()["name"] == [{"family": "Sato"}]
    await client.delete(at(worker))
    issue(await patched(client, at(worker), RENAME), 410)


def binary(operations, **more):
    data = b64encode(json.dumps(operations).encode()).decode()
    return {"resourceType": "Binary", "contentType": JSON_PATCH["Content-Type"], "data": data, **more}


async def test_patches_stand_in_a_bundle(client, person):
    one, two = [await created(client, goal(person, text)) for text in ("One", "Two")]
    for kind in ("transaction", "batch"):
        answer = await bundled(
            client,
            kind,
            entry("PATCH", f"Goal/{one['id']}", binary(RENAME)),
            entry("PATCH", f"Goal/{two['id']}", BY_PATH, ifMatch=f'W/"{1 if kind == "transaction" else 2}"'),
            entry("POST", "Goal", goal(person, "Three")),
        )
        assert [e["response"]["status"][:3] for e in answer.json()["entry"]] == ["200", "200", "201"], answer.text
    for resource in (one, two):
        assert (await client.get(at(resource))).json()["description"]["text"] == "Swim"


async def test_a_patch_in_a_transaction_refers_to_what_it_makes(client, person):
    one = await created(client, goal(person))
    need = {"resourceType": "Condition", "subject": {"reference": f"Patient/{person}"}, "code": {"text": "Pain"}}
    addresses = [{"op": "add", "path": "/addresses", "value": [{"reference": "urn:uuid:need"}]}]
    answer = await bundled(
        client,
        "transaction",
        entry("PATCH", f"Goal/{one['id']}", binary(addresses)),
        entry("POST", "Condition", need, "urn:uuid:need"),
    )
    made = answer.json()["entry"][1]["response"]["location"].split("/Condition/")[1].split("/")[0]
    assert (await client.get(at(one))).json()["addresses"] == [{"reference": f"Condition/{made}"}]


async def test_row_25_a_bad_patch_fails_its_transaction_and_is_named(world, client, person):
    one = await created(client, goal(person))
    bad = [
        (binary([{"op": "test", "path": "/lifecycleStatus", "value": "x"}]), 422, "Bundle.entry[1].resource[0]"),
        (binary([], contentType="text/plain"), 400, "Bundle.entry[1].resource"),
        (binary([], data="*"), 400, "Bundle.entry[1].resource.data"),
        (binary({}), 400, "Bundle.entry[1]"),
        (one, 400, "Bundle.entry[1].resource"),
        (binary([{"op": "remove", "path": "/lifecycleStatus"}]), 400, "Bundle.entry[1].resource.lifecycleStatus"),
    ]
    before = await kept(world)
    for resource, status, where in bad:
        sent = entry("PATCH", f"Goal/{one['id']}", resource)
        said = issue(await bundled(client, "transaction", entry("POST", "Goal", goal(person)), sent), status)
        assert said["expression"][0].startswith(where), said
    assert await kept(world) == before


async def test_a_runaway_patch_ends_soon(client, one):
    note = [{"op": "add", "path": "/note", "value": [{"text": "x" * 60}]}]
    double = [
        {"op": "copy", "from": "/note", "path": "/note/-"},
        *[{"op": "copy", "from": "/note", "path": "/note/0"}] * 20,
    ]
    said = issue(await patched(client, at(one), [*note, *double]), 400)
    assert said["code"] == "too-costly"
    assert len(ids(await found(client, "Goal"))) == 1
