"""What a transaction rewrites, what it enforces for each entry, and how much it takes at once."""

import time

from tests.support.r4 import JSON, R4, bundled, created, entry, found, goal, ids, issue, kept, patient, task
from tests.support.world import NHS


def statuses(response):
    assert response.status_code == 200, response.text
    return [one["response"]["status"][:3] for one in response.json()["entry"]]


async def test_row_02_the_version_of_every_entry_is_enforced(world, client, person):
    one, two = [await created(client, goal(person, text)) for text in ("One", "Two")]
    swim = [{**resource, "description": {"text": "Swim"}} for resource in (one, two)]
    before = await kept(world)
    for stale in (
        entry("PUT", f"Goal/{two['id']}", swim[1], ifMatch='W/"9"'),
        entry("DELETE", f"Goal/{two['id']}", ifMatch='W/"9"'),
    ):
        sent = [entry("PUT", f"Goal/{one['id']}", swim[0], ifMatch='W/"1"'), stale]
        said = issue(await bundled(client, "transaction", *sent), 412)
        assert (said["code"], said["expression"]) == ("conflict", ["Bundle.entry[1]"])
        assert await kept(world) == before
    batch = await bundled(client, "batch", *sent)
    assert statuses(batch) == ["200", "412"]


async def test_row_24_what_is_made_is_referred_to_wherever_it_is_named(client, person):
    link = "urn:uuid:5b1c5ab8-0000-4000-8000-000000000001"
    words = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{link}">goal</a><img src=\'{link}\' alt="x"/></div>'
    extensions = [
        {"url": "urn:ext:uri", "valueUri": link},
        {"url": "urn:ext:url", "valueUrl": link},
        {"url": "urn:ext:canonical", "valueCanonical": link},
        {"url": "urn:ext:reference", "valueReference": {"reference": link}},
        {"url": "urn:ext:deep", "extension": [{"url": "x", "valueReference": {"reference": link}}]},
        {"url": "urn:ext:text", "valueString": link},
    ]
    about = task(
        person,
        text={"status": "additional", "div": words},
        extension=extensions,
        focus={"reference": link},
        identifier=[{"system": "urn:ietf:rfc:3986", "value": link}],
        instantiatesUri=link,
        instantiatesCanonical=link,
        reasonReference={"identifier": {"system": "urn:x", "value": "1", "assigner": {"reference": link}}},
    )
    answer = await bundled(
        client, "transaction", entry("POST", "Task", about), entry("POST", "Goal", goal(person), link)
    )
    made = [e["response"]["location"].split(f"{R4}/")[1].split("/_history")[0] for e in answer.json()["entry"]]
    stored = (await client.get(f"{R4}/{made[0]}")).json()
    where = made[1]
    assert stored["focus"] == {"reference": where}
    assert stored["instantiatesUri"] == where
    assert stored["reasonReference"]["identifier"]["assigner"] == {"reference": where}
    said = stored["extension"]
    assert [said[0]["valueUri"], said[1]["valueUrl"], said[3]["valueReference"]["reference"]] == [where] * 3
    assert said[4]["extension"][0]["valueReference"]["reference"] == where
    assert stored["text"]["div"].count(where) == 2
    assert link in (said[2]["valueCanonical"], said[5]["valueString"], stored["instantiatesCanonical"])
    assert said[2]["valueCanonical"] == said[5]["valueString"] == stored["instantiatesCanonical"] == link


async def test_row_24_a_policy_is_an_address_too(client, person):
    provenance = {
        "resourceType": "Provenance",
        "target": [{"reference": f"Patient/{person}"}],
        "recorded": "2026-03-02T10:00:00Z",
        "agent": [{"who": {"reference": f"Patient/{person}"}}],
        "policy": ["urn:uuid:g", "urn:uuid:none"],
    }
    sent = [entry("POST", "Provenance", provenance), entry("POST", "Goal", goal(person), "urn:uuid:g")]
    answer = await bundled(client, "transaction", *sent, Prefer="return=representation")
    proof, made = [one["resource"] for one in answer.json()["entry"]]
    assert proof["policy"] == [f"Goal/{made['id']}", "urn:uuid:none"]


