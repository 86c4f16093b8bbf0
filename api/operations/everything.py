"""$everything: all of a person, of everybody the caller works with, or of a stay, page by page.

Source: FHIR R4 OperationDefinition Patient-everything and Encounter-everything. Of the people everything that the
permit shows is a match; what the directory says of whatever these refer to comes along on the same page, included.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from api import cursors
from api.desk_operations import PEOPLE, Operations
from api.fhir_asked import Answer, Asked
from api.operations.sent import said
from db.everything import Wanted
from db.store import Hit
from fhir_facade import found, parameters
from fhir_facade.drafts import moment
from fhir_facade.parameters import In, Said
from fhir_facade.query import MOST_COUNT, PAGE
from fhir_facade.resources import RESOURCES
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble

_OF_STAY = (In("_since", "instant"), In("_type", "code", many=True), In("_count", "integer"), In(PAGE, "code"))
TAKES = (In("start", "date"), In("end", "date"), *_OF_STAY)
_INCLUDED = {"mode": "include"}


async def of_person(asked: Asked) -> Answer:
    """Everything of one person. Raises NOT_FOUND for one who is not there for this caller."""
    told = said(asked, TAKES)
    desk = Operations.of(asked.desk)
    stored = await desk.read(asked.visit, "Patient", asked.id)
    page, more = await desk.everything(asked.visit, _wanted(asked, told, (stored.person,)))
    return await _answer(asked, desk, told, page, _place(page[-1]) if more else None)


async def of_stay(asked: Asked) -> Answer:
    """An Encounter, its Patient and what refers to it."""
    told = said(asked, _OF_STAY)
    desk = Operations.of(asked.desk)
    stored = await desk.read(asked.visit, "Encounter", asked.id)
    wanted = replace(_wanted(asked, told, (stored.person,)), about=stored.id)
    page, more = await desk.everything(asked.visit, wanted, "Encounter")
    return await _answer(asked, desk, told, page, _place(page[-1]) if more else None)


async def of_people(asked: Asked) -> Answer:
    """Everything of everybody whom the caller works with, a few people a page."""
    told = said(asked, TAKES)
    desk = Operations.of(asked.desk)
    after = _after(told)
    people = await desk.people(asked.visit, after[0] if after else "")
    page: Sequence[Hit] = ()
    more = False
    if people:
        page, more = await desk.everything(asked.visit, _wanted(asked, told, tuple(people[:PEOPLE])))
    ended = _place(page[-1]) if more else (people[PEOPLE], "") if len(people) > PEOPLE else None
    return await _answer(asked, desk, told, page, ended)


def _wanted(asked: Asked, told: Said, persons: tuple[PersonId, ...]) -> Wanted:
    start, end, since = (parameters.one(told, name) for name in ("start", "end", "_since"))
    return Wanted(
        persons=persons,
        types=tuple(types_of(asked, told)),
        since=since[1] if since else None,
        start=start[0] if start else None,
        end=end[1] if end else None,
        after=_after(told),
        count=min(parameters.one(told, "_count", MOST_COUNT), MOST_COUNT),
    )


def types_of(asked: Asked, told: Said) -> list[str]:
    """The stored types that `_type` names. Raises NOT_SUPPORTED for one that is not served."""
    names = [name.strip() for text in told.get("_type", ()) for name in text.split(",") if name.strip()]
    stored = {name: asked.version.stored_type(name) or "" for name in names}
    for name, type_ in stored.items():
        if type_ not in RESOURCES:
            what = f"{name[:64]!r} in _type is no resource type that is served here"
            mend = "The CapabilityStatement at /metadata lists the types."
            raise Problem(Trouble.NOT_SUPPORTED, what, (Fault(what, ("_type",), mend),))
    return list(dict.fromkeys(stored.values()))


def _after(told: Said) -> tuple[str, str] | None:
    text = parameters.one(told, PAGE)
    if text is None:
        return None
    read = cursors.read(text, {"person": str, "entry": str})
    return read["person"], read["entry"]


def _place(hit: Hit) -> tuple[str, str]:
    return hit.person, hit.id


async def _answer(
    asked: Asked, desk: Operations, told: Said, page: Sequence[Hit], ended: tuple[str, str] | None
) -> Answer:
    types = types_of(asked, told)
    listed = await desk.supporting(asked.visit, [hit.text for hit in page])
    shown = [hit for hit in page if asked.version.shown_type(hit.type)]
    beside = [hit for hit in listed if asked.version.shown_type(hit.type) and (not types or hit.type in types)]
    pairs = _pairs(told)
    address = "/".join(filter(None, (asked.base, asked.place.type, asked.place.id, "$everything")))
    next_ = ""
    if ended:
        cursor = cursors.made(person=ended[0], entry=ended[1])
        next_ = f"{address}?{urlencode([*pairs, (PAGE, cursor)])}"
    whole = not ended and PAGE not in told and asked.place.id
    text = found.searchset(
        [*(_found(hit) for hit in shown), *(_found(hit, _INCLUDED) for hit in beside)],
        asked.base,
        asked.version,
        self_=f"{address}?{urlencode(pairs)}" if pairs else address,
        next_=next_,
        total=len(shown) if whole else None,
    )
    return Answer(text=text)


def _found(hit: Hit, search: dict[str, str] | None = None) -> found.Found:
    return found.Found(type=hit.type, id=hit.id, text=hit.text, search=search or {"mode": "match"})


def _pairs(told: Said) -> list[tuple[str, Any]]:
    """What was asked for, as it stands in an address."""
    pairs: list[tuple[str, Any]] = []
    for name, values in told.items():
        for value in values:
            if name in ("start", "end", "_since"):
                pairs.append((name, moment(value[1 if name != "start" else 0])))
            elif name != PAGE:
                pairs.append((name, value))
    return pairs
