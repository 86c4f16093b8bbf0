"""How alike two Patients are, as a table that somebody who knows people can sign."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import match
from fhir_facade.match import likeness, queries, replaced

NHS = "https://fhir.nhs.uk/Id/nhs-number"
ADA: dict[str, Any] = {
    "resourceType": "Patient",
    "identifier": [{"system": NHS, "value": "9000000009"}, {"system": "urn:h", "value": "H1"}],
    "name": [{"family": "Testington", "given": ["Ada", "Mary"]}],
    "birthDate": "1950-03-07",
    "gender": "female",
    "address": [{"postalCode": "LS1 4AP"}],
    "telecom": [{"system": "phone", "value": "0113 496 0000"}, {"system": "email", "value": "ada@example.org"}],
}


def like(**changes: Any) -> dict[str, Any]:
    """Ada without her NHS number, with changes; None takes an element away."""
    made = {**ADA, "identifier": [], **changes}
    return {name: value for name, value in made.items() if value is not None}


def name(family: str | None = None, given_name: str | None = None) -> list[dict[str, Any]]:
    made: dict[str, Any] = {}
    if family:
        made["family"] = family
    if given_name:
        made["given"] = [given_name]
    return [made]


def only(*names: str) -> dict[str, Any]:
    """Just these elements of Ada."""
    return {"resourceType": "Patient"} | {key: ADA[key] for key in names}


NHS_ONLY = {"identifier": [{"system": NHS, "value": "900 000 0009"}]}
OTHER_NHS = {"identifier": [{"system": NHS, "value": "9000000017"}]}
STRANGER = {"name": name("Sample", "Bob"), "birthDate": "1988-11-30", "gender": "male"}

CASES = [
    # the number decides
    ({"resourceType": "Patient", **NHS_ONLY}, "certain"),
    (like(**NHS_ONLY, name=name("Sample", "Ada")), "certain"),
    (like(**NHS_ONLY, birthDate="1988-11-30"), "certain"),
    (like(**NHS_ONLY, **STRANGER), "possible"),
    (like(**OTHER_NHS), "possible"),
    ({"resourceType": "Patient", **OTHER_NHS}, "certainly-not"),
    # without it nothing is certain
    (like(), "probable"),
    (only("name", "birthDate"), "probable"),
    (only("name", "birthDate", "gender"), "probable"),
    (like(identifier=[{"system": "urn:h", "value": "H1"}]), "probable"),
    ({"resourceType": "Patient", "identifier": [{"system": "urn:h", "value": "H1"}]}, "certainly-not"),
    # names: case and accents, sound, one letter, exchanged letters, the beginning, another name
    (like(name=name("TESTÍNGTON", "ada"), address=None, telecom=None), "probable"),
    (like(name=name("Testyngton", "Ada")), "probable"),
    (like(name=name("Testinton", "Ada")), "probable"),
    (like(name=name("Tsetington", "Ada")), "probable"),
    (like(name=name("Testington-Smith", "Ada")), "probable"),
    (like(name=name("Testington", "A")), "probable"),
    (like(name=name("Testington")), "probable"),
    (like(name=name("Sample", "Ada")), "probable"),
    (like(name=name("Sample", "Ada"), address=None, telecom=None), "certainly-not"),
    (like(name=name("Testington", "Bob"), address=None, telecom=None), "possible"),
    ({**only("birthDate", "gender"), "name": name("Testington", "Bob")}, "possible"),
    # dates of birth: in part, day and month exchanged, one digit, another
    (like(birthDate="1950-07-03"), "probable"),
    (like(birthDate="1950-03"), "probable"),
    (like(birthDate="1950", address=None, telecom=None), "possible"),
    (like(birthDate="1950-03-01", address=None, telecom=None), "possible"),
    (like(birthDate="1950-03-01"), "probable"),
    (like(birthDate="1988-11-30", address=None, telecom=None), "certainly-not"),
    (like(birthDate=None, address=None, telecom=None), "possible"),
    # beside names
    (like(gender="male", address=None, telecom=None), "possible"),
    (like(gender="unknown", address=None, telecom=None), "probable"),
    (like(birthDate=None, address=[{"postalCode": "ls14ap"}], telecom=None), "possible"),
    (only("name", "address"), "possible"),
    (only("birthDate"), "certainly-not"),
    (only("birthDate", "address"), "possible"),
    (only("birthDate", "telecom"), "possible"),
    ({**only("name"), "telecom": [{"value": "+44 113 496 0000"}]}, "possible"),
    ({**only("name"), "telecom": [{"value": "ADA@example.org"}]}, "possible"),
    (only("name"), "certainly-not"),
    ({"resourceType": "Patient", **STRANGER}, "certainly-not"),
    ({"resourceType": "Patient"}, "certainly-not"),
    # what cannot be read says nothing
    (like(identifier=[{"system": NHS, "value": "123"}, {"value": ""}]), "probable"),
    (like(name=[{"family": "…", "given": [None, "Ada"]}], address=None, telecom=None), "certainly-not"),
]


@pytest.mark.parametrize("asked, grade", CASES)
def test_people_are_as_alike_as_the_table_says(asked, grade):
    assert likeness(asked, ADA).grade == grade, likeness(asked, ADA)


def test_the_better_match_scores_higher():
    better = [like(), only("name", "birthDate"), like(birthDate="1950", address=None, telecom=None)]
    scores = [likeness(one, ADA).score for one in better]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


SOUNDS = [("robert", "rupert"), ("ashcraft", "ashcroft"), ("tymczak", "tymczack")]


@pytest.mark.parametrize("one, other", SOUNDS)
def test_names_that_sound_alike_are_alike(one, other):
    assert match._sound(one) == match._sound(other)


def test_letters_that_are_exchanged_missing_or_wrong_are_one_off():
    assert match._one_off("test", "tset")
    assert match._one_off("test", "tests")
    assert match._one_off("test", "tent")
    assert not match._one_off("test", "tens")


def test_a_name_without_a_letter_sounds_as_it_is_written():
    assert match._sound("7") == "7"
    assert match._one_off("Ann", "Ian") is False


def test_who_was_found_to_be_another_is_replaced():
    assert replaced({"link": [{"type": "replaced-by"}]})
    assert not replaced({"link": [{"type": "seealso"}]})
    assert not replaced({})


LOOKS = [
    ({}, []),
    ({"gender": "female"}, []),
    (NHS_ONLY, ["identifier"]),
    ({"birthDate": "1950-03-07"}, ["birthdate"]),
    ({"birthDate": "not a date"}, []),
    ({"name": name("Test")}, ["family"]),
    ({"name": name("Test"), "birthDate": "1950-03-13"}, ["birthdate", "family", "family"]),
    (
        {"telecom": [{"value": "1"}], "address": [{"postalCode": "LS1 4AP"}, {"city": "X"}]},
        ["telecom", "address-postalcode"],
    ),
]


@pytest.mark.parametrize("asked, params", LOOKS)
def test_what_is_looked_for_is_what_is_known(asked, params):
    made = list(queries(asked))
    assert [query.conditions[0].param for query in made] == params
    assert all(query.count == match.CANDIDATES and query.type == "Patient" for query in made)


WORDS = st.text("abcdefghij -", min_size=1, max_size=8)
PATIENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.lists(st.fixed_dictionaries({}, optional={"family": WORDS, "given": st.lists(WORDS, min_size=1)})),
        "birthDate": st.dates().map(str),
        "gender": st.sampled_from(["male", "female", "other"]),
        "address": st.lists(st.fixed_dictionaries({"postalCode": WORDS})),
        "identifier": st.lists(st.fixed_dictionaries({"system": WORDS, "value": WORDS})),
        "telecom": st.lists(st.fixed_dictionaries({"value": WORDS})),
    },
)


@given(PATIENTS, PATIENTS)
def test_likeness_is_the_same_both_ways_and_never_beyond_its_bounds(one, other):
    there, back = likeness(one, other), likeness(other, one)
    assert there == back
    assert 0 <= there.score <= 1
    assert likeness(one, one).score >= there.score or there.grade != "certain"
