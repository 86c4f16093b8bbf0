"""What a plan says that decides about a discharge: who lives alone, who has died, which equipment, when it is night."""

from dataclasses import replace

import pytest

from plan.discharge_facts import FACTS, agency, agency_of, arrival, died, stay, stays
from plan.discharge_items import DONE, asked, counts, due, is_short, items, missing, state
from plan.known import Agency, Rule
from plan.model import AgencyId, EntryId, Section
from tests.support.plans_known import changed, entry, item, known, ms, reconciled
from tests.support.plans_known import stay as a_stay

NOW = "2026-03-04T15:00:00Z"
BEA = entry("contact", "bea", name="Bea", roles=["unpaid_carer"], lives_with=False, subject="bea-test")


def fact(name, *entries, **more):
    plan = known(NOW, a_stay(**more), *entries)
    return FACTS[name](plan, stays(plan)[0])


ALONE = [
    ([entry("housing", "h", household="Lives alone")], True),
    ([entry("housing", "h", household="She lives alone since May")], True),
    ([entry("housing", "h", household="Lives with her sister")], False),
    ([entry("housing", "h", scheme="Larch Court")], False),
    ([entry("housing", "h", household="Lives alone"), replace(BEA, body={**BEA.body, "lives_with": True})], False),
    ([entry("housing", "h", household="Lives alone"), BEA], True),
    ([entry("need", "n", need="Lives alone", status="active")], True),
    ([entry("need", "n", need="Lives alone", status="resolved")], False),
    ([entry("need", "n", need="Falls", code={"code": "105529008"}, status="active")], True),
    ([entry("observation", "o", code={"code": "160726006"})], True),
    ([entry("observation", "o", code={"text": "Weight"})], False),
    ([], False),
]


@pytest.mark.parametrize("entries,alone", ALONE)
def test_somebody_lives_alone_when_the_plan_says_so_and_nobody_lives_with_them(entries, alone):
    assert fact("lives_alone", *entries) is alone


RISKS = [
    ({"risk": "Readmission within 30 days", "status": "final", "likelihood": "high"}, True),
    ({"risk": "Readmission within 30 days", "status": "final"}, True),
    ({"risk": "Readmission", "status": "final", "likelihood": "low"}, False),
    ({"risk": "Readmission", "status": "cancelled"}, False),
    ({"risk": "Falls", "status": "final", "code": {"display": "At risk of readmission to hospital"}}, True),
    ({"risk": "Falls", "status": "final"}, False),
]


@pytest.mark.parametrize("body,flagged", RISKS)
def test_somebody_is_at_risk_of_readmission_when_a_risk_names_it_that_is_not_over(body, flagged):
    assert fact("at_risk_of_readmission", entry("risk", "r", **body)) is flagged


@pytest.mark.parametrize(
    "status,listed", [("ordered", True), ("tested", True), ("returned", False), ("cancelled", False)]
)
def test_equipment_counts_while_it_is_wanted_or_there(status, listed):
    assert fact("equipment_listed", entry("equipment", "e", item="Bed", status=status)) is listed


def test_the_plan_relies_on_an_unpaid_carer_and_on_no_other_contact():
    assert fact("relies_on_a_carer", BEA)
    assert not fact("relies_on_a_carer", replace(BEA, body={"name": "Bea", "roles": ["next_of_kin"]}))
    assert not fact("relies_on_a_carer", replace(BEA, body={"name": "Bea"}))


NIGHTS = [
    ("2026-03-06T08:00:00Z", False),
    ("2026-03-06T07:59:00Z", True),
    ("2026-03-06T20:00:00Z", False),
    ("2026-03-06T20:01:00Z", True),
    ("2026-03-06T23:30:00Z", True),
    ("2026-07-01T19:30:00Z", True),
    ("2026-07-01T18:59:00Z", False),
    ("2026-03-06", False),
]


@pytest.mark.parametrize("planned,night", NIGHTS)
def test_d5_night_is_local_time_and_a_day_without_a_time_says_nothing(planned, night):
    home = entry("housing", "h", household="Lives alone")
    assert fact("alone_at_night", home, planned=planned) is night
    assert not fact("alone_at_night", planned=planned)


def test_nobody_arrives_who_is_not_to_leave():
    assert not fact("alone_at_night", entry("housing", "h", household="Lives alone"), planned=None)


