"""$meta, $meta-add and $meta-delete: labels are read, added and taken, and open or close nothing by themselves."""

from typing import Any

import pytest

from tests.support.deeds import consent
from tests.support.r4 import JSON, R4, created, found, goal, ids, issue, kept, task

RESTRICTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
SECTION = "https://oneplan.example/fhir/CodeSystem/plan-section"
SEEN = {"system": "urn:t", "code": "seen"}


async def asked(client, address: str, **meta):
    """The answer to a change of labels."""
    sent = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": meta}]}
    return await client.post(f"{R4}/{address}", json=sent, headers=JSON)


def meta_of(answer) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["resourceType"] == "Parameters"
    assert [one["name"] for one in said["parameter"]] == ["return"]
    meta: dict[str, Any] = said["parameter"][0]["valueMeta"]
    return meta


async def test_the_meta_of_an_entry_is_what_its_resource_says(client, person):
    made = await created(client, goal(person, meta={"tag": [SEEN], "profile": ["urn:p"]}))
    answer = await client.get(f"{R4}/Goal/{made['id']}/$meta")
    assert meta_of(answer) == made["meta"]
    assert answer.headers["etag"] == 'W/"1"'


async def test_labels_are_added_once_and_make_a_version(client, person):
    made = await created(client, goal(person, meta={"tag": [SEEN]}))
    answer = await asked(client, f"Goal/{made['id']}/$meta-add", tag=[{**SEEN, "display": "Seen"}, {"code": "new"}])
    meta = meta_of(answer)
    assert meta["tag"] == [SEEN, {"code": "new"}, {"system": SECTION, "code": "health"}]
    assert meta["versionId"] == "2"
    assert answer.headers["etag"] == 'W/"2"'
    assert ids(await found(client, "Goal?_tag=new")) == [made["id"]]
    now = (await client.get(f"{R4}/Goal/{made['id']}")).json()
    assert now == {**made, "meta": meta}


async def test_what_is_there_already_makes_no_version(client, person):
    made = await created(client, goal(person, meta={"tag": [SEEN], "profile": ["urn:p"]}))
    answer = await asked(client, f"Goal/{made['id']}/$meta-add", tag=[SEEN], profile=["urn:p"])
    assert meta_of(answer) == made["meta"]


async def test_labels_are_taken_away(client, person):
    made = await created(client, goal(person, meta={"tag": [SEEN, {"code": "x"}], "profile": ["urn:p", "urn:q"]}))
    less = {"tag": [SEEN, {"code": "not there"}], "profile": ["urn:p"], "security": [{"code": "none"}]}
    meta = meta_of(await asked(client, f"Goal/{made['id']}/$meta-delete", **less))
    assert meta["tag"] == [{"code": "x"}, {"system": SECTION, "code": "health"}]
    assert meta["profile"] == ["urn:q"]
    assert "security" not in meta


async def test_where_an_entry_stands_cannot_be_taken_away(client, person):
    made = await created(client, goal(person))
    gone = {"system": SECTION, "code": "health"}
    meta = meta_of(await asked(client, f"Goal/{made['id']}/$meta-delete", tag=[gone]))
    assert meta["tag"] == [gone]


async def test_a_label_closes_an_entry_and_only_who_manages_the_section_opens_it_again(world, client, person):
    await world.agency("SC1")
    await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    provider = world.client("care_provider", "SC1")
    made = await created(provider, goal(person))
    address = f"Goal/{made['id']}"
    seen = await client.get(f"{R4}/{address}")
    assert seen.status_code == 200
    assert meta_of(await asked(provider, f"{address}/$meta-add", security=[RESTRICTED]))["security"] == [RESTRICTED]
    assert issue(await client.get(f"{R4}/{address}"), 404)["code"] == "not-found"
    refused = await asked(provider, f"{address}/$meta-delete", security=[RESTRICTED])
    assert issue(refused, 403)["code"] == "forbidden"
    manager = world.client("social_worker", "SC1")
    assert "security" not in meta_of(await asked(manager, f"{address}/$meta-delete", security=[RESTRICTED]))
    assert (await client.get(f"{R4}/{address}")).status_code == 200


async def test_a_restriction_that_names_others_outlives_the_label(world, client, person):
    await world.agency("SC1")
    await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    made = await created(client, goal(person, meta={"security": [RESTRICTED]}))
    await world.database.rows("update entry set restriction = ',RX1,X,' where id = ? returning id", (made["id"],))
    meta = meta_of(await asked(client, f"Goal/{made['id']}/$meta-delete", security=[RESTRICTED]))
    assert "security" not in meta
    other = world.client("care_provider", "SC1")
    assert issue(await other.get(f"{R4}/Goal/{made['id']}"), 404)["code"] == "not-found"


