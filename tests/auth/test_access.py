"""The five questions, one sentence each: who may, who may not, and what they are told."""

from types import MappingProxyType
from typing import Any

import pytest

from auth.access import (
    NOBODY,
    Permit,
    Question,
    Standing,
    Verb,
    aim,
    allows,
    ask,
    beyond,
    house,
    must,
    must_by_scope,
    must_freely,
    must_see,
    must_settle,
    narrow,
    refusal,
)
from auth.caller import Caller
from auth.scopes import Said, parse
from plan.charter import Letter, charter
from plan.model import AgencyId, PersonId, Role, Section, Subject
from plan.problem import Problem, Trouble

SAM = PersonId("sam")
US, THEM, ELSE = AgencyId("RX1"), AgencyId("HA1"), AgencyId("LA1")
ON_THE_TEAM = Standing(related=True, basis="added")
NO_SECTIONS = (Role.AUDITOR, Role.COMMISSIONER, Role.ADMINISTRATOR)


def permit(
    role: Role = Role.CLINICIAN, scopes: str = "system/*.cruds", patient: str = "", person: str | None = None
) -> Permit:
    own = PersonId(person) if person else None
    caller = Caller(
        subject=Subject("s"),
        agency=US,
        role=role,
        scopes=parse(scopes),
        patient=PersonId(patient) if patient else None,
        person=own,
    )
    return ask(caller, charter())


def on_the_team(role: Role = Role.CLINICIAN, scopes: str = "system/*.cruds", **standing: Any) -> Permit:
    return narrow(permit(role, scopes), SAM, Standing(related=True, basis="added", **standing))


def refused(trouble: Trouble, *args: Any) -> Problem:
    with pytest.raises(Problem) as raised:
        must(*args)
    assert raised.value.trouble is trouble
    return raised.value


# 1: the token


@pytest.mark.parametrize("verb", Verb)
def test_the_scopes_bound_what_the_app_may_do(verb: Verb) -> None:
    assert allows(permit(scopes=f"user/Goal.{verb}"), verb, "Goal")
    assert not allows(permit(scopes=f"user/Goal.{verb}"), verb, "Task")
    assert not any(allows(permit(scopes=f"user/Goal.{verb}"), other, "Goal") for other in Verb if other is not verb)


def test_an_empty_scope_allows_nothing() -> None:
    assert not any(allows(permit(scopes=""), verb, "Goal") for verb in Verb)
    assert permit(scopes="").scopes.types == frozenset()


def test_the_types_that_may_be_looked_at_are_those_with_a_letter_to_read_or_search() -> None:
    assert permit(scopes="user/Goal.r user/Task.s user/Flag.cud").scopes.types == frozenset({"Goal", "Task"})
    assert permit(scopes="user/*.cud user/Task.s").scopes.types == frozenset({"Task"})
    assert permit(scopes="user/*.r").scopes.types is None
    assert permit(scopes="user/*.s").scopes.types is None


def test_a_write_beyond_the_scopes_is_refused_by_the_first_question() -> None:
    problem = refused(Trouble.REFUSED, on_the_team(scopes="user/*.rs"), Verb.CREATE, "Goal", Section.HEALTH)
    assert problem.extra == {"question": "token"}
    assert "Goal" in problem.detail


HEART, LUNGS = frozenset({("", "heart")}), frozenset({("", "lungs")})
GRANULAR = "user/Goal.rs user/Goal.cu?category=heart user/Task.r"


@pytest.mark.parametrize("verb", [Verb.CREATE, Verb.UPDATE])
def test_a_write_within_a_category_is_allowed_where_the_entry_says_it_before_and_after(verb: Verb) -> None:
    ours = on_the_team(scopes=GRANULAR)
    must(ours, verb, "Goal", Section.HEALTH, None, [HEART, HEART | LUNGS])
    wrong: list[list[Said]] = [[LUNGS], [frozenset()], [HEART, LUNGS], [LUNGS, HEART]]
    for said in wrong:
        problem = refused(Trouble.REFUSED, ours, verb, "Goal", Section.HEALTH, None, said)
        assert problem.extra == {"question": "token"}


