"""What agencies and authors are called in what the service writes: by their names, as people say them.

Rules are pure, so the directory is read before they are asked: `mentioned` says of whom. A name is only ever a word in
a text; keys, digests and marks are made of ids, so that an agency that takes another name is written anew and nothing
else happens.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from plan.known import HOUSE, Entry, Known
from plan.model import AgencyId, Json

MOST: Final = 500
"""Of how many agencies the names are read: a plan that mentions more says the rest by their ids."""
SELVES: Final[Mapping[str, str]] = {"person": "the person", "carer": "a carer"}
"""By the role of who wrote it: those who write for themselves, whose agency is an account and has no name."""
SENDER: Final = "the sender"
_OURS: Final = frozenset({*SELVES.values(), SENDER})
_ORGANIZATION: Final = "Organization/"
_ID: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}")
"""FHIR R4, id."""


def mentioned(entries: Iterable[Entry]) -> tuple[AgencyId, ...]:
    """The agencies that entries name: whose they are, who wrote them, to whom they are restricted, to whom they refer.

    In order, and at most MOST of them.
    """
    found: set[str] = set()
    for entry in entries:
        found |= {entry.agency, entry.by_agency, *(entry.restriction or ()), *_named(entry.body)}
    return tuple(AgencyId(id_) for id_ in sorted(found) if id_ != HOUSE and _ID.fullmatch(id_))[:MOST]


def _named(value: Json) -> Iterator[str]:
    """Every `Organization/id` in a body, and every id that stands under `agency`."""
    if isinstance(value, Mapping):
        said = value.get("agency")
        yield from [said] if isinstance(said, str) else []
        for part in value.values():
            yield from _named(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _named(part)
    elif isinstance(value, str) and value.startswith(_ORGANIZATION):
        yield value.removeprefix(_ORGANIZATION)


def author(known: Known, entry: Entry) -> str:
    """Whose words an entry is: the person's, a carer's, or those of the agency whose entry it is."""
    return SELVES.get(entry.by_role) or known.called(entry.agency)


def opening(text: str) -> str:
    """A text that opens a sentence."""
    return text[:1].upper() + text[1:]


def within(name: str) -> str:
    """A name inside a sentence: our own words for somebody are written small there, and names as they are."""
    small = name[:1].lower() + name[1:]
    return small if small in _OURS else name
