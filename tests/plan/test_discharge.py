"""What stays ask for, by the rule alone: the notice, the tasks, each message once, and what is kept at the end."""

from dataclasses import replace

import pytest

from plan.discharge_facts import stays
from plan.discharge_leaving import departure_key, override
from plan.discharge_words import coordinator, spoken, written
from plan.known import Place, Rule
from plan.model import AgencyId, EntryId, Section
from tests.support.plans_known import agencies, at, changed, entry, item, known, ms, reconciled, stay

NOW = "2026-03-04T14:00:00Z"
ANSWER = {"by": "them", "role": "worker", "at": "2026-03-04T14:00:00Z", "given_for": "2026-03-06T14:00:00Z"}
BEA = entry("contact", "bea", name="Bea", roles=["unpaid_carer"], subject="bea-test")
CONSENT = Rule(entry=EntryId("c"), party="user:bea-test", section=Section.TRANSITIONS, decision="permit", since=0)


def topics(plan, since=0):
    return sorted(one.body["topic"]["text"] for one in plan.of("message") if one.created >= since)


def recipients(plan, topic):
    told = [one for one in plan.of("message") if one.body["topic"]["text"] == topic]
    return sorted(to["reference"] for one in told for to in one.body["to"])


def confirm(plan, *but):
    for one in [*plan.of("readiness")]:
        if one.body["item"] not in but:
            plan = changed(plan, one, status="confirmed", answered={**ANSWER, "at": written(plan, plan.now)})
    return plan


def test_d1_everybody_on_the_team_is_told_once_and_the_person_and_who_may_know_too():
    plan, _ = reconciled(known(NOW, stay(), BEA, rules=(CONSENT,)))
    assert recipients(plan, "Notice of a discharge") == [
        "HealthcareService/BA1-team",
        "HealthcareService/HA1-team",
        "HealthcareService/HC1-team",
        "HealthcareService/HUB1-team",
        "HealthcareService/LA1-team",
        "HealthcareService/P10001-team",
        "HealthcareService/RX1-team",
        "Patient/ada",
        "RelatedPerson/bea",
    ]
    again, _ = reconciled(at(plan, "2026-03-04T20:00:00Z"))
    assert [*again.entries] == [*plan.entries]


def test_d1_a_hospital_that_is_not_on_the_team_is_called_by_its_name():
    names = {AgencyId("RX1"): "Test Elsewhere"}
    plan, _ = reconciled(known(NOW, stay(), without=("RX1",), names=names))
    told = [one.body for one in plan.of("message")]
    assert {one["text"].splitlines()[0] for one in told} == {
        "A discharge from Test Elsewhere is planned for Fri 6 March 2026, 14:00."
    }
    assert {one["sender"]["name"] for one in told} == {"Test Elsewhere"}
    asked = [one.body["who"] for one in plan.of("readiness") if one.body["who"]["reference"] == "Organization/RX1"]
    assert {one["name"] for one in asked} == {"Test Elsewhere"}
    renamed, _ = reconciled(replace(plan, names={AgencyId("RX1"): "Test Other"}))
    assert set(renamed.entries) == set(plan.entries)


def test_d1_each_notice_holds_that_agency_s_items_alone():
    plan, _ = reconciled(known(NOW, stay()))
    texts = {one.body["to"][0]["reference"]: one.body["text"] for one in plan.of("message")}
    assert "Discharge medicines" in texts["HealthcareService/RX1-team"]
    assert "medicines" not in texts["HealthcareService/HA1-team"]
    assert texts["HealthcareService/HUB1-team"].endswith("Nothing is asked of you for it.")
    assert "Fri 6 March 2026, 14:00" in texts["HealthcareService/HA1-team"]
    assert "by Thu 5 March 2026, 14:00" in texts["HealthcareService/HA1-team"]


def test_an_agency_without_a_contact_point_is_told_itself():
    there = agencies(contacts=())
    plan, _ = reconciled(known(NOW, stay(), agencies=there))
    assert "Organization/HA1" in recipients(plan, "Notice of a discharge")


def test_d2_the_steps_come_when_the_rule_said_and_each_once():
    plan, wake = reconciled(known(NOW, stay()))
    plan, wake = reconciled(confirm(plan, "housing.access"))
    seen, came = [], []
    while wake:
        plan, wake = reconciled(at(plan, wake))
        came.append(spoken(plan, plan.now))
        seen.append(topics(plan, plan.now))
    assert came == ["Thu 5 March 2026, 14:00", "Fri 6 March 2026, 02:00", "Fri 6 March 2026, 10:00"]
    assert seen == [["Reminder"], ["Escalation"], ["Escalation to the discharge hub"]]
    plan, _ = reconciled(at(plan, "2026-03-09T14:00:00Z"))
    assert len(topics(plan, ms("2026-03-05T14:00:00Z"))) == 3


