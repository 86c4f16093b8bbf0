"""Every override is in the review queue of an auditor at once, and stays there until somebody has looked into it."""

import pytest

from tests.support.deeds import count
from tests.support.overriding import BTG, SHELF, WHY, asking, glass
from tests.support.rest import items, problem

FINE = {"outcome": "appropriate", "comment": "Ambulance record agrees"}


@pytest.fixture
async def here(world):
    return await glass(world)


async def reviewed(by, id_, **more):
    return await by.post(f"{SHELF}/{id_}/review", json={**FINE, **more})


@pytest.mark.parametrize("agency", ["RX1", "ED1"])
async def test_auditors_of_the_team_and_of_the_maker_see_it_at_once(here, agency):
    one = await here.opened(here.stranger(name="Dana Flint"), minutes=30)
    (seen,) = await here.queue(here.auditor(agency))
    assert seen["id"] == one["id"]
    assert (seen["person"], seen["expires"]) == (here.person, one["expires"])
    assert seen["by"] == {"subject": "dana", "role": "clinician", "agency": "ED1", "name": "Dana Flint"}
    assert (seen["reason"], seen["text"], seen["state"], seen["age_days"]) == ("emergency", WHY, "open", 0)
    assert (seen["sections_read"], seen["events"]) == ([], 0)


async def test_it_says_what_was_read_and_how_much_since(here):
    by = here.stranger()
    await here.read(by)
    await here.opened(by)
    await here.read(by, here.goal)
    await by.get(f"/v1/people/{here.person}/plan/sections/housing", headers=BTG)
    await here.read(by, here.hidden)
    (seen,) = await here.queue(here.auditor())
    assert seen["sections_read"] == ["health", "housing"]
    assert seen["events"] == 2
    here.world.later(days=3)
    assert (await here.queue(here.auditor()))[0]["age_days"] == 3


async def test_an_auditor_of_neither_sees_nothing_of_it(here):
    one, other = await here.opened(here.stranger()), here.auditor("LA1")
    assert await here.queue(other) == []
    for answer in (
        await other.get(f"{SHELF}/{one['id']}"),
        await other.delete(f"{SHELF}/{one['id']}"),
        await reviewed(other, one["id"]),
        await other.get(f"{SHELF}/none"),
    ):
        problem(answer, 404, "not_found")


async def test_the_oldest_comes_first_page_by_page(here):
    made = []
    for n in range(5):
        made.append((await here.opened(here.stranger(subject=f"worker-{n}")))["id"])
        here.world.later(minutes=n % 2)
    by, found = here.auditor(), []
    cursor: str | None = ""
    while cursor is not None:
        answer = await by.get(f"{SHELF}?limit=2{cursor}")
        found += [one["id"] for one in items(answer)]
        following = answer.json().get("next")
        cursor = f"&cursor={following}" if following else None
    assert found == made


async def test_it_stays_open_until_it_is_reviewed_and_is_then_kept(here):
    one, by = await here.opened(here.stranger()), here.auditor()
    here.world.later(days=9)
    assert [seen["id"] for seen in await here.queue(by)] == [one["id"]]
    answer = await reviewed(by, one["id"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["review"] | {"at": ""} == {**FINE, "by": "audrey", "at": ""}
    assert await here.queue(by) == []
    (kept,) = await here.queue(by, "reviewed")
    assert (kept["id"], kept["state"], "age_days" in kept) == (one["id"], "reviewed", False)
    assert (await by.get(f"{SHELF}/{one['id']}")).json() == kept
    assert (await reviewed(by, one["id"])).status_code == 200, "the same said twice is said once"
    problem(await reviewed(by, one["id"], outcome="inappropriate"), 409, "duplicate")
    assert await count(here.world, "audit_event", "type = 'override' and action = 'U' and allowed") == 1


async def test_who_asks_for_more_leaves_it_open(here):
    maker, by = here.stranger(), here.auditor()
    one = await here.opened(maker)
    await reviewed(by, one["id"], outcome="needs-more-information", comment="Which ambulance was it?")
    (seen,) = await here.queue(maker)
    assert seen["review"] == {"outcome": "needs-more-information", "comment": "Which ambulance was it?", "by": "audrey"}
    assert (await reviewed(by, one["id"], outcome="inappropriate")).json()["review"]["outcome"] == "inappropriate"


async def test_nobody_reviews_their_own(here):
    one = await here.opened(here.stranger(subject="audrey"))
    said = problem(await reviewed(here.auditor("ED1"), one["id"]), 403, "refused")
    assert said["question"] == "ownership"
    assert (await reviewed(here.auditor("ED1", "another"), one["id"])).status_code == 200


@pytest.mark.parametrize("where, more", [("outcome", {"outcome": "fine"}), ("comment", {"comment": "ok"})])
async def test_a_review_has_an_outcome_and_a_comment(here, where, more):
    one = await here.opened(here.stranger())
    problem(await reviewed(here.auditor(), one["id"], **more), 422, "rule", f"/{where}")
    answer = await here.auditor().post(f"{SHELF}/{one['id']}/review", json={})
    assert {fault["pointer"] for fault in problem(answer, 422, "rule")["errors"]} == {"/outcome", "/comment"}


async def test_the_maker_sees_their_own_open_ones_alone(here):
    maker, other = here.stranger(), here.stranger(subject="another")
    one = await here.opened(maker)
    assert [seen["id"] for seen in await here.queue(maker)] == [one["id"]]
    assert (await maker.get(f"{SHELF}/{one['id']}")).status_code == 200
    assert await here.queue(other) == []
    problem(await other.get(f"{SHELF}/{one['id']}"), 404, "not_found")
    problem(await maker.get(f"{SHELF}?state=reviewed"), 403, "refused")
    problem(await reviewed(maker, one["id"]), 403, "refused")


@pytest.mark.parametrize("role", ["housing_officer", "care_provider", "commissioner", "administrator"])
async def test_other_roles_have_no_queue(here, role):
    one, by = await here.opened(here.stranger()), here.world.client(role)
    problem(await by.get(SHELF), 403, "refused")
    problem(await by.get(f"{SHELF}/{one['id']}"), 403, "refused")
    problem(await by.delete(f"{SHELF}/{one['id']}"), 403, "refused")
    problem(await reviewed(by, one["id"]), 403, "refused")


async def test_a_queue_needs_the_scope(here):
    by = here.world.client("auditor", "RX1", scopes="system/Consent.r")
    assert problem(await by.get(SHELF), 403, "refused")["question"] == "token"


@pytest.mark.parametrize("query", ["state=new", "limit=0", "cursor=x", "who=me"])
async def test_a_queue_is_asked_for_in_words_that_are_known(here, query):
    problem(await here.auditor().get(f"{SHELF}?{query}"), 400, "bad_value")


async def test_looking_at_the_queue_is_an_event_of_each_person(here):
    await here.opened(here.stranger())
    await here.queue(here.auditor())
    assert await count(here.world, "audit_event", "person_id = ? and subject = 'audrey'", here.person) == 1


@pytest.mark.parametrize("who", ["maker", "auditor"])
async def test_it_ends_before_its_time(here, who):
    maker = here.stranger()
    one = await here.opened(maker)
    here.world.later(minutes=10)
    by = maker if who == "maker" else here.auditor()
    for _ in range(2):
        answer = await by.delete(f"{SHELF}/{one['id']}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert await here.read(maker) == 404
        here.world.later(minutes=1)
    (seen,) = await here.queue(here.auditor())
    assert seen["expires"] < one["expires"], "it is still to be reviewed"
    assert (await maker.post(SHELF, json=asking(here.person))).status_code == 201
