"""Reading through the FHIR door: an entry, one of its versions, its history. FHIR R4 http.html read, vread, history."""

import re
from email.utils import parsedate_to_datetime
from typing import NoReturn
from urllib.parse import urlencode

from api.cursors import made
from api.cursors import read as read_cursor
from api.fhir_asked import Answer, Asked, shown
from fhir_facade.bundle import history as bundled
from fhir_facade.index import date_range
from fhir_facade.query import MOST_COUNT, PAGE, pairs_of
from plan.model import Stored
from plan.problem import Fault, Problem, Trouble

_VERSION = re.compile(r"[0-9]{1,9}")
_HISTORY_COUNT = 100
_OPAQUE = re.compile(r'(?:W/)?"([^"]*)"')


async def read(asked: Asked) -> Answer:
    """The entry as it is now, or 304 when the client has it already; either way the audit knows of it."""
    stored = await asked.desk.read(asked.visit, asked.type, asked.id)
    if _known(asked, stored):
        return Answer(status=304, version=stored.version, at=stored.at)
    return shown(asked, stored)


def _known(asked: Asked, stored: Stored) -> bool:
    """RFC 9110 13.2.2: a tag stands above a date; a date that cannot be read is as if it were not there."""
    tags = asked.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or str(stored.version) in _OPAQUE.findall(tags)
    since = asked.headers.get("if-modified-since", "")
    instant = date_range(since)  # an entry of a Bundle says it to the millisecond
    if instant is not None:
        return stored.at <= instant[1]
    try:
        return stored.at // 1000 <= parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):
        return False


async def vread(asked: Asked) -> Answer:
    """One version of the entry."""
    if not _VERSION.fullmatch(asked.place.version):
        raise Problem(Trouble.NOT_FOUND)
    return shown(asked, await asked.desk.version(asked.visit, asked.type, asked.id, int(asked.place.version)))


async def history(asked: Asked) -> Answer:
    """The versions of the entry, newest first, deletions included."""
    count, before = _terms(asked)
    type_, id_ = asked.type, asked.id
    found = await asked.desk.history(asked.visit, type_, id_, before=before, count=count)
    if not found:
        raise Problem(Trouble.NOT_FOUND)
    page = found[:count]
    address = f"{asked.base}/{asked.place.type}/{id_}/_history"
    next_ = ""
    if len(found) > count:
        next_ = f"{address}?{urlencode({'_count': count, PAGE: made(before=page[-1].version)})}"
    whole = before is None and not next_
    said = {"_count": count} | ({PAGE: made(before=before)} if before is not None else {})
    text = bundled(len(page) if whole else None, f"{address}?{urlencode(said)}", next_, asked.base, asked.version, page)
    return Answer(text=text)


def _terms(asked: Asked) -> tuple[int, int | None]:
    """How many versions, before which one. Raises NOT_SUPPORTED, BAD_VALUE."""
    pairs = [(name, value) for name, value in pairs_of(asked.query) if value and name not in ("_format", "_pretty")]
    terms = dict(pairs)
    if len(terms) < len(pairs):
        _refuse(Trouble.BAD_VALUE, "a parameter stands twice", "Send each once.")
    other = terms.keys() - {"_count", PAGE}
    if other:
        _refuse(Trouble.NOT_SUPPORTED, f"{min(other)[:64]!r} is not supported here", "Use _count, and follow `next`.")
    said = terms.get("_count", str(_HISTORY_COUNT))
    if not _VERSION.fullmatch(said) or int(said) == 0:
        _refuse(Trouble.BAD_VALUE, "_count is no number above zero", "Write how many versions a page shall have.")
    return min(int(said), MOST_COUNT), read_cursor(terms[PAGE], {"before": int})["before"] if PAGE in terms else None


def _refuse(trouble: Trouble, what: str, mend: str) -> NoReturn:
    raise Problem(trouble, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
