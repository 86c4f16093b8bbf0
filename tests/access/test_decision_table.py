"""The decision module against the oracle, in one table without a service: every role, section, verb and owner, under
every word that the person may have said; and the exact words of every refusal. Fast, so that `make mutate` can run it
for each mutant of `auth/access.py`.
"""

from itertools import product
from typing import Any

import pytest

from auth import access
from auth.access import Permit, Question, Standing, Verb, ask, must, must_by_scope, must_see, narrow, refusal
from auth.caller import Caller
from auth.scopes import parse
from plan.charter import charter
from plan.model import AgencyId, PersonId, Role, Section, Subject
from plan.problem import Problem, Trouble
from tests.access import oracle
from tests.access.oracle import Asker, Place, Plan, Stretch, Thing, Word

SAM = PersonId("sam")
US, THEM = AgencyId("RX1"), AgencyId("HA1")
NOW = 1000
SECTIONS = [section.value for section in Section if section is not Section.FRAME]
SCOPES = ["system/*.cruds", "user/*.rs", "user/Goal.cu user/Task.rs", "user/Goal.d", ""]
WORDS: list[tuple[list[str], list[str]]] = [
    ([], []),
    (["health", "about_me"], []),
    (["health"], ["health", "housing"]),
    (SECTIONS, []),
    (SECTIONS, SECTIONS),
]
"""Sections that the person has opened and closed."""


def asker(role: Role, scopes: str) -> Asker:
    return Asker(role.value, US, "me", SAM if role is Role.PERSON else "", scopes)


def permit(role: Role, scopes: str = SCOPES[0]) -> Permit:
    caller = Caller(subject=Subject("me"), agency=US, role=role, scopes=parse(scopes))
    return ask(caller, charter())


def plan(who: Asker, opened: list[str], closed: list[str]) -> Plan:
    """The same relation and the same words, for the oracle."""
    party = f"user:{who.subject}" if who.role == "carer" else who.agency
    said = {"permit": opened, "deny": closed}
    words = [Word(how, frozenset({f"user:{who.subject}"}), frozenset(some), Stretch()) for how, some in said.items()]
    return Plan(SAM, [Place(party, Stretch())], [word for word in words if word.sections])


def standing(who: Asker, opened: list[str], closed: list[str]) -> Standing:
    """What the store would say of it."""
    self_ = who.role == "person"
    return Standing(
        related=who.role != "carer" or bool(opened),
        basis="added",
        opened=frozenset(map(Section, opened)),
        closed=frozenset() if self_ else frozenset(map(Section, closed)),
    )


def verdict(held: Permit, verb: Verb, type_: str, section: Section, owner: AgencyId | None) -> oracle.Verdict:
    """What the decision module says to a write, in the oracle's words."""
    try:
        must_by_scope(held, verb, type_)
        must(held, verb, type_, section, owner)
    except Problem as problem:
        words: dict[Trouble, oracle.Verdict] = {Trouble.REFUSED: "refused", Trouble.NOT_FOUND: "absent"}
        return words[problem.trouble]
    return "done"


@pytest.mark.parametrize("role", Role)
def test_every_decision_is_the_oracles(role: Role):
    for scopes, (opened, closed) in product(SCOPES, WORDS):
        who = asker(role, scopes)
        known = plan(who, opened, closed)
        held = narrow(permit(role, scopes), SAM, standing(who, opened, closed))
        assert held.person == SAM
        for section in Section:
            sees = oracle.letter(who, known, section.value, NOW)[0] == "yes"
            assert held.may_read(section) == sees == (section in held.sections)
        for type_, section, verb in product(("Goal", "Task"), Section, Verb):
            _same(who, known, held, verb, type_, section)


def _same(who: Asker, known: Plan, held: Permit, verb: Verb, type_: str, section: Section) -> None:
    if verb is Verb.CREATE:
        new = Thing("", type_, "", SAM, section.value, who.agency, who.subject, "")
        assert verdict(held, verb, type_, section, None) == oracle.adds(who, known, new, NOW)
        return
    if verb.value not in "ud" or not held.may_read(section):
        return
    for owner in (US, THEM):
        author = who.subject if owner == US else "another"
        thing = Thing("1", type_, "", SAM, section.value, owner, author, "")
        assert verdict(held, verb, type_, section, owner) == oracle.changes(who, known, thing, verb.value, NOW)


@pytest.mark.parametrize("role", Role)
def test_no_relation_leaves_nothing_and_keeps_the_person(role: Role):
    left = narrow(permit(role), SAM, access.NOBODY)
    assert (left.person, dict(left.letters)) == (SAM, {})
    assert set(left.decided.values()) == {Question.RELATIONSHIP}


def words_of(doing: Any, *args: Any) -> tuple[Trouble, str, Any]:
    with pytest.raises(Problem) as raised:
        doing(*args)
    return raised.value.trouble, raised.value.detail, raised.value.extra.get("question")


MANAGES = "Ask an agency that manages the section."
WROTE = "Ask the agency that wrote it, or one that manages the section."
HELD = Standing(related=True, basis="added")
REFUSALS: list[tuple[Any, tuple[Trouble, str, Any]]] = [
    (
        lambda: words_of(must_by_scope, permit(Role.CLINICIAN, "user/Goal.r"), Verb.READ, "Task"),
        (Trouble.REFUSED, "The app's scopes do not allow this on Task. Ask for a wider scope.", "token"),
    ),
    (
        lambda: words_of(must, narrow(permit(Role.COORDINATOR), SAM, HELD), Verb.UPDATE, "Goal", Section.HEALTH, US),
        (
            Trouble.REFUSED,
            f"The charter lets the role coordinator read health, not write in it. {MANAGES}",
            "charter",
        ),
    ),
    (
        lambda: words_of(must, narrow(permit(Role.CLINICIAN), SAM, HELD), Verb.UPDATE, "Goal", Section.HOUSING, THEM),
        (
            Trouble.REFUSED,
            f"In housing your role may change the entries of its own agency only. {WROTE}",
            "ownership",
        ),
    ),
    (
        lambda: words_of(must, narrow(permit(Role.HOUSING_OFFICER), SAM, HELD), Verb.CREATE, "Goal", Section.HEALTH),
        (
            Trouble.REFUSED,
            "The role housing_officer has no leave in health. Ask an agency that manages the section.",
            "charter",
        ),
    ),
    (
        lambda: words_of(must_see, narrow(permit(Role.CLINICIAN), SAM, access.NOBODY)),
        (Trouble.NOT_FOUND, "", None),
    ),
]


@pytest.mark.parametrize("at", range(len(REFUSALS)))
def test_a_refusal_says_which_leave_is_missing_and_whom_to_ask_in_these_words(at: int):
    doing, expected = REFUSALS[at]
    assert doing() == expected


def test_a_refusal_is_made_of_what_and_whom_to_ask():
    made = refusal(Question.CONSENT, "What.", "Whom.")
    assert (made.trouble, made.detail, made.extra) == (Trouble.REFUSED, "What. Whom.", {"question": "consent"})