def test_d2_who_was_away_at_every_step_does_all_of_them_and_none_twice():
    plan, _ = reconciled(known(NOW, stay()))
    plan, wake = reconciled(at(confirm(plan, "housing.access"), "2026-03-06T13:00:00Z"))
    assert topics(plan, plan.now) == ["Escalation", "Escalation to the discharge hub", "Reminder"]
    assert wake is None


def test_d2_a_blocker_is_not_chased_but_the_hub_is_told_of_it():
    plan, _ = reconciled(known(NOW, stay()))
    plan = confirm(plan, "housing.access")
    plan = changed(plan, item(plan, "housing.access"), status="blocked", answered=ANSWER, reason={"text": "Lift"})
    plan, _ = reconciled(at(plan, "2026-03-06T13:00:00Z"))
    assert topics(plan, plan.now) == ["Escalation to the discharge hub"]
    (told,) = [one for one in plan.of("message") if one.created == plan.now]
    assert "is held up with" in told.body["text"]
    assert told.body["about"][0] == item(plan, "housing.access").reference


def test_d2_without_escalation_contact_or_hub_the_coordinator_is_told_and_it_is_shown():
    there = agencies("HUB1", contacts=("team",))
    team = tuple(Place(party=id_, role="coordinator" if id_ == "LA1" else "") for id_ in there)
    plan, _ = reconciled(known(NOW, stay(), agencies=there, team=team))
    plan, _ = reconciled(at(confirm(plan, "housing.access"), "2026-03-06T13:00:00Z"))
    assert recipients(plan, "Escalation") == ["HealthcareService/LA1-team"]
    assert recipients(plan, "Escalation to the discharge hub") == ["HealthcareService/LA1-team"]
    said = " ".join(one.body["text"] for one in plan.of("message"))
    assert "has no escalation contact: this goes to the coordinator" in said
    assert "No hub is on the team" in said


@pytest.mark.parametrize(
    "without,role,who",
    [((), "coordinator", "HUB1"), ((), "", "HUB1"), (("HUB1",), "", "RX1"), (("HUB1", "RX1"), "", "RX1")],
)
def test_who_coordinates(without, role, who):
    there = agencies(*without)
    team = tuple(Place(party=id_, role=role if id_ == "HUB1" else "") for id_ in there)
    assert coordinator(known(NOW, agencies=there, team=team), AgencyId("RX1")).id == who
    past = (Place(party="LA1", role="coordinator", until=1), Place(party="gone", role="coordinator"))
    assert coordinator(known(NOW, agencies=agencies("HUB1"), team=past), AgencyId("RX1")).id == "RX1"


def test_a_discharge_that_was_in_the_past_when_it_came_asks_nobody_for_anything():
    plan, wake = reconciled(known(NOW, stay(planned="2026-03-03T14:00:00Z")))
    assert ([*plan.of("readiness", "message", "action", "discharge_notice")], wake) == ([], None)


def test_d3_the_date_moves_and_what_depended_on_it_is_asked_again_with_what_it_was():
    plan, _ = reconciled(known(NOW, stay()))
    plan, _ = reconciled(confirm(plan))
    plan = at(plan, "2026-03-04T15:00:00Z")
    plan = changed(
        plan, plan.entries[EntryId("s1")], planned_discharge="2026-03-05T11:00:00Z", notice="2026-03-04T15:00:00Z"
    )
    plan, _ = reconciled(plan)
    visit, flat = item(plan, "social_care.package").body, item(plan, "housing.access").body
    assert (visit["status"], visit["asked_for"], visit["answered"]["given_for"]) == (
        "asked",
        "2026-03-05T11:00:00Z",
        "2026-03-06T14:00:00Z",
    )
    assert (flat["status"], flat["due"]) == ("confirmed", "2026-03-05T01:00:00+00:00")
    assert topics(plan, plan.now).count("Notice of a discharge") == 8
    plan, _ = reconciled(at(plan, "2026-03-05T10:59:00Z"))
    texts = [one.body["text"] for one in plan.of("message") if one.body["topic"]["text"] == "Reminder"]
    assert any("must confirm again" in text for text in texts)


