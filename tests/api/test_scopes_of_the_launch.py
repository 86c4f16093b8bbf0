"""Words about the patient, in whichever role: bound to the patient of the launch, and no other plan is there."""

from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.test_fhir_export import begun, lines, manifest, url_of
from tests.support.feed import receiving, subscribed, subscription, turn
from tests.support.r4 import JSON, R4, at, created, found, goal, ids, issue, task
from tests.support.world import World

TOKEN = "question: token"
WORDS = "patient/*.cruds user/Organization.rs user/Subscription.cruds"


@pytest.fixture
async def two(world):
    """Two people of one clinician: a goal and a task of each, and each task is about the other's goal."""
    await world.agency("RX1")
    client = world.client()
    made = {"wide": client}
    for name in ("sam", "ben"):
        made[name] = await world.person(client, world.nhs_number(), family=name.title())
        made[f"{name}'s goal"] = await created(client, goal(made[name]))
    for name, other in (("sam", "ben"), ("ben", "sam")):
        focus = {"reference": f"Goal/{made[f'{other}{chr(39)}s goal']['id']}"}
        made[f"{name}'s task"] = await created(client, task(made[name], focus=focus))
    return made


def launched(world: World, person: str, words: str = WORDS, role: str = "clinician") -> httpx.AsyncClient:
    return world.client(role, scopes=words, patient=person)


def _alike(hidden: httpx.Response, absent: httpx.Response, *ids_: str) -> None:
    """One answer for both, whichever id was asked for."""
    texts = [answer.text.replace(answer.headers["x-request-id"], "REQUEST") for answer in (hidden, absent)]
    for id_ in ids_:
        texts = [text.replace(id_, "ID") for text in texts]
    assert texts[0] == texts[1]
    assert hidden.status_code == absent.status_code


@pytest.mark.parametrize("version", ["R4", "R5"])
async def test_the_plan_of_the_launch_is_there_and_no_other(world, two, version):
    app = launched(world, two["sam"])
    for type_, id_, there in (
        ("Patient", two["sam"], True),
        ("Goal", two["sam's goal"]["id"], True),
        ("Patient", two["ben"], False),
        ("Goal", two["ben's goal"]["id"], False),
        ("Task", two["ben's task"]["id"], False),
    ):
        for path in ("", "/_history", "/_history/1"):
            address = f"/fhir/{version}/{type_}/{id_}{path}"
            answer = await app.get(address)
            assert answer.status_code == (200 if there else 404), address
            if not there:
                _alike(answer, await app.get(address.replace(id_, "no-such-id")), id_, "no-such-id")


async def test_writes_end_at_another_plan_as_at_none(world, two):
    app, other = launched(world, two["sam"]), two["ben's goal"]
    assert (await app.post(f"{R4}/Goal", json=goal(two["sam"]), headers=JSON)).status_code == 201
    mine = await app.put(at(two["sam's goal"]), json=two["sam's goal"], headers=JSON)
    assert mine.status_code == 200, mine.text
    for method, json in (("PUT", other), ("DELETE", None)):
        hidden = await app.request(method, at(other), json=json, headers=JSON)
        unheard = {**other, "id": "no-such-id"}
        absent = await app.request(method, f"{R4}/Goal/no-such-id", json=json and unheard, headers=JSON)
        _alike(hidden, absent, other["id"], "no-such-id")
        assert hidden.status_code == (405 if json else 204), "no id is made by a client; gone is gone"
    assert (await two["wide"].get(at(other))).json() == other
    hidden = await app.post(f"{R4}/Goal", json=goal(two["ben"]), headers=JSON)
    absent = await app.post(f"{R4}/Goal", json=goal("no-such-id"), headers=JSON)
    _alike(hidden, absent, two["ben"], "no-such-id")
    pointing = task(two["sam"], requester={"reference": f"Patient/{two['ben']}"})
    issue(await app.post(f"{R4}/Task", json=pointing, headers=JSON), 400)


async def test_what_stands_in_no_plan_yet_is_not_begun_with_such_words(world, two):
    app = launched(world, two["sam"], "patient/*.cruds")
    assert (
        issue(await app.post(f"{R4}/Patient", json={"resourceType": "Patient"}, headers=JSON), 403)["diagnostics"]
        == TOKEN
    )
    organization = {"resourceType": "Organization", "name": "Ours"}
    issue(await app.post(f"{R4}/Organization", json=organization, headers=JSON), 403)
    assert (await app.get(f"{R4}/Organization/RX1")).status_code == 200, "the directory may be read as before"
    assert len(ids(await found(app, "Organization"))) == 1


