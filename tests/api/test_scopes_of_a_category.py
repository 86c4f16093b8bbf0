"""Granular words: an entry outside the category is as if it were absent, whatever way leads to it (SMART 2.2)."""

from typing import Any

import pytest

from tests.api.test_fhir_export import begun, lines, manifest, url_of
from tests.support.feed import receiving, subscribed, subscription, turn
from tests.support.r4 import JSON, R4, at, bundled, created, entry, found, goal, ids, issue, task
from tests.support.rest import GOAL
from tests.support.world import World

SYSTEM = "http://terminology.hl7.org/CodeSystem/goal-category"
DIET = f"category={SYSTEM}|dietary"
TOKEN = "question: token"
PATCH = {"Content-Type": "application/json-patch+json"}


def of(*codes: str) -> dict[str, Any]:
    return {"category": [{"coding": [{"system": SYSTEM, "code": code}]} for code in codes]}


@pytest.fixture
async def plan(world):
    """Goals: dietary, exercise, both, neither; a task about each of the first two."""
    await world.agency("RX1")
    wide = world.client()
    person = await world.person(wide)
    made: dict[str, Any] = {"wide": wide, "person": person}
    for name, codes in (("D", ("dietary",)), ("E", ("exercise",)), ("B", ("dietary", "exercise")), ("N", ())):
        more: dict[str, Any] = of(*codes) if codes else {}
        made[name] = await created(wide, goal(person, f"Goal {name}", startDate=f"202{len(made)}-01-01", **more))
    for name, about in (("T", "D"), ("U", "E")):
        made[name] = await created(wide, task(person, focus={"reference": f"Goal/{made[about]['id']}"}))
    return made


def _named(plan: dict[str, Any], some: list[str]) -> str:
    names = {value["id"]: name for name, value in plan.items() if isinstance(value, dict)}
    names[plan["person"]] = "P"
    return "".join(sorted(names.get(id_, "") for id_ in some))


GOALS = f"user/Goal.rs?{DIET}"
WITH_TASKS = f"{GOALS} user/Task.rs"
SEARCHES = [
    (GOALS, "Goal", "BD"),
    (GOALS, "Goal?_summary=count", ""),
    (GOALS, f"Goal?category={SYSTEM}|exercise", "B"),
    (GOALS, "Goal?category:not=exercise", "D"),
    (GOALS, "Goal?category:missing=true", ""),
    (GOALS, "Goal?target-date:missing=true", "BD"),
    (GOALS, "Goal?start-date=gt2022-06-01", "B"),
    (GOALS, "Goal?start-date=lt2023-06-01", "D"),
    (GOALS, "Goal?start-date=ge2020", "BD"),
    (GOALS, "Goal?start-date=sa2020&start-date=eb2029", "BD"),
    (GOALS, "Goal?start-date=ne2022", "B"),
    (GOALS, "Goal?patient={person}&_sort=-start-date", "BD"),
    (GOALS, "Goal?_id={N},{E},{D}", "D"),
    (GOALS, "Goal?_has:Task:focus:status=requested", ""),
    (GOALS, "Goal?_revinclude=Task:focus", "BD"),
    (GOALS, "Goal?_include=*", "BD"),
    (GOALS, "?_type=Goal,Task,Condition", "BD"),
    (f"{GOALS}&category={SYSTEM}|exercise", "Goal", "B"),
    (f"{GOALS},{SYSTEM}|exercise", "Goal", "BDE"),
    (f"{GOALS} user/Goal.rs?category=exercise", "Goal", "BDE"),
    (f"{GOALS} patient/Goal.rs", "Goal", "BD"),
    ("user/Goal.rs?category=|dietary", "Goal", ""),
    ("user/*.rs?category=exercise", "Goal", "BE"),
    ("user/*.rs?category=exercise", "Task", ""),
    ("user/Goal.r user/Goal.s?category=dietary", "Goal", "BD"),
    ("user/Goal.r?category=exercise user/Goal.s?category=dietary", "Goal", "BD"),
    (WITH_TASKS, "Task", "TU"),
    (WITH_TASKS, "Task?focus:Goal.lifecycle-status=active", "T"),
    (WITH_TASKS, "Task?focus:Goal.category=exercise", ""),
    (WITH_TASKS, "Task?focus:Goal._id={E}", ""),
    (WITH_TASKS, "Task?_include=Task:focus", "DTU"),
    (WITH_TASKS, "Task?_include=*", "DTU"),
    (WITH_TASKS, "Task?_sort=-_lastUpdated&_include=Task:focus:Goal", "DTU"),
    (WITH_TASKS, "Task?_include=Task:focus&_include:iterate=Goal:patient", "DTU"),
    (WITH_TASKS, "Goal?_revinclude=Task:focus", "BDT"),
    (WITH_TASKS, "Goal?_revinclude=Task:*&_include:iterate=Task:focus", "BDT"),
    (WITH_TASKS, "Goal?_has:Task:focus:status=requested", "D"),
    ("user/Task.rs", "Task?focus:Goal.lifecycle-status=active", ""),
    ("user/Task.rs", "Task?_include=Task:focus", "TU"),
    (f"user/Task.rs?{DIET}", "Task?_include=Task:focus", ""),
]


