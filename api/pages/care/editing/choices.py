"""What a field that refers to something lets one choose from: agencies of the team, the person, entries of the plan."""

from collections.abc import Iterator
from typing import Final

from api.pages.care.names import named
from api.pages.care.wording import Wording
from plan.known import Known

MOST: Final = 60
"""So many are offered at most, the newest first; who wants another writes it by an app."""
_NOT_OFFERED: Final = frozenset({"ask", "readiness", "flag", "finding", "review", "consent", "departure", "section"})
"""What the service writes, or what stands for itself: nothing in a plan is done because of it."""
_FRAME: Final = frozenset({"person", "plan", "team"})
Option = tuple[str, str]


class Choices:
    """What can be chosen in one person's plan."""

    def __init__(self, known: Known, words: Wording) -> None:
        self._known, self._words = known, words

    def of(self, types: tuple[str, ...], *held: object) -> tuple[Option, ...]:
        """References to things of these types (empty: of any), with what they are called; `held` are among them."""
        offered = dict([*self._parties(types), *self._entries(types)])
        for one in held:
            if isinstance(one, str) and one not in offered:
                offered[one] = self._words.reference(one)
        return tuple(offered.items())

    def lines(self, value: object) -> list[str]:
        """A value in words."""
        return self._words.lines(value)

    def _parties(self, types: tuple[str, ...]) -> Iterator[Option]:
        if not types or "Organization" in types:
            yield from ((agency.reference, agency.name or agency.id) for agency in self._known.members())
        if not types or "Patient" in types:
            yield f"Patient/{self._known.person}", "The person"

    def _entries(self, types: tuple[str, ...]) -> Iterator[Option]:
        found = [
            entry
            for entry in self._known.entries.values()
            if (not types or entry.type in types) and entry.kind not in _NOT_OFFERED | _FRAME
        ]
        found.sort(key=lambda entry: -entry.at)
        yield from ((entry.reference, named(entry)) for entry in found[:MOST])
