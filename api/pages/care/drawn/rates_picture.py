"""The pictures of a measure: a dot with its interval a row, and curves of who still waits after so many hours."""

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import Final

from api.pages.care.drawn import drawing
from api.pages.care.drawn.drawing import Picture, Scale, Shape
from api.pages.care.drawn.rates import FEW, Rate, top
from plan.outcomes import TIMES

WIDTH: Final = 960
_LEFT, _RIGHT, _TOP, _ROW = 400, 860, 34, 30
_LONGEST: Final = 50
"""Characters of a name that have room beside the dots."""
_MARKS: Final = 5
MOST_CURVES: Final = 6
_FLOOR, _CEILING, _WALL, _END = 320, 30, 70, 800
_LEGEND: Final = 24
_LETTER: Final = 14


def dots(title: str, rows: Sequence[Rate], told: str) -> Picture:
    """A row a rate: the dot where it is, the whisker from end to end of its interval."""
    most = top(rows)
    across = Scale(0, float(most), _LEFT, _RIGHT)
    height = _TOP + _ROW * len(rows) + 10
    shapes = []
    for mark in range(_MARKS + 1):
        value = most * mark / _MARKS
        x = across(float(value))
        shapes.append(drawing.line("care-rule", x, _TOP - 8, x, height - 6))
        shapes.append(drawing.words("care-note", x, _TOP - 14, rows[0].said(value) if rows else "", "middle"))
    for place, row in enumerate(rows):
        shapes += _dot(row, _TOP + _ROW * place + _ROW / 2, across)
    return Picture(name="rates", title=title, told=told, width=WIDTH, height=height, shapes=tuple(shapes))


def _dot(row: Rate, y: float, across: Scale) -> Iterator[Shape]:
    yield drawing.words("care-word", _LEFT - 16, y + 5, cut(row.name), "end")
    if row.suppressed or row.value is None:
        yield drawing.words("care-note", _LEFT + 8, y + 5, FEW if row.suppressed else "None")
        return
    if row.low is not None and row.high is not None:
        low, high = across(float(row.low)), across(float(row.high))
        yield drawing.line("care-whisker", low, y, high, y)
        for end in (low, high):
            yield drawing.line("care-whisker", end, y - 6, end, y + 6)
    yield drawing.dot("care-dot", across(float(row.value)), y, 6)
    yield drawing.words("care-strong", _RIGHT + 16, y + 5, row.shown)


def cut(name: str) -> str:
    """A name with no more letters than have room."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def lettered(rows: Sequence[Rate]) -> list[tuple[str, Rate]]:
    """Those of the rows that are drawn as curves, the largest first, each with its letter."""
    drawn = sorted((row for row in rows if row.curve), key=lambda row: (-(row.total or 0), row.name))[:MOST_CURVES]
    return list(zip(ascii_uppercase, drawn, strict=False))


def curves(title: str, rows: Sequence[tuple[str, Rate]], told: str) -> Picture:
    """Who still waits, in steps; each curve has strokes of its own and its letter at the end."""
    across = Scale(0, len(TIMES), _WALL, _END)
    down = Scale(0, 1, _FLOOR, _CEILING)
    shapes = [*_frame(across, down)]
    ends = []
    for place, (letter, row) in enumerate(rows):
        steps = list(_steps(row, across, down))
        shapes.append(drawing.path(f"care-curve care-curve--{place}", steps))
        ends.append((*steps[-1][1:], letter))
        foot = _FLOOR + 52 + place * _LEGEND
        shapes.append(drawing.path(f"care-curve care-curve--{place}", (("M", _WALL, foot), ("L", _WALL + 60, foot))))
        shapes.append(drawing.words("care-word", _WALL + 72, foot + 5, f"{letter}  {row.name} ({row.total})"))
    shapes += _ends(ends)
    height = _FLOOR + 56 + _LEGEND * len(rows)
    return Picture(name="curves", title=title, told=told, width=WIDTH, height=height, shapes=tuple(shapes))


def _frame(across: Scale, down: Scale) -> Iterator[Shape]:
    for mark in range(5):
        y = down(mark / 4)
        yield drawing.line("care-rule", _WALL, y, _END, y)
        yield drawing.words("care-note", _WALL - 8, y + 4, f"{mark * 25}%", "end")
    for place, hours in enumerate((0, *TIMES)):
        x = across(place)
        yield drawing.line("care-rule", x, _CEILING, x, _FLOOR)
        yield drawing.words("care-note", x, _FLOOR + 18, after(hours), "middle")


def _ends(ends: Sequence[tuple[float, float, str]]) -> Iterator[Shape]:
    """The letters at the ends of the curves, none upon another."""
    free: dict[float, float] = {}
    for x, y, letter in sorted(ends):
        at = max(y, free.get(x, y))
        free[x] = at + _LETTER
        yield drawing.words("care-strong", x + 6, at + 5, letter)


def _steps(row: Rate, across: Scale, down: Scale) -> Iterator[tuple[str, float, float]]:
    yield "M", across(0), down(1)
    y = down(1)
    for hours, share in row.curve:
        x = across(TIMES.index(hours) + 1)
        yield "L", x, y
        y = down(float(share))
        yield "L", x, y


def after(hours: int) -> str:
    """A time in short: 4 h, 3 days."""
    return f"{hours // 24} days" if hours >= 72 else f"{hours} h"  # noqa: PLR2004 - from three days on
