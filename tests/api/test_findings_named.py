"""Findings call agencies as people do: by the directory's names, read once, whoever is on the team and whoever is not.

A name is a word in a text and nothing more: another one rewrites what is open, and neither opens nor closes anything.
"""

from typing import Any

import pytest

from db import knowing
from fhir_facade import exact
from tests.support.larch import Larch, larch
from tests.support.world import World

FHIR = {"content-type": "application/fhir+json"}
FLUIDS = (
    ("LA1", "social_care", "encourage", 2),
    ("RX1", "health", "restrict", 1.5),
)
"""Two who say that the person drinks more, and less."""


async def drinks(world: World) -> Larch:
    """Larch Court, where one encourages drinks that another restricts; the service has found it."""
    place = await larch(world)
    for agency, section, action, value in FLUIDS:
        amount = {"value": value, "unit": "L/d"}
        said = {"text": "Fluids", "topic": "fluids", "action": action, "status": "active", "value": amount}
        await place.add(agency, section, "instruction", **said)
    await place.turn()
    return place


async def one(place: Larch) -> dict[str, Any]:
    """The only finding."""
    answer = await place.client("P10001").get(f"{place.address}/findings")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any]
    [found] = answer.json()["items"]
    return found


async def called(place: Larch, agency: str, name: str) -> None:
    """An agency takes a name in the directory."""
    page = (await place.client(agency).get(f"/fhir/R4/Organization/{agency}")).json() | {"name": name}
    registrar = place.world.client("administrator", agency)
    answer = await registrar.put(f"/fhir/R4/Organization/{agency}", json=page, headers=FHIR)
    assert answer.status_code == 200, answer.text


async def look_again(place: Larch) -> None:
    """Something else of the plan changes, so the rules are asked again."""
    await place.add("LA1", "social_care", "goal", goal="Walk to the shop", status="active")
    await place.turn()


async def test_a_finding_calls_the_agencies_as_people_do_and_another_name_only_rewrites_it(world: World) -> None:
    place = await drinks(world)
    before = await one(place)
    said = "says encourage fluids 2 L/d, and Test Hospital says restrict fluids 1.5 L/d."
    assert before["detail"] == f"Test Adult social care {said}"
    tasks = "select id, version from entry where kind = 'action' order by id"
    kept = await world.database.rows(tasks)
    await called(place, "LA1", "Larch Council (social care)")
    await look_again(place)
    after = await one(place)
    assert after["detail"] == f"Larch Council (social care) {said}"
    assert after["version"] == before["version"] + 1
    assert [name for name in before if before[name] != after[name]] == ["version", "updated", "detail"]
    assert await world.database.rows(tasks) == kept
    await look_again(place)
    assert (await one(place))["version"] == after["version"]


async def test_a_finding_that_was_settled_keeps_its_words(world: World) -> None:
    place = await drinks(world)
    found = await one(place)
    address, match = f"{place.address}/findings/{found['id']}/resolution", {"If-Match": f'"{found["version"]}"'}
    settled = await place.client("P10001").post(address, json={"reason": "Both know."}, headers=match)
    assert settled.status_code == 200, settled.text
    before = await one(place)
    await called(place, "LA1", "Larch Council (social care)")
    await look_again(place)
    assert await one(place) == before


async def test_an_agency_that_was_never_on_the_team_is_called_by_its_name_too_by_one_read_of_the_directory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.agency("HA9", "Elm Homes")
    place = await larch(world)
    await place.add(
        "LA1", "about_me", "consent", decision="deny", status="active", to=[{"agency": "HA9"}], sections=["social_care"]
    )
    await place.add(
        "LA1", "social_care", "need", need="Help to wash", status="active", restricted_to=["LA1", "P10001", "HA9"]
    )
    reads: list[Any] = []
    real = knowing.directory

    async def counted(*asked: Any) -> Any:
        reads.append(asked)
        return await real(*asked)

    monkeypatch.setattr(knowing, "directory", counted)
    await place.turn()
    assert len(reads) == 1
    rows = await world.database.rows("select body from entry where kind = 'finding'")
    [found] = [exact.stored(row[0]) for row in rows]
    how = "but its restriction still names the agency"
    assert found["detail"] == f"The person no longer shares the section social care with Elm Homes, {how}."
    assert (found["rule"], found["mark"]) == ("c16-consent", "HA9")
