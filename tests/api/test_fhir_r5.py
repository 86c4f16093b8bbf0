"""The same plan at two addresses: what is written at one is read at the other, and neither loses what only it knows."""

import json
from typing import Any

import pytest

from tests.support.r4 import JSON, R4, created, goal, ids, issue, task

R5 = "/fhir/R5"
ONLY_R5: dict[str, Any] = {"continuous": True, "source": {"display": "Ada Test"}}


async def sent(client, method, address, resource, status, **headers):
    answer = await client.request(method, address, json=resource, headers={**JSON, **headers})
    assert answer.status_code == status, answer.text
    return answer


async def both(client, type_, id_, other=""):
    answers = [await client.get(f"{base}/{name}/{id_}") for base, name in ((R4, type_), (R5, other or type_))]
    assert [answer.status_code for answer in answers] == [200, 200], answers[1].text
    return [answer.json() for answer in answers]


def without_meta(resource):
    return {name: value for name, value in resource.items() if name not in ("meta", "text")}


async def test_what_is_created_at_r4_is_read_at_r5_in_its_words(client, person):
    reasons = {"reasonCode": {"text": "a fall"}, "reasonReference": {"display": "the fall of May"}}
    made = await created(client, task(person, **reasons, statusReason={"text": "asked for"}))
    old, new = await both(client, "Task", made["id"])
    assert old == made
    assert new["reason"] == [{"concept": {"text": "a fall"}}, {"reference": {"display": "the fall of May"}}]
    assert new["statusReason"] == {"concept": {"text": "asked for"}}
    assert new["meta"] == old["meta"]
    assert not {"reasonCode", "reasonReference"} & new.keys()


async def test_what_is_created_at_r5_comes_back_whole_and_is_r4_at_r4(client, person):
    one = goal(person, **ONLY_R5, outcome=[{"reference": {"display": "b"}}, {"concept": {"text": "a"}}])
    answer = await sent(client, "POST", f"{R5}/Goal", one, 201)
    made = answer.json()
    assert answer.headers["location"] == f"http://127.0.0.1{R5}/Goal/{made['id']}/_history/1"
    old, new = await both(client, "Goal", made["id"])
    assert {name: new[name] for name in one} == one
    assert made == new
    assert (old["outcomeCode"], old["outcomeReference"]) == ([{"text": "a"}], [{"display": "b"}])
    assert old["expressedBy"] == ONLY_R5["source"]
    assert {"url": "http://hl7.org/fhir/5.0/StructureDefinition/extension-Goal.continuous", "valueBoolean": True} in (
        old["extension"]
    )


async def test_a_precise_number_is_as_precise_at_the_other_address(client, person):
    target = [{"measure": {"text": "weight"}, "detailQuantity": {"value": 0.40, "unit": "kg"}}]
    body = json.dumps(goal(person, target=target)).replace("0.4", "0.40")
    made = (await client.post(f"{R4}/Goal", content=body, headers=JSON)).json()
    assert '"value":0.40' in (await client.get(f"{R5}/Goal/{made['id']}")).text


async def test_both_versions_change_the_same_entry_in_turn(client, person):
    made = (await sent(client, "POST", f"{R5}/Goal", goal(person, **ONLY_R5), 201)).json()
    at = f"Goal/{made['id']}"
    old = (await client.get(f"{R4}/{at}")).json()
    answer = await sent(client, "PUT", f"{R4}/{at}", {**old, "lifecycleStatus": "completed"}, 200)
    assert answer.headers["etag"] == 'W/"2"'
    new = (await client.get(f"{R5}/{at}")).json()
    assert (new["lifecycleStatus"], new["continuous"]) == ("completed", True)
    stale = await sent(client, "PUT", f"{R5}/{at}", made, 412)
    issue(stale, 412)
    changed = {name: value for name, value in new.items() if name != "continuous"}
    answer = await sent(client, "PUT", f"{R5}/{at}", {**changed, "statusDate": "2026-03-31"}, 200)
    assert answer.headers["etag"] == 'W/"3"'
    old, new = await both(client, "Goal", made["id"])
    assert old["statusDate"] == new["statusDate"] == "2026-03-31"
    assert "extension" not in old
    assert "continuous" not in new


async def test_history_tells_every_version_at_both_addresses(client, person):
    made = (await sent(client, "POST", f"{R5}/Goal", goal(person, **ONLY_R5), 201)).json()
    await sent(client, "PUT", f"{R5}/Goal/{made['id']}", {**made, "lifecycleStatus": "on-hold"}, 200)
    for base in (R4, R5):
        history = (await client.get(f"{base}/Goal/{made['id']}/_history")).json()
        assert [entry["resource"]["meta"]["versionId"] for entry in history["entry"]] == ["2", "1"]
        assert {("continuous" in entry["resource"]) for entry in history["entry"]} == {base == R5}
        assert all(entry["fullUrl"] == f"http://127.0.0.1{base}/Goal/{made['id']}" for entry in history["entry"])
        first = (await client.get(f"{base}/Goal/{made['id']}/_history/1")).json()
        assert first == history["entry"][1]["resource"]


async def test_a_search_finds_the_same_entries_in_the_words_of_each_version(client, person):
    made = await created(client, task(person, reasonCode={"text": "a fall"}))
    found = {base: (await client.get(f"{base}/Task?patient={person}")).json() for base in (R4, R5)}
    assert ids(found[R4]) == ids(found[R5]) == [made["id"]]
    assert "reasonCode" in found[R4]["entry"][0]["resource"]
    assert "reason" in found[R5]["entry"][0]["resource"]
    assert found[R5]["entry"][0]["fullUrl"] == f"http://127.0.0.1{R5}/Task/{made['id']}"


