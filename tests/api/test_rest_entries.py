"""Entries at the REST door: every kind is written, read, changed, patched and taken away, by its section or shorter."""

import asyncio

import pytest

from api.rest.examples import EXAMPLES
from plan.kinds import KINDS
from plan.model import PLAN_SECTIONS
from tests.support.deeds import native
from tests.support.rest import APART, GOAL, MERGE, begun, items, made, problem, sent
from tests.support.world import World

JSON = {"Content-Type": "application/json"}
MANAGER = {"benefits": ("benefits_adviser", "CA1")}
"""Who manages a section that a clinician may not write."""


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - APART.keys()))
async def test_every_kind_makes_its_way_through(world: World, kind: str):
    section = next(s for s in PLAN_SECTIONS if s in KINDS[kind].sections)
    person = await begun(world, world.client())
    await world.agency("CA1")
    await world.client().post(f"{person}/team", json={"agency": "CA1"})
    client = world.client(*MANAGER.get(section, ("clinician", "RX1")))
    shelf = f"{person}/plan/sections/{section}/{kind}"
    answer = await client.post(shelf, content=sent(EXAMPLES[kind]), headers=JSON)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{shelf}/{answer.json()['id']}"
    assert answer.json() == answer.json() | EXAMPLES[kind] | {"kind": kind, "section": section, "version": 1}
    one = answer.headers["location"]
    assert (await client.get(one)).content == answer.content
    assert items(await client.get(shelf)) == [answer.json()]
    again = await client.put(one, content=answer.content, headers=JSON)
    assert (again.status_code, again.json()["version"]) == (200, 2), again.text
    assert again.json() == answer.json() | {"version": 2, "updated": again.json()["updated"]}
    gone = await client.delete(one, headers={"If-Match": '"2"'})
    assert (gone.status_code, gone.content) == (204, b"")
    problem(await client.get(one), 410, "gone")
    problem(await client.put(one, content=answer.content, headers=JSON), 410, "gone")
    assert items(await client.get(shelf)) == []


async def test_numbers_keep_the_digits_that_were_written(world: World):
    client = world.client()
    shelf = f"{await begun(world, client)}/plan/sections/health/observation"
    body = b'{"code":{"text":"Weight"},"value":{"value":71.400,"unit":"kg"}}'
    answer = await client.post(shelf, content=body, headers=JSON)
    assert b'"value":71.400' in answer.content
    assert b'"value":71.400' in (await client.get(answer.headers["location"])).content


async def test_a_patch_changes_what_it_names_and_takes_away_what_is_null(world: World):
    client = world.client()
    new = await made(client, f"{await begun(world, client)}/plan/sections/health/goal")
    one = new.headers["location"]
    answer = await client.patch(one, content=sent({"importance": None, "note": "Slowly.", "version": 1}), headers=MERGE)
    assert answer.status_code == 200, answer.text
    assert answer.json()["note"] == "Slowly."
    assert "importance" not in answer.json()
    assert answer.json()["goal"] == GOAL["goal"]
    stale = problem(await client.patch(one, content=b'{"note":"x"}', headers=MERGE | {"If-Match": '"1"'}), 412, "stale")
    assert stale["changed"] == ["/importance", "/note"]
    problem(await client.patch(one, content=b'{"note":"x"}', headers=MERGE | {"If-Match": '"9"'}), 412, "stale")
    problem(await client.patch(one, content=b'{"note":"x"}', headers=MERGE), 428, "version_required", "/version")
    problem(await client.patch(one, content=b'{"version":"2"}', headers=MERGE), 400, "bad_value", "/version")
    problem(await client.patch(one, content=b'{"goal":null,"version":2}', headers=MERGE), 400, "required", "/goal")
    problem(await client.patch(one, content=b"{}", headers=JSON | {"If-Match": '"2"'}), 415, "media_type", "")
    assert (await client.get(one)).json()["version"] == 2


