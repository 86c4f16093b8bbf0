"""What may be written about a stay, an item, an override and a failed discharge, and what the service fills in."""

from dataclasses import replace

import pytest

from plan.discharge_writing import Attempt, settled
from plan.known import HOUSE
from plan.model import AgencyId, EntryId
from plan.problem import Problem, Trouble
from tests.support.plans_known import changed, entry, item, known, ms, reconciled, stay

NOW = "2026-03-04T15:00:00.250Z"
BEA = entry("contact", "bea", name="Bea", roles=["unpaid_carer"], subject="bea-test")
SAID = {"by": "them", "agency": "HA1", "role": "worker", "at": "2026-03-04T15:00:00.250+00:00"}


def attempt(before=None, agency="HA1", role="worker", subject="them", **body):
    made = {**(before.body if before else {}), **body}
    kept = {name: value for name, value in made.items() if value is not None}
    return Attempt(body=kept, before=before, subject=subject, agency=AgencyId(agency), role=role)


def refused(plan, kind, one):
    with pytest.raises(Problem) as raised:
        settled(plan, kind, one)
    return raised.value


def asked(*entries, **more):
    return reconciled(known(NOW, stay(**more), BEA, *entries))[0]


# stays


def test_the_notice_begins_when_a_planned_discharge_is_first_said_and_anew_when_it_moves():
    first = stay(planned=None)
    plan = known(NOW, first)
    assert "notice" not in settled(plan, "stay", attempt(first))
    said = settled(plan, "stay", attempt(first, planned_discharge="2026-03-06T14:00:00Z", notice="2020-01-01"))
    assert said["notice"] == SAID["at"]
    plan = changed(plan, first, **said)
    now = plan.entries[EntryId("s1")]
    later = replace(plan, now=plan.now + 1000)
    assert settled(later, "stay", attempt(now, ward="Ward 9", notice=None))["notice"] == SAID["at"]
    assert settled(later, "stay", attempt(now, planned_discharge="2026-03-06T14:00:00.0+00:00"))["notice"] == SAID["at"]
    moved = settled(later, "stay", attempt(now, planned_discharge="2026-03-07T14:00:00Z"))
    assert moved["notice"] == "2026-03-04T15:00:01.250+00:00"
    assert "notice" not in settled(later, "stay", attempt(now, planned_discharge=None))


DATES = [
    ({"discharged": "2026-03-01T10:00:00Z"}, "before the admission"),
    ({"planned_discharge": "2026-02-28"}, "before the admission"),
    ({"planned_discharge": "2026-03-04T14:00:00Z"}, "into the past"),
]


@pytest.mark.parametrize("change,what", DATES)
def test_a_date_that_cannot_be_is_refused(change, what):
    one = stay(planned="2026-03-06T14:00:00Z")
    problem = refused(known(NOW, one), "stay", attempt(one, **change))
    assert problem.trouble is Trouble.UNPROCESSABLE
    assert what in problem.detail
    assert problem.faults[0].where == (next(iter(change)),)


def test_a_day_that_may_hold_both_is_taken_and_so_is_a_past_that_stays_or_came_with_the_stay():
    one = stay(admitted="2026-03-02")
    plan = known(NOW, one)
    assert settled(plan, "stay", attempt(one, discharged="2026-03-02T10:00:00Z"))
    past = stay(planned="2026-03-03T14:00:00Z")
    assert settled(known(NOW, past), "stay", attempt(past, ward="Ward 9"))
    assert settled(known(NOW), "stay", attempt(None, status="in_hospital", planned_discharge="2026-03-03T14:00:00Z"))
    left = attempt(past, planned_discharge="2026-03-04T10:00:00Z", discharged="2026-03-04T11:00:00Z")
    assert settled(known(NOW, past), "stay", left)
    late = replace(attempt(past, planned_discharge="2026-03-04T10:00:00Z"), late=True)
    assert settled(known(NOW, past), "stay", late)


