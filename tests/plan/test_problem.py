"""One line for each trouble, both dialects from it, and every fault in one answer."""

import re

import pytest

from plan.kinds import KINDS, kind
from plan.problem import Fault, Problem, Trouble, refuse_if

CODES = """
invalid structure required value invariant security login unknown expired forbidden suppressed processing not-supported
duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict transient
lock-error no-store exception timeout incomplete throttled informational
"""
ISSUES = frozenset(CODES.split())
"""FHIR R4, code system issue-type."""


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_a_status_a_fhir_code_a_stable_code_and_a_sentence(trouble: Trouble) -> None:
    line = trouble.value
    assert 400 <= line.status < 600
    assert line.issue in ISSUES
    assert re.fullmatch("[a-z_]+", line.code)
    assert line.title[0].isupper()


def test_no_two_troubles_have_the_same_code() -> None:
    assert len({trouble.value.code for trouble in Trouble}) == len(Trouble)


def test_nothing_wrong_is_no_problem() -> None:
    refuse_if([])


def test_every_fault_is_told_at_once() -> None:
    faults = [Fault("one", ("a",)), Fault("two", ("b",))]
    with pytest.raises(Problem) as raised:
        refuse_if(faults, Trouble.REQUIRED, "Both are wrong")
    assert (raised.value.trouble, raised.value.faults) == (Trouble.REQUIRED, tuple(faults))
    assert str(raised.value) == "Both are wrong; one; two"


@pytest.mark.parametrize("own,told", [(Trouble.BAD_VALUE, Trouble.BAD_VALUE), (None, Trouble.INVALID)])
def test_a_single_fault_with_a_finer_code_gives_the_problem_its_code(own: Trouble | None, told: Trouble) -> None:
    with pytest.raises(Problem) as raised:
        refuse_if([Fault("one", trouble=own)])
    assert raised.value.trouble is told


def test_a_problem_without_words_says_its_title_once() -> None:
    assert str(Problem(Trouble.GONE)) == Trouble.GONE.value.title
    assert str(Problem(Trouble.GONE, "x", (Fault("x"),))) == "x"


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_found_by_its_name(name: str) -> None:
    assert kind(name).name == name


def test_an_unknown_kind_is_not_there_and_the_known_ones_are_named() -> None:
    with pytest.raises(Problem) as raised:
        kind("x" * 1000)
    assert raised.value.trouble is Trouble.NOT_FOUND
    assert len(raised.value.faults[0].what) < 100
    assert "goal" in raised.value.faults[0].mend