def test_of_an_entry_that_nobody_looked_at_no_constraint_holds() -> None:
    refused(Trouble.REFUSED, on_the_team(scopes=GRANULAR), Verb.CREATE, "Goal", Section.HEALTH)
    must(on_the_team(scopes=GRANULAR), Verb.CREATE, "Goal", Section.HEALTH, None, [])
    refused(Trouble.REFUSED, on_the_team(scopes=GRANULAR), Verb.DELETE, "Goal", Section.HEALTH, None, [])


def test_what_an_entry_says_is_covered_for_the_verbs_that_are_named() -> None:
    ours = permit(scopes=GRANULAR)
    assert ours.covers("r", "Goal", LUNGS)
    assert ours.covers("rsu", "Goal", LUNGS)
    assert ours.covers("u", "Goal", HEART)
    assert not ours.covers("u", "Goal", LUNGS)
    assert permit(scopes="user/Goal.r").covers("u", "Task", LUNGS), "plain scopes are asked by type, before"


def test_a_question_about_many_looks_at_what_its_own_verb_allows() -> None:
    ours = permit(scopes="user/Goal.r user/Goal.s?category=heart user/Task.r")
    assert aim(ours, Verb.READ, "Goal").covers("rs", "Goal", LUNGS)
    assert not aim(ours, Verb.SEARCH, "Goal").covers("rs", "Goal", LUNGS)
    assert aim(ours, Verb.SEARCH, "Goal").covers("rs", "Task", LUNGS), "what is only touched may be looked at"
    plain = permit(scopes="user/Goal.r")
    assert aim(plain, Verb.SEARCH, "Goal") is plain


def test_what_stands_in_no_plan_yet_needs_a_word_without_any_bound() -> None:
    must_freely(permit(scopes="user/Patient.c"), Verb.CREATE, "Patient")
    must_freely(permit(scopes="user/*.c"), Verb.CREATE, "*")
    for words in ("patient/Patient.c", "user/Patient.c?category=a", "user/Patient.u", "user/Goal.c", ""):
        with pytest.raises(Problem) as raised:
            must_freely(permit(scopes=words, patient=SAM), Verb.CREATE, "Patient")
        assert raised.value.extra == beyond("Patient").extra == {"question": "token"}


def test_words_about_the_patient_leave_no_other_plan() -> None:
    words = "patient/*.cruds user/Organization.rs"
    ours = narrow(permit(scopes=words, patient=SAM), SAM, ON_THE_TEAM)
    must(ours, Verb.CREATE, "Goal", Section.HEALTH)
    assert (ours.only, permit(scopes=words, patient=SAM).only) == (SAM, SAM)
    other = narrow(permit(scopes=words, patient="ben"), SAM, ON_THE_TEAM)
    assert not other.letters
    refused(Trouble.NOT_FOUND, other, Verb.CREATE, "Goal", Section.HEALTH)


def test_beside_wider_words_those_about_the_patient_count_for_the_patient_alone() -> None:
    words = "patient/Goal.cruds user/Task.cruds"
    theirs = narrow(permit(scopes=words, patient=SAM), SAM, ON_THE_TEAM)
    other = narrow(permit(scopes=words, patient="ben"), SAM, ON_THE_TEAM)
    assert (theirs.only, other.only) == (None, None)
    for ours in (theirs, other):
        must(ours, Verb.CREATE, "Task", Section.HEALTH)
    must(theirs, Verb.CREATE, "Goal", Section.HEALTH)
    assert refused(Trouble.REFUSED, other, Verb.CREATE, "Goal", Section.HEALTH).extra == {"question": "token"}


def test_the_person_has_one_plan_whatever_the_words() -> None:
    assert permit(Role.PERSON, person=SAM).only == SAM
    assert permit(Role.PERSON).only is None
    launched = permit(Role.PERSON, "patient/*.rs", patient="ben", person=SAM)
    assert not narrow(launched, SAM, ON_THE_TEAM).letters


@pytest.mark.parametrize("said", [[], [HEART]])
def test_a_verb_that_no_word_speaks_of_is_refused_whatever_an_entry_says(
    said: list[frozenset[tuple[str, str]]],
) -> None:
    with pytest.raises(Problem) as raised:
        must_by_scope(permit(scopes=GRANULAR), Verb.DELETE, "Goal", said)
    assert raised.value.trouble is Trouble.REFUSED


# 2: the relationship