async def test_a_type_has_the_name_of_its_version(client, person):
    used = {
        "resourceType": "DeviceUseStatement",
        "status": "active",
        "subject": {"reference": f"Patient/{person}"},
        "device": {"display": "a frame"},
    }
    made = await created(client, used)
    old, new = await both(client, "DeviceUseStatement", made["id"], "DeviceUsage")
    assert old == made
    assert (new["resourceType"], new["patient"]) == ("DeviceUsage", used["subject"])
    about = await created(client, task(person, focus={"reference": f"DeviceUseStatement/{made['id']}"}))
    seen = (await client.get(f"{R5}/Task/{about['id']}")).json()
    assert seen["focus"] == {"reference": f"DeviceUsage/{made['id']}"}
    issue(await client.get(f"{R5}/DeviceUseStatement/{made['id']}"), 404)
    issue(await client.get(f"{R4}/DeviceUsage/{made['id']}"), 404)


@pytest.mark.parametrize("address", ["Media", "Media/1", "DocumentManifest?patient=1", "Transport", "RequestGroup/1"])
async def test_what_r5_has_not_is_not_there_at_r5(client, address):
    issue(await client.get(f"{R5}/{address}"), 404)


CONSENT = {"resourceType": "Consent", "status": "active", "category": [{"text": "sharing"}]}


async def test_a_consent_of_r5_permits_at_r4_what_it_permits_at_r5(client, person):
    to = {"role": {"text": "recipient"}, "reference": {"reference": "Organization/RX1"}}
    subject = {"reference": f"Patient/{person}"}
    one = {**CONSENT, "subject": subject, "decision": "deny", "provision": [{"actor": [to]}]}
    made = (await sent(client, "POST", f"{R5}/Consent", one, 201)).json()
    old, new = await both(client, "Consent", made["id"])
    assert old["provision"] == {"type": "permit", "actor": [to]}
    assert {name: new[name] for name in one} == one


VERSIONS = [
    (R5, "application/fhir+json; fhirVersion=5.0", 200),
    (R5, "application/fhir+json; fhirVersion=5.0.0", 200),
    (R5, "application/fhir+json; fhirVersion=4.0", 406),
    (R4, "application/fhir+json; fhirVersion=5.0", 406),
    (R4, "application/fhir+json; fhirVersion=4.0", 200),
]


@pytest.mark.parametrize("base, accept, status", VERSIONS)
async def test_an_address_answers_in_its_own_version_only(client, person, base, accept, status):
    answer = await client.get(f"{base}/Goal?patient={person}", headers={"Accept": accept})
    assert answer.status_code == status
    sent_as = {"Content-Type": accept}
    answer = await client.post(f"{base}/Goal", content=json.dumps(goal(person)), headers=sent_as)
    assert answer.status_code == (201 if status == 200 else 415)


WRONG = [
    {"resourceType": "Goal", "target": "x"},
    {"resourceType": "Goal", "lifecycleStatus": "active", "outcomeCode": [{"text": "of R4"}]},
    {"resourceType": "Goal", "outcome": {"concept": 1}},
    {"resourceType": "Goal", "extension": ["x"]},
    {"resourceType": "Task", "status": "requested"},
    {"resourceType": "Nothing"},
    {},
    [],
    "words",
]


@pytest.mark.parametrize("resource", WRONG, ids=str)
async def test_what_is_no_r5_is_refused_and_nothing_is_written(client, person, resource):
    answer = await client.post(f"{R5}/Goal", json=resource, headers=JSON)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert ids((await client.get(f"{R4}/Goal?patient={person}")).json()) == []


async def test_an_extension_brings_home_only_what_is_valid_there(client, person):
    url = "http://hl7.org/fhir/4.0/StructureDefinition/extension-CarePlan.activity.detail"
    detail = {"url": url, "extension": [{"url": "status", "valueCode": "bogus"}]}
    plan = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": f"Patient/{person}"},
        "activity": [{"extension": [detail]}],
    }
    issue(await client.post(f"{R5}/CarePlan", json=plan, headers=JSON), 400)


async def test_the_statement_of_r5_names_what_r5_names(world):
    said = (await world.anonymous().get(f"{R5}/metadata")).json()
    types = {row["type"] for row in said["rest"][0]["resource"]}
    assert said["fhirVersion"] == "5.0.0"
    assert said["implementation"]["url"] == f"http://127.0.0.1{R5}"
    assert {"DeviceUsage", "RequestOrchestration", "CarePlan"} <= types
    assert not {"DeviceUseStatement", "RequestGroup", "Media", "DocumentManifest"} & types


async def test_a_bundle_of_r5_is_written_as_one(client, person):
    link = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"
    entries = [
        {"fullUrl": link, "resource": goal(person, **ONLY_R5), "request": {"method": "POST", "url": "Goal"}},
        {
            "resource": {**task(person), "focus": {"reference": link}, "doNotPerform": True},
            "request": {"method": "POST", "url": "Task"},
        },
    ]
    answer = await client.post(
        R5, json={"resourceType": "Bundle", "type": "transaction", "entry": entries}, headers=JSON
    )
    assert answer.status_code == 200, answer.text
    (seen,) = (await client.get(f"{R5}/Task?patient={person}")).json()["entry"]
    assert seen["resource"]["doNotPerform"] is True
    assert (await client.get(f"{R5}/{seen['resource']['focus']['reference']}")).json()["continuous"] is True
