"""The documents of a plan: what they are, who wrote them, and where they can be read. Nothing is ever fetched."""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from starlette.responses import Response

from api.pages.care.addresses import of_entry
from api.pages.care.names import is_over, named
from api.pages.care.paged import paged
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS, Wording
from plan.known import Entry

_PAGE: Final = 30
_WEB: Final = ("https", "http")


class Row(NamedTuple):
    """One document. `host`: where it is kept, `link`: its address there, empty for one that no browser may follow."""

    href: str
    title: str
    about: str
    section: str
    date: str
    by: str
    superseded: bool
    host: str
    link: str


async def show(reader: Reader) -> Response:
    """The documents, those that hold first, the newest before the others."""
    known = await reader.known()
    words = reader.wording(known)
    found = sorted(known.of("document"), key=lambda one: (is_over(one), -one.at, one.id))
    page = paged(reader.request, found, _PAGE)
    return reader.page("care/documents.html", known, rows=[_row(words, one) for one in page.items], page=page)


def _row(words: Wording, entry: Entry) -> Row:
    body = entry.body
    host, link = place(str(body.get("url", "")))
    kinds = [*words.lines(body.get("type")), *words.lines(body.get("category"))]
    writer = ", ".join(words.lines(body.get("written_by")))
    return Row(
        href=of_entry(words.known, entry),
        title=named(entry),
        about=", ".join(kinds),
        section=SECTIONS[entry.section],
        date=words.date(body.get("date") or body.get("recorded")) or words.day(entry.at),
        by=writer or words.by(entry),
        superseded=body.get("status") == "superseded",
        host=host,
        link=link,
    )


def place(url: str) -> tuple[str, str]:
    """The host that an address names, and the address where a browser may be led there; else empty."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    return (host, url) if host and parts.scheme.lower() in _WEB else ("", "")


WAYS: tuple[Way, ...] = (Way("/people/{person}/documents", show),)
