"""A plan as one document: the Composition that leads it, and what a Composition refers to.

Source: FHIR R4 documents.html, composition.html and bundle.html (bdl-9 to bdl-11). The narrative is made from the
entries, so that a reader without software reads what software reads.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from fhir_facade import metas, narrative
from fhir_facade.careplan import TITLES
from fhir_facade.drafts import moment, title_of
from fhir_facade.references import RELATIVE, values, walk
from fhir_facade.resources import RESOURCES
from fhir_facade.systems import HL7, IDENTIFIERS, LOINC, PLAN_SECTION, SNOMED
from plan.model import Section, Slot

Json = Any
Resource = dict[str, Json]
DOCUMENT = f"{IDENTIFIERS}/document"
_TYPE = {
    "coding": [
        {"system": LOINC, "code": "18776-5", "display": "Plan of care note"},
        {"system": SNOMED, "code": "734163000", "display": "Care plan"},
    ],
    "text": "Care plan",
}
_EMPTY = f"{HL7}/list-empty-reason"
_NOT_HERE = "Not shown here"
_NOTHING = ("Entries", "None that you may see.")


@dataclass(frozen=True, slots=True)
class Part:
    """An entry of the document: where in the plan it stands, its address, its R4 form, its slot in the frame."""

    section: str
    address: str
    resource: Resource
    slot: str = ""


def composition(
    id_: str, at: int, subject: Part, parts: Sequence[Part], author: Mapping[str, Json], custodian: Mapping[str, Json]
) -> Resource:
    """The Composition of a plan: one section for each that has an entry, in reading order. `at` in milliseconds."""
    name = title_of(subject.resource)
    title = "Care plan"
    made: Resource = {
        "resourceType": "Composition",
        "id": id_,
        "text": narrative.narrative(title, [("Person", name), ("Made", moment(at))]),
        "status": "final",
        "type": _TYPE,
        "subject": {"reference": subject.address},
        "date": moment(at),
        "author": [dict(author)],
        "title": title,
        "custodian": dict(custodian),
    }
    sections = [_section(section, [one for one in parts if one.section == section]) for section in Section]
    made["section"] = [section for section in sections if section]
    if not made["section"]:
        del made["section"]
    label = metas.highest(one.resource.get("meta", {}) for one in (subject, *parts))
    return {**made, "meta": label} if label else made


def head(identifier: str, at: int, resources: Sequence[Mapping[str, Json]]) -> Resource:
    """What a document says of itself: identifier, moment, and the highest confidentiality of what is in it."""
    label = metas.highest(one.get("meta", {}) for one in resources)
    made: Resource = {"meta": label} if label else {}
    return {
        **made,
        "identifier": {"system": DOCUMENT, "value": f"urn:uuid:{identifier}"},
        "type": "document",
        "timestamp": moment(at),
    }


def referred(resource: Resource) -> list[str]:
    """The ids of the entries of plans that a Composition refers to, each once."""
    ids: dict[str, None] = {}
    for _, held in walk(resource):
        found = RELATIVE.fullmatch(str(held.get("reference", "")))
        row = RESOURCES.get(found["type"]) if found else None
        if found and row and not row.directory:
            ids[found["id"]] = None
    return list(ids)


def within(composition: Resource, there: AbstractSet[str]) -> Resource:
    """The Composition as it stands in a document that holds `there` (`Type/id`): it refers to nothing else of ours.

    What is hidden and what is absent go alike: an entry of a section is left out, any other reference keeps its words.
    """
    return {name: _within(name, value, there) for name, value in composition.items()}


def _within(name: str, value: Json, there: AbstractSet[str]) -> Json:
    if isinstance(value, list):
        if name == "section":
            return [_told(within(one, there), one) for one in value]
        kept = [one for one in value if name != "entry" or not _missing(one, there)]
        return [_within(name, one, there) for one in kept]
    if not isinstance(value, dict):
        return value
    if _missing(value, there):
        type_ = value["reference"].partition("/")[0]
        return {"type": type_, "display": _NOT_HERE} | {k: v for k, v in value.items() if k != "reference"}
    return within(value, there)


def _told(section: Resource, before: Resource) -> Resource:
    """A section that has lost all of its entries says so (cmp-1, cmp-2)."""
    if section.get("entry") or not before.get("entry"):
        return section
    reason = {"coding": [{"system": _EMPTY, "code": "withheld", "display": "Information Withheld"}]}
    bare = {name: value for name, value in section.items() if name != "entry"}
    text = {} if "text" in bare else {"text": narrative.narrative(str(bare.get("title", "")), [("Entries", _NOT_HERE)])}
    return {**bare, **text, "emptyReason": reason}


def _missing(value: Json, there: AbstractSet[str]) -> bool:
    """Whether a Reference leads to an entry of a type of ours that the document does not hold."""
    found = RELATIVE.fullmatch(str(value.get("reference", ""))) if isinstance(value, dict) else None
    return bool(found and found["type"] in RESOURCES and f"{found['type']}/{found['id']}" not in there)


def _section(section: Section, parts: Sequence[Part]) -> Resource:
    """One section of the document: {} for one without an entry."""
    if not parts:
        return {}
    title = TITLES[section]
    rows = [row for part in parts if (row := _row(part))]
    return {
        "title": title,
        "code": {"coding": [{"system": PLAN_SECTION, "code": section.value, "display": title}]},
        "text": narrative.narrative(title, rows or [_NOTHING]),
        "entry": [{"reference": part.address} for part in parts],
    }


def _row(part: Part) -> tuple[str, str] | None:
    """One line: what kind of thing, what it is, how it stands. The plan of a section gives its words only."""
    resource = part.resource
    if part.slot.startswith(Slot.SECTION.value):
        words = str(resource.get("description", ""))
        return ("Summary", words) if words else None
    type_ = resource["resourceType"]
    status = next((s for s in values(resource, RESOURCES[type_].status.split(".")) if isinstance(s, str)), "")
    words = title_of(resource)
    return type_, f"{words} ({status})" if status else words
