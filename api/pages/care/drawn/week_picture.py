"""The picture of a week: a column a day, time downwards, a block a visit with its agency's letter and filling."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from string import ascii_uppercase
from typing import Final

from api.pages.care.drawn import drawing
from api.pages.care.drawn.drawing import Picture, Scale, Shape
from api.pages.care.drawn.week import DAYS, Away, Coming, Home, Week

_LEFT, _DAY, _TOP, _HOUR = 52, 132, 40, 40
WIDTH: Final = _LEFT + DAYS * _DAY + 4
_MORNING, _EVENING = 7, 21
"""The hours that are shown in any case."""
_SHORT: Final = timedelta(minutes=27)
"""As long as this a visit is drawn at least, so that its letter has room."""
_STRIPE: Final = 12
_LEGEND: Final = 26


def picture(week: Week, told: str) -> Picture:
    """The picture of a week. `told`: what it shows, in words."""
    low, high = _hours(week)
    down = Scale(low, high, _TOP, _TOP + _HOUR * (high - low))
    letters = {agency: _letter(place) for place, (agency, _) in enumerate(week.agencies)}
    shapes = [drawing.fillings(), *_grid(week, low, high, down)]
    for away in week.away:
        shapes += _in_hospital(week, away, down)
    for count in range(DAYS):
        shapes += _day(week, count, down, letters)
    for home in week.home:
        shapes += _at_home(week, home, down)
    shapes += _legend(week, letters, down.end)
    height = round(down.end) + 12 + _LEGEND * len(week.agencies)
    return Picture(name="week", title="The week", told=told, width=WIDTH, height=height, shapes=tuple(shapes))


def _letter(place: int) -> str:
    """A, B, ... Z, A2, ..."""
    round_, letter = divmod(place, len(ascii_uppercase))
    return f"{ascii_uppercase[letter]}{round_ + 1 if round_ else ''}"


def _hours(week: Week) -> tuple[int, int]:
    starts = [one.call.start.hour for one in week.coming]
    ends = [_end(one).hour + 1 if _end(one).date() == one.call.start.date() else 24 for one in week.coming]
    return min([_MORNING, *starts]), min(max([_EVENING, *ends]), 24)


def _end(one: Coming) -> datetime:
    return max(one.call.end, one.call.start + _SHORT)


def _column(week: Week, at: datetime) -> int:
    return (at.date() - week.monday).days


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60


def _grid(week: Week, low: int, high: int, down: Scale) -> Iterator[Shape]:
    for count in range(DAYS):
        x = _LEFT + count * _DAY
        day = week.monday + timedelta(days=count)
        yield drawing.words("care-strong", x + _DAY / 2, 22, f"{day:%a} {day.day} {day:%b}", "middle")
        yield drawing.line("care-rule", x, _TOP - 6, x, down.end)
    for hour in range(low, high + 1):
        yield drawing.line("care-rule", _LEFT, down(hour), WIDTH - 4, down(hour))
        yield drawing.words("care-note", _LEFT - 8, down(hour) + 4, f"{hour:02}:00", "end")


def _in_hospital(week: Week, away: Away, down: Scale) -> Iterator[Shape]:
    for count in range(DAYS):
        begin = datetime.combine(week.monday + timedelta(days=count), datetime.min.time())
        start, end = max(away.start, begin), min(away.end, begin + timedelta(days=1))
        if start < end:
            top = down(_hour(start))
            foot = down(24 if end.date() > start.date() else _hour(end))
            if top < foot:
                x = _LEFT + count * _DAY
                yield drawing.rect("care-away", x + 1, top, _DAY - 2, foot - top, fill=drawing.filled(1))
                yield drawing.rect("care-label", x + 20, top + 4, _DAY - 40, 20)
                yield drawing.words("care-note", x + _DAY / 2, top + 18, "In hospital", "middle")


def _day(week: Week, count: int, down: Scale, letters: Mapping[str, str]) -> Iterator[Shape]:
    """The visits of a day; those that are there together stand beside each other."""
    coming = [one for one in week.coming if _column(week, one.call.start) == count]
    for group in _groups(coming):
        lanes: list[datetime] = []
        placed = []
        for one in group:
            free = next((place for place, end in enumerate(lanes) if end <= one.call.start), len(lanes))
            lanes[free : free + 1] = [_end(one)]
            placed.append((free, one))
        for lane, one in placed:
            yield from _block(one, _LEFT + count * _DAY + 3, (_DAY - 6) / len(lanes), lane, down, letters)


def _groups(coming: list[Coming]) -> Iterator[list[Coming]]:
    """Visits that are there together, directly or by one between them."""
    group: list[Coming] = []
    for one in coming:
        if group and one.call.start >= max(_end(other) for other in group):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _block(
    one: Coming, left: float, width: float, lane: int, down: Scale, letters: Mapping[str, str]
) -> Iterator[Shape]:
    x, start, end = left + lane * width, one.call.start, _end(one)
    top, foot = down(_hour(start)), down(24 if end.date() > start.date() else _hour(end))
    letter = letters[one.agency]
    kind = "care-clash" if one.meets else "care-paused" if one.paused else "care-visit"
    yield drawing.rect(kind, x, top, width - 3, foot - top)
    fill = drawing.filled(list(letters).index(one.agency))
    yield drawing.rect("care-stripe", x, top, _STRIPE, foot - top, fill=fill)
    yield drawing.words("care-strong", x + _STRIPE + 4, top + 14, f"{letter}{' !' if one.meets else ''}")
    if width > _DAY / 2:
        said = "paused" if one.paused else "joint" if one.joint else f"{start:%H:%M}"
        yield drawing.words("care-note", x + width - 8, top + 14, said, "end")


def _at_home(week: Week, home: Home, down: Scale) -> Iterator[Shape]:
    x = _LEFT + _column(week, home.at) * _DAY
    y = down(_hour(home.at)) if home.timed else _TOP
    said = f"Home {'planned ' if home.planned else ''}{home.at:%H:%M}" if home.timed else "Home planned"
    yield drawing.line("care-home", x, y, x + _DAY, y)
    yield drawing.rect("care-label", x + 2, y - 20, _DAY - 4, 19)
    yield drawing.words("care-note", x + _DAY / 2, y - 6, said if home.planned or home.timed else "Home", "middle")


def _legend(week: Week, letters: Mapping[str, str], foot: float) -> Iterator[Shape]:
    for place, (agency, name) in enumerate(week.agencies):
        y = foot + 14 + place * _LEGEND
        yield drawing.rect("care-stripe", _LEFT, y, 18, 18, fill=drawing.filled(place))
        yield drawing.words("care-word", _LEFT + 26, y + 14, f"{letters[agency]}  {name}")