async def test_searches_act_as_if_what_is_outside_were_absent(world, plan):
    known = {name: value["id"] if isinstance(value, dict) else value for name, value in plan.items()}
    for words, search, wanted in SEARCHES:
        for version in ("R4", "R5"):
            app = world.client(scopes=words)
            answer = await app.get(f"/fhir/{version}/{search.format(**known)}", params=None)
            assert answer.status_code == 200, (words, search, answer.text)
            bundle = answer.json()
            assert _named(plan, ids(bundle)) == wanted, (words, search, version)
            if "_summary=count" in search:
                assert bundle["total"] == 2


async def test_pages_are_counted_and_cut_within_the_category(world, plan):
    app = world.client(scopes=GOALS)
    first = await found(app, "Goal?_count=1&_total=accurate&_sort=_id")
    assert (first["total"], len(first["entry"])) == (2, 1)
    (after,) = [link["url"] for link in first["link"] if link["relation"] == "next"]
    elsewhere = world.client(scopes="user/Goal.rs?category=exercise")
    seen = (await elsewhere.get(after)).json()
    assert set(_named(plan, ids(seen))) <= {"B", "E"}
    second = (await app.get(after)).json()
    assert not [link for link in second["link"] if link["relation"] == "next"]


async def test_one_entry_is_read_within_the_category_and_absent_outside(world, plan):
    app = world.client(scopes=GOALS)
    for name, there in (("D", True), ("B", True), ("E", False), ("N", False)):
        for path in ("", "/_history", "/_history/1"):
            answer = await app.get(f"{at(plan[name])}{path}")
            assert answer.status_code == (200 if there else 404), (name, path)
    issue(await app.get(at(plan["T"])), 403)


async def test_reading_and_searching_are_each_bound_by_their_own_words(world, plan):
    app = world.client(scopes="user/Goal.r?category=exercise user/Goal.s?category=dietary")
    for name, there in (("D", False), ("E", True), ("B", True), ("N", False)):
        assert (await app.get(at(plan[name]))).status_code == (200 if there else 404), name
    assert _named(plan, ids(await found(app, "Goal"))) == "BD"
    assert _named(plan, ids(await found(app, "Goal/_history"))) == "BD"
    only_searched = world.client(scopes="user/Goal.s?category=dietary")
    assert issue(await only_searched.get(at(plan["D"])), 403)["diagnostics"] == TOKEN


async def test_what_an_entry_says_now_decides_for_all_that_it_was(world, plan):
    moved = {**plan["D"], **of("exercise")}
    assert (await plan["wide"].put(at(moved), json=moved, headers=JSON)).status_code == 200
    was, now = world.client(scopes=GOALS), world.client(scopes="user/Goal.rs?category=exercise")
    for path in ("", "/_history", "/_history/1", "/_history/2"):
        issue(await was.get(f"{at(moved)}{path}"), 404)
        assert (await now.get(f"{at(moved)}{path}")).status_code == 200
    assert _named(plan, ids(await found(was, "Goal/_history"))) == "B"
    assert _named(plan, ids(await found(now, "_history"))) == "BDDE"