SEARCHES = [
    ("Patient", {"sam"}),
    ("Patient?family=Ben", set()),
    ("Goal", {"sam's goal"}),
    ("Goal?patient={ben}", set()),
    ("Goal?patient.family=Ben", set()),
    ("Goal?lifecycle-status:not=completed", {"sam's goal"}),
    ("Goal?start-date:missing=true", {"sam's goal"}),
    ("Goal?_id={sam's goal},{ben's goal}", {"sam's goal"}),
    ("Goal?_sort=_id&_lastUpdated=gt2000-01-01", {"sam's goal"}),
    ("Task?focus:Goal.lifecycle-status=active", set()),
    ("Goal?_has:Task:focus:status=requested", set()),
    ("Task?_include=Task:focus", {"sam's task"}),
    ("Task?_include=*", {"sam's task", "sam"}),
    ("Task?_sort=-_id&_include=Task:patient&_include:iterate=Task:focus", {"sam's task", "sam"}),
    ("Goal?_revinclude=Task:focus", {"sam's goal"}),
    ("Goal?_revinclude=Task:*&_include:iterate=*", {"sam's goal"}),
    ("?_type=Goal,Task", {"sam's goal", "sam's task"}),
]


async def test_searches_find_what_is_in_the_plan_of_the_launch(world, two):
    app = launched(world, two["sam"])
    known = {name: value if isinstance(value, str) else value["id"] for name, value in two.items() if name != "wide"}
    names = {id_: name for name, id_ in known.items()}
    for search, wanted in SEARCHES:
        bundle = await found(app, f"{search.format(**known)}{'&' if '?' in search else '?'}_total=accurate")
        assert {names[id_] for id_ in ids(bundle) if id_ in names} == wanted, search
        assert not set(names) - {known[name] for name in wanted} & set(ids(bundle))
        matches = [one for one in bundle.get("entry", ()) if one["search"]["mode"] == "match"]
        assert bundle["total"] == len(matches), search


async def test_the_whole_plan_and_all_histories_are_those_of_the_launch(world, two):
    app = launched(world, two["sam"])
    theirs = {two["ben"], two["ben's goal"]["id"], two["ben's task"]["id"]}
    for address in (
        f"{R4}/Patient/$everything",
        f"{R4}/_history",
        f"{R4}/Goal/_history",
        f"{R4}/Patient?_summary=text",
    ):
        answer = await app.get(address, params={"_count": "200"})
        assert answer.status_code == 200, answer.text
        assert not [id_ for id_ in theirs if f'"{id_}"' in answer.text], address
        assert two["sam"] in answer.text or two["sam's goal"]["id"] in answer.text
    issue(await app.get(f"{R4}/Patient/{two['ben']}/$everything"), 404)


async def test_a_page_that_was_begun_in_one_launch_goes_on_in_another_within_that_other(world, two):
    for name in ("sam", "ben"):
        for _ in range(3):
            await created(two["wide"], goal(two[name]))
    pages = await found(launched(world, two["ben"]), "Goal?_count=2")
    (after,) = [link["url"] for link in pages["link"] if link["relation"] == "next"]
    address = urlsplit(after)
    seen = await launched(world, two["sam"]).get(f"{address.path}?{address.query}")
    subjects = {one["resource"]["subject"]["reference"] for one in seen.json().get("entry", ())}
    assert subjects <= {f"Patient/{two['sam']}"}


async def test_the_native_door_shows_the_plan_of_the_launch_alone(world, two):
    app = launched(world, two["sam"])
    for path in ("", "/plan", "/access", "/changes", "/history", "/team", "/plan/sections/health", "/goals"):
        answer = await app.get(f"/v1/people/{two['ben']}{path}")
        _alike(answer, await app.get(f"/v1/people/no-such-id{path}"), two["ben"], "no-such-id")
    for path in ("", "/plan", "/access", "/changes", "/plan/sections/health"):
        assert (await app.get(f"/v1/people/{two['sam']}{path}")).status_code == 200, path


