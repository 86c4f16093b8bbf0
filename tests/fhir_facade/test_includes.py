"""What comes along with a page (fhir_facade.includes)."""

import pytest

from fhir_facade.query import pairs_of, parse
from plan.problem import Problem, Trouble
from plan.query import Include

BASE = "https://plans.example.org/fhir/R4"


def includes(type_, text, *, strict=True):
    return parse(type_, pairs_of(text), BASE, strict=strict).query.includes


KNOWN = [
    ("CareTeam", "_include=CareTeam:participant:PractitionerRole", Include(
        "CareTeam", "participant", "PractitionerRole")),
    ("CareTeam", "_include:iterate=PractitionerRole:practitioner", Include(
        "PractitionerRole", "practitioner", iterate=True)),
    ("CareTeam", "_include:recurse=PractitionerRole:organization", Include(
        "PractitionerRole", "organization", iterate=True)),
    ("CarePlan", "_revinclude=Provenance:target", Include("Provenance", "target", reverse=True)),
    ("CarePlan", "_revinclude:iterate=Provenance:target", Include(
        "Provenance", "target", iterate=True, reverse=True)),
    ("CarePlan", "_revinclude=Provenance:*", Include("Provenance", "*", reverse=True)),
    ("CarePlan", "_include=CarePlan:*", Include("CarePlan", "*")),
    ("CarePlan", "_include=*", Include("CarePlan", "*")),
    ("CarePlan", "_include:iterate=CarePlan:part-of", Include("CarePlan", "part-of", iterate=True)),
    ("CarePlan", "_revinclude=Task:based-on:CarePlan", Include("Task", "based-on", "CarePlan", reverse=True)),
]  # fmt: skip


@pytest.mark.parametrize("type_, text, include", KNOWN)
def test_an_inclusion_says_which_reference_of_which_type(type_, text, include):
    assert includes(type_, text) == (include,)


UNKNOWN = [
    ("CarePlan", "_include=Goal:subject"),
    ("CarePlan", "_include=CarePlan:status"),
    ("CarePlan", "_include=CarePlan:nothing"),
    ("CarePlan", "_include=CarePlan:goal:Task"),
    ("CarePlan", "_include=CarePlan:goal:Nonsense"),
    ("CarePlan", "_include=Nonsense:goal"),
    ("CarePlan", "_include=CarePlan"),
    ("CarePlan", "_include:all=CarePlan:goal"),
    ("CarePlan", "_include:iterate=*"),
    ("CarePlan", "_revinclude=*"),
    ("CarePlan", "_revinclude=CareTeam:subject"),
    ("", "_include=*"),
]


@pytest.mark.parametrize("type_, text", UNKNOWN)
def test_an_inclusion_that_brings_nothing_is_left_out_or_refused(type_, text):
    assert parse(type_, pairs_of(text), BASE).applied == ()
    with pytest.raises(Problem) as caught:
        includes(type_, text)
    assert caught.value.trouble is Trouble.NOT_SUPPORTED


def test_an_inclusion_is_made_once_however_often_it_is_asked_for():
    assert len(includes("CarePlan", "_include=CarePlan:goal&_include=CarePlan:goal&_include=CarePlan:condition")) == 2


def test_a_search_over_several_types_includes_by_each():
    assert len(includes("", "_type=Goal,CarePlan&_include=Goal:subject&_include=CarePlan:goal")) == 2
