"""The gate: ready when nothing that blocks is open, unknown when nobody can say, and always with what it looked at."""

from dataclasses import replace

import pytest

from plan.discharge_facts import stays
from plan.discharge_gate import gate, told
from plan.discharge_items import DONE, items
from plan.known import Known
from plan.model import AgencyId, EntryId, Section
from tests.support.plans_known import RX1, changed, entry, item, known, ms, reconciled, stay

NOW = "2026-03-05T15:00:00Z"
ANSWER = {"by": "them", "role": "worker", "at": "2026-03-05T14:00:00Z", "given_for": "2026-03-06T14:00:00Z"}


def ready(*entries, now=NOW, **more) -> Known:
    """A plan in which everything is confirmed."""
    plan, _ = reconciled(known(now, stay(), *entries, **more))
    for one in [*plan.of("readiness")]:
        plan = changed(plan, one, status="confirmed", answered=ANSWER)
    return plan


def of(plan, at=None):
    return gate(plan, stays(plan)[0], at)


def test_d1_the_gate_is_ready_and_names_what_it_was_computed_from():
    bed = entry("equipment", "bed", item="Bed", status="tested")
    plan = ready(bed)
    now = of(plan)
    assert (now.state, now.open, now.stale, now.reasons, now.at) == ("ready", (), (), (), ms(NOW))
    assert {one.split("/_history/")[0] for one in now.evaluated_on} == {
        "Encounter/s1",
        "DeviceRequest/bed",
        *(one.reference for one in plan.of("readiness")),
    }
    assert all(one.state in DONE for one in now.items)


@pytest.mark.parametrize("code", ["housing.access", "hospital.summary", "person.agrees", "social_care.package"])
def test_d2_every_item_that_blocks_holds_the_gate_alone_and_is_named(code):
    plan = ready()
    now = of(changed(plan, item(plan, code), status="asked", answered=None))
    assert (now.state, now.open, now.reasons) == ("not_ready", (code,), ("open",))


@pytest.mark.parametrize("code", ["gp.reconciled", "gp.follow_up", "housing.evacuation", "benefits.awards"])
def test_an_item_that_advises_holds_nothing(code):
    plan = ready()
    now = of(changed(plan, item(plan, code), status="asked", answered=None))
    assert (now.state, now.open) == ("ready", ())
    assert {one.code: one.state for one in now.items}[code] == "open"


def test_an_item_that_was_taken_away_or_never_asked_holds_the_gate():
    plan = ready()
    gone = item(plan, "housing.access").id
    now = of(replace(plan, entries={id_: one for id_, one in plan.entries.items() if id_ != gone}))
    assert (now.state, now.open) == ("not_ready", ("housing.access",))
    bare = known(NOW, stay())
    assert len(of(bare).open) == sum(one.blocking for one in items(bare, stays(bare)[0]))


def test_a_blocker_and_a_stale_answer_say_so():
    plan = ready()
    plan = changed(plan, item(plan, "housing.access"), status="blocked")
    plan = changed(plan, item(plan, "social_care.package"), answered={**ANSWER, "given_for": "2026-03-05T14:00:00Z"})
    now = of(plan)
    assert (now.open, now.stale) == (("housing.access",), ("social_care.package",))
    assert set(now.reasons) == {"blocked:housing.access", "stale"}


ENDS = [
    ({"planned_discharge": None, "notice": None}, ("no_planned_discharge",)),
    ({"status": "cancelled"}, ("closed:cancelled",)),
    ({"status": "finished", "discharged": NOW}, ("closed:discharged",)),
]


@pytest.mark.parametrize("change,reasons", ENDS)
def test_a_stay_that_is_over_or_unplanned_is_never_ready(change, reasons):
    plan = known(NOW, stay())
    now = of(changed(plan, next(plan.of("stay")), **change))
    assert (now.state, now.reasons) == ("not_ready", reasons)


@pytest.mark.parametrize(
    "heard,state",
    [
        (None, "ready"),
        ("2026-03-05T15:00:00Z", "ready"),
        ("2026-03-05T14:50:00.001Z", "ready"),
        ("2026-03-05T14:50:00Z", "unknown"),
        ("2026-03-01T00:00:00Z", "unknown"),
    ],
)
def test_d8_the_gate_is_unknown_after_ten_silent_minutes_and_never_for_who_has_no_feed(heard, state):
    feeds = {RX1: ms(heard)} if heard else {}
    assert of(replace(ready(), feeds=feeds)).state == state
    other = {AgencyId("RX2"): 0}
    assert of(replace(ready(), feeds=other)).state == "ready"


def finding(severity="blocking", status="open", about="Encounter/s1", rule="C4", **more):
    one = entry("finding", "f1", rule=rule, severity=severity, status=status, sides=[{"entry": about}])
    return replace(one, **more)


@pytest.mark.parametrize(
    "found,state",
    [
        (finding(), "not_ready"),
        (finding(severity="high"), "ready"),
        (finding(status="resolved"), "ready"),
        (finding(about="Encounter/other"), "ready"),
    ],
)
def test_a_contradiction_that_blocks_this_stay_holds_its_gate(found, state):
    plan = ready(found)
    now = of(plan)
    assert now.state == state
    held = state == "not_ready"
    assert ("finding:C4" in now.reasons) is held
    assert ("DetectedIssue/f1/_history/1" in now.evaluated_on) is held


def test_what_is_kept_of_a_gate_names_nothing_that_not_everybody_may_see():
    hidden = finding(restriction=frozenset({AgencyId("LA1")}))
    plan = ready(hidden, entry("equipment", "bed", item="Bed", status="tested"))
    kept = told(plan, of(plan))
    assert (kept.state, kept.reasons) == ("not_ready", ("finding",))
    assert not [one for one in kept.evaluated_on if one.startswith(("DetectedIssue/", "DeviceRequest/"))]
    assert "Encounter/s1/_history/1" in kept.evaluated_on
    open_ = ready(finding())
    assert told(open_, of(open_)).reasons == ("finding:C4",)
    social = ready(finding(section=Section.SOCIAL_CARE))
    assert told(social, of(social)).reasons == ("finding",)


def test_the_gate_at_a_moment_does_not_count_what_came_after():
    plan = ready()
    plan = changed(plan, item(plan, "housing.access"), answered={**ANSWER, "at": "2026-03-05T14:30:00Z"})
    assert of(plan, ms("2026-03-05T14:29:59Z")).open == ("housing.access",)
    assert of(plan, ms("2026-03-05T14:30:00Z")).state == "ready"


def test_another_ward_s_answer_is_not_this_ward_s():
    plan, _ = reconciled(known(NOW, stay(ward="Ward 7")))
    for one in [*plan.of("readiness")]:
        plan = changed(plan, one, status="confirmed", answered=ANSWER)
    plan = changed(plan, plan.entries[EntryId("s1")], ward="Ward 9")
    assert {code.partition(".")[0] for code in of(plan).open} == {"hospital"}