def test_d7_a_stay_that_was_cancelled_and_goes_on_asks_afresh():
    plan, _ = reconciled(known(NOW, stay()))
    plan, _ = reconciled(confirm(plan))
    plan, _ = reconciled(changed(plan, plan.entries[EntryId("s1")], status="cancelled"))
    assert {one.body["status"] for one in plan.of("readiness")} == {"closed"}
    assert {one.body["status"] for one in plan.of("action")} == {"done"}
    plan, _ = reconciled(changed(plan, plan.entries[EntryId("s1")], status="in_hospital"))
    assert {one.body["status"] for one in plan.of("readiness")} == {"asked"}
    assert {one.body["status"] for one in plan.of("action")} == {"accepted"}


def test_d7_a_discharge_that_nobody_plans_any_more_closes_what_was_asked():
    plan, _ = reconciled(known(NOW, stay()))
    plan, _ = reconciled(changed(plan, plan.entries[EntryId("s1")], planned_discharge=None))
    assert {one.body["reason"]["code"] for one in plan.of("readiness")} == {"cancelled"}
    assert {one.body["status"] for one in plan.of("action")} == {"cancelled"}
    back, _ = reconciled(changed(plan, plan.entries[EntryId("s1")], planned_discharge="2026-03-06T14:00:00Z"))
    assert {one.body["status"] for one in back.of("action")} == {"planned"}


def test_an_item_that_does_not_apply_any_more_closes_and_one_written_by_hand_stays():
    bed = entry("equipment", "bed", item="Bed", status="ordered")
    own = entry("readiness", "own", item="housing.access", what="Mine", stay="Encounter/s1", who={}, status="asked")
    plan, _ = reconciled(known(NOW, stay(), bed, own))
    plan, _ = reconciled(changed(plan, bed, status="cancelled"))
    closed = item(plan, "equipment.installed").body
    assert (closed["status"], closed["reason"]["code"]) == ("closed", "not_applicable")
    assert plan.entries[EntryId("own")].body["status"] == "asked"


def test_an_agency_that_refused_or_took_on_its_task_is_left_so():
    plan, _ = reconciled(known(NOW, stay()))
    task = next(one for one in plan.of("action") if one.body["who"]["reference"] == "Organization/BA1")
    plan = changed(plan, task, status="refused", status_reason="Not our area", note="See the council.")
    plan, _ = reconciled(plan)
    kept = plan.entries[task.id].body
    assert (kept["status"], kept["status_reason"], kept["note"]) == ("refused", "Not our area", "See the council.")
    plan, _ = reconciled(changed(plan, plan.entries[EntryId("s1")], status="cancelled"))
    assert plan.entries[task.id].body["status"] == "refused"


def left(plan, when="2026-03-06T14:20:00Z", **more):
    plan = at(plan, "2026-03-06T14:30:00Z")
    change = {"status": "finished", "discharged": when, **more}
    return reconciled(changed(plan, plan.entries[EntryId("s1")], **change))[0]


def decided(plan, status="decided", id_="o1"):
    one = entry("discharge_override", id_, stay="Encounter/s1", status=status)
    return replace(plan, entries={**plan.entries, EntryId(id_): one})


def test_d4_the_departure_keeps_the_gate_and_what_was_decided():
    plan, _ = reconciled(known(NOW, stay()))
    plan = left(decided(confirm(plan, "housing.access")))
    (kept,) = plan.of("departure")
    assert (kept.body["state"], kept.body["gate"]["open"]) == ("not_ready", ["housing.access"])
    assert (kept.body["override"], "short_notice" in kept.body) == ("Task/o1", False)
    corrected = left(plan, "2026-03-06T14:10:00Z")
    assert (next(corrected.of("departure")).body["left"], next(corrected.of("departure")).body["gate"]) == (
        "2026-03-06T14:10:00Z",
        kept.body["gate"],
    )
    undone, _ = reconciled(changed(plan, plan.entries[EntryId("s1")], status="in_hospital", discharged=None))
    assert [*undone.of("departure")] == []


def test_d4_a_ready_departure_is_not_asked_about_and_says_so():
    plan, _ = reconciled(known("2026-03-05T20:00:00Z", stay(notice="2026-03-05T20:00:00Z")))
    plan = left(confirm(plan))
    (kept,) = plan.of("departure")
    assert (kept.body["state"], kept.body["short_notice"]) == ("ready", True)
    assert not [one for one in plan.of("action") if one.body["what"].startswith("Ask how")]


def checks(plan):
    return sorted(
        (one.body["start"], one.body["status"]) for one in plan.of("action") if one.body["what"].startswith("Ask how")
    )


