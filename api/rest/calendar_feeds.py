"""Calendars: an address by which somebody's calendar application shows a person's visits, reviews and discharge."""

from starlette.requests import Request
from starlette.responses import Response

from api import door, forms
from api.calendar_feeds import CalendarFeeds
from api.rest import asked, said
from api.rest.ways import PERSON, Way
from api.rest.words import Words
from db.calendar_feeds import CalendarFeed
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.kinds.types import Form
from plan.model import Json

SHELF = f"{PERSON}/calendars"


class Calendar(Form):
    """A calendar that is asked for. `details`: with what each visit is; for the person alone."""

    details: bool


async def create(request: Request) -> Response:
    """A new one, and its address this once."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    forms.checked(Calendar, body, "calendar")
    made = await _desk(request).make(visit, person, details=body["details"] is True, key=door.key_of(request, raw))
    told = shown(made.feed)
    headers = {"Location": f"/v1/people/{person}/calendars/{made.feed.id}"}
    if made.token:
        return said.value(told | {"address": f"{_base(request)}{path(made.token)}"}, said.CREATED, headers)
    return said.value(told, said.CREATED, headers | {"Idempotency-Replayed": "true"})


async def listing(request: Request) -> Response:
    """The caller's own."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    found = await _desk(request).listed(visit, person)
    return said.view(request, said.items(exact.text(shown(one)) for one in found))


async def renew(request: Request) -> Response:
    """Served for another 90 days."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    door.key_of(request, b"")
    return said.value(shown(await _desk(request).renew(visit, person, asked.id_of(request, "calendar"))))


async def end(request: Request) -> Response:
    """Its address leads nowhere from now on."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    door.key_of(request, b"")
    await _desk(request).end(visit, person, asked.id_of(request, "calendar"))
    return Response(None, said.NO_CONTENT)


def path(token: str) -> str:
    """Where a calendar is fetched."""
    return f"/care/calendar/{token}.ics"


def shown(one: CalendarFeed) -> dict[str, Json]:
    """A calendar as its owner sees it, without the address."""
    told: dict[str, Json] = {"id": one.id, "details": one.details}
    told |= {"created": moment(one.created), "expires": moment(one.until)}
    return told | ({"fetched": moment(one.fetched)} if one.fetched else {})


def _desk(request: Request) -> CalendarFeeds:
    service = door.service_of(request)
    return CalendarFeeds.of(service.desk, service.sign_in.kept)


def _base(request: Request) -> str:
    return door.service_of(request).settings.base_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def _words(name: str, summary: str, answer: str = "", **more: object) -> Words:
    return Words(name=name, summary=summary, tag="calendars", answer=answer, **more)  # type: ignore[arg-type]


ROWS: tuple[Way, ...] = (
    Way(
        "POST",
        SHELF,
        create,
        _words(
            "create_calendar", "An address for a calendar", "StoredCalendar", body="Calendar", status=201, keyed=True
        ),
    ),
    Way("GET", SHELF, listing, _words("list_calendars", "The caller's own calendars", "Calendars", known=True)),
    Way(
        "POST",
        f"{SHELF}/{{calendar}}/renew",
        renew,
        _words("renew_calendar", "Serve one for 90 days more", "StoredCalendar", keyed=True),
    ),
    Way("DELETE", f"{SHELF}/{{calendar}}", end, _words("end_calendar", "End one", status=204, keyed=True)),
)
"""Method, address, handler and description."""
