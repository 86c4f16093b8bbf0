"""The plan at the REST door: whole, by section, as it was, what differs, and what changed since."""

import pytest

from api import cursors
from plan.model import PLAN_SECTIONS
from tests.support.rest import GOAL, MERGE, begun, items, made, problem
from tests.support.world import World

NEED = {"need": "Falls at night", "status": "active"}


async def test_the_whole_plan_comes_in_one_call_in_the_charters_order(world: World):
    client = world.client("social_worker", "LA1")
    person = await begun(world, client)
    goal = await made(client, f"{person}/plan/sections/social_care/goal")
    need = await made(client, f"{person}/plan/sections/housing/need", **NEED)
    answer = await client.get(f"{person}/plan")
    plan = answer.json()
    assert list(plan) == ["person", "plan", "team", "sections"]
    assert plan["person"] == (await client.get(person)).json()
    assert list(plan["sections"]) == list(PLAN_SECTIONS)
    assert plan["sections"]["social_care"]["goal"] == [goal.json()]
    assert plan["sections"]["housing"]["need"] == [need.json()]
    assert list(plan["sections"]["legal"]) == ["section"]
    assert goal.content in answer.content


async def test_a_plans_tag_changes_with_what_it_shows_and_only_then(world: World):
    client, other = world.client(), world.client("benefits_adviser", "CA1")
    person = await begun(world, client)
    await world.agency("CA1")
    await client.post(f"{person}/team", json={"agency": "CA1"})
    tag = {"If-None-Match": (await other.get(f"{person}/plan")).headers["etag"]}
    mine = {"If-None-Match": (await client.get(f"{person}/plan")).headers["etag"]}
    await made(client, f"{person}/plan/sections/health/goal")
    assert (await other.get(f"{person}/plan", headers=tag)).status_code == 304
    assert (await client.get(f"{person}/plan", headers=mine)).status_code == 200


async def test_the_sections_are_listed_read_and_amended(world: World):
    client = world.client()
    person = await begun(world, client)
    goal = await made(client, f"{person}/plan/sections/health/goal")
    listed = items(await client.get(f"{person}/plan/sections"))
    assert [one["section"] for one in listed] == [name for name in PLAN_SECTIONS if name != "benefits"]
    health = f"{person}/plan/sections/health"
    shown = (await client.get(health)).json()
    assert shown["goal"] == [goal.json()]
    body = shown["section"] | {"summary": "Stable."}
    amended = await client.put(health, json=body)
    assert amended.status_code == 200, amended.text
    assert (await client.get(health)).json()["section"] == amended.json()
    assert problem(await client.put(health, json=body), 412, "stale")["changed"] == ["/summary"]
    problem(await client.put(health, json={"title": "Health"}), 428, "version_required")
    problem(await client.get(f"{person}/plan/sections/benefits"), 404, "not_found")
    refused = await client.put(f"{person}/plan/sections/housing", json={"title": "Home", "version": 1})
    assert problem(refused, 403, "refused")["question"] == "ownership"


async def test_a_plan_is_shown_as_it_was(world: World):
    client = world.client()
    world.at("2026-03-01T10:00:00Z")
    person = await begun(world, client)
    world.later(hours=1)
    goal = await made(client, f"{person}/plan/sections/health/goal")
    world.later(hours=1)
    await client.put(goal.headers["location"], json=GOAL | {"note": "New.", "version": 1})
    world.later(hours=1)
    await client.delete(goal.headers["location"], headers={"If-Match": '"2"'})

    async def goals(at: str) -> list[object]:
        answer = await client.get(f"{person}/plan?at={at}")
        assert answer.status_code == 200, answer.text
        return [one.get("note", "none") for one in answer.json()["sections"]["health"].get("goal", [])]

    assert await goals("2026-03-01T10:30:00Z") == []
    assert await goals("2026-03-01T11:00:00Z") == ["none"]
    assert await goals("2026-03-01T12:30:00+00:30") == ["New."]
    assert await goals("2026-03-01T12:00:00.000Z") == ["New."]
    assert await goals("2026-03-01T13:00:00Z") == []
    problem(await client.get(f"{person}/plan?at=2026-03-01T09:59:59Z"), 404, "not_found")
    for at in ("2026-03-01", "noon", "2026-03-01T10:00:00", "2026-02-30T10:00:00Z", "1900-01-01T00:00:00Z"):
        problem(await client.get(f"{person}/plan", params={"at": at}), 400, "bad_value", "")


async def test_two_moments_of_a_plan_are_compared(world: World):
    client = world.client()
    world.at("2026-03-01T10:00:00Z")
    person = await begun(world, client)
    goal = await made(client, f"{person}/plan/sections/health/goal")
    need = await made(client, f"{person}/plan/sections/health/need", **NEED)
    cursor = (await client.get(f"{person}/changes?limit=100")).json()["next"]
    world.later(hours=1)
    await client.put(goal.headers["location"], json=GOAL | {"importance": 3, "version": 1})
    await client.delete(need.headers["location"], headers={"If-Match": '"1"'})
    risk = await made(client, f"{person}/plan/sections/health/risk", risk="Falls", status="final")
    for start in ("2026-03-01T10:30:00Z", cursor):
        told = (await client.get(f"{person}/plan/diff", params={"from": start})).json()
        assert told["added"] == [risk.json()]
        assert told["removed"] == [need.json()]
        changed = [one for one in told["changed"] if one["kind"] == "goal"]
        assert changed == [
            {
                "entry": goal.json()["id"],
                "kind": "goal",
                "section": "health",
                "from": 1,
                "to": 2,
                "differences": [{"pointer": "/importance", "was": 8, "now": 3}],
            }
        ]
    told = (await client.get(f"{person}/plan/diff?from=2026-01-01T00:00:00Z&to=2026-03-01T10:30:00Z")).json()
    assert (told["from"], told["to"]) == ("2026-01-01T00:00:00.000Z", "2026-03-01T10:30:00.000Z")
    assert {one["kind"] for one in told["added"]} == {"person", "plan", "team", "section", "goal", "need"}
    assert (told["removed"], told["changed"]) == ([], [])
    problem(await client.get(f"{person}/plan/diff"), 400, "required", "")
    problem(await world.client("auditor", "AU1").get(f"{person}/plan/diff?from={cursor}"), 404, "not_found")
    blind = world.client(scopes="user/Goal.cruds")
    problem(await blind.get(f"{person}/plan/diff?from={cursor}"), 403, "refused")


