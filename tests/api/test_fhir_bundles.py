"""Batch and transaction through the FHIR door."""

import asyncio
from urllib.parse import urlsplit

from fhir_facade.systems import PLAN_SECTION
from plan.problem import Problem, Trouble
from tests.support.deeds import count
from tests.support.r4 import JSON, R4, bundled, created, entry, found, goal, ids, issue, kept, patient, task
from tests.support.world import NHS


def answers(response):
    """The status of each entry."""
    assert response.status_code == 200, response.text
    return [one["response"]["status"].split(" ")[0] for one in response.json()["entry"]]


def ends_at(response, at):
    """`Type/id` of what an entry made."""
    location = response.json()["entry"][at]["response"]["location"]
    return urlsplit(location).path.removeprefix(f"{R4}/").split("/_history")[0]


WHOLE = ("urn:uuid:p", "urn:uuid:g", "urn:uuid:c", "urn:uuid:t")


def whole_plan(**more):
    """A person with a goal, a plan and a task that refer to each other, the last one first."""
    person, aim, plan, todo = WHOLE
    subject = {"reference": person}
    words = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{aim}">x</a></div>'
    care_plan = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": subject,
        "goal": [{"reference": aim}],
        "activity": [{"reference": {"reference": todo}}],
        "text": {"status": "generated", "div": words},
    }
    return [
        entry("POST", "Task", task(person, basedOn=[{"reference": plan}]), todo),
        entry("POST", "CarePlan", care_plan, plan),
        entry("POST", "Goal", goal(person, **more), aim),
        entry("POST", "Patient", patient(), person),
    ]


async def test_a_transaction_ties_together_what_it_makes(client):
    answer = await bundled(client, "transaction", *whole_plan())
    assert answers(answer) == ["201"] * 4
    assert answer.json()["type"] == "transaction-response"
    todo, plan, aim, person = (ends_at(answer, at) for at in range(4))
    stored = (await client.get(f"{R4}/{plan}")).json()
    assert stored["subject"]["reference"] == person
    assert stored["goal"] == [{"reference": aim}]
    assert stored["activity"] == [{"reference": {"reference": todo}}]
    assert f'href="{aim}"' in stored["text"]["div"]
    assert (await client.get(f"{R4}/{todo}")).json()["basedOn"] == [{"reference": plan}]
    assert person.startswith("Patient/")


async def test_a_transaction_happens_as_a_whole_or_not_at_all(world, client):
    before = await kept(world)
    said = issue(await bundled(client, "transaction", *whole_plan(lifecycleStatus="bad")), 400)
    assert said["expression"] == ["Bundle.entry[2].resource.lifecycleStatus"]
    assert await kept(world) == before


async def failing(client, person):
    """Entries that cannot be done, with the status and the place that are told."""
    one = await created(client, goal(person))
    stale = entry("PUT", f"Goal/{one['id']}", one, ifMatch='W/"9"')
    return [
        (stale, 412, "Bundle.entry[1]"),
        (entry("PUT", f"Goal/{one['id']}", {**one, "meta": {}}), 400, "Bundle.entry[1].resource.meta"),
        (entry("PUT", "Goal/none", {**one, "id": "none"}), 405, "Bundle.entry[1]"),
        (entry("DELETE", "Goal/none", ifMatch='W/"1"'), 412, "Bundle.entry[1]"),
        (entry("DELETE", "Goal/a_b"), 404, "Bundle.entry[1]"),
        (entry("DELETE", f"Patient/{person}"), 405, "Bundle.entry[1]"),
        (entry("POST", "Goal", goal("none")), 400, "Bundle.entry[1].resource.subject"),
        (entry("POST", "Goal", goal("urn:uuid:nobody")), 400, "Bundle.entry[1].resource.subject"),
        (entry("POST", "Task", goal(person)), 400, "Bundle.entry[1].resource.resourceType"),
        (entry("POST", "Goal"), 400, "Bundle.entry[1].resource"),
        (entry("POST", "Nonsense", goal(person)), 404, "Bundle.entry[1]"),
        (entry("POST", "Goal", goal(person), ifNoneExist="nonsense=1"), 400, "Bundle.entry[1]"),
        (entry("POST", "Patient", patient("9434765918")), 400, "Bundle.entry[1].resource.identifier[0].value"),
        (entry("GET", "Goal?start-date=soon"), 400, "Bundle.entry[1]"),
        (entry("GET", "metadata"), 400, "Bundle.entry[1].request"),
        (entry("GET", "a/b/c/d/e"), 400, "Bundle.entry[1].request"),
        (entry("PATCH", f"Goal/{one['id']}", one), 400, "Bundle.entry[1].resource"),
        (entry("PUT", "Goal?nonsense=1", one), 400, "Bundle.entry[1]"),
        (entry("DELETE", "Goal?"), 400, "Bundle.entry[1]"),
        (entry("POST", "Goal/_search"), 400, "Bundle.entry[1].request"),
        (entry("POST", ""), 400, "Bundle.entry[1].request.url"),
    ]