async def test_what_is_deleted_says_nothing_and_is_absent(world, plan):
    await plan["wide"].delete(at(plan["D"]))
    app = world.client(scopes=GOALS)
    issue(await app.get(at(plan["D"])), 404)
    issue(await plan["wide"].get(at(plan["D"])), 410)
    assert _named(plan, ids(await found(app, "Goal/_history"))) == "B"


# writing

WRITING = f"user/Goal.cud?{DIET} user/Goal.rs?category=exercise,dietary"


async def test_what_is_written_says_the_category_before_and_after(world, plan):
    app, person = world.client(scopes=WRITING), plan["person"]
    made = await created(app, goal(person, **of("dietary")))
    again = await app.put(at(made), json={**made, "description": {"text": "More"}}, headers=JSON)
    assert again.status_code == 200, again.text
    assert (await app.put(at(plan["B"]), json={**plan["B"], **of("dietary")}, headers=JSON)).status_code == 200
    refused = [
        await app.post(f"{R4}/Goal", json=goal(person, **of("exercise")), headers=JSON),
        await app.post(f"{R4}/Goal", json=goal(person), headers=JSON),
        await app.put(at(plan["D"]), json={**plan["D"], **of("exercise")}, headers=JSON),
        await app.put(at(plan["D"]), json={k: v for k, v in plan["D"].items() if k != "category"}, headers=JSON),
        await app.put(at(plan["E"]), json={**plan["E"], **of("dietary")}, headers=JSON),
        await app.delete(at(plan["E"])),
        await app.patch(at(plan["E"]), json=[{"op": "remove", "path": "/category"}], headers=PATCH),
    ]
    for answer in refused:
        assert issue(answer, 403)["diagnostics"] == TOKEN
    assert (await plan["wide"].get(at(plan["E"]))).json() == plan["E"]
    assert (await plan["wide"].get(at(plan["D"]))).json() == plan["D"]
    assert (await app.delete(at(plan["D"]))).status_code == 204


async def test_a_write_to_what_may_not_be_read_ends_as_at_nothing(world, plan):
    app = world.client(scopes=WRITING)
    for method, body in (("PUT", plan["N"]), ("PATCH", [{"op": "remove", "path": "/note"}]), ("DELETE", None)):
        texts = []
        for id_ in (plan["N"]["id"], "no-such-id"):
            sent = {**body, "id": id_} if isinstance(body, dict) else body
            kind = PATCH if method == "PATCH" else JSON
            headers = {**kind, "X-Request-ID": "one", "If-Match": 'W/"1"'}
            answer = await app.request(method, f"{R4}/Goal/{id_}", json=sent, headers=headers)
            texts.append((answer.status_code, answer.text.replace(id_, "ID")))
        assert texts[0] == texts[1]
    assert (await plan["wide"].get(at(plan["N"]))).json() == plan["N"]


async def test_criteria_of_a_write_find_nothing_outside_the_category(world, plan):
    app = world.client(scopes=WRITING)
    unheard = f"{R4}/Goal?_id={plan['N']['id']}&category:missing=true"
    assert (await app.delete(unheard)).status_code == 204
    assert (await plan["wide"].get(at(plan["N"]))).status_code == 200
    sent = entry("POST", "Goal", goal(plan["person"], **of("dietary")), ifNoneExist="start-date=2025-01-01")
    answer = await bundled(app, "transaction", sent)
    assert answer.json()["entry"][0]["response"]["status"].startswith("201"), "the exercise of that day is not there"


async def test_a_transaction_with_one_entry_outside_the_category_changes_nothing(world, plan):
    app = world.client(scopes=WRITING)
    sent = [entry("POST", "Goal", goal(plan["person"], **of(code))) for code in ("dietary", "exercise")]
    assert issue(await bundled(app, "transaction", *sent), 403)["diagnostics"] == TOKEN
    assert len(ids(await found(plan["wide"], "Goal"))) == 4


