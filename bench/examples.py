"""Loads published FHIR examples by the service's own import: what a resource costs on the way in."""

import asyncio
import os
import time
from pathlib import Path

from api.deeds import Visit
from api.desk import Desk
from api.importing import Import
from api.service import milliseconds
from bench.engines import Engine
from bench.report import Loaded
from bench.world import caller
from db.engine import opened
from db.store import Store
from fhir_facade.resources import DIRECTORY
from plan.charter import ROWS, charter

EXAMPLES = Path(os.environ.get("ONEPLAN_FHIR_EXAMPLES") or Path(__file__).parents[2] / "shared" / "fhir-examples")


def imported(engine: Engine, folder: Path) -> Loaded | str:
    """Import a folder into a database that is filled; a sentence when it is not there."""
    if not folder.is_dir():
        return f"no examples at {folder}: none imported; name a folder by --examples or ONEPLAN_FHIR_EXAMPLES"
    return asyncio.run(_imported(engine, folder))


async def _imported(engine: Engine, folder: Path) -> Loaded:
    database = await opened(engine.url)
    try:
        desk = Desk(Store(database, milliseconds, DIRECTORY), charter(ROWS))
        start = time.perf_counter()
        report = await Import(desk, Visit(caller=caller("P", 0), door="import", request="benchmark")).run([folder])
        seconds = time.perf_counter() - start
    finally:
        await database.close()
    what = f"resources imported from the examples, {report.refusals} refused,"
    return Loaded(engine=engine.name, version=engine.version, count=report.taken, what=what, seconds=seconds)
