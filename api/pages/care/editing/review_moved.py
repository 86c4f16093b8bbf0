"""What moved while somebody read: the entries of some sections that differ from a moment, was and now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from api.pages.care.addresses import of_entry
from api.pages.care.names import called, named
from api.pages.care.reader import Reader
from api.pages.care.wording import SECTIONS, Changed, Wording, label
from fhir_facade.drafts import fields_of
from plan.kinds import KINDS
from plan.known import Known
from plan.model import EntryId

_PASSED_OVER = frozenset({"review", "person", "plan", "team"})
ADDED, CHANGED, GONE = "Added", "Changed", "Taken away"


class Moved(NamedTuple):
    """One entry that differs: how, what it is called, where it is, who wrote it when, and what differs in it."""

    how: str
    kind: str
    title: str
    href: str
    by: str
    at: int | None
    rows: list[Changed]


async def moved_since(reader: Reader, known: Known, sections: Iterable[str], seen: str) -> dict[str, list[Moved]]:
    """What differs in each of these sections, by its name, between a moment and now."""
    told = (await reader.ask("GET", f"/v1/people/{known.person}/plan/diff", query={"from": seen})).body
    words = reader.wording(known)
    found = list(_each(words, told))
    return {SECTIONS[section]: [moved for where, moved in found if where == section] for section in sections}


def _each(words: Wording, told: Mapping[str, Any]) -> Iterator[tuple[str, Moved]]:
    for one in told["added"]:
        if one["kind"] not in _PASSED_OVER:
            yield one["section"], _whole(words, ADDED, one, words.changed({}, fields_of(one)))
    for one in told["changed"]:
        if one["kind"] not in _PASSED_OVER and one["differences"]:
            yield one["section"], _changed(words, one)
    for one in told["removed"]:
        if one["kind"] not in _PASSED_OVER:
            yield one["section"], _whole(words, GONE, one, words.changed(fields_of(one), {}))


def _whole(words: Wording, how: str, body: Mapping[str, Any], rows: list[Changed]) -> Moved:
    """An entry that came or went."""
    there = words.known.entries.get(EntryId(body["id"]))
    row = KINDS.get(body["kind"])
    title = row.title(fields_of(body)) if row else str(body.get("title", ""))
    href = of_entry(words.known, there) if there else ""
    by, at = (words.by(there), there.at) if there else ("", None)
    return Moved(how, called(body["kind"]), title, href, by, at, rows)


def _changed(words: Wording, one: Mapping[str, Any]) -> Moved:
    there = words.known.entries[EntryId(one["entry"])]
    rows = [
        Changed(_label(said["pointer"]), tuple(words.lines(said["was"])), tuple(words.lines(said["now"])))
        for said in one["differences"]
    ]
    return Moved(
        CHANGED, called(one["kind"]), named(there), of_entry(words.known, there), words.by(there), there.at, rows
    )


def _label(pointer: str) -> str:
    """What a JSON pointer is called: `/code/text` is `Code: Text`."""
    parts: Sequence[str] = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return ": ".join(map(label, parts))