async def test_one_entry_that_fails_undoes_all_and_is_named(world, client, person):
    rows = await failing(client, person)
    before = await kept(world)
    for bad, status, where in rows:
        said = issue(await bundled(client, "transaction", entry("POST", "Goal", goal(person)), bad), status)
        assert said["expression"][0].startswith(where), bad
        assert await kept(world) == before, bad


async def test_the_refusal_of_a_section_names_the_entry(world, client):
    await world.agency("RX2")
    officer = world.client("housing_officer", "RX2")
    person = await world.person(officer)
    private = goal(person, meta={"tag": [{"system": PLAN_SECTION, "code": "health"}]})
    before = await kept(world)
    answer = await bundled(officer, "transaction", entry("POST", "Goal", goal(person)), entry("POST", "Goal", private))
    assert issue(answer, 403)["expression"] == ["Bundle.entry[1]"]
    assert await kept(world) == before


async def test_a_transaction_changes_deletes_and_then_reads(client, person):
    one, two = [await created(client, goal(person, text)) for text in ("One", "Two")]
    answer = await bundled(
        client,
        "transaction",
        entry("GET", f"Goal?patient={person}&_sort=_id"),
        entry("HEAD", f"Goal/{one['id']}"),
        entry("PUT", f"Goal/{one['id']}", {**one, "description": {"text": "Changed"}}),
        entry("DELETE", f"Goal/{two['id']}"),
        entry("POST", "Goal", goal(person, "Three")),
        entry("GET", f"Goal/{two['id']}"),
        entry("GET", f"Goal/{one['id']}", ifNoneMatch='W/"2"'),
        entry("GET", f"Goal/{one['id']}/_history/1"),
    )
    assert answers(answer) == ["200", "200", "200", "204", "201", "410", "304", "200"]
    said = answer.json()["entry"]
    assert [e["resource"]["description"]["text"] for e in said[0]["resource"]["entry"]] == ["Changed", "Three"]
    assert "resource" not in said[1]
    assert said[1]["response"]["etag"] == 'W/"2"'
    assert said[3]["response"]["etag"] == 'W/"2"'
    assert said[5]["response"]["outcome"]["issue"][0]["code"] == "deleted"
    assert said[7]["resource"] == one


async def test_a_transaction_that_only_reads_and_an_empty_one_are_done(client, person):
    assert answers(await bundled(client, "transaction", entry("GET", f"Patient/{person}"))) == ["200"]
    empty = await client.post(f"{R4}/", json={"resourceType": "Bundle", "type": "transaction"}, headers=JSON)
    assert empty.json() == {"resourceType": "Bundle", "type": "transaction-response"}


async def test_a_failure_of_no_entry_is_told_of_none(world, client, person, monkeypatch):
    async def others_were_faster(*_, **__):
        raise Problem(Trouble.CONFLICT, "Others were changing the same; try again.")

    monkeypatch.setattr(world.desk, "write", others_were_faster)
    said = issue(await bundled(client, "transaction", entry("POST", "Goal", goal(person))), 409)
    assert "expression" not in said


async def test_resources_come_back_to_who_prefers_them(client, person):
    quiet = await bundled(client, "transaction", entry("POST", "Goal", goal(person)))
    told = await bundled(client, "transaction", entry("POST", "Goal", goal(person)), Prefer="return=representation")
    assert "resource" not in quiet.json()["entry"][0]
    assert told.json()["entry"][0]["resource"]["description"]["text"] == "Walk to the shop"


async def test_a_conditional_create_in_a_transaction_finds_who_is_there(world, client):
    number = world.nhs_number()
    person = await world.person(client, number)
    criteria = f"identifier={NHS}|{number}"
    answer = await bundled(
        client,
        "transaction",
        entry("POST", "Patient", patient(number), "urn:uuid:p", ifNoneExist=criteria),
        entry("POST", "Goal", goal("urn:uuid:p"), "urn:uuid:g"),
        entry("POST", "Task", task(f"Patient?{criteria}", focus={"reference": "urn:uuid:g"})),
    )
    assert answers(answer) == ["200", "201", "201"]
    assert ids(await found(client, f"Goal?patient={person}")) == [ends_at(answer, 1).split("/")[1]]
    assert (await found(client, f"Task?patient={person}"))["total"] == 1


