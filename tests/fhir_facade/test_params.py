"""Every published search parameter is offered, or stands on a closed list with its reason (fhir_facade.params)."""

import importlib.util

import pytest

from fhir_facade.leaves import bare_systems, leaves, targets
from fhir_facade.params import COMMON, OF_ALL, Param, definitions, params, published
from fhir_facade.resources import RESOURCES
from tests.house.tree import ROOT

PLACE = "compares places on a map, which the index does not hold"
THREE = "has three parts, of which one stands outside the object that holds the others"
EXAMPLE = "is an example of the specification, on an extension that nobody has defined"
MEANT = "has no expression: an age changes by itself, and is searched as a date of birth"
NEVER = "reads a type that the element cannot have in this version"
WORDS = "searches in the words of a narrative, which is not indexed"

LEFT_OUT = {
    ("R4", "Location", "near"): PLACE,
    ("R4", "MolecularSequence", "chromosome-variant-coordinate"): THREE,
    ("R4", "MolecularSequence", "chromosome-window-coordinate"): THREE,
    ("R4", "MolecularSequence", "referenceseqid-variant-coordinate"): THREE,
    ("R4", "MolecularSequence", "referenceseqid-window-coordinate"): THREE,
    ("R4", "Patient", "age"): MEANT,
    ("R4", "Patient", "part-agree"): EXAMPLE,
    ("R5", "Composition", "section-code-text"): WORDS,
    ("R5", "Composition", "section-text"): WORDS,
    ("R5", "Location", "contains"): PLACE,
    ("R5", "Location", "near"): PLACE,
    ("R5", "Observation", "component-value-canonical"): NEVER,
    ("R5", "Observation", "value-canonical"): NEVER,
    ("R5", "Patient", "part-agree"): EXAMPLE,
}
SHOWN = {"DeviceUseStatement": "DeviceUsage", "RequestGroup": "RequestOrchestration"}


def families():
    """Which types of element a family reads, as the generator has it."""
    spec = importlib.util.spec_from_file_location("searches", ROOT / "fhir/definitions/searches.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made.FAMILIES


@pytest.mark.parametrize("version", ["R4", "R5"])
def test_what_is_left_out_is_on_the_list_and_nothing_else(version):
    names = {SHOWN.get(type_, type_) for type_ in RESOURCES} if version == "R5" else set(RESOURCES)
    listed = definitions(f"search_left_out_{version.lower()}.json")
    found = {(version, type_, name) for type_ in names for name in listed.get(type_, {})}
    assert found == {row for row in LEFT_OUT if row[0] == version}


@pytest.mark.parametrize("version", ["R4", "R5"])
@pytest.mark.parametrize("type_", sorted(RESOURCES))
def test_every_path_ends_at_an_element_that_the_family_reads(type_, version):
    reads = families()
    for param in published(SHOWN.get(type_, type_) if version == "R5" else type_, version).values():
        for one in param.parts[1:] if param.parts else (param,):
            assert isinstance(one, Param)
            ends = leaves(one)
            known = [path for path in one.paths if not path.endswith("[exists]")]
            assert len(ends) == len(known), (param.name, one.paths)
            assert {end.type for end in ends} <= reads[one.family] | {"decimal"}, (param.name, one.paths)


def test_what_every_type_has_is_offered_by_its_published_name():
    assert [param.name for param in OF_ALL["R4"]] == ["_id", "_lastUpdated", "_tag", "_security", "_profile", "_source"]
    assert {param.name for param in OF_ALL["R5"]} == {param.name for param in OF_ALL["R4"]} | {"_language"}
    assert {param.said for param in OF_ALL["R5"] if param.name == "_profile"} == {"reference"}
    assert all(param.definition.endswith(f"Resource-{param.name[1:]}") for param in COMMON)


TARGETS = [
    ("CarePlan", "patient", {"Patient"}),
    ("CarePlan", "part-of", {"CarePlan"}),
    ("CarePlan", "subject", {"Patient", "Group"}),
    ("Task", "focus", set()),
    ("CarePlan", "instantiates-canonical", set()),
    ("Encounter", "practitioner", {"Practitioner"}),
    ("QuestionnaireResponse", "item-subject", set()),
    ("AuditEvent", "patient", {"Patient"}),
]


@pytest.mark.parametrize("type_, name, types", TARGETS)
def test_a_reference_leads_where_its_element_does(type_, name, types):
    (param,) = (param for param in params(type_) if param.name == name)
    assert targets(param) == types


def test_a_boolean_and_a_code_are_kept_without_their_system():
    by = {param.name: param for param in params("Patient")}
    assert "http://hl7.org/fhir/administrative-gender" in bare_systems(by["gender"])
    assert "http://hl7.org/fhir/special-values" in bare_systems(by["deceased"]) & bare_systems(by["active"])
    assert bare_systems(by["identifier"]) == frozenset()
