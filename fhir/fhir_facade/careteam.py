"""CareTeam: the one team of a plan, made from its members.

https://hl7.org/fhir/R4/careteam.html. Workers stand in it as PractitionerRole, which carries the agency, so
`onBehalfOf` stays empty (invariant ctm-1); an agency without a named worker stands as Organization.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fhir_facade import narrative
from fhir_facade.lens import Resource
from fhir_facade.systems import IDENTIFIERS, LOINC, SNOMED

_CATEGORY = {
    "coding": [{"system": LOINC, "code": "LA28865-6", "display": "Longitudinal care-coordination focused care team"}]
}
_PATIENT_ROLE = {"coding": [{"system": SNOMED, "code": "116154003", "display": "Patient"}], "text": "The person"}
AGENCY_IDENTIFIER = f"{IDENTIFIERS}/agency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One place in the team. `member` is a reference `Type/id`; empty when the directory does not know the agency."""

    id: str
    member: str
    agency: str
    role: str
    name: str = ""
    start: str = ""
    end: str = ""


def team(person: str, participants: Sequence[Participant], others: Sequence[Resource] = ()) -> Resource:
    """The team as it stands. `others` are participants that a client added and that are no agency (a nested team)."""
    return {
        "resourceType": "CareTeam",
        "text": narrative.narrative("Care team", [(p.role or "Agency", p.name or p.agency) for p in participants]),
        "status": "active",
        "category": [_CATEGORY],
        "name": "Care team",
        "subject": {"reference": f"Patient/{person}"},
        "participant": [_person(person), *(_participant(p) for p in participants), *others],
    }


def _person(person: str) -> Resource:
    return {"role": [_PATIENT_ROLE], "member": {"reference": f"Patient/{person}"}}


def _participant(one: Participant) -> Resource:
    member: Resource = {"reference": one.member} if one.member else {}
    if not one.member:
        member["identifier"] = {"system": AGENCY_IDENTIFIER, "value": one.agency}
    if one.name:
        member["display"] = one.name
    period = {name: value for name, value in (("start", one.start), ("end", one.end)) if value}
    role = {"role": [{"text": one.role}]} if one.role else {}
    return {"id": one.id, **role, "member": member, **({"period": period} if period else {})}


def sent(resource: Resource) -> list[tuple[str, str, str, Resource]]:
    """The participants that a client sent: member reference, start, end and the participant itself."""
    found = []
    for one in resource.get("participant", ()):
        member, period = one.get("member", {}), one.get("period", {})
        found.append((str(member.get("reference", "")), str(period.get("start", "")), str(period.get("end", "")), one))
    return found
