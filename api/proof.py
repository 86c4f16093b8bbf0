"""Proof: the Provenance that comes with a request is kept for every version that it wrote, or nothing is written.

FHIR R4 provenance.html 6.3.4 (X-Provenance): the client leaves the target out, because only the service knows the
versions. Each Provenance stands in the section of what it tells of, under the same restriction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from api.contents import linked
from api.deeds import UNSAID, Deed, Did, Outcome
from auth.access import Verb
from db.writing import NO_PERSON
from plan.model import Json, PersonId, Stored
from plan.problem import Fault, Problem, Trouble

if TYPE_CHECKING:
    from api.work import Work

_WRITTEN = frozenset({Did.CREATED, Did.UPDATED, Did.DELETED})


async def keep(
    work: Work, said: dict[str, Json], outcomes: Sequence[Outcome], links: Mapping[str, str]
) -> list[Outcome]:
    """One Provenance for each version that was written; leave is asked for each."""
    written = [one.stored for one in outcomes if one.did in _WRITTEN]
    people = {stored.person for stored in written} - {NO_PERSON}
    made = []
    for stored in written:
        deed = _deed(said, stored, _whose(stored, people))
        made.append(await work.one(linked(deed, links)))
    return made


def _deed(said: dict[str, Json], stored: Stored, person: PersonId) -> Deed:
    target = f"{stored.type}/{stored.id}/_history/{stored.version}"
    return Deed(
        verb=Verb.CREATE,
        type="Provenance",
        person=person,
        resource={**said, "target": [{"reference": target}]},
        section=stored.section if stored.person != NO_PERSON else None,
        restriction=UNSAID if stored.restriction is None else stored.restriction,
    )


def _whose(stored: Stored, people: set[PersonId]) -> PersonId:
    """In whose plan a Provenance stands: one of the directory's in that of the only person of the request."""
    if stored.person != NO_PERSON:
        return stored.person
    if len(people) == 1:
        return next(iter(people))
    what = f"a Provenance of {stored.type} has no plan to stand in"
    mend = "Send it in a transaction with the entries of one person, or without X-Provenance."
    raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, mend=mend),))
