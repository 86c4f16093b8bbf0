"""The frame of an export meets the frame of the plan it is imported into: root, team, sections, matched by slot."""

from typing import Any

from api.deeds import Deed, Visit
from api.desk import Desk
from auth.access import Verb
from fhir_facade import careplan, careteam, exact
from fhir_facade.addresses import Addresses
from plan.model import EntryId, PersonId
from plan.problem import Problem

_OURS = ("id", "meta", "text", "period", "created")
"""What the service says in a plan of its own, whatever a client sends."""


async def match(desk: Desk, visit: Visit, addresses: Addresses, patient: str) -> None:
    """Map what fills a slot in the export of a Patient to what fills it here, once the person is here."""
    slots = addresses.frames[patient]
    person = addresses.became.get(patient, patient).removeprefix("Patient/")
    try:
        entries = await desk.plan(visit, PersonId(person))
    except Problem:
        return  # the Patient was refused, and that is what is told
    for entry in entries:
        if entry.slot in slots:
            addresses.became[slots[entry.slot]] = f"{entry.type}/{entry.id}"


async def deed(desk: Desk, visit: Visit, target: str, resource: dict[str, Any]) -> Deed | None:
    """The change that an export makes of an entry of the frame; None when it says nothing new."""
    type_, _, id_ = target.partition("/")
    try:
        current = exact.loads((await desk.read(visit, type_, EntryId(id_))).fhir.encode())
    except Problem:
        current = None  # hidden, or not here: the desk tells which when it is asked to change it
    if current is not None and _same(current, resource):
        return None
    return Deed(verb=Verb.UPDATE, type=type_, id=EntryId(id_), resource=resource)


def _same(current: dict[str, Any], sent: dict[str, Any]) -> bool:
    if current["resourceType"] == "CareTeam":
        return _places(sent) <= _places(current)
    made = careplan.amended(current, sent)
    listed = careplan.references(sent) <= careplan.references(current)
    return listed and not careplan.details(sent) and _words(made) == _words(current)


def _places(team: dict[str, Any]) -> set[bytes]:
    """Who has a place in a team, and whether it has ended; when is for each database to say."""
    held = careteam.sent(team)
    return {exact.dumps([one.get("member"), one.get("role"), bool(end)]) for _, _, end, one in held}


def _words(plan: dict[str, Any]) -> bytes:
    return exact.dumps({name: plan[name] for name in sorted(plan) if name not in _OURS})
