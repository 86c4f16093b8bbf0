"""Searching through the FHIR door, by GET and by POST: a type, a person's plan, or everything. FHIR R4 search.html.

Leave is asked again on every page: a `next` link carries where the page begins, and nothing of what may be seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NoReturn
from urllib.parse import urlencode

from api.fhir_asked import Answer, Asked
from db.searching import Page
from fhir_facade.bundle import Along, searchset
from fhir_facade.query import PAGE, Parsed, cursor, pairs_of, parse
from fhir_facade.resources import DIRECTORY, RESOURCES
from fhir_facade.subset import subset
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble

_CUT = "Not everything that belongs to these entries is here: it is too much. Ask for it by itself."
_NOBODY = PersonId("")


def parsed(asked: Asked) -> Parsed:
    """The search of one type that is asked for; lenient unless the client prefers to be told."""
    return _parsed(asked, asked.type)


def _parsed(asked: Asked, type_: str, types: Sequence[str] = ()) -> Parsed:
    strict, version = asked.preferred("handling") == "strict", asked.version
    return parse(type_, pairs_of(asked.query), asked.base, strict=strict, version=version, types=types)


async def search(asked: Asked) -> Answer:
    """A page of what matches in one type and may be seen."""
    return await _page(asked, parsed(asked), asked.place.type)


async def search_all(asked: Asked) -> Answer:
    """A page of what matches in several types, or in everything that belongs to people."""
    return await _page(asked, _of_several(asked), "")


async def search_plan(asked: Asked) -> Answer:
    """A page of what matches in the plan of one person: in one type, or in all of them (`Patient/1/*`)."""
    if asked.type != "Patient":
        _refuse("only a Patient has a compartment that can be searched here", "Search the type by its parameters.")
    place, whose = asked.place, PersonId(asked.id)
    found = _of_several(asked) if place.member == "*" else _parsed(asked, asked.version.served(place.member).type)
    if DIRECTORY.intersection((found.query.type, *found.query.types)):
        _refuse("the directory belongs to no Patient", "Search the type by itself.")
    return await _page(asked, _within(found, whose), f"Patient/{whose}/{place.member}")


def _within(found: Parsed, whose: PersonId) -> Parsed:
    """The search bound to one person, whose matches can be counted; nobody's where it was bound to others."""
    query = found.query
    bound = whose if not query.persons or whose in query.persons else _NOBODY
    return replace(found, query=replace(query, persons=(bound,), total=query.total or found.wants_total))


def _of_several(asked: Asked) -> Parsed:
    """A search of the types that `_type` names, or of all that belong to people, by what every one of them has."""
    named = [value for name, value in pairs_of(asked.query) if name == "_type" and value.strip()]
    if len(named) == 1 and asked.version.stored_type(named[0].strip()) in RESOURCES:
        return _of_one(asked, named[0].strip())
    found = _parsed(asked, "", () if named else [type_ for type_ in RESOURCES if type_ not in DIRECTORY])
    types = found.query.types
    if DIRECTORY.intersection(types) and not DIRECTORY.issuperset(types):
        _refuse("plans and the directory cannot be searched at once", "Search for the types of each by themselves.")
    return found


def _of_one(asked: Asked, name: str) -> Parsed:
    """`_type` names one type alone: the search is one of that type, with all its parameters."""
    rest = urlencode([pair for pair in pairs_of(asked.query) if pair[0] != "_type"])
    found = _parsed(replace(asked, query=rest), asked.version.served(name).type)
    return replace(found, applied=(("_type", name), *found.applied))


async def _page(asked: Asked, found: Parsed, path: str) -> Answer:
    page = await asked.desk.search(asked.visit, found.query)
    address = f"{asked.base}/{path}".removesuffix("/")
    applied = list(found.applied)
    next_ = _address(address, [*applied, (PAGE, cursor(page.after))]) if page.after else ""
    return Answer(text=_bundle(asked, found, page, _address(address, applied), next_))


def _bundle(asked: Asked, found: Parsed, page: Page, self_: str, next_: str) -> bytes:
    hits, included = ([(hit.type, hit.id, hit.text) for hit in some] for some in (page.hits, page.included))
    total = page.total if found.wants_total else None
    along = Along(included=included, warning=_CUT if page.cut else "", part=_part(asked, found))
    return searchset(total, self_, next_, asked.base, asked.version, hits, along=along)


def _part(asked: Asked, found: Parsed) -> Callable[[str, str], str] | None:
    """What cuts a resource down to what was asked for; None where all of it was."""
    if not found.summary and not found.elements:
        return None
    version = asked.version.name
    return lambda type_, text: subset(text, type_, version, found.summary, found.elements)


def _address(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address


def _refuse(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.NOT_SUPPORTED, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
