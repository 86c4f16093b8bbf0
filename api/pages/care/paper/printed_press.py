"""The press: a sheet becomes a PDF that says what it is to screen readers too (PDF/UA-1), without a file but ours.

typst compiles in a thread of its own, one sheet after the other, for it holds the processor; a few may wait. The same
compiler is used again and again: each new one takes a number of which a process has 65,535. docs/decisions says why
typst.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol, cast

import typst

from api.pages.care.paper.printed import LEVELS, LINES, Level, Sheet, plain
from fhir_facade import exact
from plan.problem import Problem, Trouble

ROOM: Final = Path(__file__).with_name("print")
"""The one folder that a compilation may read."""
WAITING: Final = 16
"""How many sheets may wait; who comes then is told to try again."""
BUSY: Final = "Many people are printing just now. Try again in a moment."
STUCK: Final = "This cannot be printed just now. The plan itself is there as ever."
TOO_LONG, NO_LETTER = "more pages than asked for", "could not be displayed"
"""What the compiler says of a sheet that is too long, and of one that holds a letter that no font has."""


class Compiler(Protocol):
    """What the press needs of typst."""

    def compile(self, **said: Any) -> Any:
        """A PDF. Raises typst.TypstError."""


def compiler() -> Compiler:
    """A compiler of our one template, with the fonts that it brings and no others, and no packages."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    nowhere = ROOM / "no-packages"
    made: Any = typst.Compiler(
        ROOM / "sheet.typ",
        root=ROOM,
        font_paths=fonts,
        ignore_system_fonts=True,
        package_path=nowhere,
        package_cache_path=nowhere,
    )
    return cast(Compiler, made)


class Press:
    """Prints sheets, one after the other."""

    def __init__(self, made: Callable[[], Compiler] = compiler, waiting: int = WAITING) -> None:
        self._made = made
        self._compiler: Compiler | None = None
        self._thread = ThreadPoolExecutor(1, "press")
        self._room = 1 + waiting

    async def printed(self, sheet: Sheet, at: int) -> bytes:
        """The sheet as PDF. `at`: milliseconds since 1970 UTC. Raises Problem(THROTTLED) when too many wait."""
        if self._room <= 0:
            raise Problem(Trouble.THROTTLED, BUSY, headers={"Retry-After": "2"})
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._fitted, sheet, at)
        finally:
            self._room += 1

    def _fitted(self, sheet: Sheet, at: int) -> bytes:
        """As much as two pages hold."""
        for level in (one for one in LEVELS if sheet.lines(one) <= LINES):
            found = self._at_level(sheet, level, at)
            if found is not None:
                return found
        raise Problem(Trouble.UNAVAILABLE, STUCK)

    def _at_level(self, sheet: Sheet, level: Level, at: int) -> bytes | None:
        """The PDF; None when it has too many pages."""
        told = sheet.told(level)
        try:
            return self._pressed(told, at)
        except typst.TypstError as error:
            if TOO_LONG in str(error):
                return None
            if NO_LETTER not in str(error):
                raise
        return self._pressed(plain(told), at)

    def _pressed(self, told: dict[str, Any], at: int) -> bytes:
        self._compiler = self._compiler or self._made()
        try:
            pdf: bytes = self._compiler.compile(
                format="pdf", pdf_standards=["ua-1"], timestamp=at // 1000, sys_inputs={"sheet": exact.text(told)}
            )
        except Exception:
            raise
        except BaseException as error:  # a panic of the compiler is no Exception, and would end the service
            self._compiler = None
            raise Problem(Trouble.UNAVAILABLE, STUCK) from error
        return pdf


PRESS: Final = Press()
"""The press of this process."""
