"""The discharge board: everybody who is to leave hospital, in the order of time, and what still holds them back."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import cursors, stays_asked
from api.board import Board, Line
from api.homes import place
from api.rest import asked, said
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.discharge_items import Held, is_short
from plan.discharge_words import named
from plan.kinds import PERSON
from plan.model import AgencyId, Json
from plan.query import Query

SHELF = "/v1/discharges"
TERMS = ("hospital", "estate", "uprn", "agency")
_CURSOR = {"at": int, "id": str}


async def board(request: Request) -> Response:
    """A page of it."""
    visit = await asked.visit_of(request)
    terms = asked.terms(request, *TERMS, "limit", "cursor")
    query = Query(
        type=stays_asked.TYPE,
        conditions=(*stays_asked.conditions(terms), *stays_asked.planned()),
        sort=stays_asked.BY_TIME,
        count=asked.limit(terms),
        after=_after(terms),
    )
    page = await Board.of(asked.desk_of(request)).discharges(visit, query, terms.get("agency", ""))
    following = cursors.made(at=page.after[0], id=page.after[1]) if page.after else None
    return said.view(request, said.items((exact.text(_told(line)) for line in page.lines), following))


def _after(terms: asked.Terms) -> tuple[int | str, ...]:
    """Where the page before ended."""
    if "cursor" not in terms:
        return ()
    found = cursors.read(terms["cursor"], _CURSOR)
    return found["at"], found["id"]


def _told(line: Line) -> dict[str, Json]:
    """One line. What nobody has said is left out."""
    next_ = line.next
    told: dict[str, Any] = {
        "person": line.known.person,
        "name": PERSON.title(dict(line.known.identity)) if line.known.identity else None,
        "stay": line.stay.entry.id,
        "place": place(line.known) or None,
        "hospital": line.stay.hospital,
        "hospital_name": named(line.known, line.stay.hospital),
        "ward": line.stay.ward or None,
        "planned_discharge": line.stay.planned_text,
        "gate": line.gate.state.value,
        "reasons": list(line.gate.reasons),
        "waiting_for": [_waiting(line, who, some) for who, some in line.waiting.items()],
        "next_deadline": None if next_ is None else moment(next_),
        "short_notice": is_short(line.stay),
    }
    return {name: value for name, value in told.items() if value is not None}


def _waiting(line: Line, who: AgencyId, some: Sequence[Held]) -> dict[str, Json]:
    return {"agency": who, "name": named(line.known, who), "items": [_item(one) for one in some]}


def _item(one: Held) -> dict[str, Json]:
    told: dict[str, Json] = {"item": one.code, "title": one.title, "state": one.state.value}
    asked_for: dict[str, Json] = {} if one.entry is None else {"task": one.entry.reference}
    return told | asked_for | ({} if one.due is None else {"due": moment(one.due)})
