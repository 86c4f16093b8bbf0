"""Export: one person's plan as one Bundle, with what the directory says of those it names, and nothing hidden from the
caller. An import of it into another database makes the same plan: ids are kept, the frame carries its slots.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from api.deeds import Visit
from api.desk import Desk
from fhir_facade import exact, references
from fhir_facade.drafts import moment
from fhir_facade.intake import OWN_BASE, marked
from fhir_facade.resources import RESOURCES
from fhir_facade.systems import IDENTIFIERS
from plan.model import PLAN_SECTIONS, EntryId, PersonId, Section, Stored
from plan.problem import Problem

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """The Bundle as JSON text, how many entries of the plan it holds, and the sections that the caller may not see."""

    text: bytes
    entries: int
    left_out: Sequence[Section]


async def export(desk: Desk, visit: Visit, person: PersonId) -> Export:
    """Everything of a plan that the caller may see. Raises NOT_FOUND when that is nothing."""
    permit, _ = await desk.access(visit, person)
    entries = [stored for stored in await desk.plan(visit, person) if stored.type in RESOURCES]
    resources = [await _resource(desk, visit, entry) for entry in sorted(entries, key=_rank)]
    directory = await _directory(desk, visit, resources)
    left_out = [section for section in PLAN_SECTIONS if not permit.may_read(section)]
    return Export(exact.dumps(_bundle(desk, person, [*directory, *resources])), len(resources), left_out)


async def _resource(desk: Desk, visit: Visit, entry: Stored) -> Resource:
    stored = await desk.read(visit, entry.type, entry.id)
    return marked(exact.loads(stored.fhir.encode()), entry.slot, entry.restriction)


async def _directory(desk: Desk, visit: Visit, resources: Iterable[Resource]) -> list[Resource]:
    """What the resources refer to in the directory, and what that refers to; the named stand before what names them."""
    found: dict[str, Resource] = {}
    named = list(_named(resources))
    while named:
        reference = named.pop()
        if reference in found:
            continue
        type_, _, id_ = reference.partition("/")
        try:
            stored = await desk.read(visit, type_, EntryId(id_))
        except Problem:
            continue  # a reference that leads nowhere stays one
        found[reference] = exact.loads(stored.fhir.encode())
        named += _named([found[reference]])
    return [found[reference] for reference in sorted(found)]


def _named(resources: Iterable[Resource]) -> Iterable[str]:
    for resource in resources:
        for _, held in references.walk(resource):
            text = references.RELATIVE.fullmatch(str(held.get("reference", "")))
            if text and text["type"] in RESOURCES and RESOURCES[text["type"]].directory:
                yield f"{text['type']}/{text['id']}"


def _rank(entry: Stored) -> int:
    """The person first, then what others name, the frame's lists last."""
    return 0 if entry.type == "Patient" else 2 if entry.slot else 1


def _bundle(desk: Desk, person: PersonId, resources: Iterable[Resource]) -> Resource:
    return {
        "resourceType": "Bundle",
        "identifier": {"system": f"{IDENTIFIERS}/export", "value": person},
        "type": "collection",
        "timestamp": moment(desk.store.clock()),
        "entry": [{"fullUrl": f"{OWN_BASE}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources],
    }
