"""A small town played against the service: what people do is taken, and the measures count what is really written."""

from collections import Counter

import pytest

from api.simulation.clashes import CLASHES
from api.simulation.life import DAY
from api.simulation.player import Player
from api.simulation.stream import BEGINS, stream
from api.simulation.town import residents
from db import measures
from plan.measures import MEASURES
from tests.support import measured, measured_lives
from tests.support.counting import FEED, counted
from tests.support.world import World

PEOPLE, DAYS, SEED = 5, 60, 330
NEEDLESS = ("not there yet", "is closed", "no such", "begins after", "overlaps")
"""Why a rule of the plan refuses somebody who acts too early, too late, or on what is not asked."""


@pytest.fixture
async def played(world: World) -> Player:
    who = {str(one.id): one for one in residents(PEOPLE, SEED)}
    play = Player(world.service, who)
    await play.open(next(iter(who.values())).estate, BEGINS)
    await play.play(stream(PEOPLE, DAYS, SEED))
    return play


async def test_what_people_do_is_taken_and_counted_alike_by_both_computations(played: Player, world: World):
    refused = [(event.do, why) for event, why in played.refused if not any(word in why for word in NEEDLESS)]
    assert not refused
    assert played.played > 150
    lives = measured.read(await world.database.rows(FEED))
    low, high = BEGINS, BEGINS + DAYS * DAY
    for name in MEASURES:
        found = await counted(world.database, name, measures.everybody(low, high, played.now))
        assert found == measured_lives.computed(name, lives, low, high, played.now), name
    _every_planted_contradiction_is_found(lives)
    kinds = Counter(line["kind"] for life in lives for line in life.now.values())
    assert min(kinds[kind] for kind in ("stay", "readiness", "departure", "ask", "goal", "action")) > 0


def _every_planted_contradiction_is_found(lives: list[measured.Life]) -> None:
    """And of the rules that are broken on purpose nothing else is."""
    said = [event for event in stream(PEOPLE, DAYS, SEED) if "contradiction" in event.said]
    planted = {
        (event.said["contradiction"], frozenset(Player.id(event.person, name) for name in event.said["entries"]))
        for event in said
    }
    found = {
        (line["body"]["rule"], frozenset(side.partition("/")[2] for side in line["body"]["sides"]))
        for life in lives
        for _, line in life.kind("finding")
        if line["body"]["rule"] in {rule for rule, *_ in CLASHES}
    }
    assert planted
    assert found == planted
