"""tests/spec/who_may.txt, line by line, at the doors that tests/api does not walk by it: FHIR R5, patches, batches and
transactions, `$everything`, bulk exports, histories, and the notices of subscriptions.
"""

import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from plan.model import PLAN_SECTIONS
from tests.access.written import TAG
from tests.support import feed
from tests.support.deeds import consent, contact
from tests.support.quick import Answer, Quick
from tests.support.r4 import JSON, goal
from tests.support.world import World

SPEC = Path(__file__).parents[1] / "spec" / "who_may.txt"
LINES = [line.split() for line in SPEC.read_text("utf-8").splitlines() if line and not line.startswith("#")][1:]
BY_ROLE = {role: [line[1:] for line in lines] for role, lines in groupby(LINES, lambda line: line[0])}
WRITERS = {"health": ("clinician", "RX1"), "benefits": ("benefits_adviser", "CA1")}
PATCH = {"content-type": "application/json-patch+json"}
LANGUAGE = [{"op": "add", "path": "/language", "value": "cy"}]
VERSIONS = ("/fhir/R4", "/fhir/R5")


@dataclass(slots=True)
class Plan:
    """A person, with a goal in every section, and somebody in a role who asks."""

    world: World
    person: str
    goals: dict[str, str]
    asks: Quick

    async def bundle(self, base: str, kind: str, method: str, url: str, resource: Any = None) -> int:
        """The status of one request in a Bundle."""
        entry = {"request": {"method": method, "url": url}, **({"resource": resource} if resource else {})}
        answer = await self.asks("POST", base, {"resourceType": "Bundle", "type": kind, "entry": [entry]}, JSON)
        return answer.status if answer.status != 200 else int(answer.json()["entry"][0]["response"]["status"][:3])


def tagged(person: str, section: str) -> dict[str, Any]:
    return goal(person, f"Of {section}", meta={"tag": [{"system": TAG, "code": section}]})


async def peopled(world: World, role: str) -> Plan:
    """Everybody has added a goal; AG1 is on the team, and the role is asked for by the line of the table."""
    person = await world.person(world.visit())
    for agency in ("LA1", "CA1", "AG1"):
        await world.agency(agency)
        await world.desk.add_member(world.visit(), person, agency, "", "")
    goals = {}
    for section in map(str, PLAN_SECTIONS):
        by = Quick(world.app, world.token(*WRITERS.get(section, ("social_worker", "LA1"))))
        answer = await by("POST", "/fhir/R4/Goal", tagged(person, section), JSON)
        assert answer.status == 201, answer.body
        goals[section] = answer.json()["id"]
    who: dict[str, Any] = {"role": role, "agency": "AG1"}
    if role == "person":
        who = {"role": role, "agency": "PERSON", "person": person, "scopes": "patient/*.cruds"}
    elif role == "carer":
        who = {"role": role, "agency": "CARER", "subject": "a-carer", "scopes": "user/*.cruds"}
        named = [section for section, read, _ in BY_ROLE[role] if read == "consent"]
        await world.write(world.visit(), contact(person, subject="a-carer"))
        themself = world.visit("person", "PERSON", person=person)
        await world.write(themself, consent(person, "permit", named, {"subject": "a-carer"}))
    return Plan(world, person, goals, Quick(world.app, world.token(**who)))


def lines_of(role: str) -> list[tuple[str, bool, str]]:
    """Section, whether it shows, and how far one may write; the frame aside."""
    return [(section, read != "no", write) for section, read, write in BY_ROLE[role] if section != "frame"]


