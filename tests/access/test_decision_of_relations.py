"""The decision module on relations that are not of everyday: who is asked by a task, who is on a team in secret, who
came in by an override, whose words hold of one plan. Every answer and every word of it.
"""

from dataclasses import replace
from itertools import product

import pytest

from auth import access
from auth.access import Question, Standing, Verb, must, must_belong, must_freely, must_invite, must_stay_unknown, narrow
from auth.caller import Caller
from auth.scopes import parse
from plan.charter import Letter
from plan.model import AgencyId, EntryId, PersonId, Role, Section, Stored, Subject
from plan.override import OVERRIDE
from plan.problem import Trouble
from tests.access.test_decision_table import SAM, US, permit, words_of

TASK, OTHER, THEM = EntryId("task"), EntryId("other"), AgencyId("THEM")
HELD = Standing(related=True, basis="added")
ASKED = replace(HELD, basis="asked", entries=frozenset({TASK}))
SECRET = replace(HELD, known_to=frozenset({US, THEM}))
BROKEN = replace(HELD, basis=OVERRIDE)
INVITES = {Role.CLINICIAN, Role.SOCIAL_WORKER, Role.COORDINATOR, Role.HOUSING_OFFICER, Role.CARE_PROVIDER, Role.PERSON}


def stored(id_: EntryId, section: Section, agency: AgencyId, restriction: frozenset[AgencyId] | None) -> Stored:
    return Stored(
        person=SAM, id=id_, type="Task", kind="action", section=section, agency=agency, author=Subject("a"),
        version=1, at=1, created=1, restriction=restriction,
    )  # fmt: skip


@pytest.mark.parametrize("standing", [HELD, ASKED, SECRET, BROKEN])
def test_an_entry_shows_by_its_section_its_restriction_and_what_was_opened(standing: Standing):
    for role in (Role.CLINICIAN, Role.HOUSING_OFFICER, Role.AUDITOR):
        held = narrow(permit(role), SAM, standing)
        for id_, section, agency in product((TASK, OTHER), Section, (US, THEM)):
            for only in (None, frozenset[AgencyId](), frozenset({US}), frozenset({THEM})):
                opened = standing.entries is None or id_ in standing.entries
                unrestricted = only is None or agency == US or US in only
                may = section in held.letters and unrestricted and opened
                assert held.shows(stored(id_, section, agency, only)) is may


def test_what_was_found_of_a_relation_is_in_the_permit():
    for standing in (HELD, ASKED, SECRET, BROKEN):
        held = narrow(permit(Role.CLINICIAN), SAM, standing)
        assert (held.basis, held.entries, held.known_to) == (standing.basis, standing.entries, standing.known_to)
        assert held.scopes.words == permit(Role.CLINICIAN).scopes.words
        assert held.caller == permit(Role.CLINICIAN).caller


@pytest.mark.parametrize("role", Role)
def test_who_may_bring_an_agency(role: Role):
    said = f"The role {role.value} may not bring an agency to the plan that is not on the team."
    refused = (Trouble.REFUSED, f"{said} Ask an agency that manages the frame.", "charter")
    for standing in (HELD, SECRET, ASKED):
        held = narrow(permit(role), SAM, standing)
        if role in INVITES and standing is not ASKED:
            must_invite(held)
        else:
            assert words_of(must_invite, held) == refused
    assert words_of(must_invite, narrow(permit(role), SAM, access.NOBODY)) == refused
    assert words_of(must_invite, narrow(permit(role), SAM, BROKEN))[2] == "relationship"


def test_an_override_hands_nothing_on():
    what = "An override lets nobody change who sees the plan. Ask an agency on the person's team."
    assert words_of(must_belong, narrow(permit(Role.CLINICIAN), SAM, BROKEN)) == (Trouble.REFUSED, what, "relationship")
    for standing in (HELD, ASKED, SECRET):
        must_belong(narrow(permit(Role.CLINICIAN), SAM, standing))


