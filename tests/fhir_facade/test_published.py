"""What we define ourselves (fhir/profiles/) is valid, complete, and the same as what the service does."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from fhir_facade import published
from fhir_facade.systems import OURS
from fhir_facade.validate import validate
from fhir_facade.versions import R4
from plan.model import PLAN_SECTIONS, Role
from tests.house.tree import ROOT, python_files, text

FOLDER = ROOT / "fhir/profiles"
FILES = sorted(FOLDER.glob("*-*.json"))
WRITE = "fhir/profiles/ is not what the tables say: run `python fhir/profiles/generate.py`"


def generator():
    spec = importlib.util.spec_from_file_location("profiles_generate", FOLDER / "generate.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def codes(name: str) -> list[str]:
    return [concept["code"] for concept in published.shelf()["CodeSystem"][name].resource["concept"]]


def test_the_generated_files_are_what_the_tables_say():
    made = generator()
    wanted = {made.file_name(resource): made.text_of(resource) for resource in made.resources()}
    assert {name: (FOLDER / name).read_text("utf-8") for name in wanted} == wanted, WRITE


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_is_valid_and_named_after_what_it_holds(file: Path):
    resource = json.loads(file.read_text("utf-8"))
    assert file.name == f"{resource['resourceType']}-{resource['id']}.json"
    assert resource["url"] == f"{OURS}/{resource['resourceType']}/{resource['id']}"
    assert resource["status"] == "active"
    if resource["resourceType"] in published.types(R4):
        validate(resource)


def test_every_extension_that_the_code_names_is_published():
    called = re.compile(r'\b(?:own|own_list|own_extension)\("([a-z-]+)"')
    named = {name for path in python_files("fhir") for name in called.findall(text(path))}
    extensions = {
        id_ for id_, held in published.shelf()["StructureDefinition"].items() if held.resource["type"] == "Extension"
    }
    assert extensions == named


def test_the_code_systems_hold_the_words_of_the_plan():
    assert codes("plan-section") == [section.value for section in PLAN_SECTIONS]
    assert {role.value for role in Role} <= set(codes("care-role"))
    assert "housing.access" in codes("readiness-item")


def test_every_code_system_has_a_value_set_of_all_its_codes():
    for held in published.shelf()["CodeSystem"].values():
        values = published.canonical(held.resource["valueSet"])
        assert values
        assert values["compose"] == {"include": [{"system": held.resource["url"]}]}


def test_a_canonical_is_found_with_and_without_its_version():
    url = f"{OURS}/CodeSystem/plan-section"
    found = published.canonical(url)
    assert found is not None
    assert published.canonical(f"{url}|0.1.0") is found
    assert published.canonical("https://elsewhere.example/x") is None
