"""Which codes a value set lists, and which codes stand under another: as far as the tables and our own resources know.

Source: fhir/definitions/ (value sets of required bindings, code systems with a hierarchy) and fhir/profiles/. What is
not known there is not guessed: the caller refuses it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fhir_facade import published
from fhir_facade.params import definitions
from fhir_facade.release import VersionName

_OFFICIAL = ("http://hl7.org/fhir/ValueSet/", "http://terminology.hl7.org/ValueSet/")


def listed(canonical: str, version: VersionName) -> Mapping[str, tuple[str, ...]] | None:
    """System to codes of a value set; None for one that is not known here, or not as a plain list."""
    url = canonical.partition("|")[0]
    stem, name = url[: url.rfind("/") + 1], url.rpartition("/")[2]
    if stem in _OFFICIAL:
        return _tables(version)[0].get(name)
    return _ours(url)


def narrower(system: str, code: str, version: VersionName) -> frozenset[str] | None:
    """The code and all that stand under it; None for a system that is not known here."""
    above = _above(system, version)
    if above is None:
        return None
    return frozenset({code, *(each for each in above if code in _closure(each, above))})


def broader(system: str, code: str, version: VersionName) -> frozenset[str] | None:
    """The code and all that it stands under; None for a system that is not known here."""
    above = _above(system, version)
    return None if above is None else frozenset({code, *_closure(code, above)})


def _above(system: str, version: VersionName) -> Mapping[str, tuple[str, ...]] | None:
    """What each code of a system stands under; empty for one without a hierarchy."""
    _, hierarchies, flat = _tables(version)
    found = hierarchies.get(system)
    if found is None and (system in flat or published.canonical(system) is not None):
        return {}
    return found


def _closure(code: str, above: Mapping[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    waiting = [code]
    while waiting:
        fresh = [each for each in above.get(waiting.pop(), ()) if each not in found]
        found.update(fresh)
        waiting += fresh
    return found


_Lists = Mapping[str, Mapping[str, tuple[str, ...]]]


@cache
def _tables(version: VersionName) -> tuple[_Lists, _Lists, frozenset[str]]:
    """Value sets by name, hierarchies by system, and the systems that the value sets name."""
    sets = definitions(f"codes_{version.lower()}.json")
    trees = definitions(f"hierarchies_{version.lower()}.json")
    hierarchies = {
        system: {code: tuple(held.split(" ")) for code, held in tree.items()} for system, tree in trees.items()
    }
    return sets, hierarchies, frozenset(system for held in sets.values() for system in held)


def _ours(url: str) -> Mapping[str, tuple[str, ...]] | None:
    found = published.canonical(url)
    if found is None or found["resourceType"] != "ValueSet":
        return None
    sets = {
        include["system"]: tuple(_codes(include.get("concept") or _system(include["system"])))
        for include in found["compose"]["include"]
        if "system" in include
    }
    return sets if sets and all(sets.values()) else None


def _system(url: str) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = (published.canonical(url) or {}).get("concept", [])
    return held


def _codes(concepts: list[dict[str, Any]]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", []))