OVERLAPS = [
    ({"admitted": "2026-03-03T10:00:00Z"}, {}, True),
    ({"admitted": "2026-03-01T10:00:00Z"}, {}, True),
    ({"admitted": "2026-02-01T10:00:00Z", "discharged": "2026-02-05T10:00:00Z"}, {}, False),
    ({"admitted": "2026-03-01T10:00:00Z", "discharged": "2026-03-02T10:00:00Z"}, {}, False),
    ({"admitted": "2026-03-01T10:00:00Z", "discharged": "2026-03-02T10:00:01Z"}, {}, True),
    ({"admitted": "2026-03-03T10:00:00Z", "status": "cancelled"}, {}, False),
    ({"status": "planned"}, {}, False),
    ({"admitted": "2026-03-03T10:00:00Z"}, {"status": "cancelled"}, False),
    ({"admitted": "2026-03-03T10:00:00Z"}, {"admitted": None}, False),
    ({"admitted": "2026-03-03T10:00:00Z"}, {"discharged": "2026-03-03T10:00:00Z", "status": "finished"}, False),
    ({"admitted": "2026-03-03T10:00:00Z"}, {"discharged": "2026-03-03T11:00:00Z", "status": "finished"}, True),
    ({"admitted": "2026-03-03T10:00:00Z"}, {"status": "finished"}, False),
]


@pytest.mark.parametrize("new,there,clash", OVERLAPS)
def test_two_stays_cannot_overlap(new, there, clash):
    plan = known(NOW, stay())
    plan = changed(plan, plan.entries[EntryId("s1")], **there)
    one = attempt(None, **{"status": "in_hospital", **new})
    if clash:
        assert "overlaps with another stay, Encounter/s1" in refused(plan, "stay", one).detail
    else:
        assert settled(plan, "stay", one) == one.body


# items


def test_who_answered_and_when_is_filled_in_for_the_discharge_that_was_asked_about():
    plan = asked()
    one = item(plan, "housing.access")
    body = settled(plan, "readiness", attempt(one, status="confirmed", answered={"by": "x", "at": "2020"}, note="Ok."))
    assert body["answered"] == {**SAID, "given_for": "2026-03-06T14:00:00Z"}
    assert (body["status"], body["note"]) == ("confirmed", "Ok.")
    plan = changed(plan, one, **body)
    one = item(plan, "housing.access")
    again = settled(plan, "readiness", attempt(one, agency="RX1", answered=None, note="Later."))
    assert again["answered"] == body["answered"]
    opened = settled(plan, "readiness", attempt(one, status="asked"))
    assert "answered" not in opened


@pytest.mark.parametrize(
    "field", ["item", "what", "stay", "part_of", "who", "asked_for", "due", "blocking", "depends_on_time"]
)
def test_what_an_item_asks_follows_from_the_plan(field):
    plan = asked()
    one = item(plan, "housing.access")
    problem = refused(plan, "readiness", attempt(one, **{field: "other"}))
    assert problem.faults[0].where == (field,)
    left_out = settled(plan, "readiness", attempt(one, status="confirmed", **{field: None}))
    assert left_out[field] == one.body[field]


WHO = [
    ("housing.access", {"agency": "HA1"}, True),
    ("housing.access", {"agency": "RX1"}, False),
    ("housing.access", {"agency": "HUB1", "role": "coordinator"}, False),
    ("person.agrees", {"agency": "RX1"}, True),
    ("person.agrees", {"agency": "HA1"}, False),
    ("person.carer", {"agency": "self", "subject": "bea-test", "role": "carer"}, True),
    ("person.carer", {"agency": "self", "subject": "other", "role": "carer"}, False),
    ("person.agrees", {"agency": "self", "subject": "bea-test", "role": "carer"}, False),
]


@pytest.mark.parametrize("code,who,may", WHO)
def test_an_item_is_answered_by_whose_it_is(code, who, may):
    plan = asked()
    one = attempt(item(plan, code), status="confirmed", **who)
    if may:
        assert settled(plan, "readiness", one)["status"] == "confirmed"
    else:
        problem = refused(plan, "readiness", one)
        assert (problem.trouble, problem.extra["question"]) == (Trouble.REFUSED, "ownership")


def test_the_person_answers_what_they_are_asked():
    plan = asked()
    one = replace(attempt(item(plan, "person.agrees"), agency="self", status="confirmed"), oneself=True)
    assert settled(plan, "readiness", one)["answered"]["agency"] == "self"
    other = replace(attempt(item(plan, "housing.access"), agency="self", status="confirmed"), oneself=True)
    assert refused(plan, "readiness", other).trouble is Trouble.REFUSED


@pytest.mark.parametrize(
    "end", [{"status": "cancelled"}, {"status": "finished", "discharged": NOW}, {"discharge_method": {"code": "4"}}]
)
def test_an_item_of_a_stay_that_closed_is_not_answered(end):
    plan = asked()
    plan = changed(plan, plan.entries[EntryId("s1")], **{"status": "finished", **end})
    assert (
        "The stay is closed"
        in refused(plan, "readiness", attempt(item(plan, "housing.access"), status="confirmed")).detail
    )


