"""Which change is an event of which subscription (plan.subscription)."""

import pytest

from plan.model import AgencyId, Change, EntryId, PersonId, Section, Subject
from plan.subscription import Filter, Standing, Wanted, concerns


def change(type_="Task", section=Section.HEALTH, person="p1"):
    return Change(
        person=PersonId(person), entry=EntryId("e"), type=type_, kind="", section=section, version=1, action="update",
        at=0, agency=AgencyId("A"), by_subject=Subject("s"), by_role="r", by_agency=AgencyId("A"),
    )  # fmt: skip


def want(topic, *filters):
    return Wanted(topic=topic, status=Standing.ACTIVE, endpoint="https://a.example/", filters=filters)


def some(name, *values, type_=""):
    return Filter(name, frozenset(values), type_)


@pytest.mark.parametrize(
    "topic, happened, heard",
    [
        ("plan-changed", change("CareTeam", Section.FRAME), True),
        ("section-changed", change("CareTeam", Section.FRAME), False),
        ("section-changed", change("Goal", Section.HOUSING), True),
        ("team-changed", change("CareTeam", Section.FRAME), True),
        ("team-changed", change("Task"), False),
        ("task-changed", change("Task"), True),
        ("discharge-changed", change("Encounter", Section.TRANSITIONS), True),
        ("discharge-changed", change("Appointment", Section.TRANSITIONS), False),
        ("flag-changed", change("Flag"), True),
    ],
)
def test_a_topic_is_of_types_and_sections(topic, happened, heard):
    assert concerns(want(topic), happened) is heard


@pytest.mark.parametrize(
    "filters, happened, heard",
    [
        ((some("patient", "p1", "p2"),), change(), True),
        ((some("patient", "p2"),), change(), False),
        ((some("patient", "p1"), some("section", "housing")), change(), False),
        ((some("type", "Task"),), change(), True),
        ((some("type", "Goal"),), change(), False),
        ((some("patient", "p1", type_="Task"), some("patient", "p2", type_="Goal")), change(), True),
        ((some("patient", "p1", type_="Task"), some("patient", "p2", type_="Goal")), change("Goal"), False),
        ((some("patient", "p1", type_="Task"),), change("Flag"), False),
        ((some("section", "health"), some("patient", "p1", type_="Task")), change(), True),
    ],
)
def test_all_filters_hold_each_for_the_type_it_names(filters, happened, heard):
    assert concerns(want("plan-changed", *filters), happened) is heard


def test_another_endpoint_or_header_is_another_channel():
    one = want("plan-changed")
    assert one.channel == want("flag-changed").channel
    assert one.channel != Wanted(topic="plan-changed", status=Standing.ACTIVE, endpoint="https://b.example/").channel
