"""The data of the feedback loop: a row without source, owner or dates stops the service; the one in force counts."""

from dataclasses import replace

import pytest

from plan.feedback_table import CLOCKS, STATES, Clock, TableError, at, checked
from plan.kinds.ask import Ask
from plan.known import moment

GOOD = CLOCKS[0]
BAD = [
    {"source": " "},
    {"owner": ""},
    {"name": ""},
    {"since": ""},
    {"since": "March"},
    {"until": "soon"},
    {"since": "2026-03-02", "until": "2026-03-01"},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_a_row_that_leaves_something_unanswered_stops_the_service(change):
    with pytest.raises(TableError):
        checked((replace(GOOD, **change),))


def test_rows_that_say_it_all_are_taken():
    assert checked((replace(GOOD, until="2027-01-01"),))


@pytest.mark.parametrize(
    "day, minutes", [("2025-01-01", 120), ("2026-06-30", 120), ("2026-07-01", 60), ("2028-01-01", 60)]
)
def test_the_row_counts_that_is_in_force(day, minutes):
    def row(minutes: int, since: str, until: str | None = None) -> Clock:
        return Clock(name="urgent", minutes=minutes, source="s", owner="o", since=since, until=until)

    rows = (row(120, "2026-01-01", "2026-06-30"), row(60, "2026-07-01"))
    when = moment(day)
    assert when is not None
    assert at(rows, "urgent", when).minutes == minutes


def test_the_states_of_an_ask_are_those_of_the_table_in_order():
    assert list(STATES) == list(Ask.model_fields["state"].annotation.__args__)  # type: ignore[union-attr]