def test_a_closed_item_is_not_answered_and_nobody_closes_one():
    plan = asked()
    one = item(plan, "housing.access")
    closed = changed(plan, one, status="closed")
    assert (
        "The item is closed"
        in refused(closed, "readiness", attempt(item(closed, "housing.access"), status="asked")).detail
    )
    assert "closed by the plan" in refused(plan, "readiness", attempt(one, status="closed")).detail


def test_who_may_answer_instead_is_called_by_their_name():
    plan = asked()
    problem = refused(plan, "readiness", attempt(item(plan, "housing.access"), agency="LA1", status="confirmed"))
    assert problem.detail == "This item is for Test housing to answer, and not for you. Ask them."


def test_an_answer_for_another_date_is_not_taken():
    plan = asked()
    plan = changed(plan, plan.entries[EntryId("s1")], planned_discharge="2026-03-05T11:00:00Z", notice=NOW)
    problem = refused(plan, "readiness", attempt(item(plan, "housing.access"), status="confirmed"))
    assert (problem.trouble, "moved" in problem.detail) == (Trouble.CONFLICT, True)


def test_nothing_is_confirmed_before_what_it_depends_on():
    bed = entry("equipment", "bed", item="Bed", status="ordered")
    plan = asked(bed)
    early = refused(plan, "readiness", attempt(item(plan, "gp.reconciled"), agency="P10001", status="confirmed"))
    assert "Discharge summary sent" in early.detail
    early = refused(plan, "readiness", attempt(item(plan, "equipment.installed"), agency="LA1", status="confirmed"))
    assert "Bed" in early.detail
    not_needed = attempt(
        item(plan, "gp.reconciled"), agency="P10001", status="not_needed", reason={"text": "No change"}
    )
    assert settled(plan, "readiness", not_needed)["reason"] == {"text": "No change"}


STARTS = [
    ("2026-03-06T14:00:00Z", True),
    ("2026-03-06T16:00:00Z", True),
    ("2026-03-06T16:00:01Z", False),
    ("2026-03-06T13:59:59Z", False),
    ("2026-03-07T08:00:00Z", False),
]


@pytest.mark.parametrize("starts,fits", STARTS)
def test_the_first_visit_begins_at_most_two_hours_after_the_arrival(starts, fits):
    plan = asked()
    one = attempt(item(plan, "social_care.package"), agency="HC1", status="confirmed", starts=starts)
    if fits:
        assert settled(plan, "readiness", one)["starts"] == starts
    else:
        assert refused(plan, "readiness", one).faults[0].where == ("starts",)


@pytest.mark.parametrize("status", ["blocked", "not_needed"])
def test_who_does_not_confirm_says_why(status):
    plan = asked()
    one = item(plan, "housing.access")
    assert refused(plan, "readiness", attempt(one, status=status)).faults[0].where == ("reason",)
    body = settled(plan, "readiness", attempt(one, status=status, reason={"text": "Lift outage"}))
    plan = changed(plan, one, **body)
    assert "reason" not in settled(plan, "readiness", attempt(item(plan, "housing.access"), status="confirmed"))


def test_an_item_written_by_hand_is_asked_first_and_may_be_about_a_stay_that_is_not_here():
    plan = known(NOW)
    new = attempt(None, item="housing.access", stay="Encounter/none", who={"name": "Somebody"}, status="asked")
    assert settled(plan, "readiness", new) == new.body
    born = attempt(None, item="housing.access", stay="Encounter/none", who={}, status="confirmed")
    assert refused(plan, "readiness", born).faults[0].where == ("status",)
    own = entry("readiness", "own", agency="HA1", **new.body)
    said = settled(plan, "readiness", attempt(own, status="confirmed"))["answered"]
    assert said == SAID
    assert refused(plan, "readiness", attempt(own, agency="RX1", status="confirmed")).trouble is Trouble.REFUSED


# overrides


def decision(**parts):
    whole = {
        "stay": "Encounter/s1",
        "status": "decided",
        "role": "Ward sister",
        "reason": {"code": "persons_wish"},
        "text": "She wishes to.",
        "receives": {"name": "Bea"},
        "mitigation": "Bea stays.",
    }
    body = {name: value for name, value in {**whole, **parts}.items() if value is not None}
    return replace(attempt(None, agency="RX1"), body=body)


def test_d4_an_override_keeps_who_decided_and_the_gate_as_it_stood():
    body = settled(asked(), "discharge_override", decision(decided={"by": "x", "at": "2020"}, gate={"state": "ready"}))
    assert body["decided"] == {**SAID, "agency": "RX1"}
    assert body["gate"]["state"] == "not_ready"
    assert "housing.access" in body["gate"]["open"]


