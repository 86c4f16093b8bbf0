"""Hidden and absent are one answer (docs/decisions/0012): what one may not see answers, on every verb at both doors, as
an id that never was: the same status, the same headers, the same body but for the id that was asked for.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.support.r4 import JSON, R4, created, goal
from tests.support.rest import GOAL, MERGE, begun, made
from tests.support.world import NHS, World

WHEN = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|%2B00%3A00)")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ABSENT = "0190ffff-0000-7000-8000-00000000000{}"
SHELF = "/v1/people/{person}/plan/sections/health/goal"
CONDITIONS: tuple[dict[str, str], ...] = (
    {},
    {"If-Match": '"1"'},
    {"If-Match": 'W/"9"'},
    {"If-Match": "*"},
    {"If-Match": "nonsense"},
)


@dataclass(frozen=True, slots=True)
class Row:
    """One request. `{person}`, `{entry}`, `{team}` (the CareTeam), `{plan}` (the root), `{member}` and `{nhs}` stand
    for what is hidden or absent, `{mine}` for a person of the caller's own.
    """

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def rows(method: str, url: str, body: Any = None, media: str = "") -> list[Row]:
    """A change under every condition."""
    kind = {"Content-Type": media} if media else {}
    return [Row(method, url, body, {**kind, **condition}) for condition in CONDITIONS]


def fhir(method: str, url: str, body: Any = None) -> list[Row]:
    """A change through the FHIR door, alone and in both kinds of Bundle."""
    alone = rows(method, f"{R4}/{url}", body, JSON["Content-Type"])
    one: dict[str, Any] = {"request": {"method": method, "url": url, "ifMatch": 'W/"1"'}}
    if body is not None:
        one["resource"] = body
    return [*alone, *(in_bundle(kind, one) for kind in ("transaction", "batch"))]


def in_bundle(kind: str, *entries: dict[str, Any]) -> Row:
    return Row("POST", R4, {"resourceType": "Bundle", "type": kind, "entry": list(entries)}, JSON)


def aim(subject: Any, **more: Any) -> dict[str, Any]:
    return {**goal("nobody"), "subject": subject, **more}


REST_READS = [
    f"/v1/people/{{person}}{rest}"
    for rest in (
        "",
        "/plan",
        "/plan?at=2100-01-01T00:00:00Z",
        "/plan/diff?from=2020-01-01T00:00:00Z",
        "/plan/sections",
        "/plan/sections/health",
        "/plan/sections/health/goal",
        "/plan/sections/health/goal/{entry}",
        "/plan/sections/housing/goal/{entry}",
        "/plan/sections/health/goal/{entry}/versions",
        "/plan/sections/health/goal/{entry}/versions?limit=1",
        "/plan/sections/health/goal/{entry}/versions/1",
        "/plan/sections/health/goal/{entry}/versions/9",
        "/plan/sections/health/goal/{entry}/diff?from=1&to=2",
        "/history",
        "/changes",
        "/changes?since=2020-01-01T00:00:00Z",
        "/access",
        "/team",
        "/team/{member}",
        "/stays",
        "/messages",
        "/messages?section=health",
        "/consents",
        "/consents/{entry}",
    )
]
SEARCHES = [
    "/v1/people?nhs_number={nhs}",
    f"/v1/people?identifier={NHS}|{{nhs}}",
    f"{R4}/Patient?identifier={NHS}|{{nhs}}",
    f"{R4}/Patient?_id={{person}}",
    f"{R4}/Goal?patient={{person}}",
    f"{R4}/Goal?subject=Patient/{{person}}&_total=accurate&_count=1&_sort=-_lastUpdated",
    f"{R4}/Goal?patient={{person}}&_summary=count",
    f"{R4}/Goal?_id={{entry}}",
    f"{R4}/CarePlan?patient={{person}}",
    f"{R4}/CarePlan?goal=Goal/{{entry}}",
    f"{R4}/CarePlan?part-of=CarePlan/{{plan}}",
    f"{R4}/CareTeam?patient={{person}}",
]
FHIR_READS = [
    f"{R4}/{type_}/{{{id_}}}{rest}"
    for type_, id_ in (("Patient", "person"), ("Goal", "entry"), ("CarePlan", "plan"), ("CareTeam", "team"))
    for rest in ("", "/_history", "/_history?_count=1", "/_history/1", "/_history/9")
]
LOOKS = [
    *(Row(method, url) for url in (*REST_READS, *FHIR_READS, *SEARCHES) for method in ("GET", "HEAD")),
    *(Row("GET", url, headers={"If-None-Match": "*"}) for url in (*REST_READS, *FHIR_READS, *SEARCHES)),
    Row("POST", f"{R4}/Goal/_search?patient={{person}}", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    *(
        in_bundle(kind, *({"request": {"method": "GET", "url": url.removeprefix(f"{R4}/")}} for url in FHIR_READS))
        for kind in ("transaction", "batch")
    ),
]
PERSON = {"name": {"family": "Other"}}
RESOURCES = [
    ("Patient", "person", {"name": [{"family": "Other"}]}),
    ("Goal", "entry", aim({"reference": "Patient/{person}"})),
    ("CarePlan", "plan", {"status": "active", "intent": "plan", "subject": {"reference": "Patient/{person}"}}),
    ("CareTeam", "team", {"status": "active", "subject": {"reference": "Patient/{person}"}}),
]
CHANGES = [
    *rows("PUT", "/v1/people/{person}", PERSON),
    *rows("PUT", "/v1/people/{person}", PERSON | {"version": 1}),
    *rows("PUT", "/v1/people/{person}/plan/sections/health", {"title": "Health", "summary": "Other."}),
    *rows("PUT", f"{SHELF}/{{entry}}", GOAL),
    *rows("PUT", f"{SHELF}/{{entry}}", GOAL | {"version": 1}),
    *rows("PATCH", f"{SHELF}/{{entry}}", {"note": "Other."}, MERGE["Content-Type"]),
    *rows("PATCH", "/v1/people/{person}/messages/{entry}", {"note": "Other."}, MERGE["Content-Type"]),
    *rows("DELETE", f"{SHELF}/{{entry}}"),
    *rows("DELETE", "/v1/people/{person}/team/{member}"),
    Row("POST", SHELF, GOAL),
    Row("POST", SHELF, GOAL, {"Idempotency-Key": "a-{person}"}),
    Row("POST", SHELF, {"nonsense": 1}),
    Row("POST", "/v1/people/{person}/messages", {"content": "Hello."}),
    Row("POST", "/v1/people/{person}/team", {"agency": "RX2"}),
    Row("POST", "/v1/people/{person}/team", {"agency": "nobody"}),
    *(
        row
        for type_, id_, resource in RESOURCES
        for row in (
            *fhir("PUT", f"{type_}/{{{id_}}}", {"resourceType": type_, "id": f"{{{id_}}}", **resource}),
            *fhir(
                "PUT",
                f"{type_}/{{{id_}}}",
                {"resourceType": type_, "id": f"{{{id_}}}", "meta": {"versionId": "1"}, **resource},
            ),
            *fhir("DELETE", f"{type_}/{{{id_}}}"),
            *fhir("PATCH", f"{type_}/{{{id_}}}", {"resourceType": type_}),
        )
    ),
    *fhir("POST", "Goal", aim({"reference": "Patient/{person}"})),
    *fhir("POST", "Goal", aim({"reference": "Patient/{person}/_history/1"})),
    *fhir("POST", "Goal", aim({"reference": f"Patient?identifier={NHS}|{{nhs}}"})),
    *fhir("POST", "Goal", aim({"identifier": {"system": NHS, "value": "{nhs}"}})),
    *fhir("POST", "Provenance", {
        "resourceType": "Provenance",
        "recorded": "2026-01-01T00:00:00Z",
        "target": [{"reference": "Goal/{entry}"}],
        "agent": [{"who": {"display": "Somebody"}}],
    }),
    Row("POST", f"{R4}/Goal", aim({"reference": "Patient/{person}"}), {**JSON, "If-None-Exist": "patient={person}"}),
]  # fmt: skip
MINE = {"reference": "Patient/{mine}"}
MENTIONS = [
    *fhir("POST", "Goal", aim(MINE, addresses=[{"reference": "Condition/{entry}"}])),
    *fhir("POST", "Goal", aim(MINE, expressedBy={"reference": "Patient/{person}"})),
    *fhir("POST", "Goal", aim(MINE, expressedBy={"reference": f"Patient?identifier={NHS}|{{nhs}}"})),
    *fhir("POST", "Task", {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": MINE,
        "focus": {"reference": "Goal/{entry}"},
        "basedOn": [{"reference": "CarePlan/{plan}"}],
    }),
    Row("POST", f"{R4}/Goal", aim(MINE), {**JSON, "If-None-Exist": "_id={entry}&patient={mine}"}),
    Row("POST", SHELF.replace("person", "mine"), GOAL | {"addresses": ["Condition/{entry}"]}),
    Row("POST", SHELF.replace("person", "mine"), GOAL | {"addresses": ["Patient/{person}"]}),
    Row("GET", "/v1/people/{mine}/plan/sections/health/goal/{entry}"),
    Row("GET", "/v1/people/{mine}/plan/sections/health/goal/{entry}/versions"),
    Row("GET", "/v1/people/{mine}/team/{member}"),
    *rows("PUT", "/v1/people/{mine}/plan/sections/health/goal/{entry}", GOAL | {"version": 1}),
    *rows("DELETE", "/v1/people/{mine}/plan/sections/health/goal/{entry}"),
    *rows("DELETE", "/v1/people/{mine}/team/{member}"),
]  # fmt: skip
"""What names something hidden in a plan of the caller's own."""
WORDS = ("person", "entry", "plan", "team", "member")


