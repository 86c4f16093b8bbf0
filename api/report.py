"""What became of everything that an import read: counts, and why what was refused was refused."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from api.deeds import Did
from fhir_facade import references
from fhir_facade.elements import resource_types
from fhir_facade.identifiers import identifiers
from fhir_facade.intake import Piece
from fhir_facade.resources import RESOURCES, Resource
from fhir_facade.validate import validate
from plan.problem import Problem, Trouble


class Reason(StrEnum):
    """Why a file or a resource was not taken."""

    NOT_JSON = "it is not JSON, NDJSON or gzip of these"
    NOT_FHIR = "it is no FHIR resource"
    NO_SUCH_TYPE = "R4 has no such resource type"
    UNSERVED = "its type belongs to no plan and to no directory"
    OTHER_VERSION = "it is written in another version of FHIR"
    INVALID = "it is not valid R4"
    NOBODY = "it names nobody whose plan is here"
    CONTAINED = "its person is contained in it, and known to nobody else"
    GROUP = "it is about a group, not about one person"
    TWICE = "another resource that was read has its id and says something else"
    NEW_PERSON = "its person is not here, and no new people were wanted"
    LEAVE = "the worker has no leave to write it"
    RULE = "a rule of the plan forbids it"
    CONFLICT = "its person or its id is somebody else's already"


_COUNTED = (Did.CREATED, Did.UPDATED, Did.SAME)
JOINED = "joined"
"""What became of a Patient who was found to be somebody who is here already."""
_BY_TROUBLE = {
    Trouble.REFUSED: Reason.LEAVE,
    Trouble.NOT_FOUND: Reason.LEAVE,
    Trouble.UNPROCESSABLE: Reason.RULE,
    Trouble.NO_METHOD: Reason.RULE,
    Trouble.DUPLICATE: Reason.CONFLICT,
    Trouble.CONFLICT: Reason.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one resource: a `Did`, `joined`, or a reason; `target` is what it is called here."""

    piece: Piece
    did: Did | str
    target: str = ""
    detail: str = ""


@dataclass(slots=True)
class Refused:
    """How many were refused for one reason, and the first of them."""

    example: str
    detail: str
    count: int = 0


@dataclass(slots=True)
class Report:
    """The counts of one run. `begun` are people whom nothing but a reference named."""

    read: int = 0
    begun: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*_COUNTED, JOINED), 0))
    refused: dict[Reason, Refused] = field(default_factory=dict)

    def count(self, did: Did | str) -> None:
        """One more that was created, updated, unchanged or joined."""
        self.counts[did] += 1

    def refuse(self, reason: Reason, file: str, detail: str) -> None:
        """One more that was refused."""
        self.refused.setdefault(reason, Refused(file, detail)).count += 1

    @property
    def taken(self) -> int:
        """How many are in the database now."""
        return sum(self.counts.values())

    @property
    def refusals(self) -> int:
        """How many are not."""
        return sum(one.count for one in self.refused.values())


def reason_of(problem: Problem) -> Reason:
    """The reason behind a problem that the desk or the validation told."""
    if any(fault.mend.startswith("This looks like") for fault in problem.faults):
        return Reason.OTHER_VERSION
    return _BY_TROUBLE.get(problem.trouble, Reason.INVALID)


def unfit(resource: dict[str, Any]) -> tuple[Reason | None, str]:
    """Why a resource cannot be written whatever the desk says, and in which words."""
    type_ = resource.get("resourceType")
    row = RESOURCES.get(str(type_))
    if row is None:
        known = type_ in resource_types()
        return (Reason.UNSERVED if known else Reason.NO_SUCH_TYPE if type_ else Reason.NOT_FHIR), str(type_)
    try:
        validate(resource)
        identifiers(resource if row.type == "Patient" else {})
    except Problem as problem:
        return reason_of(problem), str(problem)
    return _nobody(resource, row)


def _nobody(resource: dict[str, Any], row: Resource) -> tuple[Reason | None, str]:
    if not row.person or references.patient_of(resource, row) or references.patient_identifier_of(resource, row):
        return None, ""
    said = [held for path in row.person for held in references.values(resource, path.split("."))]
    named = [str(held.get("reference", "")) for held in said if isinstance(held, dict)]
    if any(text.startswith("#") for text in named):
        return Reason.CONTAINED, named[0]
    if any(references.target_type(text) == "Group" for text in named):
        return Reason.GROUP, named[0]
    return Reason.NOBODY, f"{' or '.join(row.person)} refers to no Patient"
