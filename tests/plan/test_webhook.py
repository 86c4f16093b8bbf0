"""Event types and the schedule of webhooks (plan.webhook). Standard Webhooks 1.0.0."""

import pytest

from plan.model import AgencyId, Change, EntryId, PersonId, Section, Subject
from plan.webhook import HOUR, MINUTE, RETRIES, SECOND, concerns, event_type, unknown


def change(kind: str, action: str) -> Change:
    return Change(
        person=PersonId("p"),
        entry=EntryId("e"),
        type="Communication",
        kind=kind,
        section=Section("health"),
        version=1,
        action=action,
        at=0,
        agency=AgencyId("A"),
        by_subject=Subject("s"),
        by_role="clinician",
        by_agency=AgencyId("A"),
    )


def test_the_schedule_is_that_of_the_specification():
    assert sum(RETRIES) == 75 * HOUR + 35 * MINUTE + 5 * SECOND
    assert list(RETRIES) == sorted(RETRIES)
    assert len(RETRIES) == 9, "ten attempts with the first"


@pytest.mark.parametrize(
    "events, kind, action, heard",
    [
        (["message.created"], "message", "create", True),
        (["message.created"], "message", "update", False),
        (["message.*"], "message", "delete", True),
        (["message.*"], "stay", "create", False),
        (["*"], "record", "update", True),
        (["stay.updated", "goal.deleted"], "goal", "delete", True),
        ([], "goal", "delete", False),
    ],
)
def test_a_webhook_hears_of_the_types_that_it_names(events, kind, action, heard):
    assert concerns(frozenset(events), change(kind, action)) is heard


def test_a_type_says_what_happened_to_what():
    assert event_type("about_me", "update") == "about_me.updated"


def test_what_is_no_event_type_is_said_with_its_place_and_a_word_that_is_one():
    faults = list(unknown(["*", "message.*", "stay.updated", "mesage.created", "message.sent", "message", "x.*"]))
    assert [fault.where for fault in faults] == [("events", at) for at in (3, 4, 5, 6)]
    assert "message.created" in faults[0].mend
    assert ".created" in faults[3].mend
