"""Batch and transaction. FHIR R4 http.html 3.1.0.11.

Each entry of a batch walks the way of a request of its own. The writes of a transaction are one call of the desk, all
or nothing, in the order of the specification; its reads come after, and see what was written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from api.answers import outcome
from api.deeds import Deed
from api.desk import Replayed
from api.fhir_asked import Answer, Asked, place, placed
from api.fhir_search import parsed
from api.fhir_write import answer, deed_of, worded
from fhir_facade.bundle import Entry, Said, conditional, linked, read, response
from fhir_facade.query import criteria
from plan.problem import Fault, Problem, Trouble

Perform = Callable[[Asked], Awaitable[Answer]]
_LOOKS = ("GET", "HEAD")
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
    # A long Bundle lets other requests in between its entries.
    await asyncio.sleep(0)
    try:
        with _at(entry):
            one = _asked(entry, asked)
        return await _performed(entry, one, perform)
    except Problem as problem:
        return _failed(problem, asked)


async def _together(entries: Sequence[Entry], asked: Asked, perform: Perform) -> list[Said]:
    """A transaction: all of it is checked before any of it is done."""
    linked(entries, asked.base)
    await _resolve(entries, asked)
    ones = []
    for entry in entries:
        with _at(entry):
            ones.append(_asked(entry, asked))
    writes = [at for at, one in enumerate(ones) if one.method != "GET"]
    said = await _written([(entries[at], ones[at]) for at in writes], asked)
    done = dict(zip(writes, said, strict=True))
    return [
        done[at] if at in done else await _seen(entry, one, perform)
        for at, (entry, one) in enumerate(zip(entries, ones, strict=True))
    ]


async def _written(pairs: Sequence[tuple[Entry, Asked]], asked: Asked) -> list[Said]:
    """The writes of a transaction, in one call."""
    deeds = []
    for entry, one in pairs:
        await asyncio.sleep(0)
        deeds.append(_deed(entry, one))
    if not deeds:
        return []
    try:
        outcomes = await asked.desk.write(asked.visit, deeds)
    except Problem as problem:
        if problem.at is None:
            raise
        entry, one = pairs[problem.at]
        raise worded(problem, one, entry.where) from None
    assert not isinstance(outcomes, Replayed)  # no key was given
    return [answer(one, came).said() for (_, one), came in zip(pairs, outcomes, strict=True)]


async def _seen(entry: Entry, one: Asked, perform: Perform) -> Said:
    """A read after the writes of its transaction, which stay done whatever it finds."""
    try:
        return await _performed(entry, one, perform)
    except Problem as problem:
        return _failed(problem, one)


async def _performed(entry: Entry, one: Asked, perform: Perform) -> Said:
    said = (await perform(one)).said()
    return replace(said, text="") if entry.method == "HEAD" else said


async def _resolve(entries: Sequence[Entry], asked: Asked) -> None:
    """Find what conditional references name; exactly one, or the transaction fails."""
    for entry, where, reference, type_, text in conditional(entries):
        with _at(entry):
            page = await asked.desk.search(asked.visit, criteria(type_, text, asked.base))
        if len(page.hits) != 1 or page.after:
            what = f"this conditional reference finds {'more than one' if page.hits else 'no'} {type_}"
            fault = Fault(what, (*where, "reference"), "Refer to exactly one.")
            raise Problem(Trouble.MANY if page.hits else Trouble.UNMATCHED, "", (fault,))
        reference["reference"] = f"{type_}/{page.hits[0].id}"


def _asked(entry: Entry, asked: Asked) -> Asked:
    """The interaction that an entry asks for. Raises NOT_SUPPORTED for one that cannot stand in a Bundle."""
    path, _, query = entry.url.partition("?")
    there = place(path)
    allowed = there and (there.shape in _READS if entry.method in _LOOKS else (there.shape, entry.method) in _WRITES)
    if there is None or not allowed:
        what = f"{entry.method} of this address cannot stand in a Bundle"
        mend = "Send what reads, searches, creates by POST, updates and deletes by id."
        raise Problem(Trouble.NOT_SUPPORTED, "", (Fault(what, (*entry.where, "request"), mend),))
    # In a Bundle resources come back to who asks for them; a preference of the client's own stands first.
    headers = {**entry.headers, "prefer": f"{asked.headers.get('prefer', '')}, return=minimal"}
    one = replace(
        asked,
        place=there,
        method="GET" if entry.method in _LOOKS else entry.method,
        query=query,
        headers=headers,
        resource=entry.resource,
        inside=(*entry.where, "resource"),
    )
    _ = one.type  # a type that is not served is refused here
    if there.shape == "T" and entry.method in _LOOKS:
        parsed(one)
    return one


def _deed(entry: Entry, one: Asked) -> Deed:
    with _at(entry):
        deed = deed_of(one)
    deed.link = entry.link
    return deed


@contextmanager
def _at(entry: Entry) -> Iterator[None]:
    """A problem inside is of this entry, unless it says so itself."""
    try:
        yield
    except Problem as problem:
        if problem.faults and all(fault.where for fault in problem.faults):
            raise
        raise placed(problem, (), entry.where) from None


def _failed(problem: Problem, asked: Asked) -> Said:
    worded = outcome(problem, asked.visit.request)
    return Said(status=worded.status_code, text=bytes(worded.body).decode())
