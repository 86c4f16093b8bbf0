"""Deeds: what a door asks the desk to write, whichever door it was, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from auth.access import Verb
from auth.caller import Caller
from plan.model import AgencyId, EntryId, Json, PersonId, Section, Stored
from plan.problem import Problem, Trouble
from plan.query import Query

UNSAID: Final = frozenset({AgencyId("*")})
"""A restriction that the client did not speak of: it stays as it is."""
NOT_YOURS: Final = AgencyId("*")
"""An owner that no caller is: only who manages the section passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request at a door: who, by which door, under which request id."""

    caller: Caller
    door: str
    request: str


@dataclass(slots=True, kw_only=True)
class Deed:
    """One write.

    Either `resource` (an R4 resource, validated) or `kind` and `body` (a native body, validated) says what; a delete
    has neither; a native body that is new names its `section`. `id` or `slot` says which entry; a create may bring an
    id of ours (import). `person` is set when the address names the person. `version`: the one that the client changes.
    `unless`: do nothing where this finds one. `link` is the address by which other deeds of the same transaction refer
    to this one. `settled`: do nothing when the content is the same already (import).

    `late`: it tells what has happened elsewhere, whenever that becomes known here (a hospital's feed).

    `where`: the entry is the one that this finds; an update makes a new one where it finds none. `change` makes the
    resource of an update from the entry as it is (a patch). `new_only`: only where nothing is there now; `versioned`:
    what is there is changed only in a version that is said. `idempotent`: a delete of what is not there is no failure.
    `reason`: why, in words; it is kept with the version.
    `meta_set`: tags and security labels are exactly those of the resource; otherwise those that are there stay.
    """

    verb: Verb
    type: str
    id: EntryId | None = None
    slot: str = ""
    person: PersonId | None = None
    resource: dict[str, Json] | None = None
    kind: str = ""
    body: dict[str, Json] | None = None
    section: Section | None = None
    restriction: frozenset[AgencyId] | None = UNSAID
    version: int | None = None
    unless: Query | None = None
    where: Query | None = None
    change: Callable[[Stored], dict[str, Json]] | None = None
    new_only: bool = False
    versioned: bool = False
    idempotent: bool = False
    meta_set: bool = False
    link: str = ""
    settled: bool = False
    late: bool = False
    reason: str = ""


class Did(StrEnum):
    """What came of a deed."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    FOUND = "found"
    SAME = "same"
    GONE = "gone"
    """It was deleted before; nothing was written."""
    ABSENT = "absent"
    """There is nothing to delete, or nothing for this caller; the entry of the outcome only names what was meant."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a deed, and the entry as it is now, with both faces."""

    did: Did
    stored: Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An Idempotency-Key with the digest of the request that carries it."""

    key: str
    digest: str

    def must_be_of(self, digest: str) -> None:
        """Insist that the request is the one that the key was used for. Raises KEY_REUSED."""
        if digest != self.digest:
            raise Problem(Trouble.KEY_REUSED, "Use a new Idempotency-Key for a new action.")


Faces = dict[str, Any]
