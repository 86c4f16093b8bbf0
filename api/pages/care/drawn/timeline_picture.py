"""The picture of a timeline: a lane for stays, for what went wrong, for reviews, and for changes of each section."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from api.pages.care.drawn import drawing
from api.pages.care.drawn.drawing import Picture, Scale, Shape
from api.pages.care.drawn.timeline import Mark, day
from api.pages.care.wording import SECTIONS
from plan.known import Known

WIDTH: Final = 960
_LEFT, _RIGHT = 224, 944
_TOP, _LANE = 48, 34
_SHORTEST = 3
"""The least that a stay is wide, so that an hour is seen as well."""
_TALLEST = 24
_LABELS: Final = 13
"""The most months that are named beside each other."""
_FIXED: Final = (("stay", "Hospital stays"), ("failed", "Failed discharges"), ("review", "Reviews"))


def picture(known: Known, marks: Sequence[Mark], since: int, until: int, told: str) -> Picture:
    """The picture of some marks between two moments. `told`: what it shows, in words."""
    lanes = [*_FIXED, *(pair for pair in SECTIONS.items() if any(_in_section(mark, pair[0]) for mark in marks))]
    across = Scale(since, until, _LEFT, _RIGHT)
    height = _TOP + _LANE * len(lanes) + 8
    shapes = [drawing.fillings(), *_months(known, across, height), *_names(lanes)]
    for place, (lane, _) in enumerate(lanes):
        foot = _TOP + _LANE * (place + 1) - 4
        if lane in SECTIONS:
            shapes.append(_changes([mark for mark in marks if _in_section(mark, lane)], across, foot))
        else:
            shapes += _things(known, [mark for mark in marks if _lane(mark) == lane], across, foot)
    now = across(known.now)
    shapes += [drawing.line("care-now", now, 20, now, height), drawing.words("care-strong", now, 15, "now", "middle")]
    return Picture(name="timeline", title="Timeline", told=told, width=WIDTH, height=height, shapes=tuple(shapes))


def _in_section(mark: Mark, section: str) -> bool:
    return mark.what == "changes" and mark.section == section


def _lane(mark: Mark) -> str:
    return "stay" if mark.what == "planned" else mark.what


def _names(lanes: Iterable[tuple[str, str]]) -> Iterator[Shape]:
    for place, (_, name) in enumerate(lanes):
        foot = _TOP + _LANE * (place + 1)
        yield drawing.words("care-word", _LEFT - 12, foot - 10, name, "end")
        yield drawing.line("care-rule", _LEFT, foot, _RIGHT, foot)


def _months(known: Known, across: Scale, height: float) -> Iterator[Shape]:
    """Where each month begins, and the names of as many as have room."""
    first = day(round(across.low), known)
    begins = []
    for count in range(1, 40):
        years, month = divmod(first.month - 1 + count, 12)
        at = datetime(first.year + years, month + 1, 1, tzinfo=UTC).astimezone(known.zone)
        moment = at.timestamp() * 1000
        if moment <= across.high:
            begins.append((moment, at))
    every = max(len(begins) // _LABELS + 1, 1)
    for place, (moment, at) in enumerate(begins):
        yield drawing.line("care-rule", across(moment), _TOP - 6, across(moment), height)
        if place % every == 0:
            name = f"{at:%b}" if at.month > 1 else f"{at:%b %Y}"
            yield drawing.words("care-note", across(moment), _TOP - 10, name, "middle")


def _changes(marks: Sequence[Mark], across: Scale, foot: float) -> Shape:
    """A stroke a day, taller where more was changed."""
    return drawing.ticks("care-tick", [(across(mark.start), foot, min(8 + 3 * mark.count, _TALLEST)) for mark in marks])


def _things(known: Known, marks: Sequence[Mark], across: Scale, foot: float) -> Iterator[Shape]:
    middle = foot - 11
    for mark in marks:
        x = across(mark.start)
        if mark.what == "review":
            yield drawing.diamond("care-review", x, middle, 8)
        elif mark.what == "failed":
            yield drawing.cross("care-failed", x, middle, 8)
        else:
            end = across(mark.end if mark.end is not None else known.now)
            fill = drawing.filled(1 if mark.what == "planned" else 0)
            yield drawing.rect("care-stay", x, middle - 9, max(end - x, _SHORTEST), 18, fill=fill)