def test_the_arrival_is_as_the_transport_was_arranged_for_this_discharge():
    plan, _ = reconciled(known(NOW, a_stay()))
    (one,) = stays(plan)
    assert arrival(plan, one) == one.planned
    answer = {"by": "ward", "at": NOW, "given_for": "2026-03-06T14:00:00+00:00"}
    plan = changed(
        plan, item(plan, "hospital.transport"), status="confirmed", starts="2026-03-06T21:00:00Z", answered=answer
    )
    assert arrival(plan, one) == ms("2026-03-06T21:00:00Z")
    old = {**answer, "given_for": "2026-03-05T14:00:00Z"}
    plan = changed(plan, item(plan, "hospital.transport"), answered=old)
    assert arrival(plan, one) == one.planned


CLOSED = [
    ({"status": "in_hospital"}, {}, ""),
    ({"status": "planned"}, {}, ""),
    ({"status": "cancelled"}, {}, "cancelled"),
    ({"status": "finished", "discharged": NOW}, {}, "discharged"),
    ({"status": "finished"}, {}, "discharged"),
    ({"status": "in_hospital", "discharged": NOW}, {}, "discharged"),
    ({"status": "finished", "discharged": NOW, "discharge_method": {"code": "4"}}, {}, "died"),
    ({"status": "finished", "discharged": NOW, "discharge_method": {"text": "Patient died"}}, {}, "died"),
    ({"status": "finished", "discharged": NOW, "destination": {"code": "exp"}}, {}, "died"),
    ({"status": "in_hospital", "discharge_method": {"code": "4"}}, {}, ""),
    ({"status": "finished", "discharged": NOW, "discharge_method": {"code": "2"}}, {}, "self_discharge"),
    ({"status": "finished", "discharged": NOW, "destination": {"code": "aadvice"}}, {}, "self_discharge"),
    (
        {"status": "finished", "discharged": NOW, "discharge_method": {"text": "Left against medical advice"}},
        {},
        "self_discharge",
    ),
    ({"status": "in_hospital"}, {"died": True}, "died"),
    ({"status": "in_hospital"}, {"died": "2026-03-04"}, "died"),
    ({"status": "finished", "discharged": NOW}, {"died": True}, "discharged"),
]


@pytest.mark.parametrize("body,identity,why", CLOSED)
def test_d7_a_stay_is_closed_by_how_it_ended(body, identity, why):
    plan = known(NOW, a_stay(**body), identity=identity)
    assert stays(plan)[0].closed == why
    assert died(plan) is (why == "died" or bool(identity.get("died")))


def test_a_stay_without_a_hospital_is_its_agency_s_and_its_notice_began_with_it():
    one = entry("stay", "s2", agency="RX9", status="in_hospital", planned_discharge="2026-03-06")
    found = stay(known(NOW, one), one)
    assert (found.hospital, found.ward, found.notice) == ("RX9", "", one.created)
    assert found.asked


def test_an_agency_is_named_by_a_reference_to_an_organization_alone():
    assert agency_of({"reference": "Organization/HA1"}) == "HA1"
    assert agency_of("Organization/HA1") == "HA1"
    assert [agency_of(one) for one in ("Patient/ada", "Organization/", None, {"name": "HA1"})] == [None] * 4
    assert agency(known(NOW), AgencyId("RX9")) == Agency(id=AgencyId("RX9"))


def whose(plan):
    (one,) = stays(plan)
    return {each.row.code: each.who["reference"] for each in asked(plan, one)}


OWNERS = [
    ((), "social_care.package", "Organization/HC1"),
    (("HC1",), "social_care.package", "Organization/LA1"),
    (("HC1", "LA1"), "social_care.package", None),
    ((), "social_care.medicines", "Organization/LA1"),
    (("LA1",), "social_care.medicines", "Organization/HC1"),
    ((), "gp.follow_up", "Organization/P10001"),
    (("P10001",), "gp.follow_up", None),
    (("HA1",), "housing.access", None),
    (("RX1",), "hospital.summary", "Organization/RX1"),
    (("LA1",), "equipment.installed", "Organization/RX1"),
    ((), "equipment.installed", "Organization/LA1"),
    ((), "person.carer", "RelatedPerson/bea"),
    ((), "person.agrees", "Patient/ada"),
]


