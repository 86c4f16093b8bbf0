"""Searched values in their neutral form (fhir_facade.searched)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade.index import index
from fhir_facade.query import pairs_of, parse
from fhir_facade.searched import plain, split
from plan.identity import NHS_NUMBER
from plan.number import before, key
from plan.problem import Problem, Trouble
from plan.query import Amount, Point, Text, Token, When

BASE = "https://plans.example.org/fhir/R4"
DAY = 86_400_000
MARCH_6 = 1_772_755_200_000


def only(type_, text):
    """The one condition of a search."""
    (condition,) = parse(type_, pairs_of(text), BASE, strict=True).query.conditions
    return condition


def k(text):
    return key(Decimal(text))


TOKENS = [
    ("Goal", "category=diet", [Token("diet")]),
    ("Goal", "category=http://x|diet", [Token("diet", "http://x")]),
    ("Goal", "category=|diet", [Token("diet", "")]),
    ("Goal", "category=http://x|", [Token(None, "http://x")]),
    ("Goal", "category=a,b", [Token("a"), Token("b")]),
    ("Goal", r"category=a\,b", [Token("a,b")]),
    ("Goal", r"category=http://x|a\|b", [Token("a|b", "http://x")]),
    ("Goal", r"category=a\$b\\c", [Token(r"a$b\c")]),
    ("Goal", "category=a,,b,", [Token("a"), Token("b")]),
    ("Goal", "lifecycle-status=active", [Token("active")]),
    ("Goal", "lifecycle-status=http://hl7.org/fhir/goal-status|active", [
        Token("active", "http://hl7.org/fhir/goal-status"), Token("active", "")]),
    ("Goal", "lifecycle-status=http://hl7.org/fhir/goal-status|", [
        Token(None, "http://hl7.org/fhir/goal-status"), Token(None, "")]),
    ("Goal", "lifecycle-status=http://other|active", [Token("active", "http://other")]),
    ("Patient", "gender=http://hl7.org/fhir/administrative-gender|female", [
        Token("female", "http://hl7.org/fhir/administrative-gender"), Token("female", "")]),
    ("Patient", "active=http://hl7.org/fhir/special-values|true", [
        Token("true", "http://hl7.org/fhir/special-values"), Token("true", "")]),
    ("Patient", "deceased=http://terminology.hl7.org/CodeSystem/special-values|true", [
        Token("true", "http://terminology.hl7.org/CodeSystem/special-values"), Token("true", "")]),
    ("Patient", "identifier=urn:oid:2.16.840.1.113883.2.1.4.1|943 476 5919", [Token("9434765919", NHS_NUMBER)]),
    ("Patient", "identifier=https://fhir.nhs.uk/Id/nhs-number|123", [Token("123", NHS_NUMBER)]),
    ("Goal", "_id=a,b", [Token("a"), Token("b")]),
    ("Goal", "_id=a|b", [Token("a|b")]),
    ("Goal", "_tag=urn:x|frame", [Token("frame", "urn:x")]),
    ("Goal", "_security=R", [Token("R")]),
    ("Goal", "subject:identifier=urn:x|7", [Token("7", "urn:x")]),
]  # fmt: skip


@pytest.mark.parametrize("type_, text, values", TOKENS)
def test_a_token_is_a_code_a_system_or_both(type_, text, values):
    condition = only(type_, text)
    assert list(condition.any_of) == values


REFERENCES = [
    ("Task", "owner=x1", Point("x1", None)),
    ("Task", "owner=Organization/x1", Point("x1", "Organization")),
    ("Task", "owner=Organization/x1/_history/3", Point("x1", "Organization")),
    ("Task", f"owner={BASE}/Organization/x1", Point("x1", "Organization")),
    ("Task", "owner=https://x.org/Organization/x1/_history/3", Point("https://x.org/Organization/x1", "")),
    ("Task", "owner:Organization=x1", Point("x1", "Organization")),
    ("Task", "focus=urn:uuid:1", Point("urn:uuid:1", "")),
    ("CarePlan", "instantiates-canonical=http://x.org/p|1", Point("http://x.org/p|1", "")),
    ("Goal", "subject=x1", Point("x1", None)),
    ("Goal", "subject=Group/x1", Point("x1", "Group")),
    ("Goal", "patient=Organization/x1", Point("x1", "Organization")),
    ("Patient", "link=x1", Point("x1", None)),
]


@pytest.mark.parametrize("type_, text, point", REFERENCES)
def test_a_reference_is_known_in_every_form(type_, text, point):
    assert only(type_, text).any_of == (point,)


DATES = [
    ("2026-03-06", MARCH_6, MARCH_6 + DAY - 1, "eq"),
    ("ge2026-03-06", MARCH_6, MARCH_6 + DAY - 1, "ge"),
    ("ap2026-03-06T00:00Z", MARCH_6, MARCH_6 + 59_999, "ap"),
    ("sa2026-03-06T01:00:00+01:00", MARCH_6, MARCH_6 + 999, "sa"),
    ("eb2026-03-06T01:00:00%2B01:00", MARCH_6, MARCH_6 + 999, "eb"),
    ("ne2026-03-05T19:00:00-05:00", MARCH_6, MARCH_6 + 999, "ne"),
]


@pytest.mark.parametrize("text, low, high, prefix", DATES)
@pytest.mark.parametrize("type_, name", [("Goal", "target-date"), ("Goal", "_lastUpdated")])
def test_a_date_covers_what_it_says(type_, name, text, low, high, prefix):
    assert only(type_, f"{name}={text}").any_of == (When(low, high, prefix),)


def test_a_string_is_folded_as_the_index_folds_it():
    rows = index({"resourceType": "Patient", "name": [{"family": "Ångström  O'Neil"}]})
    (row,) = [row for row in rows if row.param == "family"]
    assert only("Patient", "family=ÅNGSTRÖM  o'neil").any_of == (Text(row.code),)


def test_text_without_a_letter_finds_nothing_and_says_so():
    with pytest.raises(Problem) as caught:
        only("Patient", "family=%CC%81")
    assert caught.value.trouble is Trouble.BAD_VALUE


NUMBERS = [
    ("100", k("99.5"), before(k("100.5")), "eq"),
    ("ne100.0", k("99.95"), before(k("100.05")), "ne"),
    ("1e2", k("50"), before(k("150")), "eq"),
    ("gt100", k("100"), k("100"), "gt"),
    ("le-5.40", k("-5.4"), k("-5.4"), "le"),
    ("ap50", k("45"), k("55"), "ap"),
    ("ap-50", k("-55"), k("-45"), "ap"),
    ("sa0.2", k("0.2"), k("0.2"), "sa"),
    ("0", k("-0.5"), before(k("0.5")), "eq"),
    ("1234567890123456789012345678901", k("1234567890123456789012345678900.5"),
        before(k("1234567890123456789012345678901.5")), "eq"),
]  # fmt: skip


@pytest.mark.parametrize("text, low, high, prefix", NUMBERS)
def test_a_number_is_as_exact_as_it_is_written(text, low, high, prefix):
    assert only("RiskAssessment", f"probability={text}").any_of == (Amount(low, high, prefix),)
    assert only("Observation", f"value-quantity={text}").any_of == (Amount(low, high, prefix),)


UNITS = [
    ("gt5.4|http://unitsofmeasure.org|mg", "http://unitsofmeasure.org", "mg"),
    ("gt5.4||mg", None, "mg"),
    ("gt5.4|http://unitsofmeasure.org|", "http://unitsofmeasure.org", None),
    ("gt5.4||", None, None),
]


@pytest.mark.parametrize("text, system, code", UNITS)
def test_a_quantity_may_have_a_unit(text, system, code):
    assert only("Observation", f"value-quantity={text}").any_of == (Amount(k("5.4"), k("5.4"), "gt", system, code),)


NO_NUMBERS = ["x", "gt", "1.", ".5", "1e9999", "NaN", "Infinity", "1_0", "\u0661", "5||", "0x1"]


@pytest.mark.parametrize("text", [*NO_NUMBERS, "5|mg", "5|a|b|c"])
def test_what_is_no_number_is_refused(text):
    type_ = "Observation" if text in ("5|mg", "5|a|b|c") else "RiskAssessment"
    name = "value-quantity" if type_ == "Observation" else "probability"
    with pytest.raises(Problem) as caught:
        only(type_, f"{name}={text}")
    assert caught.value.trouble is Trouble.BAD_VALUE


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_a_number_is_found_by_itself(number):
    (said,) = only("RiskAssessment", f"probability={number}").any_of
    assert said.low <= key(number) <= said.high


URIS = [
    ("CarePlan", "instantiates-uri=http://x.org/p", "instantiates-uri", "http://x.org/p", "exact"),
    ("CarePlan", "instantiates-uri:below=http://x.org/", "instantiates-uri", "http://x.org/", "below"),
    ("CarePlan", "instantiates-uri:above=http://x.org/p/1", "instantiates-uri", "http://x.org/p/1", "above"),
    ("CarePlan", "instantiates-uri:contains=x.org", "instantiates-uri", "x.org", "contains"),
    ("Goal", "_profile=http://x.org/p|1", "_profile", "http://x.org/p|1", "exact"),
    ("Goal", "_source=urn:x", "_source", "urn:x", "exact"),
]


@pytest.mark.parametrize("type_, text, param, address, match", URIS)
def test_an_address_is_compared_as_it_is(type_, text, param, address, match):
    found = only(type_, text)
    assert (found.param, found.any_of, found.family) == (param, (Text(address, match),), "token")


@given(st.lists(st.text("ab,|$\\", max_size=5), min_size=1, max_size=4))
def test_values_that_were_escaped_come_back(values):
    def escaped(text):
        return "".join(f"\\{char}" if char in ",|$\\" else char for char in text)

    assert [plain(part) for part in split(",".join(map(escaped, values)), ",")] == values
