"""The charter at the REST door: tests/spec/who_may.txt, line by line, on a plan that has an entry in every section."""

from itertools import groupby
from pathlib import Path

import httpx
import pytest

from plan.model import PLAN_SECTIONS
from tests.support.deeds import consent, contact
from tests.support.rest import begun, items, made
from tests.support.world import World

SPEC = Path(__file__).parents[1] / "spec" / "who_may.txt"
LINES = [line.split() for line in SPEC.read_text("utf-8").splitlines() if line and not line.startswith("#")][1:]
BY_ROLE = {role: [line[1:] for line in lines] for role, lines in groupby(LINES, lambda line: line[0])}
NEED = {"need": "Falls at night", "status": "active"}
WRITERS = {"health": ("clinician", "RX1"), "benefits": ("benefits_adviser", "CA1")}
"""Who wrote what stands in a section; the social worker wrote the rest."""


async def peopled(world: World) -> str:
    """A plan with a need in every section, and with the agency AG1 on the team."""
    begins = world.client()
    person = await begun(world, begins)
    for agency in ("LA1", "CA1", "AG1"):
        await world.agency(agency)
        assert (await begins.post(f"{person}/team", json={"agency": agency})).status_code == 201
    for section in PLAN_SECTIONS:
        by = world.client(*WRITERS.get(section, ("social_worker", "LA1")))
        await made(by, f"{person}/plan/sections/{section}/need", **NEED)
    return person


async def asking(world: World, role: str, person: str) -> httpx.AsyncClient:
    """Somebody in a role, on the team in the way of that role."""
    id_ = person.rpartition("/")[2]
    if role == "person":
        return world.client(role, "PERSON", person=id_, scopes="patient/*.cruds")
    if role == "carer":
        await world.write(world.visit(), contact(id_, subject="a-carer"))
        return world.client(role, "CARER", "a-carer", scopes="user/*.cruds")
    return world.client(role, "AG1")


async def written(client: httpx.AsyncClient, shelf: str, theirs: str) -> str:
    """How far somebody gets with writing: no, own or any. Their own first, then what is another's."""
    new = await client.post(shelf, json=NEED)
    if new.status_code != 201:
        assert new.status_code in (403, 404), new.text
        other = await client.put(f"{shelf}/{theirs}", json=NEED | {"version": 1})
        assert other.status_code in (403, 404), other.text
        return "no"
    mine = await client.put(new.headers["location"], json=NEED | {"note": "Mine.", "version": 1})
    assert mine.status_code == 200, mine.text
    assert (await client.delete(new.headers["location"], headers={"If-Match": '"2"'})).status_code == 204
    other = await client.put(f"{shelf}/{theirs}", json=NEED | {"note": "Theirs.", "version": 1})
    assert other.status_code in (200, 403), other.text
    return "any" if other.status_code == 200 else "own"


@pytest.mark.parametrize("role", BY_ROLE)
async def test_everybody_may_what_the_charter_says_and_nothing_else(world: World, role: str):
    person = await peopled(world)
    client = await asking(world, role, person)
    if role == "carer":
        assert (await client.get(f"{person}/plan")).status_code == 404
        named = [section for section, read, _ in BY_ROLE[role] if read == "consent"]
        id_ = person.rpartition("/")[2]
        themself = world.visit("person", "self", person=id_)
        await world.write(themself, consent(id_, "permit", named, {"subject": "a-carer"}))
    plan = (await client.get(f"{person}/plan")).json()
    ids = {
        section: items(await world.client(*WRITERS.get(section, ("social_worker", "LA1"))).get(
            f"{person}/plan/sections/{section}/need"
        ))[0]["id"]
        for section in map(str, PLAN_SECTIONS)
    }  # fmt: skip
    told = (await client.get(f"{person}/access")).json()
    for section, read, write in BY_ROLE[role]:
        if section == "frame":
            assert read == "yes"
            changed = await client.put(person, json={"name": {"family": "Test"}, "version": 1})
            assert changed.status_code == (403 if write == "no" else 200), changed.text
            continue
        shelf = f"{person}/plan/sections/{section}/need"
        answer = await client.get(shelf)
        assert answer.status_code == (404 if read == "no" else 200), (section, answer.text)
        assert (section in plan["sections"]) == (read != "no"), section
        if read != "no":
            assert plan["sections"][section]["need"] == items(answer)
        assert told["sections"][section]["read"] == (read != "no")
        assert told["sections"][section]["write"] == ("none" if write == "no" else write)
        assert await written(client, shelf, ids[section]) == write, section


@pytest.mark.parametrize("role", ["auditor", "commissioner", "administrator"])
async def test_who_has_no_line_sees_no_plan(world: World, role: str):
    person = await peopled(world)
    client = world.client(role, "AG1")
    for address in ("", "/plan", "/plan/sections", "/plan/sections/health/need", "/team", "/changes", "/access"):
        assert (await client.get(person + address)).status_code == 404
    assert items(await client.get("/v1/people")) == []
    assert (await client.post(f"{person}/plan/sections/health/need", json=NEED)).status_code == 404
