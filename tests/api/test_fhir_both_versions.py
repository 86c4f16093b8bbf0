"""One search, two versions: whatever a parameter means in both, it finds the same entries at both addresses.

The values are those that the entries have, so that most searches find something; the searches are drawn by seeds that
are fixed.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from api.rest.examples import EXAMPLES
from fhir_facade.faces import FACES
from fhir_facade.offered import offered
from fhir_facade.params import Param
from fhir_facade.resources import RESOURCES
from fhir_facade.versions import R4, R5
from plan.kinds import KINDS
from tests.support.r4 import created, goal, ids, task
from tests.support.rest import APART, begun
from tests.support.world import World

SEARCHES = 400
TYPE = "THIS-TYPE"
"""Stands for the type that is searched, by its name in each version."""
FAMILIES = ("token", "reference", "string", "date", "number")


@pytest.fixture
async def person(world: World) -> str:
    """A plan with one entry of every kind, and a few that refer to each other."""
    await world.agency("RX1")
    await world.agency("BA1")
    client, adviser = world.client(), world.client("benefits_adviser", "BA1")
    at = await begun(world, client)
    whose = at.rpartition("/")[2]
    assert (await client.post(f"{at}/team", json={"agency": "BA1"})).status_code == 201
    for kind in sorted(EXAMPLES.keys() & FACES.keys() - {"person", "section", *APART}):
        by = adviser if kind == "benefits" else client
        section = "health" if "health" in KINDS[kind].sections else min(KINDS[kind].sections)
        assert (await by.post(f"{at}/plan/sections/{section}/{kind}", json=EXAMPLES[kind])).status_code == 201
    for n, status in enumerate(("active", "planned", "completed")):
        made = await created(client, goal(whose, lifecycleStatus=status, startDate=f"2026-0{n + 1}-02"))
        await created(client, task(whose, focus={"reference": f"Goal/{made['id']}"}, description=status))
    return whose


def shared() -> Mapping[str, list[Param]]:
    """What both versions search a type by, by stored type: parameters that read the same rows."""
    found = {}
    for type_, row in RESOURCES.items():
        older, newer = offered(row, R4), offered(row, R5)
        found[type_] = [param for name, param in older.items() if name in newer and newer[name].key == param.key]
    return {type_: params for type_, params in found.items() if params}


async def values(world: World) -> dict[tuple[str, str], list[str]]:
    """What stands in the index, as an address says it, by type and parameter."""
    found: dict[tuple[str, str], list[str]] = {}
    for prefix in ("", "directory_"):
        for family in FAMILIES:
            for row in await world.database.rows(f"select * from {prefix}search_{family} order by 1, 2, 3, 4, 5"):
                said = dict(zip(_columns(f"{prefix}search_{family}"), row, strict=True))
                found.setdefault((said["type"], said["param"]), []).append(_as_said(family, said))
    return found


def _columns(table: str) -> list[str]:
    from db.engine import columns  # noqa: PLC0415 - SQL is the store's

    return columns(table)


def _as_said(family: str, row: Mapping[str, Any]) -> str:
    if family == "date":
        return datetime.fromtimestamp(max(row["low"], 0) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if family == "number":
        return "1"
    code = str(row["code"]).replace("\\", "\\\\").replace(",", "\\,").replace("|", "\\|").replace("$", "\\$")
    if family == "string":
        return code[:20]
    mark = "/" if family == "reference" else "|"
    return f"{row['system']}{mark}{code}" if row["system"] else code


def condition(random: Random, param: Param, known: list[str], name: str) -> tuple[str, str]:
    """One condition on a parameter: a value that there is, another, several, a prefix or a modifier."""
    value = random.choice(known) if known and random.random() < 0.8 else random.choice(("x", "2026-03", "1", "Goal/x"))
    if random.random() < 0.2:
        return f"{name}:missing", random.choice(("true", "false"))
    if param.family == "date":
        return name, random.choice(("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")) + value[
            : random.choice((4, 10, 20))
        ]
    if param.family == "token" and random.random() < 0.3:
        return f"{name}:not", value
    if param.family == "string" and random.random() < 0.5:
        return f"{name}:{random.choice(('exact', 'contains'))}", value
    if random.random() < 0.2 and known:
        return name, f"{value},{random.choice(known)}"
    return name, value


def searches(random: Random, known: Mapping[tuple[str, str], list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Searches of a stored type: one to three conditions, now and then under what may refer to it, and an order."""
    both = shared()
    held = sorted({type_ for type_, _ in known} & both.keys())
    for _ in range(SEARCHES):
        type_ = random.choice(held)
        asked: dict[str, str] = {}
        for param in random.sample(both[type_], min(random.choice((1, 1, 1, 2)), len(both[type_]))):
            name, value = condition(random, param, known.get((type_, param.key), []), param.name)
            asked[name] = value
        if random.random() < 0.2:
            asked["_sort"] = random.choice(("", "-")) + random.choice(("_id", "_lastUpdated"))
        around = [param.name for param in both[type_] if param.family == "reference"]
        if around and random.random() < 0.3:
            asked["_include"] = f"{TYPE}:{random.choice(around)}"
        if "patient" in around and random.random() < 0.2:
            asked["patient.name"] = "Sam"
        yield type_, asked


async def test_the_same_search_finds_the_same_in_both_versions(world: World, person: str):
    client, known, random = world.client(), await values(world), Random(5)
    hits = 0
    for type_, asked in searches(random, known):
        answers = []
        for version in (R4, R5):
            shown = str(version.shown_type(type_))
            params = {name: value.replace(TYPE, shown) for name, value in asked.items()}
            answers.append(await client.get(f"{version.prefix}/{shown}", params={**params, "_count": "100"}))
        assert answers[0].status_code == answers[1].status_code, (type_, asked, answers[0].text, answers[1].text)
        if answers[0].status_code == 200:
            found = [ids(answer.json()) for answer in answers]
            assert found[0] == found[1], (type_, asked)
            hits += bool(found[0])
    assert hits > SEARCHES / 5, "most searches are of nothing"
