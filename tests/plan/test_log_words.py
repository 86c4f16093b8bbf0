"""What somebody did is said so that the person understands it: every line of the tables, and what no table knows."""

import pytest

from auth.access import Question
from plan import log_words
from plan.log_words import what
from plan.model import Role, Section

SAID: tuple[tuple[str, str, str, str], ...] = (
    # action, type, sections, what is said of it
    ("R", "CarePlan", "health social_care", "looked at parts of your plan: health and social care"),
    ("R", "Goal", "housing", "looked at part of your plan: housing"),
    ("R", "Patient", "frame", "looked at who you are and your team"),
    ("R", "CarePlan", "frame health", "looked at part of your plan: health, and who you are and your team"),
    ("R", "CarePlan", "", "looked at your plan, as far as allowed"),
    ("E", "Goal", "health housing legal", "searched and was shown parts of your plan: health, housing and legal"),
    ("E", "Goal", "", "searched for you, and was shown nothing"),
    ("C", "Goal", "health", "added to part of your plan: health"),
    ("C", "Goal", "", "added to your plan"),
    ("C", "Patient", "frame", "began your plan"),
    ("U", "Patient", "frame", "changed your details"),
    ("U", "CareTeam", "frame", "changed your team"),
    ("U", "Task", "housing", "changed part of your plan: housing"),
    ("D", "Goal", "health", "took something out of part of your plan: health"),
    ("D", "Goal", "", "took something out of your plan"),
    ("R", "AuditEvent", "", "read this list of who looked"),
    ("R", "Subscription", "health", "was told that something changed in part of your plan: health"),
    ("R", "Subscription", "", "was told that something changed in your plan"),
    ("E", "override", "", "opened your plan in an emergency, and is not on your team"),
    ("E", "Goal", "something", "searched and was shown part of your plan"),
    ("C", "Goal", "something", "added to part of your plan"),
    ("X", "", "", "did something (X) with your plan"),
    ("X", "", "attic", "did something (X) with part of your plan: attic"),
)
REFUSED: tuple[tuple[str, str, str], ...] = (
    ("R", "relationship", "They are not on your team, or there was nothing for them to see"),
    ("E", "token", "The app that they used may not do that"),
    ("C", "charter", "People in their role may not do that"),
    ("U", "ownership", "Only the team that wrote it may change it"),
    ("D", "consent", "You have not agreed to it"),
    ("X", "consent", "You have not agreed to it"),
)


@pytest.mark.parametrize("action, type_, sections, expected", SAID, ids=lambda one: one or "-")
def test_what_was_done_is_a_plain_sentence(action: str, type_: str, sections: str, expected: str) -> None:
    assert what(action, type_, sections.split(), "", allowed=True) == expected


@pytest.mark.parametrize("action, question, reason", REFUSED)
def test_a_refusal_says_what_was_tried_and_why_it_was_refused(action: str, question: str, reason: str) -> None:
    said = what(action, "Goal", ["health"], question, allowed=False)
    assert said.startswith("tried to ")
    assert said.endswith(f", and was refused. {reason}")
    assert "health" not in said


def test_a_request_that_failed_for_another_reason_was_not_refused() -> None:
    assert what("U", "Goal", [], "request", allowed=False) == "tried to change your plan, which did not work"


def test_a_mail_is_told_as_what_it_is() -> None:
    said = what("R", "mail", ["health"], "", allowed=True)
    assert said == "sent an email with a link, and nothing else, about part of your plan: health"


def test_the_tables_know_every_role_every_section_and_every_question() -> None:
    assert {role.value for role in Role} <= log_words.ROLES.keys()
    assert {section.value for section in Section} == {*log_words.SECTIONS, Section.FRAME.value}
    assert {question.value for question in Question} == log_words.REASONS.keys()