async def test_what_changed_is_told_page_by_page_and_nothing_twice(world: World):
    client = world.client()
    person = await begun(world, client)
    for n in range(5):
        await made(client, f"{person}/plan/sections/health/goal", **GOAL | {"goal": f"Goal {n}"})
    whole = items(await client.get(f"{person}/history?limit=100"))
    assert [one["kind"] for one in whole[:3]] == ["person", "plan", "section"]
    assert whole[-1]["by"] == {"subject": "clinician-of-RX1", "role": "clinician", "agency": "RX1"}
    for limit in (1, 3, 7):
        paged: list[dict[str, object]] = []
        params = {"limit": str(limit)}
        while True:
            answer = await client.get(f"{person}/history", params=params)
            paged += items(answer)
            if "next" not in answer.json():
                break
            params["cursor"] = answer.json()["next"]
        assert paged == whole


async def test_who_asks_again_is_told_what_changed_since(world: World):
    client = world.client()
    person = await begun(world, client)
    first = (await client.get(f"{person}/changes?limit=100")).json()
    nothing = (await client.get(f"{person}/changes", params={"since": first["next"]})).json()
    assert (nothing["items"], nothing["next"]) == ([], first["next"])
    goal = await made(client, f"{person}/plan/sections/health/goal")
    since = (await client.get(f"{person}/changes", params={"since": first["next"]})).json()
    assert {(one["kind"], one["action"]) for one in since["items"]} == {("goal", "create"), ("section", "update")}
    assert "seq" not in (await client.get(f"{person}/changes")).text
    await client.delete(goal.headers["location"], headers={"If-Match": '"1"'})
    later = (await client.get(f"{person}/changes", params={"since": since["next"], "limit": "1"})).json()
    rest = (await client.get(f"{person}/changes", params={"since": later["next"], "limit": "100"})).json()
    assert ("goal", "delete") in {(one["kind"], one["action"]) for one in later["items"] + rest["items"]}
    at = goal.json()["updated"]
    assert items(await client.get(f"{person}/changes", params={"since": at})) == later["items"] + rest["items"]
    stranger = world.client("housing_officer", "HA1")
    problem(await stranger.get(f"{person}/changes", params={"since": first["next"]}), 404, "not_found")


@pytest.mark.parametrize(
    "since", ["nonsense", cursors.made(at=1), cursors.made(at="1", skip=0), "2026-13-01T00:00:00Z"]
)
async def test_a_cursor_that_was_not_given_out_is_refused_at_the_door(world: World, since: str):
    client = world.client()
    person = await begun(world, client)
    problem(await client.get(f"{person}/changes", params={"since": since}), 400, "bad_value")
    problem(await client.get(f"{person}/history", params={"cursor": since}), 400, "bad_value")


async def test_an_entry_tells_its_versions_and_what_differs(world: World):
    client, other = world.client(), world.client("social_worker", "LA1")
    person = await begun(world, client)
    await world.agency("LA1")
    await client.post(f"{person}/team", json={"agency": "LA1"})
    first = await made(client, f"{person}/plan/sections/about_me/goal")
    one = first.headers["location"]
    second = await client.patch(one, content=b'{"importance":9,"note":"a/b","version":1}', headers=MERGE)
    await client.delete(one, headers={"If-Match": '"2"'})
    listed = items(await other.get(f"{one}/versions"))
    assert [(row["version"], row["deleted"]) for row in listed] == [(3, True), (2, False), (1, False)]
    assert [row["entry"] for row in listed] == [None, second.json(), first.json()]
    assert listed[0]["by"]["agency"] == "RX1"
    page = (await client.get(f"{one}/versions?limit=2")).json()
    rest = await client.get(f"{one}/versions", params={"cursor": page["next"], "limit": "2"})
    assert [row["version"] for row in items(rest)] == [1]
    assert (await client.get(f"{one}/versions/1")).content == first.content
    problem(await client.get(f"{one}/versions/3"), 410, "gone")
    problem(await client.get(f"{one}/versions/9"), 404, "not_found")
    problem(await client.get(f"{one}/versions/x"), 404, "not_found")
    told = (await client.get(f"{one}/diff?from=1&to=2")).json()
    assert told["differences"] == [
        {"pointer": "/importance", "was": 8, "now": 9},
        {"pointer": "/note", "was": None, "now": "a/b"},
    ]
    problem(await client.get(f"{one}/diff?from=1"), 400, "required", "")
    problem(await client.get(f"{one}/diff?from=1&to=two"), 400, "bad_value", "")
    far = cursors.made(before=10**12)
    problem(await client.get(f"{one}/versions", params={"cursor": far}), 400, "bad_value")
    stranger = world.client("housing_officer", "HA1")
    problem(await stranger.get(f"{one}/versions"), 404, "not_found")
    problem(await stranger.get(f"{one}/versions/1"), 404, "not_found")
