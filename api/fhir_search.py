"""Searching through the FHIR door, by GET and by POST: a type, a person's plan, or everything. FHIR R4 search.html.

Leave is asked again on every page: a `next` link carries where the page begins, and nothing of what may be seen.
"""

from dataclasses import replace
from typing import NoReturn
from urllib.parse import urlencode

from api.fhir_asked import Answer, Asked
from db.searching import Page
from fhir_facade.bundle import Along, searchset
from fhir_facade.query import PAGE, Pairs, Parsed, cursor, pairs_of, parse
from fhir_facade.resources import DIRECTORY, RESOURCES, served
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble

_ANY = "Basic"
"""A type that has nothing but what every type has: what several types together are searched by."""
_CUT = "Not everything that belongs to these entries is here: it is too much. Ask for it by itself."
_NOBODY = PersonId("")


def parsed(asked: Asked) -> Parsed:
    """The search that is asked for; lenient unless the client prefers to be told."""
    return _parsed(asked, asked.type, pairs_of(asked.query))


def _parsed(asked: Asked, type_: str, pairs: Pairs) -> Parsed:
    strict = asked.preferred("handling") == "strict"
    return parse(type_, pairs, asked.base, strict=strict)


async def search(asked: Asked) -> Answer:
    """A page of what matches in one type and may be seen."""
    return await _page(asked, parsed(asked), asked.place.type)


async def search_all(asked: Asked) -> Answer:
    """A page of what matches in several types, or in everything that belongs to people."""
    pairs = pairs_of(asked.query)
    types = _types(asked, pairs) or _every(asked)
    return await _page(asked, _of_several(asked, types, pairs), "")


async def search_plan(asked: Asked) -> Answer:
    """A page of what matches in the plan of one person: in one type, or in all of them (`Patient/1/*`)."""
    if asked.type != "Patient":
        _refuse("only a Patient has a compartment that can be searched here", "Search the type by its parameters.")
    place, whose, pairs = asked.place, PersonId(asked.id), pairs_of(asked.query)
    if place.member == "*":
        types = _types(asked, pairs) or _every(asked)
        found = _of_several(asked, types, pairs)
    else:
        types = (_stored(asked, place.member),)
        found = _parsed(asked, types[0], pairs)
    if DIRECTORY.intersection(types):
        _refuse("the directory belongs to no Patient", "Search the type by itself.")
    return await _page(asked, _within(found, whose), f"Patient/{whose}/{place.member}")


def _within(found: Parsed, whose: PersonId) -> Parsed:
    """The search bound to one person, whose matches can be counted; nobody's where it was bound to others."""
    query = found.query
    bound = whose if not query.persons or whose in query.persons else _NOBODY
    return replace(found, query=replace(query, persons=(bound,), total=query.total or found.wants_total))


def _of_several(asked: Asked, types: tuple[str, ...], pairs: Pairs) -> Parsed:
    """A search of several types, by what every type has."""
    if DIRECTORY.intersection(types) and not DIRECTORY.issuperset(types):
        _refuse("plans and the directory cannot be searched at once", "Search for the types of each by themselves.")
    if len(types) == 1:
        found = _parsed(asked, types[0], [pair for pair in pairs if pair[0] != "_type"])
    else:
        found = _parsed(asked, _ANY, [pair for pair in pairs if pair[0] != "_type"])
        own = [name for name, _ in found.applied if not name.startswith("_")]
        if own:
            _refuse(f"{own[0]!r} is no parameter of every type", "Search by what begins with an underscore.")
    said = [(name, value) for name, value in pairs if name == "_type" and value]
    query = replace(found.query, type="", types=tuple(sorted(types)))
    return replace(found, query=query, applied=(*said, *found.applied))


def _every(asked: Asked) -> tuple[str, ...]:
    """The types of plans that the version that is spoken can show."""
    return tuple(type_ for type_ in RESOURCES if type_ not in DIRECTORY and asked.version.shown_type(type_))


def _types(asked: Asked, pairs: Pairs) -> tuple[str, ...]:
    """The types that `_type` names."""
    said = [value for name, value in pairs if name == "_type" and value]
    return tuple(dict.fromkeys(_stored(asked, name) for value in said for name in value.split(",") if name.strip()))


def _stored(asked: Asked, name: str) -> str:
    """The stored name of a type of the version that is spoken. Raises BAD_VALUE for one that is not served."""
    try:
        return served(asked.version.stored_type(name.strip()) or name.strip()).type
    except Problem:
        what = f"{name.strip()[:64]!r} is no type that is served"
        raise Problem(Trouble.BAD_VALUE, "", (Fault(what, mend="/metadata lists the types."),)) from None


async def _page(asked: Asked, found: Parsed, path: str) -> Answer:
    page = await asked.desk.search(asked.visit, found.query)
    address = f"{asked.base}/{path}".removesuffix("/")
    applied = list(found.applied)
    next_ = _address(address, [*applied, (PAGE, cursor(page.after))]) if page.after else ""
    return Answer(text=_bundle(asked, found, page, _address(address, applied), next_))


def _bundle(asked: Asked, found: Parsed, page: Page, self_: str, next_: str) -> bytes:
    hits, included = ([(hit.type, hit.id, hit.text) for hit in some] for some in (page.hits, page.included))
    total = page.total if found.wants_total else None
    along = Along(included=included, warning=_CUT if page.cut else "")
    return searchset(total, self_, next_, asked.base, asked.version, hits, along=along)


def _address(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address


def _refuse(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.NOT_SUPPORTED, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