@pytest.mark.parametrize("without,code,owner", OWNERS)
def test_an_item_is_asked_of_the_first_kind_of_agency_that_is_on_the_team(without, code, owner):
    bed = entry("equipment", "e", item="Bed", status="ordered")
    assert whose(known(NOW, a_stay(), BEA, bed, without=without)).get(code) == owner


def test_the_follow_up_blocks_for_who_is_at_risk_of_readmission():
    (one,) = [each for each in asked(*_with()) if each.row.code == "gp.follow_up"]
    assert not one.blocking
    risk = entry("risk", "r", risk="Readmission", status="final", likelihood="high")
    (one,) = [each for each in asked(*_with(risk)) if each.row.code == "gp.follow_up"]
    assert one.blocking


def _with(*entries):
    plan = known(NOW, a_stay(), *entries)
    return plan, stays(plan)[0]


DUE = [
    ("2026-03-04T14:00:00Z", "reminder", "2026-03-05T14:00:00Z"),
    ("2026-03-04T14:00:00Z", "escalation", "2026-03-06T02:00:00Z"),
    ("2026-03-04T14:00:00Z", "hub", "2026-03-06T10:00:00Z"),
    ("2026-03-04T14:00:00Z", "reconciled", "2026-03-09T14:00:00Z"),
    ("2026-03-05T14:00:00Z", "reminder", "2026-03-05T14:00:00Z"),
    ("2026-03-06T12:00:00Z", "reminder", "2026-03-06T13:00:00Z"),
    ("2026-03-06T12:00:00Z", "escalation", "2026-03-06T13:30:00Z"),
    ("2026-03-06T12:00:00Z", "hub", "2026-03-06T13:30:00Z"),
    ("2026-03-06T12:00:00Z", "reconciled", "2026-03-09T14:00:00Z"),
    ("2026-03-05T18:00:00Z", "reminder", "2026-03-06T04:00:00Z"),
    ("2026-03-05T18:00:00Z", "escalation", "2026-03-06T09:00:00Z"),
    ("2026-03-05T18:00:00Z", "hub", "2026-03-06T10:00:00Z"),
]


@pytest.mark.parametrize("notice,name,when", DUE)
def test_d6_the_steps_fall_before_the_discharge_or_after_a_part_of_what_is_left(notice, name, when):
    plan = known(NOW, a_stay(notice=notice))
    (one,) = stays(plan)
    assert due(one, name) == ms(when)
    assert is_short(one) is (notice > "2026-03-05T14:00:00Z")


def test_nothing_is_due_for_a_stay_whose_discharge_nobody_plans():
    plan = known(NOW, a_stay(planned=None))
    (one,) = stays(plan)
    assert (due(one, "reminder"), is_short(one), asked(plan, one), items(plan, one)) == (None, False, [], [])


ANSWER = {"by": "them", "agency": "HA1", "role": "worker", "at": NOW, "given_for": "2026-03-06T14:00:00Z"}
STATES = [
    ("housing.access", {"status": "asked"}, "open"),
    ("housing.access", {"status": "confirmed"}, "open"),
    ("housing.access", {"status": "confirmed", "answered": ANSWER}, "confirmed"),
    ("housing.access", {"status": "asked", "answered": ANSWER}, "open"),
    ("housing.access", {"status": "blocked", "answered": ANSWER}, "blocked"),
    ("housing.access", {"status": "not_needed", "answered": ANSWER}, "not_needed"),
    ("housing.access", {"status": "closed", "answered": ANSWER}, "closed"),
    ("housing.access", {"status": "confirmed", "answered": {"by": "them", "at": "soon"}}, "stale"),
    ("social_care.package", {"status": "confirmed", "answered": ANSWER}, "confirmed"),
    ("social_care.package", {"status": "asked", "answered": {**ANSWER, "given_for": "2026-03-05T14:00:00Z"}}, "stale"),
    ("social_care.package", {"status": "confirmed", "answered": {**ANSWER, "at": "2026-03-04T13:00:00Z"}}, "stale"),
    ("social_care.package", {"status": "confirmed", "answered": {"by": "x", "at": NOW}}, "stale"),
    ("gp.reconciled", {"status": "confirmed", "answered": ANSWER}, "stale"),
    ("gp.reconciled", {"status": "not_needed", "answered": ANSWER}, "not_needed"),
]


