"""What needs a caller now, kind by kind, on plans built by hand: whose it is, how severe, in which order."""

from dataclasses import replace
from typing import Any

import pytest

from plan.attention import KINDS_SHOWN, ROWS, SEVERITIES, WATCHED, Asking, attention, in_order
from plan.attention_rules import DAY, stamp
from plan.kinds import FRAME_KINDS, KINDS
from plan.known import HOUSE, Entry, Known, moment
from plan.model import AgencyId, EntryId, PersonId, Role, Section

NOW = moment("2026-06-01T12:00:00Z") or 0
TYPES = {
    "action": "Task",
    "referral": "ServiceRequest",
    "stay": "Encounter",
    "readiness": "Task",
    "message": "Communication",
}
ME = "Organization/HC1"
MINE: dict[str, Any] = {"reference": ME}
THEIRS: dict[str, Any] = {"reference": "Organization/LA1"}
CALLER = Asking(agency=AgencyId("HC1"), role=Role.CARE_PROVIDER, names=frozenset((ME,)))
NURSE = replace(CALLER, role=Role.CLINICIAN)
MANAGER = replace(CALLER, role=Role.SOCIAL_WORKER, manages=frozenset((Section.SOCIAL_CARE,)))


def entry(
    id_: str, kind: str, agency: str = "LA1", days: float = 1, section: Section = Section.SOCIAL_CARE, **body: Any
) -> Entry:
    """An entry that was written so many days ago."""
    at = round(NOW - days * DAY)
    return Entry(
        id=EntryId(id_),
        type=TYPES.get(kind, kind.title()),
        kind=kind,
        section=section,
        agency=AgencyId(agency),
        version=1,
        at=at,
        created=at,
        body=body,
    )


def found(asking: Asking, *entries: Entry) -> list[tuple[str, str, str]]:
    whole = Known(person=PersonId("ada"), now=NOW, entries={one.id: one for one in entries})
    return [(one.kind, one.severity, one.words) for one in attention(whole, asking)]


def ago(**days: float) -> str:
    """A moment so many days `ago`, or `ahead`."""
    return stamp(round(NOW - (days.get("ago", 0) - days.get("ahead", 0)) * DAY))


def test_every_kind_that_is_watched_is_a_kind():
    assert {*KINDS, *FRAME_KINDS} >= WATCHED
    assert {row.kind for row in ROWS} <= set(KINDS_SHOWN)
    for row in ROWS:
        fields = KINDS[row.kind].form.model_fields
        assert {row.says, *filter(None, (row.by, row.due))} <= set(fields)
        assert set(row.severities.values()) <= set(SEVERITIES)


def call(**body: Any) -> Entry:
    return entry("t", "action", what="Call", **body)


def walk(**body: Any) -> Entry:
    return entry("g", "goal", "HC1", goal="Walk", **body)