def test_d4_somebody_asks_how_it_went_from_when_the_person_left():
    plan, _ = reconciled(known(NOW, stay()))
    assert checks(plan) == []
    plan, _ = reconciled(decided(confirm(plan, "housing.access")))
    assert checks(plan)[0][0] == "2026-03-07T14:00:00+00:00"
    plan = left(plan)
    assert checks(plan) == [
        ("2026-03-07T14:20:00+00:00", "planned"),
        ("2026-03-09T14:20:00+00:00", "planned"),
        ("2026-03-13T14:20:00+00:00", "planned"),
    ]
    done = next(one for one in plan.of("action") if one.body.get("start") == "2026-03-07T14:20:00+00:00")
    plan = left(changed(plan, done, status="done"), discharge_method={"code": "4"})
    assert [status for _, status in checks(plan)] == ["done", "cancelled", "cancelled"]


def test_d4_the_family_that_may_know_is_told_of_an_override_unless_the_person_has_died():
    plan, _ = reconciled(known(NOW, stay(), BEA, rules=(CONSENT,)))
    told, _ = reconciled(decided(confirm(plan, "housing.access")))
    assert recipients(told, "Discharge although not ready") == ["HealthcareService/HA1-team", "RelatedPerson/bea"]
    dead = replace(confirm(plan, "housing.access"), identity={"died": True})
    dead, _ = reconciled(decided(dead))
    assert recipients(dead, "Discharge although not ready") == []


def test_d7_after_a_death_no_later_stay_tells_the_person_or_the_family():
    over = entry("stay", "s0", status="finished", discharged="2026-03-01T10:00:00Z", discharge_method={"code": "4"})
    plan, _ = reconciled(known(NOW, over, stay(), BEA, rules=(CONSENT,)))
    assert not [to for to in recipients(plan, "Notice of a discharge") if to.startswith(("Patient/", "RelatedPerson/"))]


def test_d4_an_override_that_was_an_error_is_none_and_the_last_stands():
    plan = decided(decided(known(NOW, stay()), "entered_in_error", "o2"))
    (one,) = stays(plan)
    found = override(plan, one)
    assert found is not None
    assert found.id == "o1"
    assert override(known(NOW, stay()), one) is None


def test_a_stay_that_came_when_it_was_long_over_has_no_departure_and_asks_nothing():
    long_ago = stay(status="finished", admitted="2026-01-02T10:00:00Z", discharged="2026-01-09T10:00:00Z")
    plan, wake = reconciled(known(NOW, long_ago))
    assert ([*plan.entries], wake) == (["s1"], None)
    plan, _ = reconciled(known(NOW, replace(long_ago, created=ms("2026-01-09T11:00:00Z"))))
    assert [one.body["state"] for one in plan.of("departure")] == ["not_ready"]
    assert plan.made(departure_key(stays(plan)[0])) is not None


def test_d9_everybody_with_a_part_in_it_has_something_to_learn_once():
    failed = entry(
        "failed_discharge",
        "f1",
        stay="Encounter/s1",
        category="turned_back",
        at="2026-03-06T16:00:00Z",
        causes=[{"reason": {"text": "No key"}, "agency": "Organization/HA1"}],
        recorded={"by": "them", "at": "2026-03-06T17:00:00Z"},
    )
    other = replace(failed, id=EntryId("f2"), body={"stay": "Encounter/other", "causes": []})
    unsigned = replace(failed, id=EntryId("f3"), body={"stay": "Encounter/s1"})
    plan, _ = reconciled(known(NOW, stay(planned=None), failed, other, unsigned))
    tasks = sorted((one.body["focus"], one.body["who"]["reference"], one.body["due"]) for one in plan.of("action"))
    assert tasks == [
        ("AdverseEvent/f1", "Organization/HA1", "2026-03-13T17:00:00+00:00"),
        ("AdverseEvent/f1", "Organization/RX1", "2026-03-13T17:00:00+00:00"),
        ("AdverseEvent/f3", "Organization/RX1", "2026-03-13T16:00:00+00:00"),
    ]
    done, _ = reconciled(changed(plan, next(plan.of("action")), status="done"))
    assert len([*done.of("action")]) == 3


def test_the_clock_s_change_to_summer_time_moves_no_step():
    plan, wake = reconciled(
        known("2026-03-27T12:00:00Z", stay(planned="2026-03-29T14:00:00+01:00", notice="2026-03-27T12:00:00Z"))
    )
    assert wake == ms("2026-03-28T13:00:00Z")
    assert item(plan, "housing.access").body["due"] == "2026-03-28T13:00:00+00:00"
    assert spoken(plan, ms("2026-03-29T14:00:00+01:00")) == "Sun 29 March 2026, 14:00"
