"""What stands on paper: blocks of rows, cut to what two pages hold, with the marks that stand on each page.

Paper is not called back and not kept up to date, so each page says that it is an uncontrolled copy, of when, of which
version, and who printed it. Source: ../shared/reference/users.md section 3.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Final, NamedTuple

from fhir_facade import exact

MOST_PAGES: Final = 2
COPY: Final = "Uncontrolled copy: right only when it was printed. Look at the plan itself before you act on it."
CUT: Final = " [...]"
UNKNOWN: Final = "\u25a1"
"""In place of a letter that no font here has: a visible gap is better than one that nobody sees."""
BREAK: Final = "\u200b"
"""Where a line may end; nobody sees it."""
_PART = 6
_LONG = re.compile(r"\S{13,}")
_RANGES = exact.loads((files("api.pages.care.paper") / "print" / "letters.json").read_bytes())
_LETTERS = frozenset(code for low, high in _RANGES for code in range(low, high + 1))
"""What the fonts that typst brings have, as typst 0.15 said of every code point by itself."""
LINES: Final = 60 * MOST_PAGES
"""More lines than the pages hold: what has more need not be tried."""
_WIDE = 130
"""More letters than a line holds."""
_NAME, _LINE = 70, 160
"""The longest name, and the longest line of the marks, in letters: both stand on every page."""


class Level(NamedTuple):
    """How much a sheet says: rows of a block, and letters of a cell."""

    rows: int
    letters: int


LEVELS: Final = (
    Level(40, 1000),
    Level(24, 500),
    Level(14, 300),
    Level(9, 200),
    Level(6, 130),
    Level(4, 90),
    Level(3, 60),
    Level(2, 40),
)
"""From all that there is to what always fits: the first that fits is printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a sheet. A row of two cells without a `head` is a label and what it says.

    `none`: what is said where there are no rows. `widths`: shares of the columns. `weight`: how many times as many rows
    as other blocks it keeps when something has to go. `loud`: rows of one cell are in bold.
    """

    title: str
    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    none: str = "Nothing is recorded that you may see."
    weight: int = 1
    loud: bool = False

    def cut(self, level: Level) -> dict[str, Any]:
        """It as the sheet has it at a level."""
        most = level.rows * self.weight
        over = len(self.rows) - most
        return {
            "title": self.title,
            "head": list(self.head),
            "widths": list(self.widths or (1,) * len(self.head)),
            "rows": [[shortened(cell, level.letters) for cell in row] for row in self.rows[:most]],
            "none": self.none,
            "loud": self.loud,
            "more": f"And {over} more: see the plan." if over > 0 else "",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What stands on every page. `when` as people write it; `as_of`: when what is shown last changed."""

    name: str
    number: str
    when: str
    by: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is to be printed."""

    title: str
    marks: Marks
    blocks: tuple[Block, ...]

    @property
    def version(self) -> str:
        """A short hash of what is shown: the same as long as nothing that is shown has changed."""
        said = [[block.title, [list(row) for row in block.rows]] for block in self.blocks]
        return blake2b(exact.dumps([self.title, said]), digest_size=6).hexdigest()

    def lines(self, level: Level) -> int:
        """About how many lines it has at a level, at least."""
        blocks = [block.cut(level) for block in self.blocks]
        return sum(2 + sum(sum(map(len, row)) // _WIDE + 1 for row in block["rows"]) for block in blocks)

    def told(self, level: Level) -> dict[str, Any]:
        """It at a level, as data for the template."""
        blocks = [block.cut(level) for block in self.blocks]
        notes = []
        if any(CUT in cell for block in blocks for row in block["rows"] for cell in row):
            notes.append(f"{CUT.strip()}: the plan says more here.")
        told = breakable(legible({**self._marks(), "blocks": blocks}))
        if UNKNOWN in exact.text(told):
            notes.append(f"{UNKNOWN} stands for a letter that cannot be printed: the plan has it.")
        return {**told, "notes": notes, "most": MOST_PAGES}

    def _marks(self) -> dict[str, str]:
        marks = self.marks
        return {
            "title": self.title,
            "name": shortened(marks.name, _NAME),
            "number": f"NHS number {marks.number}" if marks.number else "NHS number not known",
            "copy": COPY,
            "printed": shortened(f"Printed {marks.when} by {marks.by}", _LINE),
            "version": f"Version {self.version}, as the plan was changed on {marks.as_of}",
        }


def shortened(text: str, most: int) -> str:
    """A text on one line, cut between words where that can be."""
    looked = text[: 8 * most]
    line = " ".join(looked.split())
    if len(line) <= most and len(looked) == len(text):
        return line
    head = line[:most]
    words = head.rpartition(" ")[0]
    return (words if len(words) > most // 2 else head) + CUT


def legible(said: Any) -> Any:
    """The same with every letter that cannot be printed made visible, and without those that nobody sees."""
    if isinstance(said, dict):
        return {name: legible(value) for name, value in said.items()}
    if isinstance(said, list):
        return [legible(value) for value in said]
    return "".join(map(_letter, unicodedata.normalize("NFC", said))) if isinstance(said, str) else said


def breakable(said: Any) -> Any:
    """The same with places where a line may end in words that are longer than a column."""
    if isinstance(said, dict):
        return {name: breakable(value) for name, value in said.items()}
    if isinstance(said, list):
        return [breakable(value) for value in said]
    return _LONG.sub(_in_parts, said) if isinstance(said, str) else said


def plain(sheet: dict[str, Any]) -> dict[str, Any]:
    """A sheet in letters that every font has, for when a font and its letters do not agree."""
    return {name: _plain(value) for name, value in sheet.items()}


def pairs(*rows: tuple[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Labels with what they say, those that say something."""
    return tuple((name, "; ".join(filter(None, lines))) for name, lines in rows if any(lines))


def _in_parts(word: re.Match[str]) -> str:
    return BREAK.join(word[0][start : start + _PART] for start in range(0, len(word[0]), _PART))


def _plain(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: _plain(value) for name, value in said.items()}
    if isinstance(said, list):
        return [_plain(value) for value in said]
    return "".join(one if one.isascii() or one == BREAK else "?" for one in said) if isinstance(said, str) else said


def _letter(one: str) -> str:
    if unicodedata.category(one) == "Cf":
        return ""
    return one if one.isprintable() and ord(one) in _LETTERS else UNKNOWN
