"""Modifiers and composites (fhir_facade.modifiers, fhir_facade.codesets)."""

import pytest

from fhir_facade import codesets
from fhir_facade.index import index
from fhir_facade.params import definitions
from fhir_facade.query import pairs_of, parse
from fhir_facade.systems import OURS
from plan.problem import Problem, Trouble
from plan.query import Condition, Point, Text, Token, When

BASE = "https://plans.example.org/fhir/R4"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
GOAL_STATUS = "http://hl7.org/fhir/goal-status"
PLAN_SECTIONS = f"{OURS}/CodeSystem/plan-section"
UCUM = "http://unitsofmeasure.org"


def only(type_, text):
    """The one condition of a search."""
    (condition,) = parse(type_, pairs_of(text), BASE, strict=True).query.conditions
    return condition


def trouble(type_, text):
    with pytest.raises(Problem) as caught:
        parse(type_, pairs_of(text), BASE)
    return caught.value.trouble


CONDITIONS = [
    ("Goal", "category:not=a,b", Condition("category", (Token("a"), Token("b")), negated=True)),
    ("Goal", "category:missing=true", Condition("category", missing=True, family="token")),
    ("Goal", "subject:missing=false", Condition("subject", missing=False, family="reference")),
    ("Goal", "target-date:missing=true", Condition("target-date", missing=True, family="date")),
    ("Patient", "name:missing=true", Condition("name", missing=True, family="string")),
    ("CarePlan", "instantiates-uri:missing=true", Condition("instantiates-uri", missing=True, family="token")),
    ("Observation", "value-quantity:missing=true", Condition("value-quantity", missing=True, family="number")),
    ("Goal", "category:text=Diät plan", Condition("category:text", (Text("diat plan"),))),
    ("Patient", "name:exact=Müller", Condition("name:exact", (Token("Müller", ""),))),
    ("Patient", r"name:exact=a\,b", Condition("name:exact", (Token("a,b", ""),))),
    ("Patient", "name:contains=ÜLL", Condition("name", (Text("ull", "contains"),))),
    ("Patient", "identifier:of-type=urn:t|MR|12", Condition("identifier:of-type", (Token("12", "urn:t|MR"),))),
    ("Patient", "identifier:of-type=|MR|12", Condition("identifier:of-type", (Token("12", "|MR"),))),
    ("Goal", "subject:identifier=urn:x|7", Condition("subject:identifier", (Token("7", "urn:x"),))),
    ("Goal", "subject:Group=x", Condition("subject", (Point("x", "Group"),))),
    ("Goal", "_tag:not=urn:x|a", Condition("_tag", (Token("a", "urn:x"),), negated=True)),
]


@pytest.mark.parametrize("type_, text, condition", CONDITIONS)
def test_a_modifier_says_how_values_are_looked_for(type_, text, condition):
    assert only(type_, text) == condition


def codes(condition):
    return {(token.system, token.code) for token in condition.any_of}


def test_below_and_above_a_code_are_those_of_its_hierarchy():
    below = only("Condition", f"clinical-status:below={CLINICAL}|active")
    assert codes(below) == {(CLINICAL, code) for code in ("active", "recurrence", "relapse")}
    above = only("Condition", f"clinical-status:above={CLINICAL}|relapse")
    assert codes(above) == {(CLINICAL, code) for code in ("active", "relapse")}


def test_a_code_without_its_system_is_of_the_list_that_the_element_is_bound_to():
    assert codes(only("Condition", "clinical-status:below=inactive")) == {
        (CLINICAL, code) for code in ("inactive", "remission", "resolved")
    }
    bare = only("Goal", "lifecycle-status:below=accepted")
    assert {(GOAL_STATUS, "active"), ("", "active"), ("", "accepted")} <= codes(bare)


def test_a_system_without_a_hierarchy_has_each_code_by_itself():
    assert codes(only("CarePlan", f"category:below={PLAN_SECTIONS}|health")) == {(PLAN_SECTIONS, "health")}
    assert codes(only("Patient", "gender:above=female")) == {
        ("http://hl7.org/fhir/administrative-gender", "female"), ("", "female")
    }  # fmt: skip


def test_a_value_set_stands_for_its_codes():
    inside = only("Condition", "clinical-status:in=http://hl7.org/fhir/ValueSet/condition-clinical|4.0.1")
    assert codes(inside) >= {(CLINICAL, "active"), (CLINICAL, "resolved")}
    outside = only("Patient", "gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender")
    assert outside.negated
    assert {("", "female"), ("http://hl7.org/fhir/administrative-gender", "female")} <= codes(outside)
    ours = only("CarePlan", f"category:in={OURS}/ValueSet/plan-section")
    assert (PLAN_SECTIONS, "housing") in codes(ours)


def test_what_is_no_value_set_of_codes_is_not_known():
    assert codesets.listed(PLAN_SECTIONS, "R4") is None
    assert codesets.listed("http://hl7.org/fhir/ValueSet/languages", "R4") is None


