"""Identifiers in their one spelling, and the NHS number's check digit (plan.identity)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.identity import LONGEST_SYSTEM, LONGEST_VALUE, NHS_NUMBER, OURS, identity, nhs_number, normal_system, unique

GOOD = "9000000009"


@pytest.mark.parametrize("written", [GOOD, "900 000 0009", "900-000-0009", " 900 0000009 "])
def test_an_nhs_number_is_the_same_however_it_is_spaced(written: str) -> None:
    assert nhs_number(written) == GOOD


@pytest.mark.parametrize(
    "written", ["", "900000000", "90000000091", "9000000008", "0000000000", "90000O0009", "\uff19000000009", "abc"]
)
def test_what_is_no_nhs_number_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(ValueError, match="NHS number") as refused:
        nhs_number(written)
    assert not written or written not in str(refused.value)


@given(st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(at: int, off: int) -> None:
    changed = str((int(GOOD[at]) + off) % 10)
    with pytest.raises(ValueError, match="check digit"):
        nhs_number(GOOD[:at] + changed + GOOD[at + 1 :])


@pytest.mark.parametrize(
    "spelt,normal",
    [
        ("https://fhir.nhs.uk/Id/nhs-number", NHS_NUMBER),
        ("https://fhir.nhs.uk/id/nhs-number", NHS_NUMBER),
        ("http://fhir.nhs.net/Id/nhs-number", NHS_NUMBER),
        ("HTTPS://FHIR.NHS.UK/ID/NHS-NUMBER/", NHS_NUMBER),
        ("urn:oid:2.16.840.1.113883.2.1.4.1", NHS_NUMBER),
        ("https://fhir.nhs.uk/id/ods-organization-code", "https://fhir.nhs.uk/Id/ods-organization-code"),
        ("http://fhir.hl7.org.uk/id/gmc-number", "https://fhir.hl7.org.uk/Id/gmc-number"),
        ("https://fhir.nhs.uk/Id/unheard-of", "https://fhir.nhs.uk/Id/unheard-of"),
        (
            "https://evil.example/https://fhir.nhs.uk/Id/nhs-number",
            "https://evil.example/https://fhir.nhs.uk/Id/nhs-number",
        ),
        ("", ""),
    ],
)
def test_a_known_system_has_one_spelling_and_an_unknown_one_keeps_its_own(spelt: str, normal: str) -> None:
    assert normal_system(spelt) == normal


@given(st.text())
def test_normalising_twice_is_normalising_once(uri: str) -> None:
    assert normal_system(normal_system(uri)) == normal_system(uri)


@pytest.mark.parametrize(
    "system,one_person",
    [
        (NHS_NUMBER, True),
        ("http://fhir.nhs.net/id/nhs-number", True),
        (OURS + "hospital-number", True),
        (OURS + "hospital-number/RXX", True),
        (OURS + "local-authority-number/E06", True),
        (OURS + "housing-number/H1", True),
        (OURS + "plan", False),
        (OURS + "hospital-number/RXX/more", False),
        ("https://other.example/Id/hospital-number", False),
        ("", False),
    ],
)
def test_only_systems_that_name_one_person_are_unique(system: str, one_person: bool) -> None:
    assert unique(system) is one_person


def test_a_deployment_may_name_further_unique_systems() -> None:
    assert unique("https://council.example/id", frozenset({"https://council.example/id"}))


def test_an_identity_is_normal_in_both_halves() -> None:
    assert identity("http://fhir.nhs.uk/id/nhs-number", "900 000 0009") == (NHS_NUMBER, GOOD)
    assert identity("https://council.example/id", " A 1 ") == ("https://council.example/id", "A 1")


@pytest.mark.parametrize(
    "system,value",
    [("s" * (LONGEST_SYSTEM + 1), "1"), ("s", "1" * (LONGEST_VALUE + 1)), ("s", "  "), (NHS_NUMBER, "9000000008")],
)
def test_an_identity_that_cannot_be_is_refused(system: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"at most|has a value|check digit"):
        identity(system, value)
