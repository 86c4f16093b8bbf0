"""The page of a week: the picture, the clashes in words, and a table of the visits with a link to each service."""

import re
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from starlette.responses import Response

from api.pages.care.addresses import of_entry
from api.pages.care.asking_for import bad
from api.pages.care.drawn import week_picture
from api.pages.care.drawn.week import Week, monday_of, week
from api.pages.care.reader import Reader

_WEEK: Final = re.compile(r"((?:19|20|21)\d{2})-W(\d{2})", re.ASCII)


async def show(reader: Reader) -> Response:
    """The visits of a week, this one when none is named. Raises NOT_FOUND, BAD_VALUE."""
    said = reader.request.query_params.get("week", "")
    monday = _monday(said) if said else None
    known = await reader.known()
    this = monday_of(known.now, known)
    found = week(known, reader.wording(known), monday or this)
    picture = week_picture.picture(found, _told(found)) if found.coming or found.away or found.home else None
    return reader.page(
        "care/week.html",
        known,
        week=found,
        picture=picture,
        before=named(found.monday - timedelta(days=7)),
        after=named(found.monday + timedelta(days=7)),
        this=found.monday == this,
        title=_title(found),
        wall=_wall,
        wall_day=_wall_day,
        links_to=partial(of_entry, known),
    )


def named(monday: date) -> str:
    """How an address names the week of a Monday (ISO 8601): 2026-W48."""
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"


def _monday(said: str) -> date:
    found = _WEEK.fullmatch(said)
    try:
        if found:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass
    raise bad("there is no such week", "Write a week as 2026-W48.")


def _title(found: Week) -> str:
    last = found.monday + timedelta(days=6)
    return f"{found.monday.day} {found.monday:%B} to {last.day} {last:%B %Y}"


def _wall_day(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B}"


def _wall(at: datetime) -> str:
    return f"{_wall_day(at)}, {at:%H:%M}"


def _told(found: Week) -> str:
    who = ", ".join(name for _, name in found.agencies) or "nobody"
    clashes = len(found.clashes)
    said = "no two of them clash"
    if clashes:
        said = f"{clashes} times two of them meet that are not marked as joint"
    return f"{len(found.coming)} visits by {who}; {said}. The table below has the same with links."
