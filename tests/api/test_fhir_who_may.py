"""The charter at the FHIR R4 door: tests/spec/who_may.txt, line by line, alone, in a transaction and in a batch."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import exporting
from fhir_facade import exact
from fhir_facade.systems import PLAN_SECTION
from plan.model import PLAN_SECTIONS, PersonId
from plan.problem import Trouble
from tests.support.deeds import consent, contact, refused
from tests.support.r4 import JSON, R4, bundled, created, entry, found, goal, ids
from tests.support.world import World

SPEC = Path(__file__).parents[1] / "spec" / "who_may.txt"
LINES = [line.split() for line in SPEC.read_text("utf-8").splitlines() if line and not line.startswith("#")][1:]
BY_ROLE = {role: [line[1:] for line in lines] for role, lines in groupby(LINES, lambda line: line[0])}
WRITERS = {"health": ("clinician", "RX1"), "benefits": ("benefits_adviser", "CA1")}
"""Who wrote what stands in a section; the social worker wrote the rest."""
ABSENT = "0190ffff-0000-7000-8000-00000000dead"
REQUEST = {"X-Request-Id": "the-same"}
"""So that two answers may be the same to the byte."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A person with a goal in every section, and the CarePlans that the service made of the sections."""

    person: PersonId
    sections: dict[str, dict[str, Any]]
    goals: dict[str, dict[str, Any]]


async def peopled(world: World) -> Plan:
    """A plan to which everybody has added, with the agency AG1 on the team."""
    begins = world.client()
    person = await world.person(begins)
    for agency in ("LA1", "CA1", "AG1"):
        await world.agency(agency)
        assert (await begins.post(f"/v1/people/{person}/team", json={"agency": agency})).status_code == 201
    goals, sections = {}, {}
    for section in map(str, PLAN_SECTIONS):
        by = world.client(*WRITERS.get(section, ("social_worker", "LA1")))
        goals[section] = await created(by, tagged(person, section))
        listed = await found(by, f"CarePlan?patient={person}&category={PLAN_SECTION}|{section}")
        (sections[section],) = (one["resource"] for one in listed["entry"])
    return Plan(person, sections, goals)


async def asking(world: World, role: str, person: PersonId) -> httpx.AsyncClient:
    """Somebody in a role, on the team in the way of that role."""
    if role == "person":
        return world.client(role, "PERSON", person=person, scopes="patient/*.cruds")
    if role == "carer":
        await world.write(world.visit(), contact(person, subject="a-carer"))
        return world.client(role, "CARER", "a-carer", scopes="user/*.cruds")
    return world.client(role, "AG1")


async def allowed(world: World, role: str, person: PersonId) -> None:
    """What the person agrees to, so that a carer's line holds."""
    if role == "carer":
        named = [section for section, read, _ in BY_ROLE[role] if read == "consent"]
        themself = world.visit("person", "PERSON", person=person)
        await world.write(themself, consent(person, "permit", named, {"subject": "a-carer"}))


def tagged(person: str, section: str, text: str = "Walk to the shop") -> dict[str, Any]:
    """A goal that says by a tag where it stands."""
    return goal(person, text, meta={"tag": [{"system": PLAN_SECTION, "code": section}]})


def categorised(person: str, section: str) -> dict[str, Any]:
    """A goal that says by its category where it stands."""
    return goal(person, category=[{"coding": [{"system": PLAN_SECTION, "code": section}]}])


def reads(resource: dict[str, Any]) -> list[str]:
    """Every address under which a resource is read by its id."""
    at = f"{resource['resourceType']}/{resource['id']}"
    return [at, f"{at}/_history", f"{at}/_history/{resource['meta']['versionId']}"]


def searches(plan: Plan, section: str) -> list[tuple[str, str]]:
    """Searches that find what stands in a section, each with the one id that it finds."""
    aim, own = plan.goals[section]["id"], plan.sections[section]["id"]
    return [
        (f"Goal?patient={plan.person}&_id={aim}", aim),
        (f"Goal?_id={aim}&_total=accurate", aim),
        (f"CarePlan?patient={plan.person}&category={PLAN_SECTION}|{section}", own),
        (f"CarePlan?goal=Goal/{aim}", own),
    ]