def absent(world: World, **there: str) -> dict[str, str]:
    """Ids of nothing, where others are of something hidden."""
    return {word: ABSENT.format(at) for at, word in enumerate(WORDS)} | {"nhs": world.nhs_number(), **there}


async def told(client: httpx.AsyncClient, row: Row, ids: Mapping[str, str]) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an answer, with the ids that were asked for, and those of today, taken out."""

    def filled(text: str) -> str:
        return re.sub(r"\{([a-z]+)\}", lambda word: ids[word[1]], text)

    def bare(text: str) -> str:
        for word, id_ in ids.items():
            text = text.replace(id_, f"<{word}>")
        return UUID.sub("<id>", WHEN.sub("<moment>", text))

    headers = {"X-Request-Id": "the-same", "Content-Type": "application/json", **row.headers}
    sent = None if row.body is None else filled(json.dumps(row.body)).encode()
    headers = {name: filled(value) for name, value in headers.items()}
    answer = await client.request(row.method, filled(row.url), content=sent, headers=headers)
    assert answer.status_code < 500, (row, answer.text)
    said = {name: bare(value) for name, value in answer.headers.items() if name != "date"}
    if answer.status_code == 200 and said.get("etag", "").startswith('"') and answer.content:
        said["etag"] = "of the body"  # a hash of what is shown, and that is compared
    return answer.status_code, said, bare(answer.text)


async def same(client: httpx.AsyncClient, table: list[Row], *worlds: Mapping[str, str]) -> set[int]:
    """Insist that all of the ids are answered alike; the statuses that were seen."""
    statuses = set()
    for row in table:
        first, *others = [await told(client, row, ids) for ids in worlds]
        for other in others:
            assert other == first, row
        statuses.add(first[0])
    return statuses


@dataclass(frozen=True, slots=True)
class Hidden:
    """A plan that RX1 and LA1 work on, and what stands in it."""

    person: str
    ids: dict[str, str]
    entries: dict[str, str]


async def hidden(world: World) -> Hidden:
    """A plan with a goal, one that was changed and deleted, one that is RX1's alone, and an agency that has left."""
    for agency in ("RX1", "LA1", "RX2", "HA1"):
        await world.agency(agency)
    by, nhs = world.client(), world.nhs_number()
    home = await begun(world, by, nhs_number=nhs)
    person = home.rpartition("/")[2]
    for agency in ("LA1", "HA1", "RX2"):
        member = (await by.post(f"{home}/team", json={"agency": agency})).json()["id"]
    assert (await by.delete(f"{home}/team/{member}")).status_code == 204
    shelf = SHELF.format(person=person)
    shown, gone, ours = [
        (await made(by, shelf, **GOAL, **more)).json()["id"] for more in ({}, {}, {"restricted_to": ["RX1"]})
    ]
    assert (await by.put(f"{shelf}/{gone}", json=GOAL | {"note": "Other.", "version": 1})).status_code == 200
    assert (await by.delete(f"{shelf}/{gone}", headers={"If-Match": '"2"'})).status_code == 204
    bundles = [(await by.get(f"{R4}/{type_}?patient={person}")).json() for type_ in ("CareTeam", "CarePlan")]
    team, plan = (bundle["entry"][0]["resource"]["id"] for bundle in bundles)
    ids = {"person": person, "plan": plan, "team": team, "member": member, "nhs": nhs}
    return Hidden(person, ids, {"shown": shown, "gone": gone, "ours": ours})