async def test_a_patch_that_is_repeated_under_its_key_is_done_once(world: World):
    client = world.client()
    one = (await made(client, f"{await begun(world, client)}/plan/sections/health/goal")).headers["location"]
    once = MERGE | {"If-Match": '"1"', "Idempotency-Key": "patch"}
    first = await client.patch(one, content=b'{"note":"once"}', headers=once)
    await client.patch(one, content=b'{"note":"later","version":2}', headers=MERGE)
    again = await client.patch(one, content=b'{"note":"once"}', headers=once)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert (await client.get(one)).json()["version"] == 3


async def test_a_deletion_that_is_repeated_under_its_key_is_done_once(world: World):
    client = world.client()
    one = (await made(client, f"{await begun(world, client)}/plan/sections/health/goal")).headers["location"]
    once = {"If-Match": '"1"', "Idempotency-Key": "away"}
    assert (await client.delete(one, headers=once)).status_code == 204
    again = await client.delete(one, headers=once)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (204, "true")
    problem(await client.delete(one), 428, "version_required")


async def test_of_two_changes_to_one_version_one_is_done(world: World):
    client = world.client()
    one = (await made(client, f"{await begun(world, client)}/plan/sections/health/goal")).headers["location"]
    bodies = [GOAL | {"note": f"Hand {n}"} for n in range(8)]
    answers = await asyncio.gather(*(client.put(one, json=body, headers={"If-Match": '"1"'}) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert {tuple(answer.json()["changed"]) for answer in answers if answer.status_code == 412} == {("/note",)}
    assert (await client.get(one)).json()["version"] == 2


async def test_sixteen_posts_of_one_key_make_one_entry(world: World):
    client = world.client()
    shelf = f"{await begun(world, client)}/plan/sections/health/goal"
    key = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(*(client.post(shelf, json=GOAL, headers=key) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({(answer.content, answer.headers["location"]) for answer in answers}) == 1
    assert len(items(await client.get(shelf))) == 1


async def test_an_entry_is_restricted_kept_so_and_opened_again(world: World):
    client, other = world.client(), world.client("social_worker", "LA1")
    person = await begun(world, client)
    for agency in ("RX1", "LA1"):
        await world.agency(agency)
    assert (await client.post(f"{person}/team", json={"agency": "LA1"})).status_code == 201
    shelf = f"{person}/plan/sections/health/goal"
    one = (await made(client, shelf, **GOAL, restricted_to=["RX1"])).headers["location"]
    problem(await other.get(one), 404, "not_found")
    assert items(await other.get(shelf)) == []
    kept = await client.put(one, json=GOAL | {"note": "x", "version": 1})
    assert kept.json()["restricted_to"] == ["RX1"]
    opened = await client.patch(one, content=b'{"restricted_to":null,"version":2}', headers=MERGE)
    assert "restricted_to" not in opened.json()
    assert (await other.get(one)).status_code == 200
    closed = await client.patch(one, content=b'{"restricted_to":["RX1"],"version":3}', headers=MERGE)
    assert closed.json()["restricted_to"] == ["RX1"]
    problem(await other.put(one, json=GOAL | {"version": 3}), 404, "not_found")


async def test_an_entry_is_found_only_where_it_stands(world: World):
    client = world.client()
    person = await begun(world, client)
    new = await made(client, f"{person}/plan/sections/health/goal")
    id_ = new.json()["id"]
    for address in (
        f"{person}/plan/sections/housing/goal/{id_}",
        f"{person}/plan/sections/health/need/{id_}",
        f"{await begun(world, client)}/plan/sections/health/goal/{id_}",
    ):
        for answer in (
            await client.get(address),
            await client.put(address, json={"goal": "x", "need": "x", "status": "active", "version": 1}),
            await client.delete(address, headers={"If-Match": '"1"'}),
            await client.get(f"{address}/versions"),
        ):
            assert answer.status_code in (400, 404), (address, answer.text)
    assert (await client.get(new.headers["location"])).content == new.content


async def test_a_reference_to_somebody_who_is_hidden_is_refused(world: World):
    client, other = world.client(), world.client("housing_officer", "HA1")
    hidden = (await begun(world, other)).rpartition("/")[2]
    shelf = f"{await begun(world, client)}/plan/sections/health"
    answer = await client.post(f"{shelf}/goal", json=GOAL | {"expressed_by": {"reference": f"Patient/{hidden}"}})
    problem(answer, 400, "bad_value", "/expressed_by/reference")
    answer = await client.post(f"{shelf}/action", json=EXAMPLES["action"] | {"goals": [f"Patient/{hidden}"]})
    problem(answer, 400, "bad_value", "/goals/0")
    assert items(await client.get(f"{shelf}/goal")) == []


@pytest.mark.parametrize(
    "shelf,kind,home",
    [("stays", "stay", "transitions"), ("messages", "message", "health"), ("consents", "consent", "about_me")],
)
async def test_stays_messages_and_consents_have_an_address_of_their_own(world: World, shelf: str, kind: str, home: str):
    client = world.client()
    person = await begun(world, client)
    new = await made(client, f"{person}/{shelf}", **EXAMPLES[kind])
    assert new.json()["section"] == home
    one = f"{person}/{shelf}/{new.json()['id']}"
    assert new.headers["location"] == one
    assert (await client.get(one)).content == new.content
    assert (await client.get(f"{person}/plan/sections/{home}/{kind}/{new.json()['id']}")).content == new.content
    assert items(await client.get(f"{person}/{shelf}")) == [new.json()]
    assert (await client.put(one, json=new.json())).json()["version"] == 2
    assert (await client.patch(one, content=b'{"version":2}', headers=MERGE)).json()["version"] == 3
    assert (await client.delete(one, headers={"If-Match": '"3"'})).status_code == 204


async def test_a_message_stands_where_its_author_says(world: World):
    client = world.client()
    person = await begun(world, client)
    said = EXAMPLES["message"]
    asked = await made(client, f"{person}/messages?section=housing", **said)
    told = await made(client, f"{person}/messages", **said, section="legal")
    assert (asked.json()["section"], told.json()["section"]) == ("housing", "legal")
    assert items(await client.get(f"{person}/messages?section=legal")) == [told.json()]
    assert len(items(await client.get(f"{person}/messages"))) == 2
    problem(await client.get(f"{person}/messages?section=kitchen"), 400, "bad_value", "")
    problem(await client.post(f"{person}/messages?section=kitchen", json=said), 400, "bad_value", "/section")
    problem(await client.post(f"{person}/messages", json={**said, "section": 7}), 400, "bad_value", "/section")
    problem(await client.get(f"{person}/stays?section=legal"), 400, "bad_value", "")


async def test_what_has_no_native_form_is_read_here_and_written_by_fhir(world: World):
    client = world.client()
    person = await begun(world, client)
    given = {
        "resourceType": "Immunization",
        "status": "completed",
        "patient": {"reference": f"Patient/{person.rpartition('/')[2]}"},
        "vaccineCode": {"text": "Influenza"},
        "occurrenceDateTime": "2026-01-05",
    }
    deed = native(person.rpartition("/")[2], "", "Immunization", "health")
    deed.body, deed.resource = None, given
    id_ = (await world.write(world.visit(), deed)).stored.id
    shelf = f"{person}/plan/sections/health/record"
    assert [one["title"] for one in items(await client.get(shelf))] == ["Influenza"]
    assert (await client.get(f"{shelf}/{id_}")).json()["type"] == "Immunization"
    assert [one["version"] for one in items(await client.get(f"{shelf}/{id_}/versions"))] == [1]
    assert (await client.get(f"{person}/plan")).json()["sections"]["health"]["record"][0]["id"] == id_
    for answer in (
        await client.post(shelf, json={"title": "x"}),
        await client.put(f"{shelf}/{id_}", json={"title": "x"}),
        await client.patch(f"{shelf}/{id_}", content=b"{}", headers=MERGE),
        await client.delete(f"{shelf}/{id_}", headers={"If-Match": '"1"'}),
    ):
        problem(answer, 405, "no_method", "")
        assert answer.headers["allow"] == "GET, HEAD"
    problem(await client.get(f"{person}/plan/sections/housing/record/{id_}/versions"), 404, "not_found")
