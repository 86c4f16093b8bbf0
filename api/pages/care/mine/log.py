"""The access log as it is read: what somebody did again and again at one go is one line, and emergencies stand out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from plan.known import moment
from plan.model import Role
from plan.override import BREAK_THE_GLASS

_AT_ONE_GO = 15 * 60_000
"""Looks of the same kind that are not further apart than this are one look."""


@dataclass(slots=True)
class Look:
    """One line. `at` and `first`: the latest and the first of those that it stands for, milliseconds since 1970 UTC."""

    at: int
    first: int
    who: str
    what: str
    why: str
    by: str
    emergency: bool
    allowed: bool
    subject: str
    times: int = 1

    def is_like(self, other: "Look") -> bool:
        """Whether another, earlier line says the same and belongs to it."""
        same = (self.subject, self.who, self.what, self.why, self.by, self.emergency)
        return same == (other.subject, other.who, other.what, other.why, other.by, other.emergency) and (
            self.first - other.at <= _AT_ONE_GO
        )


def looks(items: Iterable[dict[str, Any]], *, mine: bool) -> list[Look]:
    """Lines of the access log of REST, the newest first. `mine`: the reader is the person whose plan it is."""
    found: list[Look] = []
    for item in items:
        look = _look(item, mine=mine)
        if found and found[-1].is_like(look):
            found[-1].first, found[-1].times = look.at, found[-1].times + 1
        else:
            found.append(look)
    return found


def _look(item: dict[str, Any], *, mine: bool) -> Look:
    codes, at = item["codes"], moment(item["at"]) or 0
    return Look(
        at=at,
        first=at,
        who=_who(item, mine=mine),
        what=item["what"],
        why=item["why"],
        by=item["by"],
        emergency=codes.get("purpose") == BREAK_THE_GLASS,
        allowed=codes["allowed"],
        subject=codes.get("subject", ""),
    )


def _who(item: dict[str, Any], *, mine: bool) -> str:
    """Who it was: name, role and agency; the person and the service have none."""
    said, role = item["who"], item["codes"].get("role")
    if role == Role.PERSON:
        return "You" if mine else "The person"
    parts = ("role",) if role == "service" else ("name", "role", "agency")
    found = ", ".join(said[part] for part in parts if part in said)
    return found if "name" in said else f"{found[:1].upper()}{found[1:]}"


def by_day(some: Iterable[Look], day: Callable[[int], str]) -> list[tuple[str, list[Look]]]:
    """Lines under the days on which they were. `day`: a moment's day in words."""
    return [(said, list(lines)) for said, lines in groupby(some, key=lambda look: day(look.at))]