async def test_the_client_may_say_which_version_it_changes(client, person):
    made = await created(client, goal(person))
    sent = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"tag": [SEEN]}}]}
    address = f"{R4}/Goal/{made['id']}/$meta-add"
    stale = await client.post(address, json=sent, headers={**JSON, "If-Match": 'W/"7"'})
    assert issue(stale, 412)["code"] == "conflict"
    assert (await client.post(address, json=sent, headers={**JSON, "If-Match": 'W/"1"'})).status_code == 200


async def test_a_person_and_the_directory_have_labels_too(client, person):
    assert SEEN in meta_of(await asked(client, f"Patient/{person}/$meta-add", tag=[SEEN]))["tag"]
    assert meta_of(await asked(client, "Organization/RX1/$meta-add", tag=[SEEN]))["tag"] == [SEEN]


async def test_the_labels_of_the_frame_are_the_services_own(client, person):
    team = ids(await found(client, f"CareTeam?patient={person}"))[0]
    assert issue(await asked(client, f"CareTeam/{team}/$meta-add", tag=[SEEN]), 422)["code"] == "business-rule"


async def test_a_change_of_labels_needs_the_leave_of_an_update(world, client, person):
    made = await created(client, goal(person))
    await world.agency("SC1")
    await world.desk.add_member(world.visit(), person, "SC1", "Care", "")
    reader = world.client("care_provider", "SC1")
    before = await kept(world)
    refused = await asked(reader, f"Goal/{made['id']}/$meta-add", tag=[SEEN])
    assert issue(refused, 403)["code"] == "forbidden"
    stranger = world.client("social_worker", "SC2")
    assert issue(await asked(stranger, f"Goal/{made['id']}/$meta-add", tag=[SEEN]), 404)["code"] == "not-found"
    assert issue(await asked(client, "Goal/none/$meta-add", tag=[SEEN]), 404)["code"] == "not-found"
    assert await kept(world) == before


async def test_the_labels_in_use_are_those_of_what_may_be_seen(world, client, person):
    await created(client, goal(person, meta={"tag": [SEEN], "security": [{"system": "urn:s", "code": "a"}]}))
    await created(client, task(person, meta={"tag": [{"code": "todo"}]}))
    goals = meta_of(await client.get(f"{R4}/Goal/$meta"))
    section = {"system": SECTION, "code": "health"}
    assert goals == {"security": [{"system": "urn:s", "code": "a"}], "tag": [section, SEEN]}
    whole = meta_of(await client.get(f"{R4}/$meta"))
    assert SEEN in whole["tag"]
    assert {"code": "todo"} in whole["tag"]
    stranger = world.client("social_worker", "SC2")
    assert (await stranger.get(f"{R4}/Goal/$meta")).json() == {"resourceType": "Parameters"}


async def test_the_labels_of_the_directory_are_for_everybody(world, client):
    await asked(client, "Organization/RX1/$meta-add", tag=[SEEN])
    stranger = world.client("social_worker", "SC2")
    assert meta_of(await stranger.get(f"{R4}/Organization/$meta")) == {"tag": [SEEN]}


async def test_labels_of_what_the_person_has_closed_are_not_in_use(world, client, person):
    await created(client, goal(person, meta={"tag": [SEEN]}))
    own = world.visit("person", "", person=person)
    await world.write(own, consent(person, "deny", ["health"], {"agency": "RX1"}))
    assert SEEN not in meta_of(await client.get(f"{R4}/$meta"))["tag"]


NOTHING = {"resourceType": "Parameters"}
REFUSED = [
    (NOTHING, 400, "required"),
    ({"resourceType": "Goal"}, 400, "invalid"),
    ([], 400, "structure"),
    ({**NOTHING, "parameter": [{"name": "meta", "valueString": "x"}]}, 400, "value"),
    ({**NOTHING, "parameter": [{"name": "foo", "valueString": "x"}]}, 400, "not-supported"),
    ({**NOTHING, "parameter": [{"name": "meta", "resource": {"resourceType": "Goal"}}]}, 400, "value"),
    ({**NOTHING, "parameter": 7}, 400, "invalid"),
    ({**NOTHING, "parameter": [7]}, 400, "invalid"),
]


@pytest.mark.parametrize("sent, status, code", REFUSED)
async def test_a_body_that_cannot_be_read_changes_nothing(world, client, person, sent, status, code):
    made = await created(client, goal(person))
    before = await kept(world)
    answer = await client.post(f"{R4}/Goal/{made['id']}/$meta-add", json=sent, headers=JSON)
    assert issue(answer, status)["code"] == code
    assert await kept(world) == before


async def test_a_change_is_no_reading(client, person):
    made = await created(client, goal(person))
    for name in ("$meta-add", "$meta-delete"):
        refused = await client.get(f"{R4}/Goal/{made['id']}/{name}")
        assert issue(refused, 405)["code"] == "not-supported"
        assert refused.headers["allow"] == "POST"
    assert issue(await client.get(f"{R4}/Goal/{made['id']}/$meta?x=1"), 400)["code"] == "not-supported"
