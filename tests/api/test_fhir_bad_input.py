"""What cannot be taken is refused with an OperationOutcome that says where it is wrong, and changes nothing."""

import gzip
import json
from typing import Any

import pytest

from tests.support.r4 import JSON, R4, created, goal, issue, kept, patient
from tests.support.world import NHS


async def refused(world, answer_of, status):
    """The first issue, when nothing was written."""
    before = await kept(world)
    said = issue(await answer_of, status)
    assert await kept(world) == before
    return said


GOAL = '{"resourceType":"Goal","lifecycleStatus":"active","description":{"text":"Walk"},"subject":{"display":"P"}'
RAW = {
    "nothing": b"",
    "blank": b"  \n",
    "cut off": GOAL.encode(),
    "two values": (GOAL + "}{}").encode(),
    "a name twice": (GOAL + ',"lifecycleStatus":"active"}').encode(),
    "a name twice inside": (GOAL + ',"note":[{"text":"a","text":"b"}]}').encode(),
    "NaN": (GOAL + ',"extension":[{"url":"urn:x","valueDecimal":NaN}]}').encode(),
    "infinity": (GOAL + ',"extension":[{"url":"urn:x","valueDecimal":-Infinity}]}').encode(),
    "an endless number": (GOAL + ',"extension":[{"url":"urn:x","valueDecimal":1e999}]}').encode(),
    "half a surrogate pair": (GOAL + ',"note":[{"text":"\\ud83d"}]}').encode(),
    "NUL": (GOAL + ',"note":[{"text":"a\\u0000b"}]}').encode(),
    "too deep": (GOAL + ',"extension":' + "[" * 70 + "]" * 70 + "}").encode(),
    "UTF-16": (GOAL + "}").encode("utf-16"),
    "Latin-1": (GOAL + ',"note":[{"text":"caf\u00e9"}]}').encode("latin-1"),
    "an array": b"[]",
    "a word": b'"Goal"',
    "null": b"null",
}


@pytest.mark.parametrize("method, path", [("POST", "Goal"), ("PUT", "Goal/g1"), ("POST", "")])
async def test_what_is_no_json_object_is_refused(world, client, method, path):
    for name, raw in RAW.items():
        said = await refused(world, client.request(method, f"{R4}/{path}", content=raw, headers=JSON), 400)
        assert said["code"] == "structure", name


async def test_a_byte_order_mark_is_taken(client, person):
    raw = b"\xef\xbb\xbf" + json.dumps(goal(person)).encode()
    assert (await client.post(f"{R4}/Goal", content=raw, headers=JSON)).status_code == 201


async def test_a_packed_body_is_taken(client, person):
    raw = gzip.compress(json.dumps(goal(person)).encode())
    answer = await client.post(f"{R4}/Goal", content=raw, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 201


KINDS = [
    "text/plain",
    "application/fhir+turtle",
    "application/x-www-form-urlencoded",
    "application/fhir+json; charset=utf-16",
    "application/fhir+json; fhirVersion=5.0",
    "application/json;fhirVersion=3.0",
]


@pytest.mark.parametrize("kind", KINDS)
async def test_other_kinds_of_body_are_not_taken(world, client, person, kind):
    raw = json.dumps(goal(person)).encode()
    for path in ("Goal", ""):
        said = await refused(world, client.post(f"{R4}/{path}", content=raw, headers={"Content-Type": kind}), 415)
        assert said["code"] == "not-supported"


async def test_a_body_that_says_it_is_r4_is_taken(client, person):
    headers = {"Content-Type": "application/fhir+json; fhirVersion=4.0; charset=UTF-8"}
    answer = await client.post(f"{R4}/Goal", content=json.dumps(goal(person)).encode(), headers=headers)
    assert answer.status_code == 201


async def test_a_body_over_the_limit_is_not_read(world, client):
    raw = b" " * (world.settings.max_body + 1)
    said = await refused(world, client.post(f"{R4}/Goal", content=raw, headers=JSON), 413)
    assert said["code"] == "too-long"


async def test_a_bundle_may_be_larger_and_has_a_limit_too(world, client):
    raw = b'{"resourceType":"Bundle","type":"batch"}' + b" " * (world.settings.max_body + 1)
    assert (await client.post(R4, content=raw, headers=JSON)).status_code == 200
    await refused(world, client.post(R4, content=b" " * (world.settings.max_bundle + 1), headers=JSON), 413)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"foo": 1}, "structure", "Goal.foo"),
    ({"LifecycleStatus": "active"}, "structure", "Goal.LifecycleStatus"),
    ({"lifecycleStatus": "going well"}, "value", "Goal.lifecycleStatus"),
    ({"lifecycleStatus": None}, "value", "Goal.lifecycleStatus"),
    ({"lifecycleStatus": True}, "value", "Goal.lifecycleStatus"),
    ({"description": "Walk"}, "invalid", "Goal.description"),
    ({"description": {}}, "invalid", "Goal.description"),
    ({"note": []}, "invalid", "Goal.note"),
    ({"note": {"text": "a"}}, "invalid", "Goal.note"),
    ({"note": [None]}, "invalid", "Goal.note[0]"),
    ({"note": [{"text": ""}]}, "value", "Goal.note[0].text"),
    ({"statusDate": "06/03/2026"}, "value", "Goal.statusDate"),
    ({"statusDate": "2026-02-30"}, "invalid", "Goal.statusDate"),
    ({"resourceType": "Task"}, "invalid", "Goal.resourceType"),
    ({"resourceType": "Nonsense"}, "structure", "Goal.resourceType"),
    ({"id": "not an id"}, "value", "Goal.id"),
    ({"text": {"status": "generated", "div": "<div><script>x</script></div>"}}, "value", "Goal.text.div"),
    ({"target": [{"due": "2026-01-01"}]}, "structure", "Goal.target[0].due"),
    ({"addresses": [{"reference": "Condition?code=1"}]}, "value", "Goal.addresses[0].reference"),
    ({"extension": [{"url": "urn:x"}]}, "invalid", "Goal.extension[0]"),
    ({"subject": {"reference": "Patient/none"}}, "value", "Goal.subject"),
    ({"subject": {"display": "Sam"}}, "value", "Goal.subject"),
]