FLAG: dict[str, Any] = {
    "flag": "Look",
    "status": "active",
    "sections": ["social_care"],
    "code": {"code": "no_medical_input"},
}
ASK: dict[str, Any] = {"what": "Acknowledge a message", "state": "delivered", "to": MINE, "urgency": "soon"}
FINDING: dict[str, Any] = {"title": "Two beds", "status": "open", "severity": "warn"}
CASES = [
    ("an ask that waits", CALLER, entry("a", "ask", **ASK), ("ask", "medium", "Acknowledge a message")),
    ("an urgent ask", CALLER, entry("a", "ask", **{**ASK, "urgency": "urgent"}),
     ("ask", "high", "Acknowledge a message")),
    ("an urgent ask that is late", CALLER, entry("a", "ask", **{**ASK, "urgency": "urgent", "due": ago(ago=1)}),
     ("ask", "critical", "Acknowledge a message")),
    ("an ask seen", CALLER, entry("a", "ask", **{**ASK, "state": "seen", "started": ago(ago=2)}),
     ("ask", "medium", "Acknowledge a message")),
    ("an ask acknowledged", CALLER, entry("a", "ask", **{**ASK, "state": "acknowledged"}), None),
    ("another's ask", CALLER, entry("a", "ask", **{**ASK, "to": THEIRS}), None),
    ("a finding for a clinician", NURSE, entry("f", "finding", **FINDING), ("finding", "medium", "Settle: Two beds")),
    ("a finding that blocks", NURSE, entry("f", "finding", **{**FINDING, "severity": "blocking"}),
     ("finding", "critical", "Settle: Two beds")),
    ("a finding for who manages the section", MANAGER, entry("f", "finding", **FINDING),
     ("finding", "medium", "Settle: Two beds")),
    ("a finding for others", CALLER, entry("f", "finding", **FINDING), None),
    ("a finding that is settled", NURSE, entry("f", "finding", **{**FINDING, "status": "resolved"}), None),
    ("a finding when asked of another", replace(NURSE, own=False), entry("f", "finding", **FINDING), None),
    ("a flag", CALLER, entry("f", "flag", **FLAG), ("flag", "low", "Look")),
    ("a flag for who must be heard", NURSE, entry("f", "flag", **FLAG), ("flag", "high", "Look")),
    ("a flag of another section", NURSE, entry("f", "flag", **{**FLAG, "sections": ["housing"]}),
     ("flag", "low", "Look")),
    ("a flag in words", NURSE, entry("f", "flag", flag="Dog", status="active", period={"start": ago(ago=3)}),
     ("flag", "low", "Dog")),
    ("a flag that is down", CALLER, entry("f", "flag", **{**FLAG, "status": "inactive"}), None),
    ("a flag when asked of another", replace(CALLER, own=False), entry("f", "flag", **FLAG), None),
    ("a new task", CALLER, call(status="planned", who=MINE), ("task", "low", "Call")),
    ("a new task that is due", CALLER, call(status="planned", who=MINE, due=ago(ahead=0.5)),
     ("task", "medium", "Call")),
    ("a new task at once", CALLER, call(status="planned", who=MINE, priority="stat"),
     ("task", "high", "Call")),
    ("a task under way", CALLER, call(status="doing", who=MINE, due=ago(ahead=9)), None),
    ("a task under way that is late", CALLER, call(status="doing", who=MINE, due=ago(ago=1)),
     ("task", "high", "Call")),
    ("a task without an end", CALLER, call(status="accepted", who=MINE), None),
    ("another's task", CALLER, call(status="planned", who=THEIRS), None),
    ("nobody's task", CALLER, call(status="planned"), None),
    ("what the service told them", CALLER, entry("m", "message", HOUSE, text="Late", status="sent", to=[THEIRS, MINE]),
     ("message", "medium", "Late")),
    ("what the service told them last week", CALLER, entry("m", "message", HOUSE, 7, text="Late", to=[MINE]), None),
    ("what somebody told them", CALLER, entry("m", "message", text="Hello", to=[MINE]), None),
    ("what the service told others", CALLER, entry("m", "message", HOUSE, text="Late", to=[THEIRS]), None),
    ("a review in a month", MANAGER, entry("r", "review", next_review="2026-07-01"), None),
    ("a review this week", MANAGER, entry("r", "review", next_review="2026-06-05"),
     ("review", "low", "Review the section")),
    ("a review that is late", MANAGER, entry("r", "review", next_review="2026-05-05"),
     ("review", "medium", "Review the section")),
    ("a review that they signed", CALLER, entry("r", "review", "HC1", next_review="2026-06-05"),
     ("review", "low", "Review the section")),
    ("a review of others", CALLER, entry("r", "review", next_review="2026-05-05"), None),
    ("a review when asked of another", replace(MANAGER, own=False),
     entry("r", "review", next_review="2026-05-05"), None),
    ("a review without a next", MANAGER, entry("r", "review", outcome="no_change"), None),
    ("a goal to look at again", CALLER, walk(status="active", review_date="2026-05-30"),
     ("review", "medium", "Review: Walk")),
    ("a goal to look at later", CALLER, walk(status="active", review_date="2026-06-30"),
     None),
    ("a goal of others", CALLER, entry("g", "goal", goal="Walk", status="active", review_date="2026-05-30"), None),
    ("a goal that ended", CALLER, walk(status="cancelled", review_date="2026-05-30"),
     None),
    ("a section to look at again", MANAGER, entry("s", "section", title="Social care", review_date="2026-05-30"),
     ("review", "medium", "Review: Social care")),
    ("a section of others", CALLER, entry("s", "section", title="Social care", review_date="2026-05-30"), None),
]  # fmt: skip


