"""Index rows of numbers, quantities, addresses, words and typed identifiers (fhir_facade.values, .measures)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import exact
from fhir_facade.index import index
from plan.model import IndexRow
from plan.number import HIGHEST, LOWEST, key

UCUM = "http://unitsofmeasure.org"


def k(text):
    return key(Decimal(text))


def rows(param, resource):
    return [row for row in index(resource) if row.param == param]


def spans(value, name="valueQuantity"):
    found = rows("value-quantity", {"resourceType": "Observation", name: exact.loads(value.encode())})
    return [(row.system, row.code, row.bottom, row.top) for row in found]


LONG = k("12345678901234567890.123456789")
QUANTITIES = [
    ('{"value": 5.40, "system": "u", "code": "mg"}', [("u", "mg", k("5.4"), k("5.4"))]),
    ('{"value": 5, "system": "u", "code": "mg", "unit": "mg"}', [("u", "mg", k("5"), k("5"))]),
    ('{"value": 5, "system": "u", "code": "mg", "unit": "milligram"}', [
        ("u", "mg", k("5"), k("5")), ("", "milligram", k("5"), k("5"))]),
    ('{"value": 5, "unit": "tablet"}', [("", "tablet", k("5"), k("5"))]),
    ('{"value": -5}', [("", "", k("-5"), k("-5"))]),
    ('{"value": 5, "comparator": "<"}', [("", "", LOWEST, k("5"))]),
    ('{"value": 5, "comparator": ">="}', [("", "", k("5"), HIGHEST)]),
    ('{"value": 12345678901234567890.123456789}', [("", "", LONG, LONG)]),
    ('{"value": "5"}', []),
    ('{"value": true}', []),
    ('{"code": "mg"}', []),
    ('{"value": 5, "unit": 7}', [("", "", k("5"), k("5"))]),
]  # fmt: skip


@pytest.mark.parametrize("value, found", QUANTITIES)
def test_a_quantity_lies_where_it_says_in_its_unit(value, found):
    assert spans(value) == found


SAMPLES = [
    ('{"origin": {"value": 10, "code": "mV", "system": "u"}, "factor": 2, "data": "1 E -3 U L 4"}', [
        ("u", "mV", k("4"), k("18"))]),
    ('{"origin": {}, "data": "0.5 1"}', [("", "", k("0.5"), k("1"))]),
    ('{"origin": {}, "data": "E"}', []),
    ('{"origin": {}, "data": "a b"}', []),
    ('{"origin": {}, "data": "NaN"}', []),
    ('{"origin": {"value": "1"}, "data": "1"}', []),
    ('{"origin": {}, "data": 1}', []),
    ('{"origin": 1, "data": "1"}', []),
    ('{"origin": {}, "data": "' + "1 " * 20_000 + '"}', []),
]  # fmt: skip


@pytest.mark.parametrize("value, found", SAMPLES, ids=range(len(SAMPLES)))
def test_sampled_data_lies_between_its_lowest_and_its_highest_point(value, found):
    assert spans(value, "valueSampledData") == found


def ages(value):
    found = rows("onset-age", {"resourceType": "Condition", "onsetRange": value})
    return [(row.code, row.bottom, row.top) for row in found]


RANGES = [
    ({"low": {"value": 3, "code": "a"}, "high": {"value": 5, "code": "a"}}, [("a", k("3"), k("5"))]),
    ({"low": {"value": 3, "code": "a"}}, [("a", k("3"), HIGHEST)]),
    ({"high": {"value": 5, "code": "a"}}, [("a", LOWEST, k("5"))]),
    ({"low": {"value": 5}, "high": {"value": 3}}, []),
    ({"low": {}, "high": {"value": 3}}, []),
    ({"low": 7, "high": {"value": 3}}, []),
    ({"low": {}}, []),
]


@pytest.mark.parametrize("value, found", RANGES)
def test_a_range_is_open_where_it_has_no_end(value, found):
    assert ages(value) == found


def test_money_is_in_its_currency():
    (row,) = rows("totalnet", {"resourceType": "Invoice", "totalNet": {"value": 10, "currency": "GBP"}})
    assert (row.system, row.code) == ("urn:iso:std:iso:4217", "GBP")


def test_a_unit_that_is_too_long_is_left_out():
    assert spans('{"value": 5, "unit": "' + "a" * 300 + '"}') == []


def test_a_number_is_kept_as_it_is():
    risk = {"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": Decimal("0.250")}]}
    (row,) = rows("probability", risk)
    assert row == IndexRow("probability", "number", bottom=k("0.25"), top=k("0.25"))


@pytest.mark.parametrize("odd", [True, "1", None, Decimal("NaN"), Decimal("1e9999"), {}])
def test_what_is_no_number_has_no_row(odd):
    assert rows("probability", {"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": odd}]}) == []


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**50), max_value=10**50))
def test_every_number_that_fits_is_found(number):
    assert len(rows("value-quantity", {"resourceType": "Observation", "valueQuantity": {"value": number}})) == 1


def codes(param, resource):
    return [(row.family, row.system, row.code) for row in rows(param, resource)]


PLAN = {"resourceType": "CarePlan"}
VALUES = [
    ("instantiates-uri", PLAN | {"instantiatesUri": ["http://x.org/p"]}, [("token", "", "http://x.org/p")]),
    ("instantiates-uri", PLAN | {"instantiatesUri": [7, "", "x" * 3000]}, []),
    ("_profile", PLAN | {"meta": {"profile": ["http://x.org/p|1"]}}, [
        ("token", "", "http://x.org/p|1"), ("token", "", "http://x.org/p")]),
    ("_source", PLAN | {"meta": {"source": "urn:x"}}, [("token", "", "urn:x")]),
    ("_language", PLAN | {"language": "de"}, [("token", "", "de")]),
    ("category:text", PLAN | {"category": [{"text": "Diät", "coding": [{"code": "a", "display": "Diet"}]}]}, [
        ("string", "", "diet"), ("string", "", "diat")]),
    ("category:text", PLAN | {"category": [{"text": 7, "coding": [{"code": "a", "display": ["x"]}]}]}, []),
    ("name:exact", {"resourceType": "Organization", "name": "Larch  Court"}, [("token", "", "Larch  Court")]),
    ("name:exact", {"resourceType": "Organization", "name": "x" * 3000}, []),
    ("name:exact", {"resourceType": "Organization", "name": ""}, []),
    ("name:exact", {"resourceType": "Organization", "name": 7}, []),
    ("mothersMaidenName", {"resourceType": "Patient", "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Test"},
        {"url": "http://x.org", "valueString": "Other"}]}, [("string", "", "test")]),
    ("item-subject", {"resourceType": "QuestionnaireResponse", "item": [
        {"answer": [{"valueReference": {"reference": "Patient/no"}}]},
        {"extension": ["odd", {"url": "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-isSubject"}],
         "answer": [{"valueReference": {"reference": "Patient/p"}}]}]}, [("reference", "Patient", "p")]),
]  # fmt: skip


@pytest.mark.parametrize("param, resource, found", VALUES)
def test_a_value_is_found_by_what_it_says(param, resource, found):
    assert codes(param, resource) == found


def identifier(**said):
    return {"resourceType": "Patient", "identifier": [said]}


MR = {"coding": [{"system": "urn:t", "code": "MR"}], "text": "Hospital number"}
TYPED = [
    (identifier(type=MR, value="12"), [("token", "urn:t|MR", "12")]),
    (identifier(type=MR, value="943 476 5919"), [
        ("token", "urn:t|MR", "943 476 5919"), ("token", "urn:t|MR", "9434765919")]),
    (identifier(type={"coding": [{"code": "MR"}]}, value="12"), [("token", "|MR", "12")]),
    (identifier(type={"coding": [{"system": 7, "code": "MR"}, "odd", {"system": "urn:t"}]}, value="12"), []),
    (identifier(type={"coding": "odd"}, value="12"), []),
    (identifier(type=MR), []),
    (identifier(type=MR, value="1" * 3000), []),
]  # fmt: skip


@pytest.mark.parametrize("resource, found", TYPED)
def test_an_identifier_is_found_by_its_type(resource, found):
    assert codes("identifier:of-type", resource) == found


def test_an_identifier_is_found_by_the_words_of_its_type():
    assert codes("identifier:text", identifier(type=MR, value="12")) == [("string", "", "hospital number")]


def test_a_composite_with_a_reference_first_is_named_with_and_without_its_type():
    relates = {"code": "replaces", "target": {"reference": "DocumentReference/d"}}
    found = index({"resourceType": "DocumentReference", "relatesTo": [relates, "odd"]})
    assert {row.param for row in found if "$" in row.param} == {"relationship$|replaces", "relationship$replaces"}