async def test_the_native_door_writes_and_shows_within_the_category(world, plan):
    shelf = f"/v1/people/{plan['person']}/plan/sections/health/goal"
    app = world.client(scopes=f"user/Goal.cruds?{DIET} user/CarePlan.rs")
    listed = await app.get(shelf)
    assert {one["id"] for one in listed.json()["items"]} == {plan["D"]["id"], plan["B"]["id"]}
    for name, status in (("D", 200), ("N", 404)):
        assert (await app.get(f"{shelf}/{plan[name]['id']}")).status_code == status
    refused = await app.post(shelf, json=GOAL)
    assert (refused.status_code, refused.json()["question"]) == (403, "token")
    changes = await app.get(f"/v1/people/{plan['person']}/changes")
    told = {one["entry"] for one in changes.json()["items"]}
    assert plan["D"]["id"] in told
    assert not told & {plan["N"]["id"], plan["E"]["id"], plan["T"]["id"]}


async def test_a_key_that_was_used_with_wider_words_tells_nothing_of_what_is_outside(world, plan):
    shelf, key = f"/v1/people/{plan['person']}/plan/sections/health/goal", {"Idempotency-Key": "one"}
    first = await plan["wide"].post(shelf, json=GOAL, headers=key)
    assert first.status_code == 201, first.text
    assert (await plan["wide"].post(shelf, json=GOAL, headers=key)).headers["location"] == first.headers["location"]
    narrow = world.client(scopes=WRITING)
    assert (await narrow.post(shelf, json=GOAL, headers=key)).status_code == 404


async def test_what_stands_in_no_plan_is_not_granted_by_a_category(world, plan):
    app = world.client(scopes="user/*.cruds?category=dietary")
    for address in ("Organization", "Organization/RX1", "Subscription", "Practitioner/_history"):
        assert issue(await app.get(f"{R4}/{address}"), 403)["diagnostics"] == TOKEN
    organization = {"resourceType": "Organization", "name": "Ours"}
    issue(await app.post(f"{R4}/Organization", json=organization, headers=JSON), 403)
    issue(await app.post(f"{R4}/Patient", json={"resourceType": "Patient"}, headers=JSON), 403)


async def test_the_plan_of_a_section_is_amended_within_its_category(world, plan):
    plans = (await found(plan["wide"], f"CarePlan?patient={plan['person']}&_count=50"))["entry"]
    code = "health"
    section = next(one["resource"] for one in plans if f'"{code}"' in str(one).replace("'", '"'))
    changed = {**section, "description": "Ours"}
    for words, status in (
        ("user/CarePlan.rus?category=other", 405),
        ("user/CarePlan.u?category=other user/CarePlan.rs", 403),
        (f"user/CarePlan.rus?category={code}", 200),
    ):
        answer = await world.client(scopes=words).put(at(section), json=changed, headers=JSON)
        assert answer.status_code == status, (words, answer.text)


async def test_an_export_holds_what_is_within_the_category_when_it_is_fetched(world, plan):
    wide = plan["wide"]
    address = await begun(wide)
    app = world.client(scopes=GOALS)
    said = await manifest(app, address)
    assert [one["type"] for one in said["output"]] == ["Goal"]
    assert _named(plan, [one["id"] for one in await lines(app, url_of(said, "Goal"))]) == "BD"


async def test_everything_of_a_person_is_what_is_within_the_category(world, plan):
    app = world.client(scopes=f"{GOALS} user/Patient.r")
    answer = await app.get(f"{R4}/Patient/{plan['person']}/$everything")
    assert _named(plan, ids(answer.json())) == "BDP"


async def test_a_subscription_keeps_the_category(world: World, plan):
    receiver = receiving(world)
    await turn(world)
    await subscribed(world.client(scopes=f"{GOALS} user/Subscription.c"), subscription())
    await turn(world)
    made = [await created(plan["wide"], goal(plan["person"], **of(code))) for code in ("dietary", "exercise")]
    await turn(world)
    assert [focus for _, focus in receiver.events] == [f"Goal/{made[0]['id']}"]