@pytest.mark.parametrize("part", ["role", "reason", "text", "receives", "mitigation"])
@pytest.mark.parametrize("empty", [None, " ", {}])
def test_d4_without_one_of_its_parts_it_is_refused_and_says_which(part, empty):
    problem = refused(asked(), "discharge_override", decision(**{part: empty}))
    assert [fault.where for fault in problem.faults] == [(part,)]


def test_d4_nobody_overrides_what_is_over_ready_or_not_theirs():
    plan = asked()
    theirs = refused(plan, "discharge_override", replace(decision(), agency=AgencyId("HA1")))
    assert theirs.trouble is Trouble.REFUSED
    hub = replace(decision(), agency=AgencyId("HUB1"), role="coordinator")
    assert settled(plan, "discharge_override", hub)["decided"]["role"] == "coordinator"
    over = changed(plan, plan.entries[EntryId("s1")], status="cancelled")
    assert "closed" in refused(over, "discharge_override", decision()).detail
    for one in [*plan.of("readiness")]:
        answer = {"by": "x", "at": NOW, "given_for": "2026-03-06T14:00:00Z"}
        plan = changed(plan, one, status="confirmed", answered=answer)
    assert "nothing to override" in refused(plan, "discharge_override", decision()).detail


def test_d4_what_was_decided_can_only_be_an_error():
    one = entry("discharge_override", "o1", **settled(asked(), "discharge_override", decision()))
    made = settled(asked(), "discharge_override", attempt(one, text="Other", status="entered_in_error", gate=None))
    assert made == {**one.body, "status": "entered_in_error"}
    assert "gate" not in settled(known(NOW), "discharge_override", decision())


# failed discharges


def failed(**more):
    whole = {"stay": "Encounter/s1", "category": "turned_back", "at": "2026-03-04T14:50:00Z", "causes": []}
    return attempt(None, **{**whole, **more})


def gone():
    plan = asked()
    return changed(plan, plan.entries[EntryId("s1")], status="finished", discharged="2026-03-04T14:00:00Z")


def test_d9_it_keeps_who_recorded_it_and_the_gate_at_departure():
    plan = gone()
    early = settled(plan, "failed_discharge", failed(gate={"state": "ready"}))
    assert early["recorded"] == SAID
    assert early["gate"]["state"] == "not_ready"
    plan, _ = reconciled(plan)
    kept = settled(plan, "failed_discharge", failed())
    assert kept["gate"] == next(plan.of("departure")).body["gate"]
    one = entry("failed_discharge", "f1", **{name: value for name, value in kept.items() if name != "at"})
    one = replace(one, body=kept)
    again = settled(plan, "failed_discharge", attempt(one, text="More.", recorded=None, gate=None))
    assert (again["recorded"], again["gate"], again["text"]) == (kept["recorded"], kept["gate"], "More.")
    assert "gate" not in settled(known(NOW), "failed_discharge", failed())


TIMES = [
    ("turned_back", "2026-03-01T10:00:00Z", ("at",)),
    ("turned_back", "2026-03-04T15:00:01Z", ("at",)),
    ("back_within_48h", "2026-03-06T14:00:01Z", ("category",)),
    ("back_within_7d", "2026-03-11T14:00:01Z", ("category",)),
    ("back_within_48h", "2026-03-06T14:00:00Z", None),
    ("back_within_7d", "2026-03-11T14:00:00Z", None),
    ("no_package", "2026-03-04T14:30:00Z", None),
]


@pytest.mark.parametrize("category,at,where", TIMES)
def test_d9_it_failed_when_it_says(category, at, where):
    plan = gone()
    plan = replace(plan, now=max(plan.now, ms("2026-03-12T00:00:00Z")) if category.startswith("back") else plan.now)
    if where:
        assert refused(plan, "failed_discharge", failed(category=category, at=at)).faults[0].where == where
    else:
        assert settled(plan, "failed_discharge", failed(category=category, at=at))["category"] == category


# what follows from a stay


@pytest.mark.parametrize("kind", ["departure", "discharge_notice"])
def test_what_follows_from_a_stay_is_written_by_the_service_alone(kind):
    assert "change the stay" in refused(asked(), kind, attempt(None, stay="Encounter/s1")).detail
    assert settled(known(NOW), kind, attempt(None, stay="Encounter/none")) == {"stay": "Encounter/none"}
    ours = replace(entry(kind, "d1", stay="Encounter/none"), author=str(HOUSE))
    assert refused(known(NOW), kind, attempt(ours, left="2026-03-04")).trouble is Trouble.UNPROCESSABLE
