"""What was: the history of an entry, of a type, of everything. FHIR R4 http.html 3.1.0.14 (history).

Newest first, deletions included, in pages. A page says where the next one begins and nothing else: leave is asked
again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlencode

from api.cursors import made
from api.cursors import read as read_cursor
from api.fhir_asked import Answer, Asked
from db.histories import Mark, Span
from fhir_facade.bundle import history as bundled
from fhir_facade.query import MOST_COUNT, PAGE, pairs_of
from plan.dates import date_range
from plan.model import Stored
from plan.problem import Fault, Problem, Trouble

_COUNT = 100
_NUMBER = re.compile(r"[0-9]{1,18}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_ELSEWHERE = frozenset({"_format", "_pretty"})
_TAKEN = ("_count", "_since", "_at", PAGE)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What was asked for. `said`: the parameters as `self` repeats them; `page`: where to go on, unread."""

    count: int
    span: Span
    said: dict[str, str]
    page: str


async def history(asked: Asked) -> Answer:
    """The versions of the entry."""
    terms = _terms(asked)
    before = read_cursor(terms.page, {"before": int})["before"] if terms.page else None
    found = await asked.desk.history(
        asked.visit, asked.type, asked.id, before=before, span=terms.span, count=terms.count
    )
    if not found and before is not None:
        raise Problem(Trouble.NOT_FOUND)
    next_ = made(before=found[terms.count - 1].version) if len(found) > terms.count else ""
    whole = before is None and not next_
    return _answer(asked, terms, found, next_, total=len(found) if whole else None)


async def histories(asked: Asked) -> Answer:
    """The versions of all entries of a type, or of everything."""
    terms = _terms(asked)
    type_ = asked.type if asked.place.type else ""
    found = await asked.desk.histories(asked.visit, type_, before=_mark(terms.page), span=terms.span, count=terms.count)
    next_ = ""
    if len(found) > terms.count:
        last = found[terms.count - 1]
        next_ = made(at=last.at, id=last.id, version=last.version)
    return _answer(asked, terms, found, next_)


def _mark(page: str) -> Mark | None:
    if not page:
        return None
    said = read_cursor(page, {"at": int, "id": str, "version": int})
    return said["at"], said["id"], said["version"]


def _answer(asked: Asked, terms: _Terms, found: Sequence[Stored], next_: str, total: int | None = None) -> Answer:
    parts = (asked.place.type, asked.place.id, "_history")
    address = "/".join((asked.base, *filter(None, parts)))
    here = {**terms.said, PAGE: terms.page} if terms.page else terms.said
    links = (f"{address}?{urlencode(here)}", f"{address}?{urlencode({**terms.said, PAGE: next_})}" if next_ else "")
    return Answer(text=bundled(total, *links, asked.base, asked.version, found[: terms.count]))


def _terms(asked: Asked) -> _Terms:
    """Read the parameters; each stands once. Raises NOT_SUPPORTED, BAD_VALUE."""
    pairs = [(name, value) for name, value in pairs_of(asked.query) if value and name not in _ELSEWHERE]
    terms = dict(pairs)
    if len(terms) < len(pairs):
        _refuse(Trouble.BAD_VALUE, "a parameter stands twice", "Send each once.")
    other = terms.keys() - set(_TAKEN)
    if other:
        mend = "Use _count, _since and _at, and follow `next`."
        _refuse(Trouble.NOT_SUPPORTED, f"{min(other)[:64]!r} is not supported here", mend)
    count = terms.get("_count", str(_COUNT))
    if not _NUMBER.fullmatch(count) or int(count) == 0:
        _refuse(Trouble.BAD_VALUE, "_count is no number above zero", "Write how many versions a page shall have.")
    most = min(int(count), MOST_COUNT)
    said = {"_count": str(most)} | {name: terms[name] for name in ("_since", "_at") if name in terms}
    return _Terms(most, Span(since=_since(terms), at=_at(terms)), said, terms.get(PAGE, ""))


def _since(terms: dict[str, str]) -> int | None:
    # In an address a plus sign stands for a space: who did not escape it still means it.
    text = terms.get("_since", "").replace(" ", "+")
    if not text:
        return None
    moment = date_range(text) if _INSTANT.fullmatch(text) else None
    if moment is None:
        _refuse(Trouble.BAD_VALUE, "_since is no instant", "Write it as 2026-03-02T10:00:00Z.")
    return moment[0]


def _at(terms: dict[str, str]) -> tuple[int, int] | None:
    text = terms.get("_at", "").replace(" ", "+")
    if not text:
        return None
    moments = date_range(text)
    if moments is None:
        _refuse(Trouble.BAD_VALUE, "_at is no date", "Write it as 2026-03-02 or 2026-03-02T10:00:00Z.")
    return moments


def _refuse(trouble: Trouble, what: str, mend: str) -> NoReturn:
    raise Problem(trouble, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