async def shown(client: httpx.AsyncClient, plan: Plan, section: str) -> bool:
    """Whether a section shows; whichever way one looks, the answer is the same, and hidden is as absent."""
    said = set()
    for resource in (plan.goals[section], plan.sections[section]):
        for address in reads(resource):
            real = await client.get(f"{R4}/{address}", headers=REQUEST)
            none = await client.get(f"{R4}/{address.replace(resource['id'], ABSENT)}", headers=REQUEST)
            assert none.status_code == 404
            if real.status_code != 200:
                assert (real.status_code, real.content, real.headers) == (404, none.content, none.headers)
            said.add(real.status_code == 200)
    for search, id_ in searches(plan, section):
        bundle = await found(client, search)
        assert (ids(bundle), bundle["total"]) in (([id_], 1), ([], 0)), search
        said.add(ids(bundle) == [id_])
    for kind in ("transaction", "batch"):
        said |= await shown_in(client, kind, plan, section)
    assert len(said) == 1, (section, said)
    return said.pop()


async def shown_in(client: httpx.AsyncClient, kind: str, plan: Plan, section: str) -> set[bool]:
    """The same, asked in a Bundle."""
    aim = plan.goals[section]
    asked = [*reads(aim), *reads(plan.sections[section])]
    finds = [search for search, _ in searches(plan, section)]
    absent = [address.replace(aim["id"], ABSENT) for address in reads(aim)]
    answer = await bundled(client, kind, *(entry("GET", url) for url in (*asked, *finds, *absent)), **REQUEST)
    assert answer.status_code == 200, answer.text
    said = answer.json()["entry"]
    for real, none in zip(said[:3], said[-3:], strict=True):
        assert none["response"]["status"].startswith("404")
        assert real["response"]["status"].startswith("200") or real == none
    found_ = {bool(ids(one["resource"])) for one in said[len(asked) : -3]}
    return {one["response"]["status"].startswith("200") for one in said[: len(asked)]} | found_


async def done(client: httpx.AsyncClient, how: str, method: str, url: str, resource: Any = None) -> tuple[int, str]:
    """The status of one write and where it went, sent alone or in a Bundle."""
    if how == "alone":
        answer = await client.request(method, f"{R4}/{url}", json=resource, headers=JSON)
        return answer.status_code, answer.headers.get("location", "")
    answer = await bundled(client, how, entry(method, url, resource))
    if how == "transaction" and answer.status_code != 200:
        return answer.status_code, ""
    said = answer.json()["entry"][0]["response"]
    return int(said["status"][:3]), said.get("location", "")


async def written(client: httpx.AsyncClient, how: str, plan: Plan, section: str, theirs: dict[str, Any]) -> str:
    """How far somebody gets with writing: no, own or any. Their own first, then what is another's."""
    status, location = await done(client, how, "POST", "Goal", tagged(plan.person, section))
    assert (await done(client, how, "POST", "Goal", categorised(plan.person, section)))[0] == status
    changed = {**theirs, "note": [{"text": how}]}
    url = f"Goal/{theirs['id']}"
    if status != 201:
        seen = (await client.get(f"{R4}/{url}")).status_code == 200
        assert status in (400, 403)
        assert (await done(client, how, "PUT", url, changed))[0] == (403 if seen else 405)
        assert (await done(client, how, "DELETE", url))[0] == (403 if seen else 204)
        return "no"
    own = location.partition(f"{R4}/")[2].split("/_history")[0]
    mine = {**tagged(plan.person, section, "Mine"), "id": own.split("/")[1]}
    mine["meta"]["versionId"] = "1"
    assert (await done(client, how, "PUT", own, mine))[0] == 200
    assert (await done(client, how, "DELETE", own))[0] == 204
    status, _ = await done(client, how, "PUT", url, changed)
    assert status in (200, 403)
    assert (await done(client, how, "DELETE", url))[0] == (204 if status == 200 else 403)
    return "any" if status == 200 else "own"


