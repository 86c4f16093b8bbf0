"""Old names to new ids: which resources a run of the import knows, and each reference turned to what it means here.

Source: FHIR R4 references.html (literal, logical and conditional references), http.html 3.1.0.11.1 (what is rewritten).
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fhir_facade import references
from fhir_facade.intake import Piece, keys

Json = Any
Identifier = tuple[str, str, str]
"""Type, system, value."""


@dataclass(frozen=True, slots=True)
class First:
    """Which resource has a name: of two that say different things, the one that is newer, else the one read first."""

    updated: str
    digest: str
    file: str
    at: int


@dataclass(slots=True)
class Addresses:
    """Everything that the resources of one run are called, by what they are called here (`Type/id`).

    `became` maps a resource of the run to what it is found to be here: a Patient to a person who is here already, a
    section of an export to that section of the plan. `frames`: what fills the slots of each exported plan. `ghosts`:
    Patients who will not come.
    """

    names: dict[tuple[str, str], str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    identifiers: dict[Identifier, list[str]] = field(default_factory=dict)
    frames: dict[str, dict[str, str]] = field(default_factory=dict)
    became: dict[str, str] = field(default_factory=dict)
    firsts: dict[str, First] = field(default_factory=dict)
    ghosts: set[str] = field(default_factory=set)

    def add(self, piece: Piece) -> None:
        """A resource that the run brings."""
        self.names[piece.space, piece.key] = piece.target
        if piece.url:
            self.urls.setdefault(piece.url, piece.target)
        for identifier in identifiers_of(piece.resource):
            owners = self.identifiers.setdefault(identifier, [])
            if piece.target not in owners:
                owners.append(piece.target)
        if piece.slot:
            self.frames.setdefault(_owner(piece), {})[piece.slot] = piece.target
        known, said = self.firsts.get(piece.target), _first(piece)
        if known is None or (said.updated > known.updated and said.digest != known.digest):
            self.firsts[piece.target] = said

    def ghost(self, piece: Piece) -> None:
        """A Patient who cannot be taken; who belongs to them is still told apart by them."""
        self.add(piece)
        self.ghosts.add(piece.target)

    def drop(self, piece: Piece) -> None:
        """A resource that the run does not bring after all: what refers to it stays as it is."""
        self.firsts.pop(piece.target, None)
        self.names = {name: target for name, target in self.names.items() if target != piece.target}
        for owners in self.identifiers.values():
            owners[:] = [owner for owner in owners if owner != piece.target]

    def twice(self, piece: Piece) -> First | None:
        """The other resource of the run that has this one's id and says something else; None when there is none."""
        known = self.firsts[piece.target]
        return None if known.digest == piece.digest else known

    def find(self, piece: Piece, reference: str) -> str | None:
        """What a reference of `piece` means here; None when the run does not know it."""
        found = next(
            (name for name in (piece.links.get(reference), self.urls.get(reference)) if name in self.firsts), None
        )
        if found is None:
            found = next((self.names[key] for key in keys(piece, reference) if key in self.names), None)
        condition = conditional(reference)
        if found is None and condition:
            owners = self.identifiers.get(condition, [])
            found = owners[0] if len(owners) == 1 else None
        return self.became.get(found, found) if found else None

    def unknown(self, piece: Piece) -> Iterator[str]:
        """The references that the run does not know."""
        for _, held in references.walk(piece.resource):
            text = held.get("reference")
            if isinstance(text, str) and self.find(piece, text) is None:
                yield text

    def rewritten(self, piece: Piece, known: dict[str, str]) -> dict[str, Json]:
        """The resource as it is kept here. `known`: what the database says of references that the run does not know.

        A conditional reference that finds nothing becomes a logical one; all others that lead nowhere stay.
        """

        def by(text: str) -> str:
            return self.find(piece, text) or known.get(text, text)

        return logical(references.rewrite(piece.resource, by))


def logical(resource: dict[str, Json]) -> dict[str, Json]:
    """The resource with each conditional reference turned into the logical one that says the same."""
    if not any(conditional(str(held.get("reference", ""))) for _, held in references.walk(resource)):
        return resource
    made = copy.deepcopy(resource)
    for _, held in references.walk(made):
        condition = conditional(str(held.get("reference", "")))
        if condition:
            del held["reference"]
            held.setdefault("identifier", _identifier(condition))
    return made


def conditional(reference: str) -> Identifier | None:
    """Type, system and value of `Type?identifier=system|value`; None for any other reference."""
    type_, mark, query = reference.partition("?")
    name, _, token = query.partition("=")
    if not mark or name != "identifier" or "&" in token or not token:
        return None
    system, _, value = unquote(token).rpartition("|")
    return type_, system, value


def identifiers_of(resource: dict[str, Json]) -> Iterator[Identifier]:
    """The identifiers by which a conditional reference may find a resource."""
    held = resource.get("identifier")
    for one in held if isinstance(held, list) else ():
        if isinstance(one, dict) and isinstance(one.get("value"), str):
            yield str(resource.get("resourceType")), str(one.get("system", "")), one["value"]


def _owner(piece: Piece) -> str:
    """The Patient of a piece of the frame."""
    subject = piece.resource.get("subject")
    return (
        piece.target if piece.type == "Patient" else str(subject.get("reference")) if isinstance(subject, dict) else ""
    )


def _identifier(condition: Identifier) -> dict[str, str]:
    _, system, value = condition
    return {"system": system, "value": value} if system else {"value": value}


def _first(piece: Piece) -> First:
    meta = piece.resource.get("meta")
    updated = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return First(str(updated or ""), piece.digest, piece.file, piece.at)
