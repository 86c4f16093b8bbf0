"""Searching through the FHIR door, by GET and by POST. FHIR R4 http.html search, search.html.

Leave is asked again on every page: a `next` link carries where the page begins, and nothing of what may be seen.
"""

from urllib.parse import urlencode

from api.fhir_asked import Answer, Asked
from fhir_facade.bundle import searchset
from fhir_facade.query import PAGE, Parsed, cursor, pairs_of, parse


def parsed(asked: Asked) -> Parsed:
    """The search that is asked for; lenient unless the client prefers to be told."""
    strict = asked.preferred("handling") == "strict"
    return parse(asked.type, pairs_of(asked.query), asked.base, strict=strict)


async def search(asked: Asked) -> Answer:
    """A page of what matches and may be seen."""
    search_ = parsed(asked)
    page = await asked.desk.search(asked.visit, search_.query)
    address = f"{asked.base}/{asked.place.type}"
    applied = list(search_.applied)
    next_ = _address(address, [*applied, (PAGE, cursor(page.after))]) if page.after else ""
    total = page.total if search_.wants_total else None
    hits = ((hit.type, hit.id, hit.text) for hit in page.hits)
    return Answer(text=searchset(total, _address(address, applied), next_, asked.base, asked.version, hits))


def _address(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address