def stranger(world: World, who: str) -> httpx.AsyncClient:
    """Somebody who has nothing, or nothing any more, to do with that plan."""
    if who == "person":
        return world.client("person", "PERSON", person=ABSENT.format("f"), scopes="patient/*.cruds")
    if who == "carer":
        return world.client("carer", "CARER", scopes="user/*.cruds")
    role, _, agency = who.partition(" of ")
    return world.client(role, agency)


STRANGERS = ["clinician of RX9", "clinician of RX2", "housing_officer of HA9", "auditor of RX1", "person", "carer"]
"""RX2 was on the team once; the auditor is of an agency that is."""


@pytest.mark.parametrize("who", STRANGERS)
async def test_a_plan_that_is_not_ones_own_is_read_as_one_that_never_was(world: World, who: str):
    plan = await hidden(world)
    for entry in plan.entries.values():
        there = {**plan.ids, "entry": entry}
        statuses = await same(stranger(world, who), LOOKS, there, absent(world), absent(world, person=plan.person))
        assert statuses == {200, 304, 404}, "searches find nothing, everything else is not there"


@pytest.mark.parametrize("who", STRANGERS)
async def test_a_plan_that_is_not_ones_own_is_written_as_one_that_never_was(world: World, who: str):
    plan = await hidden(world)
    before = await world.database.rows("select id, version from entry order by id")
    for entry in plan.entries.values():
        there = {**plan.ids, "entry": entry}
        statuses = await same(stranger(world, who), CHANGES, there, absent(world), absent(world, person=plan.person))
        assert not statuses & {201, 409, 410}, "FHIR answers 204 to a delete of what is not there"
    assert await world.database.rows("select id, version from entry order by id") == before


