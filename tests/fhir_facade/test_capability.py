"""The CapabilityStatement (fhir_facade.capability)."""

import json
import tomllib
from pathlib import Path

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from fhir_facade.capability import VERSION, statement
from fhir_facade.offered import common
from fhir_facade.params import params
from fhir_facade.resources import RESOURCES
from fhir_facade.validate import validate
from fhir_facade.versions import R4

BASE = "https://plans.example.org/fhir/R4"


@pytest.fixture(scope="module")
def said():
    return json.loads(statement(BASE, R4, ("read", "create"), ("batch",)))


def test_the_statement_is_a_valid_one(said):
    validate(said, "CapabilityStatement")
    CapabilityStatement.model_validate(said)


def test_the_statement_says_what_it_was_told(said):
    (rest,) = said["rest"]
    assert said["implementation"]["url"] == BASE
    assert said["fhirVersion"] == "4.0.1"
    assert rest["interaction"] == [{"code": "batch"}]
    assert {tuple(i["code"] for i in one["interaction"]) for one in rest["resource"]} == {("read", "create")}
    assert rest["security"]["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"


def test_every_type_stands_there_once_with_all_that_it_is_searched_by(said):
    listed = {one["type"]: [param["name"] for param in one["searchParam"]] for one in said["rest"][0]["resource"]}
    assert list(listed) == sorted(RESOURCES)
    for type_, names in listed.items():
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
    assert statement(BASE, R4, ("read",), ()) is statement(BASE, R4, ("read",), ())