async def test_an_export_holds_the_plan_of_the_launch_alone(world, two):
    app = launched(world, two["sam"])
    said = await manifest(app, await begun(app))
    assert [one["id"] for one in await lines(app, url_of(said, "Patient"))] == [two["sam"]]
    assert [one["id"] for one in await lines(app, url_of(said, "Goal"))] == [two["sam's goal"]["id"]]
    asked_before = await begun(app)
    again = launched(world, two["ben"])
    now = await manifest(again, asked_before)
    assert [one["id"] for one in await lines(again, url_of(now, "Patient"))] == [two["ben"]], (
        "the token of today counts"
    )


async def test_a_subscription_stays_bound_to_the_launch_that_made_it(world, two):
    receiver = receiving(world)
    await turn(world)
    await subscribed(launched(world, two["sam"]), subscription())
    await turn(world)
    kept = {name: await created(two["wide"], goal(two[name])) for name in ("ben", "sam")}
    await turn(world)
    told = {focus for _, focus in receiver.events}
    assert f"Goal/{kept['sam']['id']}" in told
    assert f"Goal/{kept['ben']['id']}" not in told
    assert {number for number, _ in receiver.events} == set(range(1, len(told) + 1)), "and the other leaves no gap"
    rows = await world.database.rows("select patient, scopes from subscription")
    assert [tuple(row) for row in rows] == [
        (two["sam"], "patient/*.cruds system/Organization.rs system/Subscription.cruds")
    ]


@pytest.mark.parametrize("role", ["clinician", "coordinator", "carer"])
async def test_without_a_launch_such_words_grant_nothing(world, two, role):
    app = world.client(role, scopes="patient/*.cruds")
    for address in ("Goal", f"Patient/{two['sam']}", "Patient", f"Patient/{two['sam']}/$everything"):
        assert issue(await app.get(f"{R4}/{address}"), 403)["diagnostics"] == TOKEN


async def test_a_launch_gives_no_relationship(world, two):
    for role, agency in (("housing_officer", "HA1"), ("auditor", "RX1")):
        app = world.client(role, agency, scopes=WORDS, patient=two["sam"])
        issue(await app.get(f"{R4}/Patient/{two['sam']}"), 404)
        assert ids(await found(app, "Goal")) == []


async def test_a_launch_of_another_patient_gives_a_person_nothing(world, two):
    own = world.client("person", "PERSON", person=two["sam"], scopes="patient/*.rs", patient=two["ben"])
    for person in (two["sam"], two["ben"]):
        issue(await own.get(f"{R4}/Patient/{person}"), 404)
    assert ids(await found(own, "Goal")) == []
    assert ids(await found(world.client("person", "PERSON", person=two["sam"], scopes="patient/*.rs"), "Goal")) == [
        two["sam's goal"]["id"]
    ]


async def test_beside_wider_words_each_says_for_whom_it_counts(world, two):
    app = launched(world, two["sam"], "patient/Goal.cruds user/Task.rs user/Patient.r")
    assert len(ids(await found(app, "Task"))) == 2
    assert ids(await found(app, "Goal")) == [two["sam's goal"]["id"]]
    issue(await app.get(at(two["ben's goal"])), 404)
    hidden = await app.put(at(two["ben's goal"]), json=two["ben's goal"], headers=JSON)
    unheard = {**two["ben's goal"], "id": "no-such-id"}
    absent = await app.put(f"{R4}/Goal/no-such-id", json=unheard, headers=JSON)
    _alike(hidden, absent, two["ben's goal"]["id"], "no-such-id")
    assert issue(await app.post(f"{R4}/Goal", json=goal(two["ben"]), headers=JSON), 403)["diagnostics"] == TOKEN
    assert (await app.post(f"{R4}/Goal", json=goal(two["sam"]), headers=JSON)).status_code == 201


async def test_a_merge_needs_words_about_everybody(world, two):
    app = launched(world, two["sam"], "patient/*.cruds user/Patient.cruds", role="coordinator")
    parameters = [
        {"name": "source-patient", "valueReference": {"reference": f"Patient/{two['ben']}"}},
        {"name": "target-patient", "valueReference": {"reference": f"Patient/{two['sam']}"}},
    ]
    body = {"resourceType": "Parameters", "parameter": parameters}
    assert issue(await app.post(f"{R4}/Patient/$merge", json=body, headers=JSON), 403)["diagnostics"] == TOKEN
