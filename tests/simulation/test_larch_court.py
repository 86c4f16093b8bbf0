"""The month at Larch Court: the service holds the eight discharges that failed; without its rows it does not."""

import asyncio

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.simulation import demonstration, larch_court
from api.simulation.demonstration import Month, month
from api.simulation.larch_court import CASES
from plan import discharge_table
from plan.discharge_table import CODES


@pytest.fixture(scope="module")
def played() -> Month:
    return asyncio.run(month(1, everybody=False))


def test_eight_discharges_fail_for_eight_reasons_each_with_its_source():
    assert len(CASES) == len({case.item for case in CASES}) == len({case.flat for case in CASES}) == 8
    assert all(case.story and case.source and case.item in CODES for case in CASES)


def test_forty_people_live_there_and_the_month_is_the_same_for_a_seed():
    assert len(larch_court.people()) == 40
    first, again, other = ([event.line() for event in larch_court.events(seed)] for seed in (1, 1, 2))
    assert first == again != other


def test_each_of_the_eight_is_held_by_the_gate_which_names_its_item_and_nothing_else(played: Month):
    assert [(one.gate, one.open) for one in played.outcomes] == [("not_ready", (case.item,)) for case in CASES]
    assert all(one.failed and one.stopped for one in played.outcomes)
    assert (played.departures, played.ready) == (8, 0)


def test_each_of_the_eight_is_escalated_before_the_departure_to_the_manager_and_to_the_hub(played: Month):
    for one in played.outcomes:
        assert one.escalated
        assert [(told.topic, told.hours) for told in one.told] == [
            ("Reminder", 24),
            ("Escalation", 12),
            ("Escalation to the discharge hub", 4),
        ]
        assert "manager on call" in one.told[1].to
        assert "Hub" in one.told[2].to


def test_what_was_tried_against_the_plan_was_refused(played: Month):
    assert played.refused == sum(bool(case.tries) for case in CASES)


async def test_a_case_whose_item_is_not_in_the_table_goes_through(monkeypatch: pytest.MonkeyPatch):
    """So the numbers are the engine's: without the rows nothing is held, nobody is told."""
    left = tuple(row for row in discharge_table.ITEMS if row.code not in {case.item for case in CASES})
    monkeypatch.setattr(discharge_table, "ITEMS", left)
    found = await month(1, everybody=False)
    assert [(one.gate, one.open, one.told) for one in found.outcomes] == [("ready", (), ())] * 8
    assert not any(one.stopped or one.escalated for one in found.outcomes)
    assert found.ready == 8


def test_the_table_is_read_across_and_adds_up(played: Month):
    lines = demonstration.table(played).splitlines()
    assert [line.split()[0] for line in lines[2:10]] == [str(case.flat) for case in CASES]
    for line, case in zip(lines[2:10], CASES, strict=True):
        assert case.story in line
        assert case.item in line
    assert "8 discharges failed: the gate was not ready at 8, and 8 were escalated before departure." in lines


def test_the_command_plays_the_month_and_prints_the_table(monkeypatch: pytest.MonkeyPatch, played: Month):
    async def quickly(seed: int, *, everybody: bool = True) -> Month:
        return played

    monkeypatch.setattr(demonstration, "month", quickly)
    ran = CliRunner().invoke(app, ["demo", "larch-court"])
    assert ran.exit_code == 0
    assert ran.stdout == demonstration.table(played) + "\n"
