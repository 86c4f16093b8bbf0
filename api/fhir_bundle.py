"""Batch and transaction. FHIR R4 http.html 3.1.0.11.

Each entry of a batch walks the way of a request of its own. The writes of a transaction are one call of the desk, all
or nothing, in the order of the specification; its reads come after, and see what was written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from api.answers import outcome
from api.desk import Replayed
from api.fhir_asked import Answer, Asked, Place, place, placed
from api.fhir_search import parsed
from api.fhir_write import answer, deed_of, worded
from fhir_facade.bundle import Entry, Said, conditional, linked, read, response
from fhir_facade.query import criteria
from fhir_facade.resources import served
from plan.problem import Fault, Path, Problem, Trouble

Perform = Callable[[Asked], Awaitable[Answer]]
_WRITES = frozenset({("T", "POST"), ("T/id", "PUT"), ("T/id", "DELETE")})
_READS = frozenset({"T", "T/id", "T/id/_history", "T/id/_history/v"})


async def bundle(asked: Asked, perform: Perform) -> Answer:
    """Do what a Bundle asks for; `perform` does a single interaction."""
    kind, entries = read(asked.resource, asked.base)
    if kind == "batch":
        said = [await _alone(entry, asked, perform) for entry in entries]
    else:
        said = await _together(entries, asked, perform)
    return Answer(text=response(kind, said))


async def _alone(entry: Entry, asked: Asked, perform: Perform) -> Said:
    """One entry of a batch. Its failure is its own."""
    # A long batch lets other requests in between its entries.
    await asyncio.sleep(0)
    try:
        one = _asked(entry, asked)
        if one.place.shape not in _READS:
            raise Problem(Trouble.NO_METHOD, f"{entry.method} {entry.url[:64]!r} cannot stand in a Bundle.")
        return (await perform(_brief(one))).said()
    except Problem as problem:
        return _failed(placed(problem, ()), asked)


async def _together(entries: Sequence[Entry], asked: Asked, perform: Perform) -> list[Said]:
    """A transaction: all of it is checked before any of it is done."""
    linked(entries, asked.base)
    await _resolve(entries, asked)
    ones = [_checked(entry, asked) for entry in entries]
    writes = [at for at, one in enumerate(ones) if one.method not in ("GET", "HEAD")]
    deeds = []
    for at in writes:
        await asyncio.sleep(0)
        deed = _of_entry(entries[at], lambda at=at: deed_of(ones[at], _resource_of(entries[at])))
        deed.link = entries[at].link
        deeds.append(deed)
    said: dict[int, Said] = {}
    if deeds:
        try:
            outcomes = await asked.desk.write(asked.visit, deeds)
        except Problem as problem:
            at = writes[problem.at or 0]
            raise worded(problem, ones[at], _resource_of(entries[at]), entries[at].where) from None
        assert not isinstance(outcomes, Replayed)  # no key was given
        said = {at: answer(ones[at], one, "minimal").said() for at, one in zip(writes, outcomes, strict=True)}
    for at, one in enumerate(ones):
        if at not in said:
            said[at] = await _read(one, perform)
    return [said[at] for at in range(len(ones))]


async def _read(one: Asked, perform: Perform) -> Said:
    """A read after the writes of its transaction, which stay done whatever it finds."""
    try:
        return (await perform(one)).said()
    except Problem as problem:
        return _failed(problem, one)