@pytest.mark.parametrize("asking,one,item", [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_what_needs_whom(asking, one, item):
    assert found(asking, one) == ([item] if item else [])


def test_an_ask_says_what_it_asks_about_where_the_caller_sees_that():
    said = entry("m", "message", text="Swollen ankles", status="sent")
    one = entry("a", "ask", **ASK, focus="Communication/m")
    assert found(CALLER, one, said) == [("ask", "medium", "Acknowledge: Swollen ankles")]
    assert found(CALLER, one) == [("ask", "medium", "Acknowledge a message")]


REFERRAL = entry("r", "referral", referral="Welfare check", status="active")
TASK: dict[str, Any] = {"what": "Welfare check", "focus": "ServiceRequest/r", "who": MINE}
ASKER = replace(CALLER, agency=AgencyId("LA1"), names=frozenset(("Organization/LA1",)))
REFERRALS = [
    ("asked", CALLER, {"status": "planned"}, 1, ("referral", "medium", "Accept or refuse: Welfare check")),
    ("asked at once", CALLER, {"status": "planned", "priority": "urgent"}, 0.5,
     ("referral", "high", "Accept or refuse: Welfare check")),
    ("asked long ago", CALLER, {"status": "planned"}, 6, ("referral", "high", "Accept or refuse: Welfare check")),
    ("accepted", CALLER, {"status": "accepted"}, 1, None),
    ("waiting", ASKER, {"status": "planned"}, 1, None),
    ("waiting too long", ASKER, {"status": "planned"}, 6, ("referral", "high", "Not answered: Welfare check")),
    ("refused", ASKER, {"status": "refused"}, 1, ("referral", "medium", "Refused: Welfare check")),
    ("done", ASKER, {"status": "done"}, 1, None),
]  # fmt: skip


@pytest.mark.parametrize("asking,more,days,item", [row[1:] for row in REFERRALS], ids=[row[0] for row in REFERRALS])
def test_what_a_referral_needs(asking, more, days, item):
    task = entry("t", "action", days=days, **TASK, **more)
    assert found(asking, REFERRAL, task) == ([item] if item else [])


def test_a_refusal_that_was_dealt_with_needs_nobody():
    task = entry("t", "action", **TASK, status="refused")
    assert not found(ASKER, replace(REFERRAL, body={**REFERRAL.body, "status": "cancelled"}), task)


STAY = entry("s", "stay", "RX1", status="in_hospital", planned_discharge=ago(ahead=2))
ITEM: dict[str, Any] = {
    "item": "housing.access",
    "what": "Flat accessible",
    "stay": "Encounter/s",
    "who": MINE,
    "status": "asked",
}
SAID: dict[str, Any] = {"by": "x", "at": ago(ago=0.2), "given_for": ago(ahead=2)}
ITEMS = [
    ("asked", {"blocking": True}, ("readiness", "high", "Confirm: Flat accessible")),
    ("asked, and advisory", {}, ("readiness", "low", "Confirm: Flat accessible")),
    ("asked, and late", {"blocking": True, "due": ago(ago=1)}, ("readiness", "critical", "Confirm: Flat accessible")),
    ("confirmed", {"status": "confirmed", "answered": SAID}, None),
    ("blocked", {"status": "blocked", "blocking": True, "answered": SAID},
     ("readiness", "high", "Blocked: Flat accessible")),
    ("confirmed for another day", {"item": "hospital.transport", "status": "confirmed", "blocking": True,
                                   "answered": {**SAID, "given_for": ago(ahead=1)}},
     ("readiness", "high", "Confirm again: Flat accessible")),
    ("closed", {"status": "closed"}, None),
    ("another's", {"who": THEIRS}, None),
    ("of no stay", {"stay": "Encounter/x"}, None),
]  # fmt: skip


@pytest.mark.parametrize("more,item", [row[1:] for row in ITEMS], ids=[row[0] for row in ITEMS])
def test_what_must_be_true_at_home_needs_who_answers_for_it(more, item):
    one = entry("i", "readiness", section=Section.TRANSITIONS, **{**ITEM, **more})
    assert found(CALLER, STAY, one) == ([item] if item else [])


def test_the_newest_review_of_a_section_says_when_the_next_is_due():
    old = entry("r1", "review", days=40, next_review="2026-05-05")
    new = entry("r2", "review", days=1, next_review="2026-12-01")
    assert not found(MANAGER, old, new)


def test_the_most_severe_stand_first_and_of_one_severity_the_oldest():
    young = entry("b", "action", what="Young", status="planned", who=MINE, days=1)
    old = entry("c", "action", what="Old", status="planned", who=MINE, days=2)
    urgent = entry("a", "action", what="Urgent", status="planned", who=MINE, priority="stat", days=0)
    assert [words for _, _, words in found(CALLER, young, old, urgent)] == ["Urgent", "Old", "Young"]
    assert not in_order([])
