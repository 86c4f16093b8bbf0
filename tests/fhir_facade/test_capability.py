"""The CapabilityStatement (fhir_facade.capability)."""

import json
import tomllib
from pathlib import Path

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from fhir_facade.capability import VERSION, Doings, Offer, statement
from fhir_facade.offered import common
from fhir_facade.params import params
from fhir_facade.resources import RESOURCES
from fhir_facade.validate import validate
from fhir_facade.versions import R4, VERSIONS

BASE = "https://plans.example.org/fhir/R4"
EVERYTHING = Offer("everything", frozenset({"instance"}), frozenset({"Patient"}), "http://x.org/everything")
EXPORT = Offer("export", frozenset({"system"}), frozenset(), "http://x.org/export")
META = Offer("meta", frozenset({"system", "type"}), frozenset(), "http://x.org/meta")
DOINGS = Doings(("read", "create"), ("batch",), (EVERYTHING, EXPORT, META))


@pytest.fixture(scope="module")
def said():
    return json.loads(statement(BASE, R4, DOINGS))


def test_the_statement_is_a_valid_one(said):
    validate(said, "CapabilityStatement")
    CapabilityStatement.model_validate(said)


def test_the_statement_says_what_it_was_told(said):
    (rest,) = said["rest"]
    assert said["implementation"]["url"] == BASE
    assert said["fhirVersion"] == "4.0.1"
    assert rest["interaction"] == [{"code": "batch"}]
    assert rest["security"]["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    kept = [one for one in rest["resource"] if one["type"] in RESOURCES]
    assert {tuple(i["code"] for i in one["interaction"]) for one in kept} == {("read", "create")}
    assert [one["name"] for one in rest["operation"]] == ["export", "meta"]
    offered = {one["type"]: [op["name"] for op in one["operation"]] for one in kept}
    assert (offered["Patient"], offered["Goal"]) == (["everything", "meta"], ["meta"])


def test_what_is_published_stands_there_too(said):
    rows = {one["type"]: one for one in said["rest"][0]["resource"] if one["type"] not in RESOURCES}
    assert {"CodeSystem", "ValueSet", "StructureDefinition"} <= rows.keys()
    assert [one["code"] for one in rows["CodeSystem"]["interaction"]] == ["read", "search-type"]


def test_what_comes_along_is_what_a_reference_leads_to(said):
    rows = {one["type"]: one for one in said["rest"][0]["resource"]}
    assert {"*", "CareTeam:participant", "CareTeam:subject"} <= set(rows["CareTeam"]["searchInclude"])
    assert "CarePlan:instantiates-canonical" not in rows["CarePlan"]["searchInclude"]
    assert {"CarePlan:subject", "CareTeam:participant", "Provenance:target"} <= set(rows["Patient"]["searchRevInclude"])
    assert "CarePlan:goal" not in rows["Patient"]["searchRevInclude"]


def test_the_statement_of_r5_is_a_valid_one():
    said = json.loads(statement("https://plans.example.org/fhir/R5", VERSIONS["R5"], DOINGS))
    validate(said, "CapabilityStatement", "R5")
    types = [one["type"] for one in said["rest"][0]["resource"]]
    assert "DeviceUsage" in types
    assert "DeviceUseStatement" not in types
    assert types == sorted(types)


def test_every_type_stands_there_once_with_all_that_it_is_searched_by(said):
    listed = {one["type"]: [param["name"] for param in one["searchParam"]] for one in said["rest"][0]["resource"]}
    assert list(listed) == sorted(listed)
    assert listed.keys() >= RESOURCES.keys()
    for type_, names in listed.items():
        if type_ not in RESOURCES:
            continue
        assert sorted(names) == sorted({*common(), *(p.name for p in params(type_))})
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "type_, name, definition",
    [
        ("Goal", "patient", "clinical-patient"),
        ("Goal", "lifecycle-status", "Goal-lifecycle-status"),
        ("Patient", "birthdate", "individual-birthdate"),
        ("Patient", "_id", "Resource-id"),
        ("MedicationStatement", "status", "medications-status"),
    ],
)
def test_a_parameter_is_defined_where_the_standard_defines_it(said, type_, name, definition):
    (listed,) = [one["searchParam"] for one in said["rest"][0]["resource"] if one["type"] == type_]
    (found,) = [param for param in listed if param["name"] == name]
    assert found["definition"] == f"http://hl7.org/fhir/SearchParameter/{definition}"


def test_the_version_of_the_software_is_the_one_that_is_packed():
    packed = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert packed["project"]["version"] == VERSION


def test_the_statement_is_made_once():
    assert statement(BASE, R4, DOINGS) is statement(BASE, R4, DOINGS)
