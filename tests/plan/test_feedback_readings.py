"""Scenario F4 by the rule alone: what carers have to read, until when, and who is told when they have not."""

from typing import Any

import pytest

from plan.feedback_readings import next_visit
from plan.known import moment
from plan.model import AgencyId, Section
from tests.support.loop import DAY, HOUR, MONDAY, World, to


def instruction(**more: Any) -> dict[str, Any]:
    said = {"text": "At most 1.5 L", "topic": "fluids", "action": "restrict", "status": "active"}
    return said | {"changes": "ServiceRequest/s", "period": {"start": "2026-03-02", "end": "2026-03-06"}} | more


def visits(world: World, *starts: str, agency_: str = "HC1", **more: Any) -> None:
    body = {"service": "Visits", "status": "active", "visits": [{"start": one} for one in starts]} | more
    world.write("s", "service", body, agency_)


def test_f4_read_before_the_next_visit_or_the_providers_manager_is_told_and_the_clinician():
    world = World()
    visits(world, "08:00", "17:30")
    world.write("i", "instruction", instruction(), "P10001", by_role="clinician", section=Section.HEALTH)
    world.turn()
    [ask] = world.asks
    assert (ask.body["due"], ask.section) == ("2026-03-02T17:30:00.000Z", Section.SOCIAL_CARE)
    assert world.wake == moment("2026-03-02T17:30:00Z")
    world.turn(9 * HOUR)
    assert world.told() == ["HealthcareService/HC1-escalation"]
    assert world.told("sender-told") == ["Organization/P10001"]
    assert {one.section for one in world.notices()} == {Section.HEALTH}
    world.turn(DAY)
    assert len(world.notices()) == 1


def test_f4_read_in_time_nobody_is_told_and_the_deadline_stands():
    world = World()
    visits(world, "17:30")
    world.write("i", "instruction", instruction(), "P10001", section=Section.HEALTH)
    world.turn()
    world.step("acknowledged")
    visits(world, "10:00")
    world.turn(DAY)
    assert (world.told(), world.asks[0].body["due"]) == ([], "2026-03-02T17:30:00.000Z")


def test_f4_a_provider_without_an_escalation_contact_is_shown_and_the_coordinator_told():
    world = World(without=("HC1-escalation",))
    visits(world, "17:30")
    world.write("i", "instruction", instruction(), "P10001", section=Section.HEALTH)
    world.turn(9 * HOUR)
    world.turn(HOUR)
    assert world.told() == ["HealthcareService/HUB1-duty"]
    assert world.asks[0].body["unreached"] == ["Test HC1 publishes no escalation contact."]


NOT_READ = [
    ("one that is not in force", instruction(status="proposed"), {}),
    ("one that changes nothing and names nobody", {"text": "Drink", "status": "active"}, {}),
    ("one of a social worker", instruction(), {"agency_": "LA1", "by_role": "social_worker"}),
    ("one of an agency that is not listed", instruction(), {"agency_": "XX1"}),
    ("one that is over", instruction(period={"end": "2026-03-01"}), {}),
    ("one that its carers may not see", instruction(), {"restriction": frozenset({AgencyId("RX1")})}),
]


@pytest.mark.parametrize("body, more", [row[1:] for row in NOT_READ], ids=[row[0] for row in NOT_READ])
def test_f4_what_carers_are_not_asked_to_read(body, more):
    world = World()
    world.write("i", "instruction", body, **({"agency_": "P10001"} | more))
    world.turn()
    assert world.asks == []


@pytest.mark.parametrize("named_to", [{}, {"to": to("Organization/HC1")}, {"to": [{"name": "The carers"}]}])
def test_f4_without_a_known_visit_there_is_a_working_day(named_to):
    world = World()
    world.write("i", "instruction", instruction(period={}) | named_to, "P10001", by_role="clinician")
    world.turn()
    assert world.asks[0].body["due"] == "2026-03-03T09:00:00.000Z"


def test_f4_after_a_death_carers_are_not_escalated():
    world = World(died=True)
    world.write("i", "instruction", instruction(), "P10001", by_role="clinician")
    world.turn(2 * DAY)
    assert world.told() == []


VISITS = [
    ("today", {"visits": [{"start": "17:30"}]}, "2026-03-02T17:30:00Z"),
    ("tomorrow, when today's has passed", {"visits": [{"start": "08:30"}]}, "2026-03-03T08:30:00Z"),
    ("on its day of the week", {"visits": [{"start": "08:30", "days": ["thu"]}]}, "2026-03-05T08:30:00Z"),
    ("the earliest of several", {"visits": [{"start": "20:00"}, {"start": "12:00"}]}, "2026-03-02T12:00:00Z"),
    ("after it begins", {"visits": [{"start": "08:30"}], "period": {"start": "2026-03-09"}}, "2026-03-09T08:30:00Z"),
    ("never after it has ended", {"visits": [{"start": "08:30"}], "period": {"end": "2026-03-02"}}, None),
    ("never while it stands still", {"visits": [{"start": "08:30"}], "status": "on_hold"}, None),
    ("never without visits", {"visits": []}, None),
    ("by who provides it", {"visits": [{"start": "12:00"}], "provider": {"reference": "Organization/RX1"}}, None),
    (
        "by a contact point of who provides it",
        {"visits": [{"start": "12:00"}], "provider": {"reference": "HealthcareService/HC1-team"}},
        "2026-03-02T12:00:00Z",
    ),
]


@pytest.mark.parametrize("more, when", [row[1:] for row in VISITS], ids=[row[0] for row in VISITS])
def test_f4_the_next_visit(more, when):
    world = World()
    visits(world, **more)
    assert next_visit(world.known, world.known.agencies[AgencyId("HC1")], MONDAY) == moment(when)


def test_f4_the_next_visit_is_at_local_time():
    world = World()
    visits(world, "08:00")
    saturday = moment("2026-03-28T12:00:00Z") or 0
    provider = world.known.agencies[AgencyId("HC1")]
    assert next_visit(world.known, provider, saturday) == moment("2026-03-29T07:00:00Z")
