"""The page of the timeline: the picture, and a table of the same with a link to each entry."""

from typing import Final

from starlette.responses import Response

from api.pages.care.asking_for import chosen, page_of
from api.pages.care.drawn import timeline, timeline_picture
from api.pages.care.drawn.timeline import Mark
from api.pages.care.reader import Reader
from plan.known import Known
from plan.rules.spans import DAY, days_on

MONTHS: Final = ("3", "12", "36")
"""How far back one may look, the second when nobody says."""
_DAYS = 31
MOST_CHANGES: Final = 5000
"""The most changes that are read for one picture; when there are more, the page says so."""
ROWS: Final = 40
_AHEAD: Final = 31
"""Days ahead of now at most, where something is planned."""


async def show(reader: Reader) -> Response:
    """The timeline of a person. Raises NOT_FOUND, BAD_VALUE."""
    months = chosen(reader, "months", MONTHS, "12")
    known = await reader.known()
    since = days_on(known.now, -_days(int(months)), known)
    changes = await reader.desk.changes(reader.visit, known.person, since, MOST_CHANGES)
    words = reader.wording(known)
    marks = timeline.marks(known, words, changes[:MOST_CHANGES], since)
    picture = timeline_picture.picture(known, marks, since, _until(known, marks), _told(marks, words.day(since)))
    return reader.page(
        "care/timeline.html",
        known,
        picture=picture,
        months=months,
        choices=MONTHS,
        cut=len(changes) > MOST_CHANGES,
        page=page_of(reader, marks, ROWS),
    )


def _days(months: int) -> int:
    return round(months * 365.25 / 12)


def _until(known: Known, marks: list[Mark]) -> int:
    """The end of the picture: now, or a little on where something is planned."""
    planned = [mark.end for mark in marks if mark.end is not None and mark.end > known.now]
    return min(max([known.now + DAY, *planned]), known.now + _AHEAD * DAY)


def _told(marks: list[Mark], since: str) -> str:
    counted = {name: sum(mark.count for mark in marks if mark.what == what) for what, name in timeline.KINDS.items()}
    said = [f"{name.lower()}: {count}" for name, count in counted.items() if count]
    return f"From {since} until now. {'; '.join(said) or 'nothing happened'}. The table below has the same with links."
