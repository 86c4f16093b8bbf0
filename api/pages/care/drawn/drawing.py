"""Drawing: pictures as plain shapes, which a template writes as SVG, so that every text in them is escaped.

A picture has a title and a description for those who do not see it, and stands beside a table with the same numbers.
Colours are classes of pictures.css and `currentColor`; what differs, differs in shape, place or word too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

FILLS: Final = 6
"""How many kinds of filling there are: plain, slanted, dotted, lying, standing, crossed."""
_CELL = 8
"""Side of the square that a filling repeats."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One element: its name, its attributes, its text, and what stands inside it."""

    tag: str
    more: Mapping[str, str]
    text: str = ""
    inside: tuple["Shape", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture. `name`: an id that the page has once; `told`: what is seen, in a sentence or two."""

    name: str
    title: str
    told: str
    width: int
    height: int
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value stands between two ends, which are not one and the same."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place; what lies outside stands at the nearer end."""
        held = min(max(value, self.low), self.high)
        return self.start + (held - self.low) / (self.high - self.low) * (self.end - self.start)


def number(value: float) -> str:
    """A length, as short as it can be: a tenth of a unit is less than anybody sees."""
    return f"{value:.1f}".removesuffix(".0")


def rect(kind: str, x: float, y: float, width: float, height: float, **more: str) -> Shape:
    """A rectangle."""
    where = {"x": x, "y": y, "width": width, "height": height}
    return Shape("rect", {"class": kind, **_numbers(where), **more})


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Shape:
    """A line."""
    return Shape("line", {"class": kind, **_numbers({"x1": x1, "y1": y1, "x2": x2, "y2": y2})})


def dot(kind: str, x: float, y: float, radius: float) -> Shape:
    """A disc."""
    return Shape("circle", {"class": kind, **_numbers({"cx": x, "cy": y, "r": radius})})


def words(kind: str, x: float, y: float, text: str, anchor: str = "start") -> Shape:
    """A text; `anchor`: whether it starts, ends or has its middle there."""
    return Shape("text", {"class": kind, **_numbers({"x": x, "y": y}), "text-anchor": anchor}, text)


def path(kind: str, steps: Iterable[tuple[str, float, float]]) -> Shape:
    """Strokes of a pen: (M or L or l, x, y)."""
    return Shape("path", {"class": kind, "d": " ".join(f"{pen}{number(x)} {number(y)}" for pen, x, y in steps)})


def ticks(kind: str, bars: Iterable[tuple[float, float, float]]) -> Shape:
    """Upright strokes, however many, as one element: (x, foot, length)."""
    steps = [step for x, foot, length in bars for step in (("M", x, foot), ("l", 0.0, -length))]
    return path(kind, steps)


def diamond(kind: str, x: float, y: float, half: float) -> Shape:
    """A square on its corner."""
    return path(
        kind, (("M", x, y - half), ("L", x + half, y), ("L", x, y + half), ("L", x - half, y), ("L", x, y - half))
    )


def cross(kind: str, x: float, y: float, half: float) -> Shape:
    """Two strokes that cross."""
    return path(
        kind,
        (("M", x - half, y - half), ("L", x + half, y + half), ("M", x - half, y + half), ("L", x + half, y - half)),
    )


def filled(which: int) -> str:
    """The value of `fill` for one of the fillings; they come round again after the last."""
    return f"url(#care-fill-{which % FILLS})"


def fillings() -> Shape:
    """The fillings, which a picture that uses them holds once."""
    strokes: tuple[tuple[tuple[str, float, float], ...], ...] = (
        (),
        (("M", 0, 8), ("L", 8, 0)),
        (("M", 3, 4), ("L", 5, 4)),
        (("M", 0, 4), ("L", 8, 4)),
        (("M", 4, 0), ("L", 4, 8)),
        (("M", 0, 8), ("L", 8, 0), ("M", 0, 0), ("L", 8, 8)),
    )
    cells = tuple(
        Shape(
            "pattern",
            {
                "id": f"care-fill-{which}",
                "width": str(_CELL),
                "height": str(_CELL),
                "patternUnits": "userSpaceOnUse",
            },
            inside=(
                rect("care-fill-ground" if some else "care-fill-plain", 0, 0, _CELL, _CELL),
                *((path("care-fill-stroke", some),) if some else ()),
            ),
        )
        for which, some in enumerate(strokes)
    )
    return Shape("defs", {}, inside=cells)


def _numbers(values: Mapping[str, float]) -> dict[str, str]:
    return {name: number(value) for name, value in values.items()}
