"""The clock of a referral, and whom a handover tells, on plans built by hand."""

from dataclasses import replace
from typing import Any

import pytest

from plan.known import Agency, Contact, Entry, Known, Place, Wake, Want, derived
from plan.model import AgencyId, EntryId, PersonId, Section
from plan.referral import CLOCKS, HOUR, answer_due, referrals, steps

START = 1_000 * HOUR
HC1 = Agency(
    id=AgencyId("HC1"),
    name="Home care",
    contacts={"escalation": Contact(reference="HealthcareService/e", name="Manager")},
)
HUB = Agency(id=AgencyId("HUB1"), kind="discharge_hub")


def entry(id_: str, kind: str, **body: Any) -> Entry:
    type_ = "Task" if kind == "action" else "ServiceRequest"
    return Entry(
        id=EntryId(id_),
        type=type_,
        kind=kind,
        section=Section.TRANSITIONS,
        agency=AgencyId("HA1"),
        version=1,
        at=START,
        created=START,
        body=body,
    )


ASKED = entry("r", "referral", referral="Welfare check", status="active")
TASK = entry(
    "t", "action", what="Welfare check", status="planned", focus="ServiceRequest/r",
    who={"reference": "Organization/HC1"},
)  # fmt: skip


def known(*entries: Entry, hours: float = 0, agencies: tuple[Agency, ...] = (HC1, HUB), **more: Any) -> Known:
    return Known(
        person=PersonId("ada"),
        now=round(START + hours * HOUR),
        entries={one.id: one for one in entries},
        agencies={one.id: one for one in agencies},
        team=more.pop("team", tuple(Place(party=one.id) for one in agencies)),
        **more,
    )


def to(whole: Known) -> list[list[str]]:
    return [
        [one["reference"] for one in want.body["to"]] for want in steps(whole) if isinstance(want, Want) and want.body
    ]


def test_a_task_about_nothing_or_about_a_service_is_no_referral():
    service = replace(ASKED, kind="service")
    assert not list(referrals(known(service, TASK)))
    assert not list(referrals(known(replace(TASK, body={"status": "planned"}))))
    assert list(referrals(known(ASKED, TASK))) == [(ASKED, TASK)]


@pytest.mark.parametrize("priority,hours", [(row.priority, row.hours) for row in CLOCKS.values()])
def test_an_answer_is_due_by_the_priority_of_the_task_or_of_the_referral(priority, hours):
    assert answer_due(replace(TASK, body={**TASK.body, "priority": priority}), ASKED) == START + hours * HOUR
    assert answer_due(TASK, replace(ASKED, body={**ASKED.body, "priority": priority})) == START + hours * HOUR


def test_a_day_that_the_task_names_goes_before_the_clock():
    assert answer_due(replace(TASK, body={**TASK.body, "due": "1970-02-12T00:00:00Z"}), ASKED) == 42 * 24 * HOUR


WHEN = [(0, []), (119, []), (120, [["HealthcareService/e"]]), (180, [["HealthcareService/e"], ["Organization/HUB1"]])]


@pytest.mark.parametrize("hours,told", WHEN)
def test_the_escalation_contact_is_told_at_the_end_of_the_time_and_the_coordinator_after_half_of_it_more(hours, told):
    assert to(known(ASKED, TASK, hours=hours)) == told


def test_the_next_step_is_named_as_a_moment():
    wakes = [one for one in steps(known(ASKED, TASK)) if isinstance(one, Wake)]
    assert wakes == [Wake(START + 120 * HOUR), Wake(START + 180 * HOUR)]


NAMELESS = Contact(reference="HealthcareService/e")
CONTACTS = [
    ("no escalation contact", (replace(HC1, contacts={}), HUB), (), [["Organization/HUB1"]]),
    ("nobody in the directory", (HUB,), (), [["Organization/HUB1"]]),
    ("a coordinator by role", (replace(HC1, contacts={}), replace(HUB, kind="")), ("coordinator",),
     [["Organization/HUB1"]]),
    ("no coordinator", (replace(HC1, contacts={}),), (), [["Organization/HA1"]]),
    ("a contact without a name", (replace(HC1, contacts={"escalation": NAMELESS}), HUB), (),
     [["HealthcareService/e"]]),
]  # fmt: skip


@pytest.mark.parametrize("agencies,role,told", [row[1:] for row in CONTACTS], ids=[row[0] for row in CONTACTS])
def test_where_nobody_can_be_told_the_coordinator_is_and_else_who_asked(agencies, role, told):
    team = tuple(Place(party=one.id, role=role[0] if role and one.id == "HUB1" else "") for one in agencies)
    assert to(known(ASKED, TASK, hours=121, agencies=agencies, team=team)) == told


@pytest.mark.parametrize("status", ["accepted", "refused", "done", "cancelled"])
def test_what_was_answered_escalates_to_nobody(status):
    assert not to(known(ASKED, replace(TASK, body={**TASK.body, "status": status}), hours=500))


def test_nothing_escalates_after_a_death():
    assert not to(known(ASKED, TASK, hours=500, identity={"died": True}))


NEW = replace(ASKED, id=EntryId("r2"), body={**ASKED.body, "instead_of": "ServiceRequest/r"})
AGAIN = replace(
    TASK,
    id=EntryId("t2"),
    body={**TASK.body, "focus": "ServiceRequest/r2", "who": {"reference": "Organization/BA1"}},
)


def moved(task: Entry, status: str) -> Entry:
    return replace(task, body={**task.body, "status": status})


def test_who_has_it_is_told_of_the_handover_and_both_when_it_has_come_about():
    held = moved(TASK, "doing")
    assert to(known(ASKED, held, NEW, AGAIN)) == [["Organization/HC1"]]
    taken = known(ASKED, moved(TASK, "done"), NEW, moved(AGAIN, "accepted"))
    assert to(taken) == [["Organization/HC1", "Organization/BA1"]]


CALLED = [("known by name only", {AgencyId("BA1"): "Test Advice"}, "Test Advice"), ("not known", {}, "The agency")]


@pytest.mark.parametrize("names, called", [row[1:] for row in CALLED], ids=[row[0] for row in CALLED])
def test_who_is_asked_instead_is_never_called_by_an_id(names, called):
    told = [one.body["text"] for one in steps(known(ASKED, moved(TASK, "doing"), NEW, AGAIN, names=names))
            if isinstance(one, Want) and one.body]  # fmt: skip
    assert told == [f"{called} was asked to take this over. It stays with you until they accept."]


def test_a_handover_from_nobody_in_particular_tells_nobody():
    worker = moved(replace(TASK, body={**TASK.body, "who": {"reference": "PractitionerRole/1"}}), "doing")
    assert not to(known(ASKED, worker, NEW, AGAIN))
    assert not to(known(ASKED, moved(TASK, "doing"), NEW, moved(AGAIN, "refused")))
    nobody = replace(TASK, body={"status": "planned", "focus": "ServiceRequest/r", "what": "x"})
    assert to(known(ASKED, nobody, hours=121)) == [["Organization/HUB1"]]


def test_what_was_told_is_told_once():
    whole = known(ASKED, moved(TASK, "doing"), NEW, AGAIN, hours=400)
    entries = dict(whole.entries)
    for want in steps(whole):
        if isinstance(want, Want):
            made = replace(TASK, id=_id(whole, want.key), kind="message", type="Communication")
            entries[made.id] = made
    assert not to(replace(whole, entries=entries))


def _id(whole: Known, key: str) -> EntryId:
    return derived(whole.person, key)
