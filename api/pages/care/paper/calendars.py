"""A person's calendar in one's own: what it shows, the addresses that somebody has, and the file that they lead to.

An address is shown once, when it is made. Whoever has it sees when the person is visited, so the page says so.
"""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.calendar_feeds import DAYS, CalendarFeeds
from api.calendar_file import MEDIA
from api.pages.care.forms import Form
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from plan.model import Role
from plan.problem import Problem

SAID = {"end": "The address leads nowhere any more.", "renew": f"The calendar is served for another {DAYS} days."}


async def show(reader: Reader) -> Response:
    """The page."""
    return await _shown(reader, Form(values={"details": "no"}))


async def send(reader: Reader, form: Form) -> Response:
    """Make an address, renew it or end it."""
    does, _, id_ = form.text("does").partition(" ")
    shelf = f"/v1/people/{reader.person}/calendars"
    try:
        if does == "make":
            details = form.text("details") == "yes"
            made = (await reader.ask("POST", shelf, {"details": details}, key=form.key)).body
            return await _shown(reader, form, made)
        if does in SAID:
            end = does == "end"
            path = f"{shelf}/{id_}" if end else f"{shelf}/{id_}/renew"
            await reader.ask("DELETE" if end else "POST", path, key=form.key)
            return reader.go(reader.request.url.path, SAID[does])
    except Problem as problem:
        form.blame(problem)
    else:
        form.fault("form", "Choose what to do, and send it again.")
    return await _shown(reader, form)


async def _shown(reader: Reader, form: Form, made: dict[str, Any] | None = None) -> Response:
    known = await reader.known()
    listed = (await reader.ask("GET", f"/v1/people/{reader.person}/calendars")).body["items"]
    told: dict[str, Any] = {"feeds": listed, "made": made, "days": DAYS, "own": reader.role is Role.PERSON}
    if made and "address" in made:
        told["address"] = f"{reader.turn.origin}{urlsplit(made['address']).path}"
    return reader.page("care/calendar.html", known, form=form, **told)


async def file(request: Request) -> Response:
    """The calendar of an address. Raises NOT_FOUND for whatever is none, and for what is over."""
    service = door.service_of(request)
    desk = CalendarFeeds.of(service.desk, service.sign_in.kept)
    visit, feed = await desk.visitor(str(request.path_params["token"]), request.scope["request_id"])
    request.scope["visit"] = visit
    raw = await desk.file(visit, feed)
    return Response(raw, headers={"Content-Disposition": 'inline; filename="care.ics"'}, media_type=MEDIA)


WAYS: tuple[Way, ...] = (Way("/people/{person}/calendar", show, send),)
