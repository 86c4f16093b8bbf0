"""What the service counts, in the words in which the second computation says it (tests/support/measured_lives.py)."""

from collections.abc import Callable, Mapping
from typing import Any

from db import measures
from db.engine import Database
from db.measure_parts import Scope
from plan.measures import MEASURES, Figure, figures

FEED = """select v.person_id, v.id, v.kind, v.section, v.at, v.by_role, v.deleted, v.body from change c
    join entry_version v on v.person_id = c.person_id and v.id = c.entry_id and v.version = c.version
    order by c.person_id, c.seq"""
"""The raw feed, with the version that each line of it is about."""


def _share(f: Figure) -> tuple[Any, ...]:
    return (f.total, f.count, f.value, f.low, f.high)


def _waited(f: Figure) -> tuple[Any, ...]:
    return (f.total, int(f.more["unanswered"]), f.more["median_hours"] or None, f.more["p90_hours"] or None, f.value)


def _valued(f: Figure) -> tuple[Any, ...]:
    return (f.total, f.value)


SAID: Mapping[str, Callable[[Figure], tuple[Any, ...]]] = {
    "failed_discharges": _share,
    "ready_at_departure": _share,
    "told_once": _share,
    "time_to_acknowledge": _waited,
    "interfaces": _waited,
    "medical_input": _valued,
    "contradiction_days": _valued,
    "days_at_home": _valued,
    "goal_attainment": lambda f: (f.total, f.value, int(f.more["goals"]), int(f.more["scored_by_the_person"])),
}


async def counted(database: Database, name: str, scope: Scope) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """What SQL counts, by group."""
    found = figures(MEASURES[name], await measures.tallies(database, name, scope))
    return {tuple(figure.group.values()): SAID[name](figure) for figure in found}