@pytest.mark.parametrize("role", Role)
def test_without_a_relationship_the_plan_does_not_exist(role: Role) -> None:
    nothing = narrow(permit(role), SAM, NOBODY)
    assert (nothing.letters, nothing.person, nothing.sections) == ({}, SAM, frozenset())
    assert set(nothing.decided.values()) == {Question.RELATIONSHIP}
    with pytest.raises(Problem) as raised:
        must_see(nothing)
    assert raised.value.trouble is Trouble.NOT_FOUND
    for section in Section:
        refused(Trouble.NOT_FOUND, nothing, Verb.CREATE, "Goal", section)


def test_consents_alone_are_no_relationship() -> None:
    assert not narrow(permit(), SAM, Standing(opened=frozenset(Section))).letters


def test_somebody_on_the_team_sees_the_plan() -> None:
    must_see(narrow(permit(), SAM, ON_THE_TEAM))


# 3: the charter


@pytest.mark.parametrize("role", NO_SECTIONS)
def test_a_role_without_sections_sees_no_plan_even_on_the_team(role: Role) -> None:
    assert not on_the_team(role).letters


@pytest.mark.parametrize("role", [role for role in Role if role not in (*NO_SECTIONS, Role.CARER)])
def test_on_the_team_a_role_has_exactly_its_letters(role: Role) -> None:
    agreed = {section: charter().letter(role, section) for section in Section}
    left = on_the_team(role)
    assert dict(left.letters) == {section: letter for section, letter in agreed.items() if letter is not Letter.NOTHING}
    assert left.sections == frozenset(left.letters)
    assert all(left.may_read(section) == (agreed[section] is not Letter.NOTHING) for section in Section)


def test_a_section_that_the_charter_closes_is_refused_in_public() -> None:
    problem = refused(Trouble.REFUSED, on_the_team(Role.HOUSING_OFFICER), Verb.CREATE, "Goal", Section.HEALTH)
    assert problem.extra == {"question": "charter"}
    assert "housing_officer" in problem.detail
    assert "health" in problem.detail


def test_who_may_only_read_is_told_that_it_is_the_charter() -> None:
    problem = refused(Trouble.REFUSED, on_the_team(Role.COORDINATOR), Verb.UPDATE, "Goal", Section.HEALTH, US)
    assert problem.extra == {"question": "charter"}
    assert "not write" in problem.detail


def test_the_version_of_the_charter_goes_with_every_permit() -> None:
    assert permit().charter_version == on_the_team().charter_version == charter().version


# 4: consent and restriction


def test_what_the_person_has_closed_is_closed_and_not_told() -> None:
    left = on_the_team(closed=frozenset({Section.HOUSING}))
    assert left.sections == permit().sections - {Section.HOUSING}
    assert left.decided[Section.HOUSING] is Question.CONSENT
    assert left.decided[Section.BENEFITS] is Question.CHARTER
    refused(Trouble.NOT_FOUND, left, Verb.CREATE, "Goal", Section.HOUSING)


def test_a_person_who_closes_everything_is_not_seen_at_all() -> None:
    left = on_the_team(closed=frozenset(Section))
    assert not left.letters
    refused(Trouble.NOT_FOUND, left, Verb.CREATE, "Goal", Section.BENEFITS)


def test_a_carer_has_the_frame_and_what_the_person_has_opened_and_no_more() -> None:
    assert on_the_team(Role.CARER).sections == {Section.FRAME}
    opened = frozenset({Section.HEALTH, Section.SAFEGUARDING})
    left = on_the_team(Role.CARER, opened=opened)
    assert left.sections == {Section.FRAME, Section.HEALTH}, "what the charter does not give, no consent gives"
    assert left.by_consent
    refused(Trouble.NOT_FOUND, left, Verb.CREATE, "Goal", Section.HOUSING)


def test_a_no_goes_before_a_yes() -> None:
    both = frozenset({Section.HEALTH})
    assert on_the_team(Role.CARER, opened=both, closed=both).sections == {Section.FRAME}


def test_a_consent_opens_nothing_for_a_worker() -> None:
    assert (
        on_the_team(Role.HOUSING_OFFICER, opened=frozenset(Section)).sections
        == on_the_team(Role.HOUSING_OFFICER).sections
    )


