"""Versions: how an entry came to be as it is, what differs between two of them, or between two moments of a plan."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import cursors, forms
from api.deeds import Visit
from api.rest import asked, said
from api.rest.asked import Spot
from api.rest.entries import at_spot
from fhir_facade import exact
from fhir_facade.drafts import fields_of, moment
from plan.diff import differences, pointer
from plan.model import Json, Stored
from plan.problem import Problem, Trouble

_BEFORE = {"before": int}
_ALWAYS_OTHER = ("version", "updated")
"""What differs between any two versions."""


async def listing(request: Request) -> Response:
    """The versions of an entry, newest first, each with who wrote it."""
    visit, spot, id_ = await asked.visit_of(request), asked.spot_of(request), asked.entry_of(request)
    terms = asked.terms(request, "limit", "cursor")
    count = asked.limit(terms)
    before = cursors.read(terms["cursor"], _BEFORE)["before"] if "cursor" in terms else None
    if before is not None and before >= forms.MOST_VERSIONS:
        raise Problem(Trouble.BAD_VALUE, "The cursor is none that was given out.")
    type_ = await _type(request, visit, spot)
    found = await asked.desk_of(request).history(visit, type_, id_, "body", before=before, count=count)
    shown = found[:count]
    for one in shown[:1]:
        _of_spot(spot, one, anywhere=before is not None)
    following = cursors.made(before=shown[-1].version) if len(found) > count else None
    return said.view(request, said.items(map(_version, shown), following))


async def one(request: Request) -> Response:
    """One version of an entry, as it was stored."""
    visit, spot = await asked.visit_of(request), asked.spot_of(request)
    asked.terms(request)
    stored = await _read(request, visit, spot, asked.number_of(request, "version"))
    return said.entry(request, stored)


async def difference(request: Request) -> Response:
    """What differs between two versions of an entry, field by field."""
    visit, spot = await asked.visit_of(request), asked.spot_of(request)
    terms = asked.terms(request, "from", "to")
    numbers = [asked.version_named(asked.needed(terms, name), name) for name in ("from", "to")]
    was, now = [await _read(request, visit, spot, number) for number in numbers]
    changed = _differences(fields_of(exact.stored(was.body)), fields_of(exact.stored(now.body)))
    return said.value({"entry": now.id, "from": was.version, "to": now.version, "differences": changed})


async def between(request: Request) -> Response:
    """What differs between a plan at two moments: entries that came, went and changed."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    terms = asked.terms(request, "from", "to")
    start = asked.since(asked.needed(terms, "from"), "from")[0]
    end = asked.since(terms["to"], "to")[0] if "to" in terms else None
    desk = asked.desk_of(request)
    now = {one.id: one for one in await desk.plan(visit, person, end)}
    try:
        was = {one.id: one for one in await desk.plan(visit, person, start)}
    except Problem as problem:
        if problem.trouble is not Trouble.NOT_FOUND:
            raise
        was = {}
    same = now.keys() & was.keys()
    told = {
        "from": moment(start),
        "to": moment(desk.store.clock() if end is None else end),
        "added": [exact.stored(now[id_].body) for id_ in now if id_ not in same],
        "removed": [exact.stored(was[id_].body) for id_ in was if id_ not in same],
        "changed": [
            _changed(was[id_], now[id_]) for id_ in now if id_ in same and was[id_].version != now[id_].version
        ],
    }
    return said.value(told)


def _changed(was: Stored, now: Stored) -> dict[str, Json]:
    before, after = (_without(exact.stored(one.body)) for one in (was, now))
    return {
        "entry": now.id,
        "kind": now.kind,
        "section": now.section.value,
        "from": was.version,
        "to": now.version,
        "differences": _differences(before, after),
    }


def _without(body: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in body.items() if name not in _ALWAYS_OTHER}


def _differences(was: Json, now: Json) -> list[dict[str, Json]]:
    return [{"pointer": pointer(one.where), "was": one.was, "now": one.now} for one in differences(was, now)]


def _version(stored: Stored) -> str:
    by = {"subject": stored.by_subject, "role": stored.by_role, "agency": stored.by_agency}
    told: dict[str, Any] = {"version": stored.version, "at": moment(stored.at), "by": by, "deleted": stored.deleted}
    told |= {"why": stored.reason} if stored.reason else {}
    return f'{exact.text(told)[:-1]},"entry":{stored.body or "null"}}}'


async def _read(request: Request, visit: Visit, spot: Spot, number: int) -> Stored:
    type_ = await _type(request, visit, spot)
    found = await asked.desk_of(request).version(visit, type_, asked.entry_of(request), number, "body")
    return _of_spot(spot, found, anywhere=True)


async def _type(request: Request, visit: Visit, spot: Spot) -> str:
    """The FHIR type of an entry; a record must be asked for its own."""
    if spot.type:
        return spot.type
    stored = await asked.desk_of(request).entry(visit, spot.person, spot.kind, asked.entry_of(request))
    return at_spot(spot, stored).type


def _of_spot(spot: Spot, stored: Stored, *, anywhere: bool) -> Stored:
    """A version of an entry of this plan; an older one may have stood in another section."""
    return at_spot(Spot(spot.person, None, spot.kind) if anywhere else spot, stored)
