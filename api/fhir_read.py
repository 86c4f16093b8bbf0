"""Reading through the FHIR door: an entry, one of its versions. FHIR R4 http.html read, vread."""

import re
from email.utils import parsedate_to_datetime

from api.fhir_asked import Answer, Asked, shown
from plan.model import Stored
from plan.problem import Problem, Trouble

_VERSION = re.compile(r"[0-9]{1,9}")
_OPAQUE = re.compile(r'(?:W/)?"([^"]*)"')


async def read(asked: Asked) -> Answer:
    """The entry as it is now, or 304 when the client has it already; either way the audit knows of it."""
    return _unless_known(asked, await asked.desk.read(asked.visit, asked.type, asked.id))


async def vread(asked: Asked) -> Answer:
    """One version of the entry."""
    if not _VERSION.fullmatch(asked.place.version):
        raise Problem(Trouble.NOT_FOUND)
    version = int(asked.place.version)
    return _unless_known(asked, await asked.desk.version(asked.visit, asked.type, asked.id, version))


def _unless_known(asked: Asked, stored: Stored) -> Answer:
    """The entry, or that the client has it (http.html, conditional read). If-None-Match stands above the date."""
    known, since = asked.headers.get("if-none-match"), asked.headers.get("if-modified-since")
    if known:
        same = known.strip() == "*" or str(stored.version) in _OPAQUE.findall(known)
    else:
        same = since is not None and _seconds(since) >= stored.at // 1000
    return Answer(status=304, version=stored.version, at=stored.at) if same else shown(asked, stored)


def _seconds(date: str) -> int:
    """An HTTP date in seconds since 1970; what is none is long ago."""
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except (ValueError, OverflowError):
        return 0
