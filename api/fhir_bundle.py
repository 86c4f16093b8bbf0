"""Batch and transaction. FHIR R4 http.html 3.1.0.11.

Each entry of a batch walks the way of a request of its own. The writes of a transaction are one call of the desk, all
or nothing, in the order of the specification; its reads come after, and see what was written. An X-Provenance speaks of
every entry that is written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from api.answers import outcome
from api.deeds import Deed
from api.desk import Replayed
from api.fhir_asked import Answer, Asked, place, placed
from api.fhir_headers import provenance_of
from api.fhir_search import parsed
from api.fhir_write import answer, deed_of, worded
from db.store import Page
from fhir_facade.bundle import Entry, Said, conditional, linked, read, response
from fhir_facade.query import criteria
from plan.problem import Fault, Problem, Trouble
from plan.query import Query

Perform = Callable[[Asked], Awaitable[Answer]]
_LOOKS = ("GET", "HEAD")
_CHANGES = ("PUT", "PATCH", "DELETE")
_WRITES = frozenset({("T", "POST"), *((shape, method) for shape in ("T", "T/id") for method in _CHANGES)})
_NO_READS = frozenset({"", "metadata"})
MOST_CONDITIONAL = 200
"""How many different searches the references of a transaction may be."""
_AT_ONCE = 50


async def bundle(asked: Asked, perform: Perform) -> Answer:
    """Do what a Bundle asks for; `perform` does a single interaction."""
    kind, entries = read(asked.resource, asked.base, asked.version.name)
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
            if "x-provenance" in asked.headers:
                one = replace(one, headers={**one.headers, "x-provenance": asked.headers["x-provenance"]})
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
    deeds, provenance = [], provenance_of(asked)
    for entry, one in pairs:
        await asyncio.sleep(0)
        deeds.append(_deed(entry, one))
    if not deeds:
        return []
    try:
        outcomes = await asked.desk.write(asked.visit, deeds, provenance=provenance)
    except Problem as problem:
        if problem.at is None:
            raise
        entry, one = pairs[problem.at]
        raise worded(problem, one, entry.where) from None
    assert not isinstance(outcomes, Replayed)  # no key was given
    return [_said(one, answer(one, came)) for (_, one), came in zip(pairs, outcomes, strict=True)]


async def _seen(entry: Entry, one: Asked, perform: Perform) -> Said:
    """A read after the writes of its transaction, which stay done whatever it finds."""
    try:
        return await _performed(entry, one, perform)
    except Problem as problem:
        return _failed(problem, one)


async def _performed(entry: Entry, one: Asked, perform: Perform) -> Said:
    said = _said(one, await perform(one))
    return replace(said, text="") if entry.method == "HEAD" else said


def _said(one: Asked, came: Answer) -> Said:
    return replace(came.said(), told=one.method != "GET" and one.preferred("return") == "operationoutcome")


def _searched(asked: Asked, type_: str, text: str) -> Query:
    return criteria(asked.version.stored_type(type_) or type_, text, asked.base, asked.version)


async def _resolve(entries: Sequence[Entry], asked: Asked) -> None:
    """Find what conditional references name; exactly one, or the transaction fails. The same is looked up once."""
    asking: dict[tuple[str, str], Query] = {}
    for entry, _, _, type_, text in conditional(entries):
        if (type_, text) not in asking:
            with _at(entry):
                asking[type_, text] = _searched(asked, type_, text)
    if len(asking) > MOST_CONDITIONAL:
        what = f"a transaction has at most {MOST_CONDITIONAL} different conditional references"
        raise Problem(Trouble.TOO_COSTLY, what, (Fault(what, ("Bundle", "entry"), "Send it in parts."),))
    found = await _looked_up(asking, asked)
    for _, where, reference, type_, text in conditional(entries):
        page = found[type_, text]
        if len(page.hits) != 1 or page.after:
            what = f"this conditional reference finds {'more than one' if page.hits else 'no'} {type_}"
            fault = Fault(what, (*where, "reference"), "Refer to exactly one.")
            raise Problem(Trouble.MANY if page.hits else Trouble.UNMATCHED, "", (fault,))
        reference["reference"] = f"{type_}/{page.hits[0].id}"


async def _looked_up(asking: Mapping[tuple[str, str], Query], asked: Asked) -> dict[tuple[str, str], Page]:
    """The page of each search, some at a time: their audit is committed together."""
    found: dict[tuple[str, str], Page] = {}
    waiting = list(asking.items())
    for start in range(0, len(waiting), _AT_ONCE):
        part = waiting[start : start + _AT_ONCE]
        pages = await asyncio.gather(*(asked.desk.search(asked.visit, query) for _, query in part))
        found |= dict(zip((named for named, _ in part), pages, strict=True))
    return found


def _asked(entry: Entry, asked: Asked) -> Asked:
    """The interaction that an entry asks for. Raises NOT_SUPPORTED for one that cannot stand in a Bundle."""
    path, _, query = entry.url.partition("?")
    there = place(path)
    looks = entry.method in _LOOKS
    allowed = there and (there.shape not in _NO_READS if looks else (there.shape, entry.method) in _WRITES)
    if there is None or not allowed:
        what = f"{entry.method} of this address cannot stand in a Bundle"
        mend = "Send what reads or searches by GET, creates by POST, updates by PUT or PATCH, or deletes."
        raise Problem(Trouble.NOT_SUPPORTED, "", (Fault(what, (*entry.where, "request"), mend),))
    # In a Bundle resources come back to who asks for them; a preference of the client's own stands first.
    headers = {**entry.headers, "prefer": f"{asked.headers.get('prefer', '')}, return=minimal"}
    one = replace(
        asked,
        place=there,
        method="GET" if looks else entry.method,
        query=query,
        headers=headers,
        resource=entry.resource,
        inside=(*entry.where, "resource"),
    )
    _ = one.type  # a type that is not served is refused here
    if there.shape == "T" and looks:
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
