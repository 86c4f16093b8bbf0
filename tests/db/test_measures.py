"""The measures on a thousand simulated people: what SQL counts and what plain Python counts differs nowhere."""

import pytest

from api.simulation.life import DAY
from api.simulation.stream import BEGINS, stream
from db import measures
from db.engine import opened
from plan.measures import MEASURES
from tests.support import measured, measured_lives
from tests.support.counting import FEED, counted
from tests.support.simulated import Shelf, shelved, stored

PEOPLE, DAYS, SEED = 1000, 110, 20
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


async def test_two_computations_of_every_measure_agree_on_a_thousand_people(both):
    database, lives = both
    assert len(lives) == PEOPLE
    for name in MEASURES:
        found = await counted(database, name, measures.everybody(LOW, HIGH, NOW))
        assert found == measured_lives.computed(name, lives, LOW, HIGH, NOW), name
        assert found, name
