"""The whole simulation as one stream: every life, in the order of time. The same seed gives the same bytes."""

import heapq
from collections.abc import Iterator
from operator import attrgetter
from random import Random

from api.simulation import homes, stays, talk
from api.simulation.clashes import clashes
from api.simulation.events import Event, moment
from api.simulation.life import DAY, Life
from api.simulation.town import Resident, residents

BEGINS = moment("2026-03-02T00:00:00Z")
"""The first moment: a Monday; the clocks go forward on the fourth Sunday after it."""


def life(who: Resident, days: int, seed: int) -> list[Event]:
    """What happens to one person in so many days, in the order of time."""
    dice = Random(f"{seed}/life/{who.number}")
    lived = Life(who=who, start=BEGINS, end=BEGINS + days * DAY, dice=dice)
    homes.begin(lived)
    for part in (stays.stays, talk.concerns, talk.referrals, talk.sign, clashes, homes.score):
        part(lived)
    return sorted(lived.events, key=attrgetter("at"))


def stream(people: int, days: int, seed: int) -> Iterator[Event]:
    """What happens to so many people. Raises ValueError for less than one person or day."""
    if people < 1 or days < 1:
        raise ValueError("a simulation has at least one person and one day")
    lives = (life(who, days, seed) for who in residents(people, seed))
    return heapq.merge(*lives, key=attrgetter("at"))
