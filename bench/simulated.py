"""Plays simulated people against a database that is filled: what a day of life costs, with all that follows from it."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.service import started, stopped
from api.settings import Settings
from api.simulation.player import Player
from api.simulation.stream import BEGINS, stream
from api.simulation.town import residents
from bench.engines import Engine
from bench.report import Loaded

DAYS, SEED = 14, 1
"""How long, and by which dice: the same in every run."""


def simulated(engine: Engine, databases: Mapping[str, Any], key: Path, people: int) -> Loaded:
    """Two weeks of some people, each event by the desk and the rules asked after it, in the service's own role."""
    return asyncio.run(_simulated(engine, databases, key, people))


async def _simulated(engine: Engine, databases: Mapping[str, Any], key: Path, people: int) -> Loaded:
    service = await started(Settings(**databases, development_key=key))
    try:
        who = {str(one.id): one for one in residents(people, SEED)}
        play = Player(service, who)
        for estate in dict.fromkeys(one.estate for one in who.values()):
            await play.open(estate, BEGINS)
        start = time.process_time()
        await play.play(stream(people, DAYS, SEED))
        seconds = time.process_time() - start
    finally:
        await stopped(service)
    what = f"events of {people} simulated people in {DAYS} days, with all that followed, of processor time"
    return Loaded(engine=engine.name, version=engine.version, count=play.played, what=what, seconds=seconds)
