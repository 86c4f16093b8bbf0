"""Who looked: the access log of a person in plain words, for the person and for whoever checks it."""

from datetime import datetime, timedelta

from starlette.responses import Response

from api.pages.care.forms import Form
from api.pages.care.mine.log import by_day, looks
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import plain
from plan.known import LONDON
from plan.model import Role
from plan.override import BREAK_THE_GLASS

_FILTERS = ("from-day", "from-month", "from-year", "to-day", "to-month", "to-year", "emergency")


async def show(reader: Reader) -> Response:
    """A page of the log, the newest first: between two days, of emergencies alone, where that is asked for."""
    said = reader.request.query_params
    form = Form(sent={name: said.getlist(name) for name in said})
    query = {"limit": "100"} | ({"cursor": said["cursor"]} if "cursor" in said else {})
    query |= _days(form) | ({"purpose": BREAK_THE_GLASS} if form.text("emergency") else {})
    known = None if reader.role is Role.AUDITOR else await reader.known()
    path = f"/v1/people/{reader.person}/access-log"
    log = {"items": []} if form.faults else (await reader.ask("GET", path, query=query)).body
    # An auditor sees nothing of the plan, and so not whose it is.
    words = reader.wording(known) if known else plain(reader.now)
    return reader.page(
        "care/looked.html",
        known,
        form=form,
        days=by_day(looks(log["items"], mine=reader.role is Role.PERSON), words.day),
        earlier=_earlier(form, str(log["next"])) if "next" in log else {},
        narrowed=any(form.text(name) for name in _FILTERS),
        words=words,
        mine=reader.role is Role.PERSON,
    )


def _days(form: Form) -> dict[str, str]:
    """The first moment of the one day and the last of the other, with their zone."""
    since, until = form.date("from"), form.date("to")
    if since and until and until < since:
        form.fault("to", "The last day is before the first day.")
    found = {"from": _begins(since)} if since else {}
    return found | ({"to": _begins(until, days=1)} if until else {})


def _begins(day: str, days: int = 0) -> str:
    start = datetime.fromisoformat(day).replace(tzinfo=LONDON) + timedelta(days=days)
    return (start - timedelta(milliseconds=bool(days))).isoformat(timespec="milliseconds")


def _earlier(form: Form, cursor: str) -> dict[str, str]:
    """The query of the page that follows: the same filters, from there on."""
    return {name: form.text(name) for name in _FILTERS if form.text(name)} | {"cursor": cursor}


WAYS = (Way("/people/{person}/looked", show),)
