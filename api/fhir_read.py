"""Reading through the FHIR door: an entry, one of its versions. FHIR R4 http.html read, vread."""

import re

from api.fhir_asked import Answer, Asked, shown
from plan.problem import Problem, Trouble

_VERSION = re.compile(r"[0-9]{1,9}")
_OPAQUE = re.compile(r'(?:W/)?"([^"]*)"')


async def read(asked: Asked) -> Answer:
    """The entry as it is now, or 304 when the client has it already; either way the audit knows of it."""
    stored = await asked.desk.read(asked.visit, asked.type, asked.id)
    known = asked.headers.get("if-none-match")
    if known and (known.strip() == "*" or str(stored.version) in _OPAQUE.findall(known)):
        return Answer(status=304, version=stored.version, at=stored.at)
    return shown(asked, stored)


async def vread(asked: Asked) -> Answer:
    """One version of the entry."""
    if not _VERSION.fullmatch(asked.place.version):
        raise Problem(Trouble.NOT_FOUND)
    return shown(asked, await asked.desk.version(asked.visit, asked.type, asked.id, int(asked.place.version)))
