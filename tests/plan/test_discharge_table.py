"""The table of readiness: every row says where it comes from, and one that does not stops the service."""

from dataclasses import replace

import pytest

from plan.discharge_facts import FACTS
from plan.discharge_table import (
    CARER,
    CLOCKS,
    CODES,
    ITEMS,
    OUTCOMES,
    PERSON,
    STEPS,
    Basis,
    Unsourced,
    checked,
    clock,
    in_force,
    span,
)
from plan.known import AGENCY_KINDS
from tests.support.plans_known import ms

GOOD = Basis(source="A guideline", since="2026-01-01", owner="The board")


@pytest.mark.parametrize(
    "change,missing",
    [
        ({"source": ""}, "no source"),
        ({"source": "  "}, "no source"),
        ({"owner": ""}, "no owner"),
        ({"since": ""}, "no effective dates"),
        ({"since": "soon"}, "no effective dates"),
        ({"until": "later"}, "no effective dates"),
        ({"until": "2025-12-31"}, "no effective dates"),
        ({"source": "", "owner": ""}, "no source, no owner"),
    ],
)
@pytest.mark.parametrize("row", [ITEMS[0], CLOCKS[0]], ids=["item", "clock"])
def test_a_row_without_source_owner_or_dates_stops_the_service(row, change, missing):
    with pytest.raises(Unsourced, match=f": {missing}$"):
        checked([replace(row, basis=replace(GOOD, **change))])


def test_every_row_names_what_there_is():
    kinds = {*AGENCY_KINDS, PERSON, CARER}
    times = {row.name for row in CLOCKS}
    assert len(CODES) == len(ITEMS)
    for row in ITEMS:
        assert set(row.agencies) <= kinds
        assert {row.when, row.blocks_when} <= {*FACTS, ""}
        assert {row.due, row.within} <= {*times, ""}
        assert set(row.after) <= CODES.keys()
    assert {*STEPS, *OUTCOMES} <= times


@pytest.mark.parametrize(
    "name,minutes",
    [
        ("reminder", 24 * 60),
        ("escalation", 12 * 60),
        ("hub", 4 * 60),
        ("follow_up", 72 * 60),
        ("first_visit", 120),
        ("feed_silent", 10),
        ("day_begins", 8 * 60),
        ("day_ends", 20 * 60),
        ("outcome_24h", 24 * 60),
        ("outcome_72h", 72 * 60),
        ("outcome_7d", 7 * 24 * 60),
    ],
)
def test_the_times_are_those_of_the_design(name, minutes):
    assert span(name, ms("2026-03-02T10:00:00Z")) == minutes * 60_000


def test_a_row_holds_from_its_first_day_to_its_last(monkeypatch):
    old = replace(clock("hub", ms("2026-03-02T00:00:00Z")), basis=replace(GOOD, until="2026-03-31"))
    new = replace(old, minutes=60, basis=replace(GOOD, since="2026-04-01"))
    monkeypatch.setattr("plan.discharge_table.CLOCKS", (old, new))
    assert clock("hub", ms("2026-03-31T23:59:59Z")) is old
    assert clock("hub", ms("2026-04-01T00:00:00Z")) is new
    assert clock("hub", ms("2025-12-31T00:00:00Z")) is new
    ended = replace(ITEMS[0], basis=replace(GOOD, until="2026-03-31"))
    monkeypatch.setattr("plan.discharge_table.ITEMS", (ended, ITEMS[1]))
    assert in_force(ms("2026-03-31T12:00:00Z")) == [ended, ITEMS[1]]
    assert in_force(ms("2026-04-01T12:00:00Z")) == [ITEMS[1]]
    assert in_force(ms("2025-12-31T12:00:00Z")) == []
