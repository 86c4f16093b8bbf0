"""Reading through the FHIR door: an entry, one of its versions. FHIR R4 http.html read, vread."""

import re
from email.utils import parsedate_to_datetime

from api.fhir_asked import Answer, Asked, shown
from plan.dates import date_range
from plan.model import Stored
from plan.problem import Problem, Trouble

_VERSION = re.compile(r"[0-9]{1,9}")
_OPAQUE = re.compile(r'(?:W/)?"([^"]*)"')


async def read(asked: Asked) -> Answer:
    """The entry as it is now, or 304 when the client has it already; either way the audit knows of it."""
    return _unless_known(asked, await asked.desk.read(asked.visit, asked.type, asked.id))


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
    version = int(asked.place.version)
    return _unless_known(asked, await asked.desk.version(asked.visit, asked.type, asked.id, version))


def _unless_known(asked: Asked, stored: Stored) -> Answer:
    if _known(asked, stored):
        return Answer(status=304, version=stored.version, at=stored.at)
    return shown(asked, stored)
