"""What R5 can be searched by, over what is stored, which is R4.

A parameter of R5 that means what R4's of the same name means reads R4's index rows. One that R4 lacks, but whose
elements R4 has, reads rows of its own from the R4 face. All others (other codes, other elements, other families) read
rows named `name@5`, which are taken from the R5 face of the entry. Source: SearchParameter resources of both
versions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from fhir_facade import r5
from fhir_facade.elements import Element
from fhir_facade.leaves import leaves
from fhir_facade.params import Param, params, published
from fhir_facade.versions import VERSIONS

MARK = "@5"
_ALIKE = {"Coding": "CodeableConcept", "markdown": "string", "dateTime": "date", "instant": "date"}
"""Types that an index row cannot tell apart."""

_SAID_OTHERWISE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("AdverseEvent", "code"): ("event",),
    ("AdverseEvent", "resultingeffect"): ("resultingCondition",),
    ("AllergyIntolerance", "manifestation-code"): ("reaction.manifestation",),
    ("CarePlan", "custodian"): ("author",),
    ("ChargeItem", "encounter"): ("context[Encounter]",),
    ("Composition", "event-reference"): ("event.detail",),
    ("Consent", "subject"): ("patient",),
    ("DetectedIssue", "subject"): ("patient",),
    ("Device", "definition"): ("definition",),
    ("Device", "serial-number"): ("serialNumber",),
    ("Encounter", "date-start"): ("period.start",),
    ("Encounter", "diagnosis-reference"): ("diagnosis.condition",),
    ("Encounter", "end-date"): ("period.end",),
    ("EpisodeOfCare", "diagnosis-reference"): ("diagnosis.condition",),
    ("MedicationAdministration", "date"): ("effectiveDateTime", "effectivePeriod"),
    ("MedicationAdministration", "encounter"): ("context[Encounter]",),
    ("MedicationDispense", "encounter"): ("context[Encounter]",),
    ("MedicationStatement", "encounter"): ("context[Encounter]",),
    ("MolecularSequence", "subject"): ("patient",),
    ("NutritionOrder", "subject"): ("patient",),
    ("Observation", "value-markdown"): ("valueString", "valueCodeableConcept.text"),
    ("Organization", "address"): ("address", "contact.address"),
    ("Organization", "address-city"): ("address.city", "contact.address.city"),
    ("Organization", "address-country"): ("address.country", "contact.address.country"),
    ("Organization", "address-postalcode"): ("address.postalCode", "contact.address.postalCode"),
    ("Organization", "address-state"): ("address.state", "contact.address.state"),
    ("Organization", "address-use"): ("address.use", "contact.address.use"),
    ("Organization", "identifier"): ("identifier", "qualification.identifier"),
    ("Practitioner", "identifier"): ("identifier", "qualification.identifier"),
    ("ResearchSubject", "subject"): ("individual",),
    ("ServiceRequest", "code-concept"): ("code",),
    ("SupplyRequest", "patient"): ("deliverTo[Patient]",),
}
"""Where R4 says with other elements what a parameter of R5 looks for: paths by stored type and parameter."""


def up(resource: dict[str, Any]) -> dict[str, Any]:
    """The R5 face of an R4 resource; of one whose shape is odd there is none, so it gives no rows."""
    try:
        return r5.up(resource)
    except (LookupError, TypeError, AttributeError, ValueError):
        return {}


@cache
def newer(type_: str, shown: str) -> tuple[Param, ...]:
    """The search parameters that R5 has for a stored type, which it calls `shown`, and then our own."""
    older = {param.name: param for param in params(type_)}
    standard = tuple(_read_from(param, type_, older) for param in published(shown, "R5").values())
    names = {param.name for param in standard}
    return (*standard, *(param for param in older.values() if _own(param) and param.name not in names))


def on_this_face(type_: str) -> Iterator[Param]:
    """The parameters that only R5 has and that the R4 face can be indexed by."""
    known = {param.key for param in params(type_)}
    return (param for param in _of(type_) if param.version == "R4" and param.key not in known)


def on_that_face(type_: str) -> Iterator[Param]:
    """The parameters that need the R5 face."""
    return (param for param in _of(type_) if param.version == "R5")


def _of(type_: str) -> tuple[Param, ...]:
    row = VERSIONS.get("R5")
    shown = row.shown_type(type_) if row else None
    return newer(type_, shown) if shown else ()


def _own(param: Param) -> bool:
    return not param.definition.startswith("http://hl7.org/")


def _read_from(param: Param, type_: str, older: Mapping[str, Param]) -> Param:
    """The parameter with the place that its rows are read from."""
    known = older.get(param.name)
    said = _SAID_OTHERWISE.get((type_, param.name))
    if said:
        same = next((each for each in older.values() if (each.family, each.paths) == (param.family, said)), None)
        rows = same.key if same else f"{param.name}{MARK}" if known else ""
        return replace(param, paths=said, shape=type_, version="R4", rows=rows)
    if known and known.family == param.family and (known.family == "reference" or _alike(known, param)):
        # What a reference points to is called the same in both versions, whatever the element is called.
        return replace(known, definition=param.definition)
    here = replace(param, shape=type_, version="R4")
    if not known and not param.parts and len(leaves(here)) == len(leaves(param)) > 0 and _alike(here, param):
        return here
    return replace(param, rows=f"{param.name}{MARK}")


def _alike(old: Param, new: Param) -> bool:
    """Whether both give the same rows for the same facts."""
    if old.parts and new.parts:
        pairs = ((old.parts.first, new.parts.first), (old.parts.second, new.parts.second))
        return all(_alike(*pair) for pair in pairs)
    return _kinds(old) == _kinds(new)


def _kinds(param: Param) -> set[tuple[str, frozenset[str]]]:
    return {(_ALIKE.get(each.type, each.type), _codes(each)) for each in leaves(param)}


def _codes(element: Element) -> frozenset[str]:
    """Only a plain code is held to its list in every version; for a concept R5 leaves the list open."""
    return element.code if element.type == "code" else frozenset()