async def test_row_24_a_conditional_reference_is_found_wherever_it_stands(world, client):
    number = world.nhs_number()
    person = await world.person(client, number)
    search = f"Patient?identifier={NHS}|{number}"
    about = goal(search, extension=[{"url": "urn:x", "valueReference": {"reference": search}}])
    answer = await bundled(client, "transaction", entry("POST", "Goal", about), Prefer="return=representation")
    stored = answer.json()["entry"][0]["resource"]
    assert stored["subject"] == stored["extension"][0]["valueReference"] == {"reference": f"Patient/{person}"}


async def test_an_entry_that_is_updated_is_referred_to_by_its_address(client, person):
    one = await created(client, goal(person))
    answer = await bundled(
        client,
        "transaction",
        entry("PUT", f"Goal/{one['id']}", one, "urn:uuid:g"),
        entry("POST", "Task", task(person, focus={"reference": "urn:uuid:g"})),
        Prefer="return=representation",
    )
    assert answer.json()["entry"][1]["resource"]["focus"] == {"reference": f"Goal/{one['id']}"}


async def test_reads_of_every_kind_stand_in_a_bundle(client, person):
    one = await created(client, goal(person))
    for kind in ("batch", "transaction"):
        answer = await bundled(
            client,
            kind,
            entry("GET", f"Goal?_id={one['id']}"),
            entry("GET", f"Goal/{one['id']}/_history"),
            entry("GET", f"Goal/{one['id']}/$nonsense"),
            entry("HEAD", f"Goal/{one['id']}"),
        )
        assert statuses(answer) == ["200", "200", "404", "200"]


async def test_a_thousand_conditional_references_end_soon(world, client):
    number = world.nhs_number()
    await world.person(client, number)
    same = [entry("POST", "Goal", goal(f"Patient?identifier={NHS}|{number}")) for _ in range(3)]
    before = await kept(world)
    for different, status, code in ((1000, 400, "too-costly"), (150, 412, "not-found"), (1, 412, "not-found")):
        needs = [{"reference": f"Condition?identifier=urn:x|{at % different}"} for at in range(1000)]
        sent = goal(f"Patient?identifier={NHS}|{number}", addresses=needs)
        began = time.perf_counter()
        said = issue(await bundled(client, "transaction", entry("POST", "Goal", sent)), status)
        assert time.perf_counter() - began < 2
        assert said["code"] == code
    assert await kept(world) == before
    assert statuses(await bundled(client, "transaction", *same)) == ["201"] * 3


async def test_five_hundred_entries_are_taken_in_one_piece(client):
    goals = [entry("POST", "Goal", goal("urn:uuid:p", f"Goal {at}"), f"urn:uuid:{at}") for at in range(499)]
    answer = await bundled(client, "transaction", *goals, entry("POST", "Patient", patient(), "urn:uuid:p"))
    assert statuses(answer) == ["201"] * 500
    assert (await found(client, "Goal?_total=accurate&_count=1"))["total"] == 499


async def test_a_batch_goes_on_after_a_failure(client, person):
    sent = [entry("POST", "Goal", goal("none")), entry("POST", "Goal", goal(person)), entry("DELETE", "Goal/none")]
    assert statuses(await bundled(client, "batch", *sent)) == ["400", "201", "204"]
    assert len(ids(await found(client, "Goal"))) == 1


async def test_a_bundle_as_r4_says_it_is_taken_with_a_slash_too(client, person):
    sent = {"resourceType": "Bundle", "type": "batch", "entry": [entry("GET", f"Patient/{person}")]}
    assert statuses(await client.post(f"{R4}/", json=sent, headers=JSON)) == ["200"]
