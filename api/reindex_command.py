"""What somebody who has the search values made anew sees: how far it is on stderr, and at the end what was done.

It opens the database alone: no keys, no charter and no desk are needed, for nothing of a plan is shown or changed.
"""

from collections.abc import Iterable

from rich.console import Console

from db import reindexing, wall
from db.engine import opened
from fhir_facade import exact, index
from plan.model import IndexRow

BLIND = "This role sees nobody's entries: name the worker's or the owner's (docs/operations.md)."


async def run(url: str) -> str:
    """Index every entry of a database as a write would today; one sentence with the counts. Raises Unavailable."""
    database = await opened(url)
    counts = reindexing.Counts()
    try:
        if not await wall.sees_everybody(database):
            raise ValueError(BLIND)
        with Console(stderr=True).status("reindexing") as status:
            async for counts in reindexing.walk(database, indexed):
                status.update(f"reindexing: {counts.entries} entries read, {counts.changed} changed")
        await reindexing.mark(database, index.version())
    finally:
        await database.close()
    return (
        f"{counts.entries} entries read, {counts.changed} changed:"
        f" {counts.came} search values added, {counts.went} removed."
    )


def indexed(fhir: str) -> Iterable[IndexRow]:
    """The index rows of a stored R4 face: those that a write of it leaves."""
    return index.index(exact.stored(fhir))
