"""Who is asked to act on a finding beside the authors of its sides: as long as it is open, and only who may know."""

from dataclasses import replace
from typing import Any

import pytest

from plan.findings_asked import derive
from plan.known import HOUSE, Entry, Known, Want, derived
from plan.model import AgencyId, EntryId, Section
from tests.support.contradictions import read

OPEN: dict[str, Any] = {
    "rule": "c17-contacts",
    "title": "Different contacts",
    "severity": "warn",
    "status": "open",
    "sides": ["RelatedPerson/e1", "RelatedPerson/e2"],
    "detail": "Two entries differ.",
    "identified": "2026-03-04T10:00:00.000Z",
}
TEXT = """now 2026-03-04 10:00
NO | a case
  team LA1 HC1 DH1 BA1
  LA1 contact  name Bea Test; roles next_of_kin
  HC1 contact  name Cyril Stone; roles next_of_kin
"""


def known(text: str = TEXT, restriction: frozenset[AgencyId] | None = None, agency: str = HOUSE, **body: Any) -> Known:
    """What is known of somebody with one finding."""
    [case] = read(text, "asked")
    base = case.known()
    finding = Entry(
        id=EntryId("f1"),
        type="DetectedIssue",
        kind="finding",
        section=Section.ABOUT_ME,
        agency=AgencyId(agency),
        version=1,
        at=base.now,
        created=base.now,
        restriction=restriction,
        body={**OPEN, **body},
    )
    return replace(base, entries={**base.entries, finding.id: finding})


def wanted(at: Known) -> dict[str, Want]:
    """The tasks by who has them."""
    return {str(want.body["who"]["reference"]): want for want in derive(at) if want.body is not None}


def written(at: Known, want: Want, **body: Any) -> Known:
    """What is known once a task is there."""
    assert want.body is not None
    one = Entry(
        id=derived(at.person, want.key),
        type="Task",
        kind="action",
        section=want.section,
        agency=HOUSE,
        version=1,
        at=at.now,
        created=at.now,
        body={**want.body, **body},
    )
    return replace(at, entries={**at.entries, one.id: one})


def test_the_person_and_the_coordinator_are_asked_about_contacts() -> None:
    asked = wanted(known())
    assert set(asked) == {"Patient/ada", "Organization/DH1"}
    person, hub = asked["Patient/ada"], asked["Organization/DH1"]
    assert (person.section, person.restriction) == (Section.ABOUT_ME, None)
    assert (hub.section, hub.restriction) == (Section.TRANSITIONS, frozenset({"DH1"}))
    assert person.body is not None
    assert person.body["focus"] == "DetectedIssue/f1"


def test_nobody_asks_a_person_who_has_died() -> None:
    assert set(wanted(replace(known(), identity={"died": "2026-03-03"}))) == {"Organization/DH1"}


def test_who_may_not_see_the_finding_is_not_asked() -> None:
    assert wanted(known(restriction=frozenset({AgencyId("LA1")}))) == {}


def test_governance_is_asked_without_a_word_on_what_it_may_not_see() -> None:
    hidden = known(rule="c16-consent", severity="high", restriction=frozenset({AgencyId("LA1")}))
    [(who, want)] = wanted(hidden).items()
    assert who == "Organization/DH1"
    assert want.body is not None
    assert "focus" not in want.body
    assert want.body["priority"] == "asap"


def test_an_author_of_a_side_has_a_task_already() -> None:
    assert set(wanted(known(TEXT.replace("HC1 contact", "DH1 contact")))) == {"Patient/ada"}


def test_a_finding_of_somebody_else_or_of_a_rule_that_is_gone_asks_nobody() -> None:
    assert wanted(known(agency="RX1")) == {}
    assert wanted(known(rule="c0-nothing")) == {}


def test_a_task_keeps_what_its_owner_made_of_it_as_long_as_the_finding_is_open() -> None:
    at = known()
    at = written(at, wanted(at)["Organization/DH1"], status="doing", note="Rang Ada.")
    body = wanted(at)["Organization/DH1"].body
    assert body is not None
    assert (body["status"], body["note"]) == ("doing", "Rang Ada.")


@pytest.mark.parametrize(
    "status, was, is_",
    [
        ("gone", "planned", "cancelled"),
        ("resolved", "doing", "done"),
        ("gone", "done", "done"),
        ("resolved", "refused", "refused"),
    ],
)
def test_a_task_closes_with_its_finding(status: str, was: str, is_: str) -> None:
    at = known()
    task = wanted(at)["Organization/DH1"]
    more: dict[str, Any] = {"resolution": {"reason": "Asked."}} if status == "resolved" else {}
    after = written(replace(known(status=status, **more)), task, status=was)
    [want] = wanted(after).values()
    assert want.body is not None
    assert want.body["status"] == is_


def test_a_finding_that_is_back_asks_anew() -> None:
    at = known()
    first = wanted(at)["Organization/DH1"]
    back = written(known(identified="2026-04-01T10:00:00.000Z"), first, status="done")
    assert wanted(back)["Organization/DH1"].key != first.key
