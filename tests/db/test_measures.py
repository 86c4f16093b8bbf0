"""The measures on a thousand simulated people: what SQL counts and what plain Python counts differs nowhere."""

from typing import Any

import pytest

from api.simulation.life import DAY
from api.simulation.stream import BEGINS, stream
from db import measures
from db.engine import Database, opened
from plan.measures import MEASURES, Figure, figures
from tests.support import measured, measured_lives
from tests.support.simulated import Shelf, shelved, stored

PEOPLE, DAYS, SEED = 1000, 110, 20
FEED = """select v.person_id, v.id, v.kind, v.section, v.at, v.by_role, v.deleted, v.body from change c
    join entry_version v on v.person_id = c.person_id and v.id = c.entry_id and v.version = c.version
    order by c.person_id, c.seq"""
LOW, HIGH = BEGINS + 5 * DAY, BEGINS + 108 * DAY
NOW = BEGINS + DAYS * DAY


@pytest.fixture(scope="module")
def simulated() -> Shelf:
    return shelved(stream(PEOPLE, DAYS, SEED), PEOPLE, SEED)


@pytest.fixture
async def both(database_url: str, simulated: Shelf):
    database = await opened(database_url)
    await stored(database, simulated)
    yield database, measured.read(await database.rows(FEED))
    await database.close()


async def _figures(database: Database, name: str, high: int = HIGH) -> dict[tuple[str, ...], Figure]:
    scope = measures.everybody(LOW, high, NOW)
    found = figures(MEASURES[name], await measures.tallies(database, name, scope))
    return {tuple(figure.group.values()): figure for figure in found}


def _waited(f: Figure) -> tuple[Any, ...]:
    return (f.total, int(f.more["unanswered"]), f.more["median_hours"] or None, f.more["p90_hours"] or None, f.value)


SAID: dict[str, Any] = {
    "failed_discharges": lambda f: (f.total, f.count, f.value, f.low, f.high),
    "ready_at_departure": lambda f: (f.total, f.count, f.value, f.low, f.high),
    "told_once": lambda f: (f.total, f.count, f.value, f.low, f.high),
    "time_to_acknowledge": _waited,
    "interfaces": _waited,
    "medical_input": lambda f: (f.total, f.value),
    "contradiction_days": lambda f: (f.total, f.value),
    "goal_attainment": lambda f: (f.total, f.value, int(f.more["goals"]), int(f.more["scored_by_the_person"])),
    "days_at_home": lambda f: (f.total, f.value),
}


async def test_two_computations_of_every_measure_agree_on_a_thousand_people(both):
    database, lives = both
    assert len(lives) == PEOPLE
    for name in MEASURES:
        if name == "days_at_home":
            wanted = measured_lives.home(lives, LOW, HIGH, NOW)
        else:
            wanted = measured_lives.ALL[name](lives, LOW, HIGH)
        found = {group: SAID[name](figure) for group, figure in (await _figures(database, name)).items()}
        assert found == wanted, name
        assert found, name
