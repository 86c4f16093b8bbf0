"""Who came in by an override has what the charter gives, and hands no leave on."""

import pytest

from auth.access import Question, Standing, Verb, ask, must, must_belong, narrow
from auth.caller import Caller
from auth.scopes import parse
from plan.charter import charter
from plan.model import AgencyId, PersonId, Role, Section, Subject
from plan.override import OVERRIDE
from plan.problem import Problem, Trouble


def by(basis: str, *, related: bool = True):
    caller = Caller(subject=Subject("s"), agency=AgencyId("ED1"), role=Role.CLINICIAN, scopes=parse("system/*.cruds"))
    return narrow(ask(caller, charter()), PersonId("sam"), Standing(related=related, basis=basis))


def test_a_permit_says_on_what_the_relationship_rests():
    assert [by(basis).basis for basis in ("added", OVERRIDE)] == ["added", OVERRIDE]
    assert by("", related=False).basis == ""


def test_an_override_gives_what_the_charter_gives():
    must(by(OVERRIDE), Verb.UPDATE, "Goal", Section.HEALTH, AgencyId("RX1"))
    assert by(OVERRIDE).letters == by("added").letters


def test_an_override_hands_no_leave_on():
    with pytest.raises(Problem) as raised:
        must_belong(by(OVERRIDE))
    assert raised.value.trouble is Trouble.REFUSED
    assert raised.value.extra == {"question": Question.RELATIONSHIP.value}
    assert raised.value.detail == (
        "An override lets nobody change who sees the plan. Ask an agency on the person's team."
    )


def test_every_other_relationship_does():
    for basis in ("added", "created", "carer", "self", ""):
        must_belong(by(basis))
