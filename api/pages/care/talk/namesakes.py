"""Agencies as one chooses from them: by name, and where that may be the name of several by what tells them apart.

A referral that goes to a namesake tells a stranger of the person, so nobody has to guess.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from db.engine import Database
from db.knowing import directory
from fhir_facade import agencies, exact
from plan.known import AGENCY_KINDS

Option = tuple[str, str]
_PLACES: Final = ("city", "district", "postalCode", "text")
"""The parts of an Address (FHIR R4 datatypes.html) that say where an agency is; the first that is there is shown."""
_STEPS: Final = ((), ("kind", "place"), ("kind", "place", "id"))
"""What is said beside a name, from the least to what is always enough."""


@dataclass(frozen=True, slots=True)
class Named:
    """An agency to choose: `kind` and `place` in words, empty where the directory does not say."""

    id: str
    name: str
    kind: str = ""
    place: str = ""


async def told_apart(database: Database, names: Mapping[str, str], *, whole: bool) -> list[Option]:
    """Agencies, by id with their names, as options. `whole`: whether a namesake can only be one of them."""
    same = Counter(map(_folded, names.values()))
    ids = [id_ for id_, name in names.items() if not whole or same[_folded(name)] > 1]
    found = [exact.stored(text) for type_, text in await directory(database, ids) if type_ == "Organization"]
    pages = {str(page["id"]): page for page in found}
    return options((_named(id_, name, pages.get(id_, {"id": id_})) for id_, name in names.items()), whole=whole)


def options(there: Iterable[Named], *, whole: bool = True) -> list[Option]:
    """Ids and labels, by label: the name where it is one's own, else with kind and place, at last with the id."""
    every = list(there)
    labels = [{one.id: _label(one, parts) for one in every} for parts in _STEPS]
    made = _first_unique(labels if whole else labels[-1:])
    return sorted(made.items(), key=lambda one: (_folded(one[1]), one[0]))


def first(made: Iterable[Option], ids: Collection[str]) -> list[Option]:
    """The same options, with some of them before the others."""
    return sorted(made, key=lambda one: one[0] not in ids)


def _first_unique(labels: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Of every id the first of its labels that no other id has at any step; the last one where there is none."""
    said = Counter(label for _, label in {(id_, _folded(text)) for step in labels for id_, text in step.items()})
    found: dict[str, str] = dict(labels[-1])
    for step in reversed(labels):
        found |= {id_: text for id_, text in step.items() if said[_folded(text)] == 1}
    return found


def _label(one: Named, parts: Iterable[str]) -> str:
    said = ", ".join(filter(None, (getattr(one, part) for part in parts)))
    return f"{one.name} ({said})" if said else one.name


def _named(id_: str, name: str, page: Mapping[str, Any]) -> Named:
    kind = AGENCY_KINDS.get(agencies.agency(dict(page), ()).kind, "")
    return Named(id_, name, kind, _place(page))


def _place(page: Mapping[str, Any]) -> str:
    said = (str(address[part]) for address in page.get("address", ()) for part in _PLACES if address.get(part))
    return next(said, "")


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