def test_who_is_on_a_team_in_secret_changes_nothing_that_others_see():
    held = narrow(permit(Role.CLINICIAN), SAM, SECRET)
    what = "Not everybody may know that your agency is on this team, and this entry shows to others."
    mend = "Write an entry of your own; it will show to who may know of you."
    said = (Trouble.REFUSED, f"{what} {mend}", "consent")
    other = AgencyId("OTHER")
    refused: list[tuple[frozenset[AgencyId] | None, AgencyId | None]]
    refused = [
        (None, None),
        (None, US),
        (frozenset({other}), None),
        (frozenset({US, other}), US),
        (frozenset({US}), other),
    ]
    for restriction, owner in refused:
        assert words_of(must_stay_unknown, held, restriction, owner) == said
        must_stay_unknown(narrow(permit(Role.CLINICIAN), SAM, HELD), restriction, owner)
    for open_, owner in ((frozenset({US}), None), (frozenset({US, THEM}), US), (frozenset({THEM}), THEM)):
        must_stay_unknown(held, open_, owner)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.HOUSING_OFFICER, Role.COORDINATOR])
def test_who_is_asked_answers_the_task_and_writes_nothing_else(role: Role):
    held = narrow(permit(role), SAM, ASKED)
    what = "Your agency has been asked to join, and has not accepted. Accept the task first."
    for verb, type_, section in product((Verb.CREATE, Verb.UPDATE, Verb.DELETE), ("Task", "Goal"), held.letters):
        done = (must, held, verb, type_, section, US)
        if (verb, type_) != (Verb.UPDATE, "Task"):
            assert words_of(*done) == (Trouble.REFUSED, what, "relationship")
        elif held.letters[section] is Letter.READ:
            assert words_of(*done)[2] == "charter"
        else:
            must(held, verb, type_, section, US)


def launched(scopes: str, patient: str | None, role: Role = Role.CLINICIAN) -> access.Permit:
    """A permit of somebody whose app was launched with a patient."""
    made = permit(role)
    caller = Caller(
        subject=Subject("a"), agency=US, role=role, scopes=parse(scopes), client="tests",
        patient=PersonId(patient) if patient else None,
    )  # fmt: skip
    return replace(made, caller=caller, scopes=caller.scopes)


@pytest.mark.parametrize(
    "scopes, patient, letters, goal, task",
    [
        ("patient/*.cruds", SAM, True, True, True),
        ("patient/*.cruds", "another", False, False, False),
        ("patient/*.cruds", None, True, False, False),
        ("patient/Goal.cruds user/Task.cruds", SAM, True, True, True),
        ("patient/Goal.cruds user/Task.cruds", "another", True, False, True),
    ],
)
def test_words_about_the_patient_of_the_launch_count_in_that_plan(
    scopes: str, patient: str | None, letters: bool, goal: bool, task: bool
):
    held = narrow(launched(scopes, patient), SAM, HELD)
    assert bool(held.letters) is letters
    if not letters:
        assert set(held.decided.values()) == {Question.RELATIONSHIP}
        return
    for type_, may in (("Goal", goal), ("Task", task)):
        assert (access.allows(held, Verb.READ, type_) and held.covers("r", type_, frozenset())) is may


def test_what_stands_in_no_plan_needs_words_without_any_bound():
    for verb, type_ in product(Verb, ("Goal", "Organization")):
        must_freely(launched("user/*.cruds", None), verb, type_)
        said = (Trouble.REFUSED, f"The app's scopes do not allow this on {type_}. Ask for a wider scope.", "token")
        assert words_of(must_freely, launched("patient/*.cruds", SAM), verb, type_) == said
        assert words_of(must_freely, launched("user/Task.cruds", None), verb, type_) == said


def test_a_question_about_many_keeps_the_words_of_its_own_verb():
    both = launched("user/Goal.r user/Task.s user/Goal.s?category=a", SAM)
    aimed = access.aim(both, Verb.READ, "Goal", "Task")
    assert aimed.covers("s", "Task", frozenset()) is False
    assert aimed.covers("r", "Goal", frozenset()) is True
    plain = launched("user/Goal.r", SAM)
    assert access.aim(plain, Verb.READ, "Goal") is plain