async def test_a_reference_that_is_a_search_finds_exactly_one(world, client):
    number = world.nhs_number()
    person = await world.person(client, number, "Only")
    for _ in range(2):
        await world.person(client, family="Twin")
    about = goal(f"Patient?identifier={NHS}|{number}", addresses=[])
    about.pop("addresses")
    assert answers(await bundled(client, "transaction", entry("POST", "Goal", about))) == ["201"]
    assert (await found(client, f"Goal?patient={person}"))["total"] == 1
    before = await kept(world)
    for criteria, status in (("family=nobody-1", 412), ("family=twin:", 412), ("family=twin", 412), ("x=1", 400)):
        sent = {**about, "subject": {"reference": f"Patient?{criteria}"}}
        answer = await bundled(client, "transaction", entry("POST", "Goal", goal(person)), entry("POST", "Goal", sent))
        assert issue(answer, status)["expression"][0].startswith("Bundle.entry[1]"), criteria
    assert await kept(world) == before


async def test_a_person_who_is_hidden_is_found_by_no_reference(world, client):
    number = world.nhs_number()
    await world.agency("RX2")
    await world.person(world.client(agency="RX2"), number)
    said = [
        issue(await bundled(client, "transaction", entry("POST", "Goal", goal(f"Patient?identifier={NHS}|{n}"))), 412)
        for n in (number, world.nhs_number())
    ]
    assert said[0] == said[1]


async def test_a_batch_does_each_entry_for_itself(world, client, person):
    rows = (await failing(client, person))[:-1]
    entries = [entry("POST", "Goal", goal(person, "First")), *[bad for bad, _, _ in rows]]
    entries.append(entry("GET", f"Goal?patient={person}"))
    answer = await bundled(client, "batch", *entries)
    assert answer.json()["type"] == "batch-response"
    assert answers(answer) == ["201", *[str(status) for _, status, _ in rows], "200"]
    for at, one in enumerate(answer.json()["entry"][1:-1], 1):
        assert one["response"]["outcome"]["resourceType"] == "OperationOutcome", at
    assert len(ids(answer.json()["entry"][-1]["resource"])) == 2


async def test_an_entry_of_a_batch_has_no_more_leave_than_a_request(world, client, person):
    reader = world.client(scopes="system/Goal.s")
    one = await created(client, goal(person))
    about = f"Goal/{one['id']}"
    sent = [entry("GET", about), entry("POST", "Goal", goal(person)), entry("DELETE", about)]
    assert answers(await bundled(reader, "batch", *sent)) == ["403", "403", "403"]
    stranger = world.client(agency="RX2")
    assert answers(await bundled(stranger, "batch", *sent)) == ["404", "400", "204"]
    assert (await client.get(f"{R4}/{about}")).status_code == 200


async def test_a_bundle_of_another_type_is_refused_with_a_sentence(world, client):
    before = await kept(world)
    for kind in ("document", "message", "collection", "searchset", "history"):
        said = issue(await bundled(client, kind, entry("POST", "Patient", patient())), 400)
        assert kind in said["details"]["text"]
    issue(await client.post(R4, json=patient(), headers=JSON), 400)
    assert await kept(world) == before


async def test_a_bundle_with_too_many_entries_is_refused(client):
    said = issue(await bundled(client, "batch", *[entry("GET", "Goal")] * 1001), 400)
    assert said["code"] == "too-costly"


async def test_however_a_person_comes_there_is_one_of_them(world, client):
    number = world.nhs_number()
    one, criteria = patient(number), f"identifier={NHS}|{number}"
    sent = [
        *[client.post(f"{R4}/Patient", json=one, headers=JSON) for _ in range(5)],
        *[client.post(f"{R4}/Patient", json=one, headers={**JSON, "If-None-Exist": criteria}) for _ in range(5)],
        *[bundled(client, "transaction", entry("POST", "Patient", one, ifNoneExist=criteria)) for _ in range(5)],
        *[bundled(client, "batch", entry("POST", "Patient", one)) for _ in range(5)],
    ]
    said = await asyncio.gather(*sent)
    assert {answer.status_code for answer in said} <= {200, 201, 409}
    assert await count(world, "person") == 1
    assert (await found(client, f"Patient?{criteria}"))["total"] == 1


async def test_a_provenance_may_stand_before_what_it_is_about(client, person):
    provenance = {
        "resourceType": "Provenance",
        "target": [{"reference": "urn:uuid:g"}],
        "recorded": "2026-03-02T10:00:00Z",
        "agent": [{"who": {"reference": f"Patient/{person}"}}],
    }
    entries = [entry("POST", "Provenance", provenance), entry("POST", "Goal", goal(person), "urn:uuid:g")]
    response = await bundled(client, "transaction", *entries)
    assert answers(response) == ["201", "201"]
    kept_as = (await client.get(f"{R4}/{ends_at(response, 0)}")).json()
    assert kept_as["target"] == [{"reference": ends_at(response, 1)}]