@pytest.mark.parametrize("role", BY_ROLE)
async def test_everybody_reads_what_the_charter_says_and_nothing_else(world: World, role: str):
    plan = await peopled(world)
    client = await asking(world, role, plan.person)
    if role == "carer":
        for section in plan.goals:
            assert not await shown(client, plan, section), "without the person's consent"
        assert (await client.get(f"{R4}/Patient/{plan.person}")).status_code == 404
    await allowed(world, role, plan.person)
    for section, read, _ in BY_ROLE[role]:
        if section == "frame":
            assert (await client.get(f"{R4}/Patient/{plan.person}")).status_code == 200
            assert (await found(client, f"CareTeam?patient={plan.person}"))["total"] == 1
        else:
            assert await shown(client, plan, section) == (read != "no"), section
    visible = [section for section, read, _ in BY_ROLE[role] if read != "no" and section != "frame"]
    assert (await found(client, f"Goal?patient={plan.person}"))["total"] == len(visible)
    assert (await found(client, f"CarePlan?patient={plan.person}"))["total"] == len(visible) + 1


@pytest.mark.parametrize("how", ["alone", "transaction", "batch"])
@pytest.mark.parametrize("role", BY_ROLE)
async def test_everybody_writes_what_the_charter_says_and_nothing_else(world: World, role: str, how: str):
    plan = await peopled(world)
    client = await asking(world, role, plan.person)
    await allowed(world, role, plan.person)
    for section, _, write in BY_ROLE[role]:
        if section == "frame":
            person = (await client.get(f"{R4}/Patient/{plan.person}")).json()
            changed = {**person, "gender": "other"}
            status, _ = await done(client, how, "PUT", f"Patient/{plan.person}", changed)
            assert status == (403 if write == "no" else 200)
            continue
        assert await written(client, how, plan, section, plan.goals[section]) == write, section
        own = plan.sections[section]
        current = await client.get(f"{R4}/CarePlan/{own['id']}")
        sent = {**(current.json() if current.status_code == 200 else own), "description": "Said anew."}
        status, _ = await done(client, how, "PUT", f"CarePlan/{own['id']}", sent)
        assert (status == 200) == (write == "any"), section
        assert status in (200, 403, 405), section


@pytest.mark.parametrize("role", BY_ROLE)
async def test_an_export_holds_the_sections_that_the_charter_shows(world: World, role: str):
    plan = await peopled(world)
    await asking(world, role, plan.person)
    await allowed(world, role, plan.person)
    who = {"person": ("PERSON", ""), "carer": ("CARER", "a-carer")}.get(role, ("AG1", ""))
    visit = world.visit(role, *who, person=plan.person if role == "person" else None)
    made = await exporting.export(world.desk, visit, plan.person)
    inside = [one["resource"] for one in exact.loads(made.text)["entry"]]
    tags = [tag["code"] for one in inside for tag in one["meta"].get("tag", ()) if tag["system"] == PLAN_SECTION]
    visible = {section for section, read, _ in BY_ROLE[role] if read != "no"}
    assert set(tags) == visible
    assert {section.value for section in made.left_out} == set(map(str, PLAN_SECTIONS)) - visible
    hidden = [plan.goals[section]["id"] for section in plan.goals if section not in visible]
    assert not [id_ for id_ in hidden if id_.encode() in made.text]


@pytest.mark.parametrize("role", ["auditor", "commissioner", "administrator"])
async def test_who_has_no_line_sees_and_writes_nothing(world: World, role: str):
    plan = await peopled(world)
    client = world.client(role, "AG1")
    for section in plan.goals:
        assert not await shown(client, plan, section)
        for how in ("alone", "transaction", "batch"):
            assert await written(client, how, plan, section, plan.goals[section]) == "no"
    for search in ("Patient", "Goal", "CarePlan", "CareTeam", f"Patient?_id={plan.person}"):
        assert (await found(client, search))["total"] == 0
    assert (await client.get(f"{R4}/Patient/{plan.person}")).status_code == 404
    await refused(exporting.export(world.desk, world.visit(role, "AG1"), plan.person), Trouble.NOT_FOUND)
