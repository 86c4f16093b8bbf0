"""Timeline: what happened to somebody over months, each thing with its entry: stays, reviews, discharges that failed,
and what changed in the plan, day by day and section by section. Plain values; how they are drawn is timeline_picture.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final, Literal, NamedTuple

from api.pages.care.addresses import of_entry, of_person
from api.pages.care.counted import counted
from api.pages.care.wording import SECTIONS, Wording, sentence
from plan.attention import title
from plan.known import HOUSE, Entry, Known
from plan.model import Change, EntryId
from plan.rules import spans, visits

What = Literal["stay", "planned", "failed", "review", "changes"]
KINDS: Final = {
    "stay": "Hospital stay",
    "planned": "Planned stay",
    "failed": "Failed discharge",
    "review": "Review",
    "changes": "Changes",
}
_FRAME: Final = {"team": ("The team", "/team"), "plan": ("The plan", ""), "record": ("A record of an app", "")}
"""What has no title of its own: how it is called, and where below the plan it is."""
_TOLD_APART: Final = frozenset({"review", "failed_discharge"})
"""Kinds whose entries are marks of their own, so that they are no changes beside."""
MOST_LINKS: Final = 4
"""How many entries of a day and section are named; the others are counted."""


class Link(NamedTuple):
    """The text of a link, and where it leads; nowhere for what is not there any more."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that happened. `start` and `end`: milliseconds since 1970 UTC, alike for what is a moment; `end` None:
    it is not over. `count`: how many changes; `more`: how many entries of them are not among the links.
    """

    what: What
    start: int
    end: int | None
    section: str = ""
    said: str = ""
    by: str = ""
    links: tuple[Link, ...] = ()
    count: int = 1
    more: int = 0

    @property
    def name(self) -> str:
        """What it is called."""
        return KINDS[self.what]


def marks(known: Known, words: Wording, changes: Sequence[Change], since: int) -> list[Mark]:
    """Everything from a moment on, the newest first."""
    found = [*_stays(known, words), *_failed(known, words), *_reviews(known, words)]
    found += _changes(known, words, (one for one in counted(changes) if one.kind not in _TOLD_APART))
    shown = [mark for mark in found if mark.end is None or mark.end >= since]
    return sorted(shown, key=lambda mark: (mark.start, mark.what, mark.section), reverse=True)


def _stays(known: Known, words: Wording) -> Iterator[Mark]:
    for stay in known.of("stay"):
        body = stay.body
        planned = body.get("status") == "planned"
        came = _moment(body.get("admitted"), known)
        end = _moment(body.get("planned_discharge" if planned else "discharged"), known)
        if body.get("status") == "cancelled" or came is None:
            continue
        yield Mark(
            what="planned" if planned else "stay",
            start=came,
            end=end,
            said=_lasted(stay, words),
            by=words.agency(visits.hospital_of(stay)),
            links=(_link(known, stay),),
        )


def _lasted(stay: Entry, words: Wording) -> str:
    body = stay.body
    until = body.get("discharged") or body.get("planned_discharge")
    word = "until" if body.get("discharged") else "planned to end"
    if not until:
        return "No date yet on which it ends"
    return f"{sentence(word)} {words.date(until)}"


def _failed(known: Known, words: Wording) -> Iterator[Mark]:
    for entry in known.of("failed_discharge"):
        at = _moment(entry.body.get("at"), known)
        if at is not None:
            said = sentence(str(entry.body.get("category", "")))
            yield Mark(what="failed", start=at, end=at, said=said, by=words.by(entry), links=(_link(known, entry),))


def _reviews(known: Known, words: Wording) -> Iterator[Mark]:
    for entry in known.of("review"):
        at = _moment(entry.body.get("signed_at"), known) or entry.created
        said = sentence(str(entry.body.get("outcome", "")))
        yield Mark(
            what="review",
            start=at,
            end=at,
            section=entry.section.value,
            said=": ".join(filter(None, (SECTIONS.get(entry.section.value, ""), said))),
            by=words.by(entry),
            links=(_link(known, entry),),
        )


def _changes(known: Known, words: Wording, changes: Iterable[Change]) -> Iterator[Mark]:
    """The changes of a day in a section are one mark: the latest moment of them, and what they were of."""

    def group(change: Change) -> tuple[date, str]:
        return day(change.at, known), change.section.value

    for (_, section), some in groupby(sorted(changes, key=group), key=group):
        there = list(some)
        entries = list(dict.fromkeys(change.entry for change in there))
        by = dict.fromkeys(_who(words, change.by_role, change.by_agency) for change in there)
        at = max(change.at for change in there)
        yield Mark(
            what="changes",
            start=at,
            end=at,
            section=section,
            said=SECTIONS.get(section, sentence(section)),
            by="; ".join(by),
            links=tuple(_link_of(known, id_) for id_ in entries[:MOST_LINKS]),
            count=len(there),
            more=max(len(entries) - MOST_LINKS, 0),
        )


def _who(words: Wording, role: str, agency: str) -> str:
    if agency == HOUSE or not role:
        return "Oneplan"
    named = () if role in ("person", "carer") else (words.agency(agency),)
    return ", ".join((words.role(role), *named))


def _moment(said: object, known: Known) -> int | None:
    found = spans.said(said, known.zone)
    return found.low if found else None


def _link_of(known: Known, id_: EntryId) -> Link:
    found = known.entries.get(id_)
    return _link(known, found) if found else Link("An entry that was taken away", "")


def _link(known: Known, entry: Entry) -> Link:
    if entry.kind not in _FRAME:
        return Link(title(entry), of_entry(known, entry))
    name, below = _FRAME[entry.kind]
    return Link(name, f"{of_person(known.person)}{below}")


def day(at: int, known: Known) -> date:
    """The local day of a moment."""
    return datetime.fromtimestamp(at / 1000, known.zone).date()