async def test_what_r4_does_not_allow_is_refused_where_it_stands(world, client, person):
    for more, code, where in WRONG:
        said = await refused(world, client.post(f"{R4}/Goal", json=goal(person) | more, headers=JSON), 400)
        assert (said["code"], said["expression"]) == (code, [where]), more
        assert said["details"]["text"]


OLD = [({"description": {"text": "Walk"}}, "STU3"), ({"description": "Walk", "priority": {"text": "high"}}, "DSTU2")]


@pytest.mark.parametrize("more, dialect", OLD)
async def test_an_older_dialect_is_refused(world, client, person, more, dialect):
    old = {"resourceType": "Goal", "status": "in-progress", "subject": {"reference": f"Patient/{person}"}, **more}
    said = await refused(world, client.post(f"{R4}/Goal", json=old, headers=JSON), 400)
    assert said["expression"] == ["Goal.status"]
    assert "R4" in said["details"]["text"]


async def test_several_faults_are_told_at_once(client, person):
    answer = await client.post(f"{R4}/Goal", json=goal(person) | {"foo": 1, "lifecycleStatus": "x"}, headers=JSON)
    assert {i["expression"][0] for i in answer.json()["issue"]} == {"Goal.foo", "Goal.lifecycleStatus"}


UPDATES = [
    ({"id": "other"}, 400, "invalid"),
    ({"id": None}, 400, "value"),
    ({"meta": {"versionId": "7"}}, 412, "conflict"),
    ({"meta": {"versionId": "x"}}, 412, "conflict"),
    ({"meta": {"tag": [{"code": "a"}]}}, 400, "required"),
    ({"subject": {"reference": "Patient/none"}}, 400, "value"),
    ({"resourceType": "Task"}, 400, "invalid"),
]


@pytest.mark.parametrize("more, status, code", UPDATES)
async def test_an_update_that_does_not_fit_changes_nothing(world, client, person, more, status, code):
    one = await created(client, goal(person))
    said = await refused(world, client.put(f"{R4}/Goal/{one['id']}", json=one | more, headers=JSON), status)
    assert said["code"] == code


async def test_an_update_without_an_id_changes_nothing(world, client, person):
    one = await created(client, goal(person))
    address = f"{R4}/Goal/{one.pop('id')}"
    said = await refused(world, client.put(address, json=one, headers=JSON), 400)
    assert said["expression"] == ["Goal.id"]


@pytest.mark.parametrize("tag", ["3", "W/3", '"1", "2"', "*"])
async def test_an_entity_tag_that_is_none_changes_nothing(world, client, person, tag):
    one = await created(client, goal(person))
    headers = {**JSON, "If-Match": tag}
    await refused(world, client.put(f"{R4}/Goal/{one['id']}", json=one, headers=headers), 400)
    await refused(world, client.delete(f"{R4}/Goal/{one['id']}", headers={"If-Match": tag}), 400)


async def test_an_entry_cannot_move_to_another_person(world, client, person):
    one = await created(client, goal(person))
    other = await world.person(client)
    moved = one | {"subject": {"reference": f"Patient/{other}"}}
    said = await refused(world, client.put(f"{R4}/Goal/{one['id']}", json=moved, headers=JSON), 400)
    assert said["expression"] == ["Goal.subject"]


async def test_a_hidden_person_is_refused_in_the_words_of_an_absent_one(world, client):
    await world.agency("RX2")
    hidden = await world.person(world.client(agency="RX2"))
    answers = [await refused(world, client.post(f"{R4}/Goal", json=goal(id_)), 400) for id_ in (hidden, "none")]
    assert answers[0] == answers[1]


BAD_NUMBERS = ["9434765918", "943476591", "0000000000", "94347659190", "abcdefghij"]


@pytest.mark.parametrize("number", BAD_NUMBERS)
async def test_a_false_nhs_number_is_refused_and_not_repeated(world, client, number):
    said = await refused(world, client.post(f"{R4}/Patient", json=patient(number), headers=JSON), 400)
    assert said["expression"] == ["Patient.identifier[0].value"]
    assert number not in said["details"]["text"]


async def test_an_unknown_identifier_system_is_kept(client):
    held = [{"system": "urn:oid:1.2.3", "value": "A 7"}, {"value": "no system"}]
    assert (await created(client, patient(identifier=held)))["identifier"] == held


@pytest.mark.parametrize("spelling", ["https://fhir.nhs.uk/id/NHS-Number", "urn:oid:2.16.840.1.113883.2.1.4.1"])
async def test_another_spelling_of_the_same_number_is_the_same_person(world, client, spelling):
    number = world.nhs_number()
    await world.person(client, number)
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    twin = patient(identifier=[{"system": spelling, "value": spaced}])
    assert (await refused(world, client.post(f"{R4}/Patient", json=twin, headers=JSON), 409))["code"] == "duplicate"
    found = (await client.get(f"{R4}/Patient", params={"identifier": f"{NHS}|{spaced}"})).json()
    assert found["total"] == 1


async def test_a_host_that_is_none_is_not_repeated(client, person):
    answer = await client.post(f"{R4}/Goal", json=goal(person), headers={"Host": "evil.example/\\x"})
    assert answer.status_code == 201
    assert answer.headers["location"].startswith("http://127.0.0.1:8000/fhir/R4/Goal/")