@pytest.mark.parametrize("role", BY_ROLE)
async def test_one_entry_is_read_and_changed_as_its_line_says(world: World, role: str):
    plan = await peopled(world, role)
    for base in VERSIONS:
        for section, shows, write in lines_of(role):
            url = f"Goal/{plan.goals[section]}"
            for tail in ("", "/_history", "/_history/1", "/$meta"):
                answer = await plan.asks("GET", f"{base}/{url}{tail}")
                assert answer.status == (200 if shows else 404), (base, section, tail)
            for kind in ("batch", "transaction"):
                assert await plan.bundle(base, kind, "GET", url) == (200 if shows else 404), (base, section, kind)
            changes = 200 if write == "any" else 403 if shows else 404
            assert (await _patched(plan, base, url)).status == changes, (base, section)
            for kind in ("batch", "transaction"):
                own = await _own(plan, base, kind, section)
                assert own == (403 if write == "no" else 201), (
                    base,
                    section,
                    kind,
                )


async def _patched(plan: Plan, base: str, url: str) -> Answer:
    """A patch that gives the version that is there, be it hidden from who asks."""
    sql = "select version from entry where id = ?"
    (row,) = await plan.world.database.rows(sql, (url.partition("/")[2],))
    return await plan.asks("PATCH", f"{base}/{url}", LANGUAGE, {**PATCH, "if-match": f'W/"{row[0]}"'})


async def _own(plan: Plan, base: str, kind: str, section: str) -> int:
    """A new goal in a section, made in a Bundle and taken away again."""
    status = await plan.bundle(base, kind, "POST", "Goal", tagged(plan.person, section))
    if status == 201:
        sql = "select id from entry where person_id = ? and type = 'Goal' and deleted = ? and not id in ({})"
        known = ", ".join(f"'{id_}'" for id_ in plan.goals.values())
        ((id_,),) = await plan.world.database.rows(sql.format(known), (plan.person, False))
        assert (await _patched(plan, base, f"Goal/{id_}")).status == 200
        assert (await plan.asks("DELETE", f"{base}/Goal/{id_}")).status == 204
    return status


@pytest.mark.parametrize("role", BY_ROLE)
async def test_what_shows_many_shows_the_sections_of_the_lines(world: World, role: str):
    plan = await peopled(world, role)
    shown = {plan.goals[section] for section, shows, _ in lines_of(role) if shows}
    for base in VERSIONS:
        urls = [
            f"/Patient/{plan.person}/$everything?_count=1000",
            "/Patient/$everything?_count=1000",
            f"/Patient/{plan.person}/Goal?_count=100",
            f"/Goal?patient={plan.person}&_count=100",
            "/Goal/_history?_count=100",
            f"/Patient?_id={plan.person}&_revinclude=Goal:patient",
            await _exported(plan, base),
        ]
        for url in urls:
            answer = await plan.asks("GET", url if url.startswith("http") else base + url)
            assert answer.status == 200, (url, answer.body)
            found = {id_ for id_ in plan.goals.values() if f'"id":"{id_}"' in answer.body.decode().replace(" ", "")}
            assert found == shown, url


async def _exported(plan: Plan, base: str) -> str:
    """Where the goals of an export are."""
    plan.world.later(seconds=1)
    job = await plan.asks("GET", f"{base}/$export", None, {"prefer": "respond-async"})
    assert job.status == 202, job.body
    return job.headers["content-location"].replace("$export-status", "$export-file") + "&type=Goal"


@pytest.mark.parametrize("role", BY_ROLE)
async def test_notices_tell_of_the_sections_of_the_lines(world: World, role: str):
    plan = await peopled(world, role)
    receiver = feed.receiving(world)
    answer = await plan.asks("POST", "/fhir/R4/Subscription", feed.subscription(), JSON)
    assert answer.status == 201, answer.body
    await world.service.feed.turn()
    receiver.sent.clear()
    made = {}
    for section in map(str, PLAN_SECTIONS):
        by = Quick(world.app, world.token(*WRITERS.get(section, ("social_worker", "LA1"))))
        made[section] = (await by("POST", "/fhir/R4/Goal", tagged(plan.person, section), JSON)).json()["id"]
    world.later(seconds=1)
    await world.service.feed.turn()
    heard = json.dumps(receiver.bundles)
    assert {section for section, id_ in made.items() if id_ in heard} == {s for s, shows, _ in lines_of(role) if shows}