REFUSED = [
    ("Goal", "category:missing=maybe", Trouble.BAD_VALUE),
    ("Goal", "category:exact=a", Trouble.NOT_SUPPORTED),
    ("Goal", "target-date:not=2026", Trouble.NOT_SUPPORTED),
    ("Goal", "category:of-type=a|b|c", Trouble.NOT_SUPPORTED),
    ("Goal", "subject:Nobody=a", Trouble.NOT_SUPPORTED),
    ("Goal", "subject:below=a", Trouble.NOT_SUPPORTED),
    ("Goal", "_lastUpdated:missing=true", Trouble.NOT_SUPPORTED),
    ("Observation", "code-value-quantity:missing=true", Trouble.NOT_SUPPORTED),
    ("Patient", "identifier:of-type=a|b", Trouble.BAD_VALUE),
    ("Patient", "identifier:of-type=a|b|", Trouble.BAD_VALUE),
    ("Patient", "name:contains=%CC%81", Trouble.BAD_VALUE),
    ("Goal", "category:in=http://x.org/ValueSet/a", Trouble.NOT_SUPPORTED),
    ("Goal", "category:below=http://snomed.info/sct|1", Trouble.NOT_SUPPORTED),
    ("Goal", "category:below=a", Trouble.NOT_SUPPORTED),
    ("Condition", f"clinical-status:below={CLINICAL}|", Trouble.BAD_VALUE),
    ("Observation", "code-value-quantity=a", Trouble.BAD_VALUE),
    ("Observation", "code-value-quantity=a$1$2", Trouble.BAD_VALUE),
    ("Observation", "code-value-quantity=a$x", Trouble.BAD_VALUE),
    ("Observation", "code-value-quantity=http://loinc.org|$1", Trouble.BAD_VALUE),
    ("Observation", "code-value-quantity=a$1,b$2", Trouble.NOT_SUPPORTED),
]  # fmt: skip


@pytest.mark.parametrize("type_, text, why", REFUSED)
def test_what_a_modifier_cannot_do_is_refused(type_, text, why):
    assert trouble(type_, text) is why


def test_value_sets_that_stand_for_too_many_codes_are_too_costly():
    sets = definitions("codes_r4.json")
    largest = sorted(sets, key=lambda name: -sum(map(len, sets[name].values())))[:20]
    text = ",".join(f"http://hl7.org/fhir/ValueSet/{name}" for name in largest)
    assert trouble("Condition", f"code:in={text}") is Trouble.TOO_COSTLY


COMPOSITES = [
    ("Observation", "code-value-quantity=http://loinc.org|1$gt5|http://unitsofmeasure.org|mg", "http://loinc.org|1"),
    ("Observation", "code-value-quantity=1$gt5|http://unitsofmeasure.org|mg", "1"),
    ("Observation", "code-value-quantity=|1$gt5||mg", "|1"),
    ("Observation", "component-code-value-quantity=1$gt5,1$gt6", "1"),
    ("DocumentReference", "relationship=http://hl7.org/fhir/document-relationship-type|replaces$a", "replaces"),
    ("Observation", "code-value-date=a$2026", "a"),
    ("Observation", r"code-value-string=a\$b$x", "a$b"),
]


@pytest.mark.parametrize("type_, text, first", COMPOSITES)
def test_the_first_part_of_a_composite_names_the_rows(type_, text, first):
    found = only(type_, text)
    assert found.param == f"{text.partition('=')[0]}${first}"
    assert found.any_of


def component(code, value):
    coding = {"system": "http://loinc.org", "code": code}
    return {"code": {"coding": [coding]}, "valueQuantity": {"value": value, "system": UCUM, "code": "mm[Hg]"}}


PRESSURE = {"resourceType": "Observation", "component": [component("8480-6", 107), component("8462-4", 60)]}


@pytest.mark.parametrize(
    "text, found",
    [
        ("component-code-value-quantity=http://loinc.org|8480-6$107", True),
        ("component-code-value-quantity=8462-4$60", True),
        ("combo-code-value-quantity=8462-4$60", True),
        ("component-code-value-quantity=8480-6$60", False),
        ("code-value-quantity=8480-6$107", False),
    ],
)
def test_both_parts_of_a_composite_are_of_the_same_object(text, found):
    asked = only("Observation", text)
    (value,) = asked.any_of
    rows = [row for row in index(PRESSURE) if row.param == asked.param]
    assert any(value.low <= row.bottom and row.top <= value.high for row in rows) is found


def test_a_composite_has_only_so_many_rows():
    codings = [{"code": str(number)} for number in range(300)] + [{"code": "x" * 400}]
    rows = index({"resourceType": "Observation", "code": {"coding": codings}, "valueString": "a"})
    assert sum(row.param.startswith("code-value-string$") for row in rows) == 100
    assert not any("xxx" in row.param for row in rows)


def test_a_part_of_a_composite_is_read_as_its_family_is():
    assert isinstance(only("Observation", "code-value-date=a$ge2026").any_of[0], When)
    assert only("DocumentReference", "relationship=replaces$DocumentReference/d").any_of == (
        Point("d", "DocumentReference"),
    )