async def test_a_plan_of_ones_own_names_what_is_hidden_as_what_never_was(world: World):
    # Two answers that are written in different seconds would differ in Last-Modified.
    world.at("2026-03-02T10:00:00Z")
    plan, client = await hidden(world), world.client("clinician", "RX9")
    mine = await world.person(client)
    for entry in plan.entries.values():
        there = {**plan.ids, "entry": entry, "mine": mine}
        statuses = await same(client, MENTIONS, there, absent(world, mine=mine))
        assert statuses == {200, 201, 400, 404, 412, 428}


ENTRIES = [row for row in (*LOOKS, *CHANGES) if "{entry}" in row.url or "{entry}" in json.dumps(row.body)]
"""What is asked of an entry, for callers who see the person."""


@pytest.mark.parametrize(
    "role, agency, entry",
    [
        ("housing_officer", "HA1", "shown"),
        ("housing_officer", "HA1", "gone"),
        ("housing_officer", "HA1", "ours"),
        ("social_worker", "LA1", "ours"),
        ("coordinator", "LA1", "ours"),
        ("clinician", "LA1", "ours"),
    ],
)
async def test_an_entry_that_is_hidden_in_a_plan_one_sees_is_as_one_that_never_was(
    world: World, role: str, agency: str, entry: str
):
    plan, client = await hidden(world), world.client(role, agency)
    frame = {**plan.ids, "plan": ABSENT.format("a"), "team": ABSENT.format("b"), "member": ABSENT.format("c")}
    there, never = {**frame, "entry": plan.entries[entry]}, {**frame, "entry": ABSENT.format("e")}
    assert (await client.get(f"/v1/people/{plan.person}")).status_code == 200
    await same(client, ENTRIES, there, never)


async def test_what_the_person_has_closed_is_as_what_never_was(world: World):
    plan, client = await hidden(world), world.client("social_worker", "LA1")
    said = {"decision": "deny", "status": "active", "to": [{"agency": "LA1"}], "sections": ["health"]}
    own = world.client("person", "PERSON", person=plan.person, scopes="patient/*.cruds")
    assert (await own.post(f"/v1/people/{plan.person}/consents", json=said)).status_code == 201
    for entry in plan.entries.values():
        there = {**plan.ids, "entry": entry, "plan": ABSENT.format("a")}
        await same(client, ENTRIES, there, {**there, "entry": ABSENT.format("e")})


async def test_a_list_takes_nothing_hidden_as_nothing_that_never_was(world: World):
    plan, client = await hidden(world), world.client("clinician", "LA1")
    own = await created(client, goal(plan.person))
    found = await client.get(f"{R4}/CarePlan?goal=Goal/{own['id']}")
    section = found.json()["entry"][0]["resource"]
    sent = {**section, "goal": [{"reference": "Goal/{entry}"}]}
    row = Row("PUT", f"{R4}/CarePlan/{section['id']}", sent, JSON)
    there = {"entry": plan.entries["ours"]}
    assert await same(client, [row], there, {"entry": ABSENT.format("e")}) == {422}
