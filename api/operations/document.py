"""$document: a Composition with all that it refers to, or a whole plan, as one document.

Source: FHIR R4 OperationDefinition Composition-document. Our own addition: `subject` names a person, and `id` may name
the root of a plan or one of its sections; the Composition is then made on the fly, of what the caller may see. Nothing
is kept of a document: `persist` is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

from api.desk_operations import Operations
from api.fhir_asked import Answer, Asked
from api.frame import ROOT
from api.ids import fresh
from api.operations.sent import said
from db.everything import Wanted
from db.store import Hit
from fhir_facade import careteam, document, exact, found, parameters
from fhir_facade.document import Part
from fhir_facade.found import Found
from fhir_facade.parameters import In, Said
from fhir_facade.references import RELATIVE, at_home, relative
from fhir_facade.searched import ID
from plan.model import EntryId, PersonId, Role, Slot, Stored
from plan.problem import Fault, Problem, Trouble

_ALWAYS = (In("persist", "boolean"), In("graph", "uri"))
TAKES = (In("id", "uri"), In("subject", "Reference"), *_ALWAYS)
MOST = 5000
"""Entries of one document."""
_MOST_REFERRED = 500


async def of_composition(asked: Asked) -> Answer:
    """The document of one Composition."""
    _bounded(said(asked, _ALWAYS))
    return await _composed(asked, asked.id)


async def of_any(asked: Asked) -> Answer:
    """The document of a Composition, or of a plan, that is named by a parameter."""
    told = said(asked, TAKES)
    _bounded(told)
    id_, subject = parameters.one(told, "id"), parameters.one(told, "subject")
    if (id_ is None) == (subject is None):
        _refuse(Trouble.REQUIRED, "id or subject is needed, and not both", "Name a Composition or a person.")
    if subject is not None:
        return await _of_plan(asked, PersonId(_named(asked, str(subject.get("reference", "")), "Patient")[1]))
    type_, name = _named(asked, id_, "Composition", "CarePlan")
    if type_ == "Composition":
        return await _composed(asked, EntryId(name))
    plan = await asked.desk.read(asked.visit, "CarePlan", EntryId(name))
    if plan.slot == ROOT:
        return await _of_plan(asked, plan.person)
    if not (plan.slot or "").startswith(Slot.SECTION.value):
        _refuse(Trouble.NOT_SUPPORTED, "this CarePlan is no plan of ours", "Name the root of a plan, or a section.")
    return await _of_plan(asked, plan.person, plan)


async def _composed(asked: Asked, id_: EntryId) -> Answer:
    desk = Operations.of(asked.desk)
    stored = await desk.read(asked.visit, "Composition", id_)
    resource = exact.stored(stored.fhir)
    ids = [one for one in document.referred(resource) if one != stored.id]
    if len(ids) > _MOST_REFERRED:
        raise Problem(Trouble.TOO_COSTLY, f"A document has at most {_MOST_REFERRED} entries of a plan here.")
    hits: Sequence[Hit] = ()
    if ids:
        wanted = Wanted(persons=(stored.person,), ids=tuple(ids), count=_MOST_REFERRED)
        hits, _ = await desk.everything(asked.visit, wanted, "Composition")
    first = Found(type="Composition", id=stored.id, text=stored.fhir)
    return await _document(asked, desk, first, hits)


async def _of_plan(asked: Asked, person: PersonId, section: Stored | None = None) -> Answer:
    """The whole plan, or one section of it, as far as the caller may see it."""
    desk = Operations.of(asked.desk)
    patient = await desk.read(asked.visit, "Patient", EntryId(person))
    hits, more = await desk.everything(asked.visit, Wanted(persons=(person,), count=MOST))
    if more:
        raise Problem(Trouble.TOO_COSTLY, f"A document has at most {MOST} entries; ask for one section.")
    if section:
        hits = [hit for hit in hits if hit.section == section.section.value or hit.id == patient.id]
    parts = {hit.id: Part(hit.section, _address(asked, hit), exact.stored(hit.text), hit.slot or "") for hit in hits}
    subject = parts.pop(EntryId(person), None)
    if subject is None:  # the leave ended between the two
        raise Problem(Trouble.NOT_FOUND)
    author, custodian = await _agencies(asked, desk, patient, subject)
    id_, at = fresh(), desk.store.clock()
    made = document.composition(id_, at, subject, list(parts.values()), author, custodian)
    first = Found(type="Composition", id=id_, text=exact.text(made), address=f"urn:uuid:{id_}")
    return await _document(asked, desk, first, hits)


async def _agencies(asked: Asked, desk: Operations, patient: Stored, subject: Part) -> tuple[Any, Any]:
    """Who makes the document, and who keeps the plan: by reference where the directory knows the agency."""
    caller = asked.visit.caller
    wanted = {name: {"reference": f"Organization/{name}"} for name in (caller.agency, patient.agency) if ID.match(name)}
    listed = await desk.supporting(asked.visit, [exact.text({"author": list(wanted.values())})])
    known = {hit.id: {"reference": _address(asked, hit)} for hit in listed if hit.type == "Organization"}

    def named(agency: str) -> dict[str, Any]:
        by_number = {"identifier": {"system": careteam.AGENCY_IDENTIFIER, "value": agency or "none"}}
        return known.get(EntryId(agency)) or {"type": "Organization", **by_number}

    author = {"reference": subject.address} if caller.role is Role.PERSON else named(caller.agency)
    return author, named(patient.agency)


async def _document(asked: Asked, desk: Operations, first: Found, hits: Sequence[Hit]) -> Answer:
    lead = exact.text(at_home(exact.stored(first.text), asked.base))
    listed = await desk.supporting(asked.visit, [lead, *(hit.text for hit in hits)])
    shown = [hit for hit in [*hits, *listed] if asked.version.shown_type(hit.type)]
    if not first.address:
        there = {f"{hit.type}/{hit.id}" for hit in shown} | {f"{first.type}/{first.id}"}
        first = replace(first, text=exact.text(document.within(exact.stored(first.text), there)))
    entries = [first, *(Found(type=hit.type, id=hit.id, text=hit.text) for hit in shown)]
    resources = [exact.stored(one.text) for one in entries]
    head = document.head(fresh(), desk.store.clock(), resources)
    return Answer(text=found.document(entries, asked.base, asked.version, head))


def _address(asked: Asked, hit: Hit) -> str:
    return f"{asked.base}/{asked.version.shown_type(hit.type)}/{hit.id}"


def _named(asked: Asked, text: str, *types: str) -> tuple[str, str]:
    """Type and id of what a parameter names: by its id alone, which is then of the first type, or with its type."""
    address = relative(text, asked.base)
    if ID.match(address):
        return types[0], address
    named = RELATIVE.fullmatch(address)
    if named is None or named["type"] not in types:
        _refuse(Trouble.BAD_VALUE, f"this names no {' or '.join(types)} of this server", f"Write {types[0]}/ID.")
    return named["type"], named["id"]


def _bounded(told: Said) -> None:
    if parameters.one(told, "persist", default=False):
        _refuse(Trouble.NOT_SUPPORTED, "documents are not kept here", "Leave persist out, and keep the answer.")
    if "graph" in told:
        _refuse(Trouble.NOT_SUPPORTED, "graphs are not supported", "Leave graph out.")


def _refuse(trouble: Trouble, what: str, mend: str) -> NoReturn:
    raise Problem(trouble, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