SEEN = [
    ("nobody is named", THEM, None, True),
    ("it is our own", US, frozenset({THEM}), True),
    ("we are named", THEM, frozenset({US, ELSE}), True),
    ("others are named", THEM, frozenset({ELSE}), False),
    ("nobody may", THEM, frozenset(), False),
]


@pytest.mark.parametrize("agency,restriction,seen", [row[1:] for row in SEEN], ids=[row[0] for row in SEEN])
def test_a_restricted_entry_is_open_to_its_agency_and_to_those_named(
    agency: AgencyId, restriction: frozenset[AgencyId] | None, seen: bool
) -> None:
    assert on_the_team().sees(agency, restriction) is seen


# 5: ownership

OWN = [
    (Section.HEALTH, US, True),
    (Section.HEALTH, THEM, True),
    (Section.HOUSING, None, True),
    (Section.HOUSING, US, True),
    (Section.HOUSING, THEM, False),
]


@pytest.mark.parametrize("section,owner,allowed", OWN)
def test_who_manages_changes_any_entry_and_who_contributes_their_own(
    section: Section, owner: AgencyId | None, allowed: bool
) -> None:
    if allowed:
        must(on_the_team(), Verb.UPDATE, "Goal", section, owner)
    else:
        problem = refused(Trouble.REFUSED, on_the_team(), Verb.UPDATE, "Goal", section, owner)
        assert problem.extra == {"question": "ownership"}


# all five


def test_every_step_only_takes_away() -> None:
    for role in Role:
        most = permit(role)
        for closed in (frozenset[Section](), frozenset({Section.HEALTH}), frozenset(Section)):
            left = on_the_team(role, closed=closed, opened=frozenset({Section.HEALTH}))
            assert left.letters.items() <= most.letters.items()


def test_a_permit_cannot_be_changed_by_who_holds_it() -> None:
    held = on_the_team()
    assert isinstance(held.letters, MappingProxyType)
    with pytest.raises(AttributeError):
        held.person = None  # type: ignore[misc]


def test_a_refusal_says_which_leave_is_missing_and_whom_to_ask() -> None:
    problem = refusal(Question.OWNERSHIP, "Not yours.", "Ask them.")
    assert (problem.trouble, problem.detail, problem.extra) == (
        Trouble.REFUSED,
        "Not yours. Ask them.",
        {"question": "ownership"},
    )


def test_the_services_own_permit_opens_one_plan_whole_and_no_other():
    own = house(charter(), SAM)
    assert own.letters == dict.fromkeys(Section, Letter.MANAGE)
    assert (own.person, own.entries, own.known_to) == (SAM, None, None)
    assert not narrow(own, PersonId("other"), NOBODY).letters


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.COORDINATOR])
def test_a_clinician_and_the_coordinator_settle_what_they_may_read(role: Role) -> None:
    must_settle(on_the_team(role), "DetectedIssue", Section.HEALTH)


@pytest.mark.parametrize("role", [Role.PERSON, Role.SOCIAL_WORKER, Role.CARE_PROVIDER])
def test_nobody_else_settles_a_finding(role: Role) -> None:
    with pytest.raises(Problem) as raised:
        must_settle(on_the_team(role), "DetectedIssue", Section.HEALTH)
    assert raised.value.trouble is Trouble.REFUSED
    assert raised.value.extra == {"question": "charter"}
    assert "Ask one of them." in raised.value.detail


def test_what_may_not_be_read_is_not_settled() -> None:
    with pytest.raises(Problem) as closed:
        must_settle(on_the_team(closed=frozenset({Section.HEALTH})), "DetectedIssue", Section.HEALTH)
    assert closed.value.trouble is Trouble.NOT_FOUND
    with pytest.raises(Problem) as public:
        must_settle(on_the_team(Role.COORDINATOR), "DetectedIssue", Section.SAFEGUARDING)
    assert public.value.trouble is Trouble.REFUSED


def test_an_app_settles_what_its_words_let_it_change() -> None:
    with pytest.raises(Problem) as raised:
        must_settle(on_the_team(scopes="user/DetectedIssue.rs"), "DetectedIssue", Section.HEALTH)
    assert raised.value.extra == {"question": "token"}
    must_settle(on_the_team(scopes="user/DetectedIssue.u"), "DetectedIssue", Section.HEALTH)
