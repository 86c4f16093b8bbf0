"""One section of a plan: what it says of itself, its entries by kind, how it was reviewed; and changing its summary."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.pages.care.addresses import of_entry, of_section
from api.pages.care.editing import adding, changing, documents, entries, summaries, team
from api.pages.care.editing.entries import leave_of, section_of
from api.pages.care.names import called, colour, is_over, named, status
from api.pages.care.paged import Paged, paged
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS, sentence
from api.reviewing import may_sign
from plan.kinds import KINDS
from plan.known import Entry, Known, moment
from plan.model import Section
from plan.problem import Problem, Trouble

FIRST: Final = 10
"""How many entries of a kind stand on the page of a section; all of one kind have pages of their own."""
PAGE: Final = 50
_FRAME: Final = frozenset({"section", "person", "plan", "team", "review"})
_REVIEWS: Final = 3


class Row(NamedTuple):
    """One entry in a list."""

    href: str
    title: str
    status: str
    colour: str
    by: str
    at: int


class Group(NamedTuple):
    """The entries of one kind that are shown, of so many."""

    kind: str
    called: str
    rows: list[Row]
    total: int


async def show(reader: Reader) -> Response:
    """A section, or with `?kind=` all entries of one kind in it, a page at a time."""
    known, section = await reader.known(), section_of(reader)
    own = own_words(known, section)
    leave = await leave_of(reader)
    permit, _ = await reader.desk.access(reader.visit, known.person)
    if own is None and not leave["sections"][section]["read"]:
        raise Problem(Trouble.NOT_FOUND)
    kind = reader.request.query_params.get("kind", "")
    there = _by_kind(known, section)
    said: dict[str, Any] = {
        "section": section,
        "heading": SECTIONS[section],
        "own": own.body if own else {},
        "nothing": sentence(str(own.body.get("nothing_to_say", ""))) if own else "",
        "reviews": reviews(known, section)[:_REVIEWS],
        "due": next_review(known, section),
        "writes": adding.addable(leave, section),
        "amends": leave["sections"][section]["write"] == "any" and own is not None,
        "signs": may_sign(permit, Section(section)),
        "called": called,
    }
    if kind in there:
        page = paged(reader.request, there[kind], PAGE)
        return _page(reader, known, [_group(reader, known, kind, page.items, len(there[kind]))], page=page, **said)
    groups = [_group(reader, known, one, found[:FIRST], len(found)) for one, found in there.items()]
    return _page(reader, known, groups, page=None, **said)


def own_words(known: Known, section: str) -> Entry | None:
    """What a section says of itself."""
    return next((entry for entry in known.of("section") if entry.section == section), None)


def reviews(known: Known, section: str) -> list[Entry]:
    """Who has signed a section, the latest first."""
    return [entry for entry in known.of("review") if entry.section == section][::-1]


def next_review(known: Known, section: str) -> tuple[str, bool]:
    """When a section is to be reviewed, as its last review or it itself says, and whether that day is over."""
    own = own_words(known, section)
    said = [str(one.body["next_review"]) for one in reviews(known, section)[:1] if "next_review" in one.body]
    said += [str(own.body["review_date"])] if own and "review_date" in own.body else []
    at = moment(said[0]) if said else None
    return (said[0] if said else "", at is not None and at < known.now - 24 * 3_600_000)


def _by_kind(known: Known, section: str) -> dict[str, list[Entry]]:
    """The entries of a section by kind, in the order of the table of kinds: the newest first, what is over last."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(known.entries.values(), key=lambda one: (is_over(one), -one.at, one.id)):
        if entry.section == section and entry.kind not in _FRAME:
            found.setdefault(entry.kind, []).append(entry)
    order = [*KINDS, "record"]
    return {kind: found[kind] for kind in sorted(found, key=order.index)}


def _group(reader: Reader, known: Known, kind: str, found: Sequence[Entry], count: int) -> Group:
    words = reader.wording(known)
    rows = [
        Row(of_entry(known, one), named(one), sentence(status(one)), colour(status(one)), words.by(one), one.at)
        for one in found
    ]
    return Group(kind, called(kind, many=True), rows, count)


def _page(reader: Reader, known: Known, groups: list[Group], page: Paged[Entry] | None, **said: Any) -> Response:
    return reader.page("care/section.html", known, groups=groups, page=page, of_section=of_section, **said)


WAYS: tuple[Way, ...] = (
    Way("/people/{person}/sections/{section}", show),
    *adding.WAYS,
    *changing.WAYS,
    *summaries.WAYS,
    *entries.WAYS,
    *team.WAYS,
    *documents.WAYS,
)
