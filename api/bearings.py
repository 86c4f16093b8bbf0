"""Bearings of an import: what a reference means here, by what the run brings and by what the database holds already."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from api.deeds import Deed, Visit
from api.desk import Desk
from auth.access import Verb
from fhir_facade import exact, intake, references
from fhir_facade.addresses import Addresses, conditional
from fhir_facade.intake import Piece
from fhir_facade.resources import RESOURCES
from fhir_facade.systems import IDENTIFIERS
from plan.identity import identity, unique
from plan.model import EntryId
from plan.problem import Problem
from plan.query import Condition, Query, Token

ORIGIN = f"{IDENTIFIERS}/import"
"""The identifier system of people whom the import knows by a reference only."""


@dataclass(slots=True)
class Bearings:
    """Where things are. `here` and `absent` are names (`Type/id`) that the database was asked for, or was given."""

    desk: Desk
    visit: Visit
    addresses: Addresses = field(default_factory=Addresses)
    here: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    found: dict[tuple[str, str, str], str | None] = field(default_factory=dict)

    async def join(self) -> None:
        """Find the Patients of the run who are here already, or stand in it twice, by what names one person only."""
        owners: dict[tuple[str, str], str] = {}
        for (type_, system, value), targets in self.addresses.identifiers.items():
            pair = _unique(self.desk, system, value) if type_ == "Patient" else None
            if pair is None:
                continue
            for target in targets:
                known = owners.get(pair) or await self.identified(("Patient", *pair)) or target
                owners[pair] = known
                if known != target:
                    self.addresses.became[target] = known

    async def known(self, piece: Piece) -> dict[str, str]:
        """What the database, or the begin of a person, makes of the references that the run does not know."""
        known: dict[str, str] = {}
        for text in self.addresses.unknown(piece):
            condition = conditional(text)
            if condition:
                target = await self.identified(condition)
            else:
                target = await self._derived(piece, text)
            if target:
                known[text] = target
        return known

    async def _derived(self, piece: Piece, text: str) -> str | None:
        """The entry that an earlier run made of a reference's target; for a Patient also the one that shall begin."""
        candidates = [(space, key) for space, key in intake.keys(piece, text) if references.RELATIVE.fullmatch(key)]
        targets = [f"{key.partition('/')[0]}/{intake.id_of(space, key)}" for space, key in candidates]
        for target in targets:
            if await self.is_here(target):
                return target
        if candidates and candidates[0][1].startswith("Patient/"):
            return text if await self.is_here(text) else targets[0]
        return None

    async def strangers(self, piece: Piece, *, coming: bool) -> list[tuple[str, str, str]]:
        """The Patients whom a resource names and who are not here: new name, and the identifier they begin with.

        `coming`: those whom the run brings are still to be written.
        """
        found = []
        said = await self.known(piece)
        for _, held in references.walk(piece.resource):
            text = held.get("reference")
            in_run = self.addresses.find(piece, text) if isinstance(text, str) else None
            target = in_run or said.get(str(text), "")
            awaited = in_run and coming and target not in self.addresses.ghosts
            if target.startswith("Patient/") and not awaited and not await self.is_here(target):
                space, key = next(intake.keys(piece, str(text)))
                found.append((target, ORIGIN, f"{space}/{key}"))
        named = await self._named_only(piece, coming=coming)
        return [*found, named] if named else found

    async def _named_only(self, piece: Piece, *, coming: bool) -> tuple[str, str, str] | None:
        """The person whom a resource names by an identifier alone, when nobody here or in the run has it."""
        row = RESOURCES[piece.type]
        if references.patient_of(piece.resource, row) or not row.person:
            return None
        said = references.patient_identifier_of(piece.resource, row)
        pair = _unique(self.desk, *said) if said else None
        if said is None or pair is None or await self.identified(("Patient", *pair)):
            return None
        if ("Patient", *said) in self.addresses.identifiers and coming:
            return None
        return (f"Patient/{intake.derived(*pair)}", *pair)

    async def is_here(self, target: str) -> bool:
        """Whether the worker can see an entry of this name."""
        if target in self.here or target in self.absent:
            return target in self.here
        type_, _, id_ = target.partition("/")
        try:
            await self.desk.read(self.visit, type_, EntryId(id_))
        except Problem:
            self.absent.add(target)
            return False
        self.here.add(target)
        return True

    async def identified(self, condition: tuple[str, str, str]) -> str | None:
        """The one entry of the database that a conditional reference finds."""
        if condition not in self.found:
            type_, system, value = condition
            token = Token(value, system or None)
            hits: Sequence[Any] = ()
            if type_ in RESOURCES:
                query = Query(type=type_, conditions=(Condition("identifier", (token,)),), count=2)
                hits = (await self.desk.search(self.visit, query)).hits
            self.found[condition] = f"{type_}/{hits[0].id}" if len(hits) == 1 else None
        return self.found[condition]

    async def reaches(self, piece: Piece) -> bool:
        """Whether a resource leads to a person, who may be still to come or to begin."""
        row = RESOURCES[piece.type]
        resource = self.addresses.rewritten(piece, await self.known(piece))
        text = references.patient_of(resource, row)
        if text is None:
            said = references.patient_identifier_of(resource, row)
            return said is not None and _unique(self.desk, *said) is not None
        type_ = references.target_type(text)
        if type_ == "Patient":
            return True
        known = type_ in RESOURCES and not RESOURCES[type_].directory
        return known and (text in self.addresses.firsts or await self.is_here(text))

    async def says_the_same(self, deed: Deed) -> bool:
        assert deed.id is not None
        try:
            stored = await self.desk.read(self.visit, deed.type, deed.id)
        except Problem:
            return False
        return intake.content(exact.loads(stored.fhir.encode())) == intake.content(deed.resource or {})


def _unique(desk: Desk, system: str, value: str) -> tuple[str, str] | None:
    """An identifier in its one spelling, when it names one person only and can be right."""
    if not unique(system, desk.identity_systems):
        return None
    try:
        return identity(system, value)
    except ValueError:
        return None


def begun(target: str, system: str, value: str) -> Deed:
    """A person of whom nothing is known but that somebody refers to them."""
    resource = {
        "resourceType": "Patient",
        "identifier": [{"system": system, "value": value}],
        "name": [{"text": "Not yet known"}],
    }
    id_ = EntryId(target.removeprefix("Patient/"))
    return Deed(verb=Verb.CREATE, type="Patient", id=id_, resource=resource, settled=True)