@pytest.mark.parametrize("code,body,how", STATES)
def test_d3_how_an_item_stands_is_computed_from_what_was_answered(code, body, how):
    plan, _ = reconciled(known(NOW, a_stay()))
    (one,) = stays(plan)
    plan = changed(plan, item(plan, code), **body)
    assert state(plan, one, item(plan, code)) == how


def test_what_was_answered_after_a_moment_does_not_count_at_it():
    plan, _ = reconciled(known(NOW, a_stay()))
    (one,) = stays(plan)
    plan = changed(plan, item(plan, "housing.access"), status="confirmed", answered=ANSWER)
    assert state(plan, one, item(plan, "housing.access"), ms(NOW) - 1) == "open"
    assert state(plan, one, item(plan, "housing.access"), ms(NOW)) == "confirmed"


def test_an_item_that_no_table_knows_is_held_as_it_is_written():
    strange = entry(
        "readiness",
        "x",
        item="scheme.keys",
        what="Keys",
        stay="Encounter/s1",
        who="?",
        blocking=True,
        depends_on_time=True,
        status="confirmed",
        answered={**ANSWER, "given_for": "2026-03-05T14:00:00Z"},
    )
    plan = known(NOW, a_stay(), strange)
    (one,) = stays(plan)
    (held,) = [each for each in items(plan, one) if each.code == "scheme.keys"]
    assert (held.state, held.blocking, held.who, held.due) == ("stale", True, {}, None)
    assert missing(plan, one, "scheme.keys") == []
    assert not counts(plan, one, replace(strange, body={**strange.body, "answered": None}))


def test_equipment_that_is_not_tested_or_came_later_takes_the_confirmation_back():
    bed = entry("equipment", "bed", item="Bed", status="tested", at="2026-03-04T14:00:00Z")
    plan, _ = reconciled(known(NOW, a_stay(), bed))
    plan = changed(plan, item(plan, "equipment.installed"), status="confirmed", answered=ANSWER)
    (one,) = stays(plan)
    assert state(plan, one, item(plan, "equipment.installed")) in DONE
    later = replace(
        plan, entries={**plan.entries, EntryId("h"): entry("equipment", "h", item="Hoist", status="tested")}
    )
    later = replace(
        later, entries={**later.entries, EntryId("h"): replace(later.entries[EntryId("h")], created=ms(NOW) + 1)}
    )
    assert state(later, one, item(later, "equipment.installed")) == "stale"
    broken = changed(plan, bed, status="ordered")
    assert state(broken, one, item(broken, "equipment.installed")) == "stale"
    assert missing(broken, one, "equipment.installed") == ["Bed"]


def test_a_consent_lets_the_family_know_while_it_stands():
    from plan.discharge_words import family  # noqa: PLC0415 - one table needs it

    def told(*rules):
        return [one.id for one in family(known(NOW, BEA, rules=rules))]

    def rule(party="user:bea-test", decision="permit", section=Section.TRANSITIONS, since=0, until=None):
        return Rule(entry=EntryId("c"), party=party, section=section, decision=decision, since=since, until=until)

    now = ms(NOW)
    assert told(rule()) == ["bea"]
    assert told(rule("role:carer"), rule(until=now + 1)) == ["bea"]
    for none in (
        (),
        (rule("user:other"),),
        (rule(section=Section.HEALTH),),
        (rule(since=now + 1),),
        (rule(until=now),),
    ):
        assert told(*none) == []
    assert told(rule(), rule("role:carer", "deny")) == []


HIDDEN = [
    ("lives_alone", entry("housing", "h", household="Lives alone")),
    ("relies_on_a_carer", BEA),
    ("equipment_listed", entry("equipment", "e", status="ordered")),
    ("at_risk_of_readmission", entry("risk", "r", risk="Readmission", status="final")),
]


@pytest.mark.parametrize("name,shown", HIDDEN)
def test_what_not_everybody_may_know_asks_nobody(name, shown):
    assert fact(name, shown)
    assert not fact(name, replace(shown, restriction=frozenset({AgencyId("RX1")})))


def test_a_stay_that_not_everybody_may_know_of_asks_nobody():
    hidden = replace(a_stay(), restriction=frozenset({AgencyId("RX1")}))
    assert stays(known(NOW, hidden)) == []
